"""What moto never lets go: it keeps every object that it ever made, for a dashboard of its own.

Those that a function makes by the dozen per request are not kept, so that what is cut off in
`moto_state` is gone.
"""

from typing import Any

from moto.cloudwatch.models import MetricDatum
from moto.logs.models import LogEvent


def _make_and_forget(_make: Any, kind: type, *_args: Any, **_kwargs: Any) -> Any:
    return object.__new__(kind)


AROUND = (
    (LogEvent, "__new__", _make_and_forget),
    (MetricDatum, "__new__", _make_and_forget),
)
