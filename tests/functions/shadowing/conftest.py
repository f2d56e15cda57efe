from collections.abc import Iterator

import pytest

from tests.functions.shadowing.stand_ins import LambdaStandIn
from tests.infra.local.conftest import eventually as eventually


@pytest.fixture
def lambda_() -> Iterator[LambdaStandIn]:
    with LambdaStandIn() as stand_in:
        yield stand_in
