"""How log lines get into moto's CloudWatch Logs."""

from collections.abc import Sequence

from moto.logs.models import logs_backends


def write(
    account: str, region: str, group: str, stream: str, at: float, messages: Sequence[str]
) -> None:
    """Append to a stream; group and stream are created when missing. `at` in seconds."""
    backend = logs_backends[account][region]
    backend.ensure_log_group(group)
    backend.ensure_log_stream(group, stream)
    events = [{"timestamp": int(at * 1000), "message": message} for message in messages]
    backend.put_log_events(group, stream, events)
