"""What a model needs, by its kind and size; the coefficients are those that were measured."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import footprint as measured
from infra.capacity import page, reference
from infra.capacity.footprint import footprint, footprint_of, footprints_of, kinds_of
from infra.capacity.reference import Kind
from model_store.artifact.facts import FileEntry, Optimisation, Parity, Provenance
from model_store.artifact.manifest import Manifest
from model_store.fallbacks.records import OtherModel

from ..release.conftest import manifest

KINDS = st.sampled_from(measured.KINDS)
SIZES = st.integers(min_value=0, max_value=500_000_000)
ANEW = Optimisation(step="tree ensembles", before=5, after=1, max_difference=0)


def test_the_coefficients_in_use_are_those_that_the_committed_result_gives() -> None:
    """After python -m benchmarks.footprint FOLDER --write: infra/capacity/reference.py."""
    result = measured.read()
    assert measured.fit(measured.samples_of(result), result["base_mb"]) == measured.Fit(
        reference.PER_MB,
        reference.BASE_MEMORY_MB,
        reference.START_ERROR,
        reference.MEMORY_ERROR,
    )


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
    estimator: str | None, operators: int | None, *optimisations: Optimisation, **changes: Any
) -> Manifest:
    opset = {"": 18} | ({"ai.onnx.ml": operators} if operators else {})
    provenance = Provenance(
        python="3.11", libraries={}, opset=opset, ir_version=9, estimator=estimator
    )
    parity = Parity(status="passed", optimisations=optimisations)
    return manifest("1", provenance=provenance, parity=parity, **changes)


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
    operators: int, trees: str
) -> None:
    foreign = made(None, operators)
    assert kinds_of(foreign) == ("other", trees)
    assert footprint_of(foreign) == footprints_of(foreign)[1]


def test_models_of_fallbacks_take_memory_but_no_time_at_the_start() -> None:
    """They are loaded when they are needed."""
    own = {"model.onnx": FileEntry(sha256="0" * 64, size=1_000_000)}
    alone = made(None, None, files=own)
    simpler = OtherModel(role="baseline", inputs=alone.inputs, outputs=alone.outputs)
    beside = own | {simpler.file: FileEntry(sha256="1" * 64, size=1_000_000)}
    both = made(None, None, files=beside, fallbacks=(simpler,))
    more = footprint_of(both).memory_mb - footprint_of(alone).memory_mb
    assert more == pytest.approx(reference.PER_MB["trees"].memory_mb)
    assert footprint_of(both).start == footprint_of(alone).start
