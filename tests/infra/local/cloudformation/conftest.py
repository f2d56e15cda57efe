"""Each test names its own stacks in the module's embedded AWS."""

from typing import Any
from uuid import uuid4

import pytest

from tests.infra.local.support import Client


@pytest.fixture
def cloudformation(client: Client) -> Any:
    return client("cloudformation")


@pytest.fixture
def stack_name() -> str:
    return f"stack-{uuid4().hex[:8]}"
