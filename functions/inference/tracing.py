"""X-Ray subsegments, when asked for; the tracer is not even imported otherwise."""

from collections.abc import Callable
from typing import Any

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def traced(handler: Handler, service: str) -> Handler:
    """The handler in a subsegment of its own, which holds neither request nor answer."""
    from aws_lambda_powertools.tracing import Tracer

    tracer = Tracer(service=service, auto_patch=False)
    captured: Handler = tracer.capture_lambda_handler(
        handler, capture_response=False, capture_error=False
    )
    return captured
