"""Reading logs: in order, each line once, and clear about what is not there."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.errors import NotFound, Refused
from infra.release.deployed.logs import POLL_S, LogLine, read_logs, seconds
from tests.infra.release.stubs import configuration, stubbed


def entry(number: int) -> dict[str, Any]:
    return {
        "eventId": f"e{number}",
        "logStreamName": "s",
        "timestamp": number,
        "message": f"line {number}\n",
    }


def texts(lines: Iterator[LogLine]) -> list[str]:
    return [line.message for line in lines]


@pytest.mark.parametrize(
    ("text", "expected"), [("30s", 30), ("10m", 600), ("2h", 7200), ("1d", 86400)]
)
def test_spans_of_time(text: str, expected: int) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "m", "10", "ten", "-5m", "1.5h", "1w"])
def test_what_is_no_span_of_time_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="Write 30s, 10m"):
        seconds(text)


def test_every_page_since_the_start_is_read() -> None:
    aws, logs = stubbed("logs")
    asked = {"logGroupName": "/aws/lambda/lambent-scaled", "startTime": 5}
    logs.add_response("filter_log_events", {"events": [entry(6)], "nextToken": "t"}, asked)
    logs.add_response("filter_log_events", {"events": [entry(7)]}, asked | {"nextToken": "t"})
    assert list(read_logs(aws, "scaled", 5)) == [
        LogLine(6, "s", "line 6"),
        LogLine(7, "s", "line 7"),
    ]


def test_following_shows_each_line_once_and_waits_in_between() -> None:
    aws, logs = stubbed("logs")
    for events in ([entry(1)], [entry(1), entry(2)], [entry(1), entry(2)]):
        logs.add_response("filter_log_events", {"events": events})
    waits: list[float] = []

    def pause(duration: float) -> None:
        waits.append(duration)
        if len(waits) == 3:
            raise KeyboardInterrupt

    following = read_logs(aws, "scaled", 0, pause)
    assert [next(following).message, next(following).message] == ["line 1", "line 2"]
    with pytest.raises(KeyboardInterrupt):
        next(following)
    assert waits == [POLL_S] * 3


def test_without_the_model_it_is_said_that_it_is_not_deployed() -> None:
    aws, logs, functions = stubbed("logs", "lambda_")
    logs.add_client_error("filter_log_events", "ResourceNotFoundException", "no group", 400)
    functions.add_client_error("get_alias", "ResourceNotFoundException", "no function", 404)
    with pytest.raises(NotFound, match="lambent deploy scaled"):
        texts(read_logs(aws, "scaled", 0))


def test_a_log_group_that_somebody_deleted_is_named() -> None:
    aws, logs, functions = stubbed("logs", "lambda_")
    logs.add_client_error("filter_log_events", "ResourceNotFoundException", "no group", 400)
    functions.add_response("get_alias", {"FunctionVersion": "2", "RevisionId": "r"})
    functions.add_response("get_function_configuration", configuration("2", "b"))
    with pytest.raises(NotFound, match="log group /aws/lambda/lambent-scaled: no group"):
        texts(read_logs(aws, "scaled", 0))
