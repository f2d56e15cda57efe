"""The table of the examples says what their manifests say."""

from pathlib import Path

import pytest

from model_store.reporting.scores import by_model, quality

from .conftest import EXAMPLES, Packaged
from .table import NAMES, table

PAGE = Path(__file__).parents[2] / "docs" / "uncertainty.md"


def test_the_table_of_the_page_is_that_of_the_packaged_examples(packaged: Packaged) -> None:
    """If it is not: `python -m tests.examples.table` prints the new one."""
    manifests = [packaged(name, version)[1].manifest for name in NAMES for version in ("1", "2")]
    assert table(manifests) in PAGE.read_text()


def test_every_example_is_in_the_table() -> None:
    assert {file.parent.name for file in EXAMPLES.glob("*/model.py")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_doubt_makes_what_is_answered_better(name: str, packaged: Packaged) -> None:
    """The point of the table: answering less, or by the costs, errs or costs less."""
    found = packaged(name, "1")[1].manifest.outcomes
    assert found is not None
    alone, answered = found.alone, by_model(found)
    if alone.error is not None and answered.error is not None:
        assert answered.error < alone.error
    elif alone.cost is not None and answered.cost is not None:
        assert answered.cost < alone.cost
    else:
        assert (quality(answered) or 0) > (quality(alone) or 1)
