"""One embedded AWS per module; each test names its own stacks."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest

from infra.local.server import EmbeddedAws

Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as running:
        yield running


@pytest.fixture(scope="module")
def client(aws: EmbeddedAws) -> Client:
    session: Any = boto3.Session("test", "test", region_name="us-east-1")
    return lambda service: session.client(service, endpoint_url=aws.endpoint)


@pytest.fixture
def cloudformation(client: Client) -> Any:
    return client("cloudformation")


@pytest.fixture
def stack_name() -> str:
    return f"stack-{uuid4().hex[:8]}"
