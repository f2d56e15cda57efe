"""Reading what a model's function logged."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from infra.aws import Aws, translated
from infra.errors import NotFound, Refused
from infra.release.deployed.live import require_live
from infra.release.stack.stacks import function_name

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
POLL_S = 2.0


@dataclass(frozen=True)
class LogLine:
    """`at_ms` in milliseconds since 1970."""

    at_ms: int
    stream: str
    message: str


def seconds(text: str) -> int:
    """Seconds of "30s", "10m", "2h", "1d"; raises Refused for anything else."""
    number, unit = text[:-1], text[-1:]
    if not number.isdecimal() or unit not in _UNITS:
        raise Refused("--since", f"{text!r} is no span of time", "Write 30s, 10m, 2h or 1d")
    return int(number) * _UNITS[unit]


def read_logs(
    aws: Aws, model: str, start_ms: int, pause: Callable[[float], None] | None = None
) -> Iterator[LogLine]:
    """Lines since `start_ms`, in their order; with `pause` it goes on for ever."""
    seen: set[str] = set()
    while True:
        try:
            for event_id, line in _lines(aws, model, start_ms):
                if event_id not in seen:
                    seen.add(event_id)
                    yield line
        except NotFound:
            require_live(aws, model)  # says so when the model is not deployed
            raise
        if pause is None:
            return
        pause(POLL_S)


def _lines(aws: Aws, model: str, start_ms: int) -> Iterator[tuple[str, LogLine]]:
    group = f"/aws/lambda/{function_name(model)}"
    with translated(f"log group {group}"):
        pages = aws.logs.get_paginator("filter_log_events")
        for page in pages.paginate(logGroupName=group, startTime=start_ms):
            for event in page["events"]:
                message = event["message"].rstrip()
                yield event["eventId"], LogLine(event["timestamp"], event["logStreamName"], message)
