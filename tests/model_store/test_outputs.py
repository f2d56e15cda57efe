"""What a graph gives is believed only as far as it makes sense."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model_store.artifact.facts import OutputNames
from model_store.artifact.manifest import Manifest
from model_store.contract import Contract, default_tensors
from model_store.errors import ModelOutputInvalid
from model_store.outputs import OutputReader, Outputs

Read = Callable[..., Outputs]
GOOD = [[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]


@pytest.fixture
def read(make_manifest: Callable[..., Manifest], number_contract: Contract) -> Read:
    """Reads these outputs, each under the name of what it holds, as those of some rows."""

    def reading(
        outputs: dict[str, Any], rows: int = 2, labels: tuple[Any, ...] = (0, 1, 2), **changes: Any
    ) -> Outputs:
        fields: dict[str, Any] = {
            "contract": number_contract,
            "inputs": default_tensors(number_contract),
            "outputs": OutputNames(**{name: name for name in outputs}),
            "labels": labels,
        }
        if "value" in outputs:
            fields |= {"task": "regression", "labels": ()}
        manifest = make_manifest(**fields | changes)
        raw = {name: np.asarray(found) for name, found in outputs.items()}
        return OutputReader(manifest).read(raw, rows)

    return reading


@pytest.mark.parametrize(
    ("graph_gives", "labels", "expected"),
    [
        (np.array([1, 0]), (False, True), (True, False)),
        (np.array([[1], [0]]), (0, 1), (1, 0)),
        (np.array([True, False]), (False, True), (True, False)),
        (np.array(["no", "yes"], dtype=object), ("no", "yes"), ("no", "yes")),
    ],
)
def test_labels_come_back_as_the_manifest_spells_them(
    read: Read, graph_gives: np.ndarray, labels: tuple[Any, ...], expected: tuple[Any, ...]
) -> None:
    found = read({"label": graph_gives}, labels=labels, task="binary").labels
    assert [(type(x), x) for x in found] == [(type(x), x) for x in expected]


def test_without_labels_the_most_probable_is_the_answer(read: Read) -> None:
    assert read({"probabilities": GOOD}).labels == (2, 0)


@pytest.mark.parametrize("values", [[1.5, 2.5], [[1.5], [2.5]]])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_regression_gives_one_value_per_row(read: Read, values: Any, dtype: Any) -> None:
    found = read({"value": np.array(values, dtype)})
    assert found.values is not None
    assert (found.values.tolist(), found.labels) == ([1.5, 2.5], ())


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_fault_row_24_numbers_that_are_not_finite_are_refused(read: Read, bad: float) -> None:
    with pytest.raises(ModelOutputInvalid, match="no probabilities"):
        read({"label": [0], "probabilities": [[bad, 0.5, 0.5]]}, rows=1)
    with pytest.raises(ModelOutputInvalid, match="not finite"):
        read({"value": [bad]}, rows=1)


@pytest.mark.parametrize("bad", [[np.nan] * 3, [np.inf, 0, 0], [0.2, 0.3, 0.4], [1.2, -0.2, 0.0]])
def test_fault_rows_24_and_25_one_odd_row_spoils_no_other_rows_answer(
    read: Read, bad: list[float]
) -> None:
    assert read({"label": [2, 0], "probabilities": [bad, [1.0, 0.0, 0.0]]}).unusable == {0}
    assert read({"value": [bad[0], 1.0]}).unusable == (set() if np.isfinite(bad[0]) else {0})


@pytest.mark.parametrize(
    ("outputs", "problem"),
    [
        ({"label": [0], "probabilities": GOOD}, "wrong shape"),
        ({"label": [2, 0], "probabilities": [0.5, 0.5]}, "wrong shape"),
        ({"label": [2, 0], "probabilities": [[0.5, 0.5], [0.5, 0.5]]}, "wrong shape"),
        ({"label": [2, 0], "probabilities": [[0.2, 0.3, 0.4]] * 2}, "no probabilities"),
        ({"label": [2, 0], "probabilities": [[1.2, -0.2, 0.0]] * 2}, "no probabilities"),
        ({"label": [2, 0], "probabilities": [[1, 0, 0], [1, 0, 0]]}, "tensor of floats"),
        ({"label": [2, 7], "probabilities": GOOD}, "does not know"),
        ({"label": [[2, 0]]}, "wrong shape"),
        ({"label": np.array(["a", "b"], dtype=object)}, "does not know"),
        ({"value": [1.0]}, "wrong shape"),
        ({"value": [[1.0, 2.0], [1.0, 2.0]]}, "wrong shape"),
        ({"value": [1, 2]}, "tensor of floats"),
    ],
)
def test_fault_row_25_what_no_sound_model_gives_is_refused(
    read: Read, outputs: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ModelOutputInvalid, match=problem):
        read(outputs)


NUMBERS = st.floats(allow_nan=True) | st.floats(-0.1, 1.1) | st.sampled_from([0.0, 0.5, 1.0])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # they are pure
@given(shares=st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=4), data=st.data())
def test_fault_rows_24_and_25_whatever_comes_the_rows_that_pass_hold_probabilities(
    make_manifest: Callable[..., Manifest],
    number_contract: Contract,
    shares: list[tuple[float, float]],
    data: st.DataObject,
) -> None:
    manifest = make_manifest(
        contract=number_contract,
        inputs=default_tensors(number_contract),
        outputs=OutputNames(probabilities="p"),
        labels=("no", "yes"),
        task="binary",
    )
    dtype = data.draw(st.sampled_from([np.float32, np.float64]))
    with np.errstate(over="ignore", invalid="ignore"):
        given_shares = np.array(shares, dtype)
        try:
            found = OutputReader(manifest).read({"p": given_shares}, len(shares))
        except ModelOutputInvalid:
            return  # not one row made sense
    usable = [row for row in range(len(shares)) if row not in found.unusable]
    assert usable
    assert found.probabilities is not None
    kept = found.probabilities[usable]
    assert ((kept >= 0) & (kept <= 1)).all()
    np.testing.assert_allclose(kept.sum(axis=1), 1, atol=2e-3)


def test_shares_a_hair_beyond_0_and_1_are_put_within(read: Read):
    found = read({"probabilities": [[1.0005, -0.0005, 0.0], GOOD[0]]})
    assert found.probabilities is not None
    assert found.probabilities.tolist() == [[1.0, 0.0, 0.0], GOOD[0]]
