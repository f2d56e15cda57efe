"""Which rows become golden, and what they keep to themselves."""

from collections.abc import Sequence

from model_store.contract import Contract, Row, normalise
from model_store.decision import Declined, Verdict
from model_store.packaging.golden import COUNT, golden_examples, golden_rows
from model_store.predictions import ModelPrediction, Reason

CONTRACT = Contract.model_validate(
    {
        "name": "row",
        "version": "1.0",
        "features": [
            {"kind": "number", "name": "x", "minimum": 0, "maximum": 99},
            {
                "kind": "category",
                "name": "sex",
                "categories": ["male", "female"],
                "sensitive": True,
                "unseen": "fallback",
            },
        ],
    }
)


def rows(count: int, sex: str = "female") -> list[Row]:
    return [normalise(CONTRACT, {"x": number, "sex": sex}) for number in range(count)]


def test_they_are_spread_from_the_first_held_out_row_to_the_last() -> None:
    chosen = [row.values["x"] for row in golden_rows(CONTRACT, rows(50))]
    assert len(chosen) == COUNT
    assert (chosen[0], chosen[-1]) == (0, 49)


def test_sensitive_values_are_replaced() -> None:
    """Threat "raw data kept for monitoring"."""
    assert {row.values["sex"] for row in golden_rows(CONTRACT, rows(50))} == {"male"}


def test_without_held_out_rows_they_are_made_from_the_contract() -> None:
    assert [row.values["x"] for row in golden_rows(CONTRACT, [])][:3] == [49.5, 0, 99]


def test_rows_that_the_fallback_answers_are_not_chosen() -> None:
    odd = rows(3, sex="unknown")
    assert golden_rows(CONTRACT, odd) == golden_rows(CONTRACT, [])


def test_only_answers_of_the_model_are_kept() -> None:
    def predict(asked: Sequence[Row]) -> list[Verdict]:
        first = ModelPrediction(value="yes", confidence=0.9)
        return [first, Declined(Reason.OUT_OF_RANGE)]

    (example,) = golden_examples(rows(2), predict)
    assert isinstance(example.answer, ModelPrediction)
    assert (example.row["x"], example.answer.value, example.answer.confidence) == (0, "yes", 0.9)
