"""What came of the held-out rows: counted as served, and never told of what is sensitive."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from model_store.artifact.folder import Artifact
from model_store.artifact.manifest import Manifest
from model_store.artifact.outcomes import Outcomes, Score
from model_store.contract import Contract, OutOfRange, Row, Sensitive, freeze
from model_store.packaging import (
    Baseline,
    Constant,
    Model,
    Policy,
    Popular,
    Rules,
    Uncertainty,
    package,
)
from model_store.packaging.data import Sample, read_data
from model_store.packaging.outcomes import outcomes_of
from model_store.packaging.served import Graph
from model_store.packaging.slices import LEAST_ROWS, MOST_SLICES, slices_of
from model_store.packaging.uncertainty.split import Splits

PLAIN = Uncertainty(calibrate="none", coverage=(), false_alarms=None)


class Parcel(BaseModel):
    """`mark` decides what the model says, `weight` what becomes of it."""

    mark: Annotated[float, Field(ge=0, le=9)]
    weight: Annotated[float, Field(ge=0, le=100), OutOfRange("fallback")]
    zone: Literal["near", "far"] = "near"
    owner: Annotated[Literal["a", "b"], Sensitive()] = "a"


PARCEL = freeze(Parcel, version="1.0")


def parcels(*kinds: tuple[int, float, float, str, str]) -> tuple[pd.DataFrame, list[str]]:
    """Of (how many, mark, weight, zone, truth)."""
    rows = [
        {"mark": mark, "weight": weight, "zone": zone, "owner": "ab"[n % 2], "truth": truth}
        for number, mark, weight, zone, truth in kinds
        for n in range(number)
    ]
    frame = pd.DataFrame(rows)
    return frame.drop(columns="truth"), frame["truth"].tolist()


TRAIN = parcels(
    # Mark 0 is "late" in 9 of 10, mark 1 "lost" in 6 of 10, mark 2 always "late".
    (9, 0, 10, "near", "late"),
    (1, 0, 20, "far", "lost"),
    (4, 1, 30, "near", "late"),
    (6, 1, 40, "far", "lost"),
    (10, 2, 50, "near", "late"),
)
HELD_OUT = parcels(
    (20, 0, 10, "near", "late"),
    (5, 0, 15, "near", "lost"),
    (21, 1, 40, "far", "lost"),
    (7, 1, 40, "far", "late"),
    (3, 2, 200, "near", "lost"),  # too heavy: the contract sends these to the fallback
    (2, 2, 150, "far", "late"),
)


def parcel_model(**changes: Any) -> Model:
    arguments: dict[str, Any] = {
        "name": "parcels",
        "version": "1",
        "contract": PARCEL,
        "estimator": make_pipeline(
            make_column_transformer(("passthrough", ["mark"])), DecisionTreeClassifier()
        ),
        "train": TRAIN,
        "held_out": HELD_OUT,
        "calibration": TRAIN,
        "uncertainty": PLAIN,
        "policy": Policy(least_confidence=0.7),
        "fallback": [Rules({"weight > 160.0": "lost"}), Constant(value="late")],
    }
    return Model(**arguments | changes)


def outcomes(folder: Path, **changes: Any) -> Outcomes:
    found = package(parcel_model(**changes), folder / "artifact").manifest.outcomes
    assert found is not None
    return found


def told(found: Outcomes) -> list[tuple[Any, ...]]:
    return [
        (d.decision, d.needs_review, d.reason, d.source, d.rows, d.right) for d in found.decisions
    ]


def test_every_row_is_counted_as_it_is_served(tmp_path: Path) -> None:
    found = outcomes(tmp_path)
    assert found.rows == 58
    assert told(found) == [
        ("model", False, None, None, 25, 20),
        ("fallback", False, "out_of_range", "constant", 2, 2),
        ("fallback", False, "out_of_range", "rules", 3, 3),
        ("abstain", True, "low_confidence", None, 28, None),
    ]
    assert (found.alone.rows, found.alone.right) == (53, 41)
    counts = [(c.label, c.rows, c.answered, c.right) for c in found.classes]
    assert counts == [("late", 27, 25, 20), ("lost", 26, 28, 21)]


def test_what_fallbacks_would_answer_without_the_model_is_counted_too(tmp_path: Path) -> None:
    """The rule answers the three heaviest, "lost"; the constant all others, "late"."""
    found = outcomes(tmp_path).switched_off
    assert (found.rows, found.right) == (58, 20 + 7 + 3 + 2)


def test_slices_are_of_declared_values_and_quartiles_with_enough_rows(tmp_path: Path) -> None:
    """The quartiles of the training data's weights are 10, 40 and 50."""
    found = [s for s in outcomes(tmp_path).slices if s.feature != "mark"]
    assert [(s.feature, s.value, s.above, s.up_to, s.rows) for s in found] == [
        ("weight", None, None, 10.0, 20),
        ("weight", None, 10.0, 40.0, 33),
        ("zone", "near", None, None, 28),
        ("zone", "far", None, None, 30),
    ]
    answers = [(s.answers.rows, s.answers.right) for s in found]
    assert answers == [(20, 20), (5, 0), (25, 20), (0, None)]


def test_a_fallback_is_counted_where_the_policy_asks_for_it(tmp_path: Path) -> None:
    policy = Policy(least_confidence=0.7, low_confidence="fallback")
    rows = told(outcomes(tmp_path, policy=policy))
    assert ("fallback", False, "low_confidence", "constant", 28, 7) in rows


def test_a_doubt_that_a_person_looks_at_is_told_apart(tmp_path: Path) -> None:
    policy = Policy(least_confidence=0.7, low_confidence="review")
    rows = told(outcomes(tmp_path, policy=policy))
    assert rows[:2] == [
        ("model", False, None, None, 25, 20),
        ("model", True, None, None, 28, 21),
    ]


def test_costs_decide_the_answer_and_are_its_mean(tmp_path: Path) -> None:
    """At 0.9 to 0.1, "lost" is the cheaper answer to mark 0 too."""
    policy = Policy(costs={"lost": {"late": 20}})
    found = outcomes(tmp_path, policy=policy)
    first = found.decisions[0]
    assert (first.decision, first.rows, first.right) == ("model", 53, 26)
    assert first.cost == pytest.approx(27 / 53, abs=1e-6)
    assert found.alone.right == 41
    assert found.alone.cost == pytest.approx((5 * 20 + 7) / 53, abs=1e-6)


def test_a_simpler_model_is_asked_and_a_list_that_is_not_there_is_passed_over(
    tmp_path: Path,
) -> None:
    simple = make_pipeline(
        make_column_transformer(("passthrough", ["weight"])), DecisionTreeClassifier(max_depth=1)
    )
    chain = [Popular(list="usual", max_age=60), Baseline(simple)]
    found = outcomes(tmp_path, fallback=chain)
    assert [d.source for d in found.decisions if d.decision == "fallback"] == ["baseline"]


def test_a_fallback_that_has_no_answer_is_neither_right_nor_wrong(tmp_path: Path) -> None:
    found = outcomes(tmp_path, fallback=Popular(list="usual", max_age=60))
    (none,) = [d for d in found.decisions if d.decision == "fallback"]
    assert (none.source, none.rows, none.right, none.cost) == (None, 5, None, None)
    assert found.switched_off == Score(rows=0)


def test_a_regression_has_mean_absolute_errors(tmp_path: Path) -> None:
    """Marks are told exactly; the truth is 1 less when near, and 3 more when far."""
    (train, _), (held_out, _) = TRAIN, HELD_OUT
    off = np.where(held_out["zone"] == "far", 3.0, -1.0)
    tree = make_column_transformer(("passthrough", ["mark"]))
    found = outcomes(
        tmp_path,
        estimator=make_pipeline(tree, DecisionTreeRegressor()),
        train=(train, 10.0 * train["mark"]),
        calibration=None,
        held_out=(held_out, 10.0 * held_out["mark"] + off),
        policy=Policy(),
        fallback=Constant(value=20),
    )
    model, fallback = found.decisions
    assert (model.rows, fallback.rows) == (53, 5)
    assert model.error == pytest.approx((25 * 1 + 28 * 3) / 53, abs=1e-6)
    assert fallback.error == pytest.approx((3 * 1 + 2 * 3) / 5)
    assert (found.alone.error, found.alone.deviation) == (model.error, model.deviation)
    assert model.deviation == pytest.approx(np.std([1.0] * 25 + [3.0] * 28, ddof=1), abs=1e-6)
    assert (found.alone.right, found.classes) == (None, ())


def test_what_the_contract_declines_keeps_its_share_when_half_calibrates(tmp_path: Path) -> None:
    rows, truth = HELD_OUT
    found = outcomes(tmp_path, calibration=None, held_out=(pd.concat([rows] * 4), truth * 4))
    assert (found.rows, found.alone.rows) == (116, 106)
    assert sum(d.rows for d in found.decisions if d.reason == "out_of_range") == 10


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return package(parcel_model(), tmp_path_factory.mktemp("outcomes") / "artifact")


ACTIONS = st.sampled_from(["answer", "review", "abstain", "fallback"])


@given(
    least=st.floats(0, 1),
    unsure=ACTIONS,
    chain=st.sampled_from([(Constant(value="late"),), (Popular(list="usual", max_age=60),)]),
    costs=st.none() | st.just({"lost": {"late": 3.0}}),
)
@settings(max_examples=40)
def test_whatever_the_policy_every_row_is_counted_once(
    artifact: Artifact, least: float, unsure: Any, chain: tuple[Any, ...], costs: Any
) -> None:
    policy = Policy(least_confidence=least, low_confidence=unsure, costs=costs)
    made = artifact.manifest
    manifest = made.model_copy(update={"policy": policy, "fallbacks": chain})
    graph = Graph(artifact.model, made.task, made.inputs, made.outputs, made.labels)
    data = read_data(parcel_model())
    splits = Splits(Sample(), Sample(), data.held_out.answered, data.held_out.declined)
    found = outcomes_of(manifest, graph, {"model.onnx": artifact.model}, splits)
    assert found is not None
    assert sum(d.rows for d in found.decisions) == found.rows == len(data.held_out)
    assert sum(c.rows for c in found.classes) == found.alone.rows == len(data.held_out.answered)
    assert sum(c.answered for c in found.classes) == found.alone.rows
    by_model = sum(d.rows for d in found.decisions if d.decision == "model")
    zones = [s for s in found.slices if s.feature == "zone"]
    assert sum(s.rows for s in zones) == found.rows
    assert sum(s.answers.rows for s in zones) == by_model
    assert not any(s.feature == "owner" for s in found.slices)


def test_without_rows_that_the_model_answers_nothing_is_told(artifact: Artifact) -> None:
    made = artifact.manifest
    graph = Graph(artifact.model, made.task, made.inputs, made.outputs, made.labels)
    splits = Splits(Sample(), Sample(), Sample(), read_data(parcel_model()).held_out.declined)
    assert outcomes_of(made, graph, {"model.onnx": artifact.model}, splits) is None


def test_a_manifest_that_tells_outcomes_by_a_sensitive_feature_is_refused(
    artifact: Artifact,
) -> None:
    document = artifact.manifest.model_dump(mode="json")
    document["outcomes"]["slices"][0]["feature"] = "owner"
    with pytest.raises(ValidationError, match="sensitive features: owner"):
        Manifest.model_validate(document)


def test_of_too_many_slices_the_largest_are_told_in_the_order_of_the_contract(
    make_manifest: Callable[..., Manifest],
) -> None:
    names = [f"c{number:02}" for number in range(70)]
    feature = {
        "kind": "category",
        "name": "code",
        "categories": names,
        "missing": {"policy": "allow"},
    }
    contract = Contract.model_validate({"name": "codes", "version": "1.0", "features": [feature]})
    # Every later category has one row more; rows of nobody's category are in none.
    values = [name for n, name in enumerate(names) for _ in range(LEAST_ROWS + n)]
    rows = [Row({"code": value}) for value in [*values, *[None] * 200, *["undeclared"] * 300]]
    found = slices_of(make_manifest(contract=contract), rows, frozenset(), _count)
    assert [s.value for s in found] == [*names[-(MOST_SLICES - 1) :], None]


def _count(places: Sequence[int]) -> Score:
    return Score(rows=len(places))
