from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest

from infra.local.server import EmbeddedAws

Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    session: Any = boto3.Session("test", "test", region_name="us-east-1")
    with EmbeddedAws() as aws:
        yield lambda service: session.client(service, endpoint_url=aws.endpoint)


@pytest.fixture
def name() -> str:
    return f"test-{uuid4().hex[:8]}"
