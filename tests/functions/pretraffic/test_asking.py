"""One version, asked directly: what is read from Lambda's answer, and how a batch is halved."""

from dataclasses import replace

import pytest

from functions.pretraffic.asking import Callee, Reply
from functions.pretraffic.trial import Trial
from model_store.errors import AwsUnavailable
from model_store.predictions import FallbackPrediction, ModelPrediction
from tests.functions.conftest import publish
from tests.functions.pretraffic.conftest import parts
from tests.functions.pretraffic.stage import FUNCTION, Handler, Stage

GENTOO = {"decision": "model", "value": "Gentoo", "confidence": 0.7}


@pytest.fixture
def callee(stage: Stage) -> Callee:
    stage.deploy("7", *parts(publish(version="2")))
    client = stage.client("lambda")
    return Callee(client, FUNCTION, "7", "/v1/predictions", lambda: 60, stage.slept.append, 30)


def row(bill: object = 46.1) -> dict[str, object]:
    return {"island": "Biscoe", "bill_length_mm": bill, "flipper_length_mm": 211.0, "sex": None}


def test_time_is_what_lambda_reports_and_a_start_is_told_apart(callee: Callee) -> None:
    """The function's own lines come before the report, and may look like one."""
    first, second = callee.predict([row()]), callee.predict([row()])
    assert (first.milliseconds, first.start) == (5.0, 800.0)
    assert (second.milliseconds, second.start) == (5.0, None)


def test_what_lambda_does_not_tell_is_no_time_at_all(stage: Stage, callee: Callee) -> None:
    """It would look like the fastest of all answers."""
    stage.reports = False
    assert callee.predict([row()]).milliseconds is None
    trial = Trial(callee)
    trial.ask_each([row()])
    assert (len(trial.answers), trial.milliseconds) == (1, [])


def test_an_answer_is_read_as_a_prediction(callee: Callee) -> None:
    (prediction,) = callee.predict([row()]).predictions(1) or ()
    assert isinstance(prediction, ModelPrediction)
    assert (prediction.value, prediction.confidence) == ("Gentoo", 0.7)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(503, {"detail": "no"}, 5),
        Reply(200, {}, 5),
        Reply(200, {"predictions": [{"decision": "guess"}]}, 5),
        Reply(200, {"predictions": [GENTOO, GENTOO]}, 5),
        Reply(0, {}, 5, failure="Runtime.ExitError"),
    ],
)
def test_anything_else_than_one_prediction_per_row_is_no_answer(reply: Reply) -> None:
    assert reply.predictions(1) is None


def test_where_a_batch_fails_only_the_rows_to_blame_have_no_answer(
    stage: Stage, callee: Callee
) -> None:
    stage.versions["7"].handler = _failing_on(stage.versions["7"].handler, '"bill_length_mm": 33')
    rows = [row(33 if place in (3, 11) else 46.1) for place in range(16)]
    answers = callee.answers(rows)
    assert [place for place, answer in enumerate(answers) if answer is None] == [3, 11]
    assert stage.asked_of("7") < 16


def test_no_rows_are_not_asked(stage: Stage, callee: Callee) -> None:
    assert callee.answers([]) == []
    assert stage.asked == []


def test_a_row_that_the_contract_refuses_has_no_answer(callee: Callee) -> None:
    found = callee.answers([row("long"), row()])
    assert found[0] is None
    assert not isinstance(found[1], FallbackPrediction | None)


def _failing_on(handler: Handler, text: str) -> Handler:
    def failing(event: dict[str, object], context: object) -> dict[str, object]:
        if text in str(event["body"]):
            raise MemoryError
        return handler(event, context)

    return failing


def test_who_fills_the_reserved_concurrency_gets_no_release_refused(
    stage: Stage, callee: Callee
) -> None:
    """A throttled request is sent again for as long as there is time for its answer."""
    stage.refusing["Invoke"] = ["TooManyRequestsException"] * 40
    clocked = replace(callee, time_left=lambda: 600 - sum(stage.slept))
    assert clocked.predict([row()]).is_fine
    assert max(stage.slept) == 8


def test_a_version_that_takes_nothing_to_the_end_is_told_as_that(
    stage: Stage, callee: Callee
) -> None:
    stage.refusing["Invoke"] = ["TooManyRequestsException"] * 400
    clocked = replace(callee, time_left=lambda: 600 - sum(stage.slept))
    with pytest.raises(AwsUnavailable):
        clocked.predict([row()])
    assert 560 < sum(stage.slept) <= 570
