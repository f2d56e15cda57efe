"""X-Ray subsegments, when asked for; the tracer is not even imported otherwise."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from functions.inference.errors import ConfigurationError
from functions.inference.telemetry import Telemetry

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def traced(handler: Handler, service: str, telemetry: Telemetry) -> Handler:
    """The handler in a subsegment of its own, which holds neither request nor answer.

    The bundle leaves aws-xray-sdk out; without it Lambda's own segments are all there is.
    """
    if find_spec("aws_xray_sdk") is None:
        what = "asks for subsegments, and aws-xray-sdk is not in the bundle"
        next_step = "Add aws-xray-sdk to requirements/lambda.in"
        telemetry.warned("tracing", ConfigurationError("LAMBENT_TRACING", what, next_step))
        return handler
    from aws_lambda_powertools.tracing import Tracer

    tracer = Tracer(service=service, auto_patch=False)
    captured: Handler = tracer.capture_lambda_handler(
        handler, capture_response=False, capture_error=False
    )
    return captured
