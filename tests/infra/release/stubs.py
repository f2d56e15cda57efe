"""AWS that answers what a test tells it to: botocore checks requests and answers by its models."""

from functools import cache
from typing import Any

from botocore.session import Session, get_session
from botocore.stub import Stubber

from infra.aws import Aws


@cache
def _session() -> Session:
    return get_session()


def stubbed(*services: str) -> tuple[Any, ...]:
    """An Aws, and a Stubber for each of these clients of it. A call that is not queued fails."""
    aws = Aws("http://localhost:1", "us-east-1")
    aws.__dict__["_session"] = _session()
    stubs = [Stubber(getattr(aws, service)) for service in services]
    for stub in stubs:
        stub.activate()
    return aws, *stubs


def configuration(number: str, model_version: str, **settings: Any) -> dict[str, Any]:
    """A Lambda version as Lambda describes it; its digest is `model_version` 64 times."""
    pinned = {"LAMBENT_VERSION": model_version, "LAMBENT_DIGEST": model_version * 64}
    return {"Version": number, "Environment": {"Variables": pinned}, **settings}
