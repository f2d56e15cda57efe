"""What a model needs, by its kind and size; the coefficients are those that were measured."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import footprint as measured
from infra.capacity import page, reference
from infra.capacity.footprint import (
    footprint,
    footprint_of_parts,
    footprints_of,
)
from infra.capacity.kinds import parts_of
from infra.capacity.reference import Kind
from model_store.artifact.facts import (
    FileEntry,
    Optimisation,
    OutputNames,
    Parity,
    Provenance,
)
from model_store.artifact.manifest import Manifest
from model_store.fallbacks.records import OtherModel

from ..release.conftest import manifest

KINDS = st.sampled_from(measured.KINDS)
SIZES = st.integers(min_value=0, max_value=500_000_000)
ANEW = Optimisation(step="tree ensembles", before=5, after=1, max_difference=0)


def test_the_coefficients_in_use_are_those_that_the_committed_result_gives() -> None:
    """After python -m benchmarks.footprint FOLDER --write: infra/capacity/reference.py."""
    result = measured.read()
    found = measured.fit(measured.samples_of(result), result["base_mb"])
    assert (found.per_mb, found.base_mb) == (reference.PER_MB, reference.BASE_MEMORY_MB)
    assert found.memory_error == reference.MEMORY_ERROR
    assert found.start_error <= reference.START_ERROR


def test_the_page_shows_the_committed_result() -> None:
    committed = page.PAGE.read_text(encoding="utf-8")
    assert measured.table(measured.read()) in committed
    assert measured.rewritten(committed, measured.read()) == committed


def test_each_kind_was_measured_on_several_graphs_of_several_sizes() -> None:
    samples = measured.samples_of(measured.read())
    for kind in measured.KINDS:
        sizes = [sample.size_mb for sample in samples if sample.kind == kind]
        assert len(sizes) >= 5
        assert max(sizes) > 20 * min(sizes)


def test_what_was_measured_exactly_in_proportion_is_foretold_without_error() -> None:
    samples = [
        measured.Sample(kind, f"{kind}{size}", size, 7.0 * size, 2.0 * size)
        for kind in measured.KINDS
        for size in (1.0, 5.0, 30.0)
    ]
    found = measured.fit(samples, base_mb=80)
    assert set(found.per_mb.values()) == {reference.PerMB(7.0, 2.0)}
    assert (found.start_error, found.memory_error) == (0, 0)


def test_the_error_is_that_of_a_graph_the_fit_never_saw() -> None:
    """It takes twice as much as the others of its kind let one expect."""
    usual = [measured.Sample(k, k, 100.0, 1e5, 1e4) for k in measured.KINDS for _ in range(2)]
    odd = measured.Sample("trees", "odd", 100.0, 2e5, 2e4)
    found = measured.fit([*usual, odd], base_mb=0.0)
    assert found.memory_error == 0.5
    assert found.start_error == pytest.approx(0.5, abs=0.01)


@given(KINDS, SIZES, SIZES)
def test_a_larger_graph_never_needs_less(kind: Kind, one: int, other: int) -> None:
    small, large = (footprint(size, kind) for size in sorted((one, other)))
    assert small.memory_mb <= large.memory_mb
    assert small.start.quantile(0.5) <= large.start.quantile(0.5)
    assert small.warm.quantile(0.5) <= large.warm.quantile(0.5)


@given(SIZES)
def test_trees_written_anew_need_more_for_each_mb_and_dense_layers_the_least(size: int) -> None:
    found = [footprint(size, kind) for kind in ("other", "trees", "tree ensembles")]
    assert found == sorted(found, key=lambda f: f.memory_mb)
    assert found == sorted(found, key=lambda f: f.start.quantile(0.5))


def made(
    estimator: str | None,
    operators: int | None,
    *optimisations: Optimisation,
    trees: dict[str, int] | None = None,
    **changes: Any,
) -> Manifest:
    opset = {"": 18} | ({"ai.onnx.ml": operators} if operators else {})
    provenance = Provenance(
        python="3.11", libraries={}, opset=opset, ir_version=9, estimator=estimator, trees=trees
    )
    parity = Parity(status="passed", optimisations=optimisations)
    return manifest("1", provenance=provenance, parity=parity, **changes)


def kinds_of(manifest: Manifest) -> tuple[Kind, ...]:
    return tuple(kind for parts in parts_of(manifest) for kind, size in parts.items() if size)


@pytest.mark.parametrize(
    ("estimator", "operators", "steps", "kinds"),
    [
        ("StandardScaler, sklearn.ensemble.RandomForestClassifier", 5, (ANEW,), "tree ensembles"),
        ("sklearn.model_selection.GridSearchCV", 5, (ANEW,), "tree ensembles"),
        ("sklearn.ensemble.RandomForestClassifier", 3, (), "trees"),
        ("lightgbm.LGBMRegressor", 3, (), "trees"),
        ("sklearn.linear_model.LogisticRegression", 1, (), "other"),
        ("sklearn.neural_network.MLPRegressor", None, (), "other"),
        (None, None, (), "other"),
    ],
)
def test_the_manifest_tells_the_kind(
    estimator: str | None, operators: int | None, steps: tuple[Optimisation, ...], kinds: str
) -> None:
    assert kinds_of(made(estimator, operators, *steps)) == (kinds,)


@pytest.mark.parametrize(("operators", "trees"), [(3, "trees"), (5, "tree ensembles")])
def test_a_file_of_somebody_else_may_hold_trees_and_is_taken_for_the_heavier(
    operators: int, trees: Kind
) -> None:
    foreign = made(None, operators)
    assert kinds_of(foreign) == ("other", trees)
    lighter, heavier = footprints_of(foreign)
    assert heavier == footprint(foreign.model_file.size, trees)
    assert heavier.memory_mb > lighter.memory_mb


@pytest.mark.parametrize(
    "estimator",
    [
        "sklearn.ensemble.VotingClassifier",
        "sklearn.model_selection.GridSearchCV",
        "sklearn.calibration.CalibratedClassifierCV",
    ],
)
def test_what_combines_estimators_may_hold_trees_if_its_manifest_does_not_say(
    estimator: str,
) -> None:
    assert kinds_of(made(estimator, 3)) == ("other", "trees")


def test_intervals_may_be_told_by_a_forest_beside_the_model() -> None:
    linear = "sklearn.linear_model.LinearRegression"
    outputs = OutputNames(value="value", difficulty="difficulty")
    assert kinds_of(made(linear, 3)) == ("other",)
    assert kinds_of(made(linear, 3, outputs=outputs)) == ("other", "trees")


@pytest.mark.parametrize(
    ("trees", "parts"),
    [
        ({}, {"other": 1000}),
        ({"TreeEnsembleRegressor": 900}, {"other": 100, "trees": 900}),
        (
            {"TreeEnsembleClassifier": 500, "TreeEnsembleRegressor": 400},
            {"other": 100, "trees": 900},
        ),
        ({"TreeEnsemble": 800}, {"other": 200, "tree ensembles": 800}),
    ],
)
def test_what_the_manifest_says_of_trees_is_believed_before_any_name(
    trees: dict[str, int], parts: dict[Kind, int]
) -> None:
    files = {"model.onnx": FileEntry(sha256="0" * 64, size=1000)}
    for estimator in ("sklearn.ensemble.VotingClassifier", "sklearn.linear_model.Ridge", None):
        (found,) = parts_of(made(estimator, 5, trees=trees, files=files))
        assert {kind: size for kind, size in found.items() if size} == parts


def test_a_vote_of_networks_is_not_taken_for_trees() -> None:
    files = {"model.onnx": FileEntry(sha256="0" * 64, size=20_000_000)}
    vote = made("sklearn.ensemble.VotingClassifier", 3, trees={}, files=files)
    assert footprints_of(vote) == (footprint(20_000_000, "other"),)


def test_of_trees_beside_something_else_each_part_counts_by_its_own_size() -> None:
    both = footprint_of_parts({"other": 30_000_000, "tree ensembles": 10_000_000})
    needed = {kind: reference.PER_MB[kind].memory_mb for kind in measured.KINDS}
    assert both.memory_mb == pytest.approx(
        reference.BASE_MEMORY_MB + 30 * needed["other"] + 10 * needed["tree ensembles"]
    )
    assert (both.kind, both.size_mb) == ("tree ensembles", 40)
    assert footprint_of_parts({"other": 30_000_000, "trees": 1000}).kind == "other"


def test_models_of_fallbacks_take_memory_but_no_time_at_the_start() -> None:
    """They are loaded when they are needed."""
    own = {"model.onnx": FileEntry(sha256="0" * 64, size=1_000_000)}
    alone = made(None, None, files=own)
    simpler = OtherModel(role="baseline", inputs=alone.inputs, outputs=alone.outputs)
    beside = own | {simpler.file: FileEntry(sha256="1" * 64, size=1_000_000)}
    both = made(None, None, files=beside, fallbacks=(simpler,))
    (without,), (with_it,) = footprints_of(alone), footprints_of(both)
    more = with_it.memory_mb - without.memory_mb
    assert more == pytest.approx(reference.PER_MB["trees"].memory_mb)
    assert with_it.start == without.start
