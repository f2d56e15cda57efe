"""From normalised rows to the tensors that the ONNX graph takes."""

from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from model_store.contract.contract import Contract
from model_store.contract.features import FeatureBase, Scalar, days_since_epoch
from model_store.contract.record import Record
from model_store.contract.rows import Row
from model_store.errors import ContractError

if TYPE_CHECKING:
    import numpy as np

MISSING = ""
"""How a missing category or text reaches the model; a missing number is NaN."""

TensorType = Literal["float32", "float64", "int64", "string", "bool"]

_KINDS: dict[TensorType, frozenset[str]] = {
    "float32": frozenset({"number", "integer", "boolean", "date"}),
    "float64": frozenset({"number", "integer", "boolean", "date"}),
    "int64": frozenset({"integer", "boolean", "date"}),
    "bool": frozenset({"boolean"}),
    "string": frozenset({"category", "text", "date"}),
}
_HOLDS_MISSING = frozenset({"float32", "float64", "string"})


class TensorSpec(Record):
    """One input of the graph: shape [rows, len(features)], columns in the order of `features`."""

    name: Annotated[str, Field(min_length=1)]
    dtype: TensorType
    features: Annotated[tuple[str, ...], Field(min_length=1)]


def default_tensors(contract: Contract) -> tuple[TensorSpec, ...]:
    """One input per feature, named like it: string for category and text, else float32."""
    return tuple(
        TensorSpec(name=f.name, dtype=_default_type(f.kind), features=(f.name,))
        for f in contract.features
    )


def check_tensors(contract: Contract, specs: Sequence[TensorSpec]) -> None:
    """Raises ContractError unless every spec can hold every value the contract lets through."""
    names = [spec.name for spec in specs]
    if len(set(names)) < len(names):
        raise ContractError("inputs", "two tensors have the same name", "Name each input once")
    for spec in specs:
        for name in spec.features:
            _check_column(spec, name, contract.by_name.get(name))


def encode(rows: Sequence[Row], specs: Sequence[TensorSpec]) -> "dict[str, np.ndarray]":
    """One array per spec, shape [len(rows), len(spec.features)]; strings as dtype object."""
    return {spec.name: _encode(rows, spec) for spec in specs}


def _encode(rows: Sequence[Row], spec: TensorSpec) -> "np.ndarray":
    import numpy as np  # who only reads manifests does without

    shape = len(rows), len(spec.features)
    if spec.dtype == "string":
        text = [_text(row.values[name]) for row in rows for name in spec.features]
        return np.array(text, dtype=object).reshape(shape)
    columns = itemgetter(*spec.features)
    try:  # numpy reads None as NaN, but of dates it knows nothing
        return np.array([columns(row.values) for row in rows], dtype=spec.dtype).reshape(shape)
    except ValueError:
        numbers = [_number(row.values[name]) for row in rows for name in spec.features]
        return np.array(numbers, dtype=spec.dtype).reshape(shape)


def _text(value: Scalar | None) -> str:
    return MISSING if value is None else str(value)


def _number(value: Scalar | None) -> float | int | bool:
    if value is None:
        return float("nan")
    return days_since_epoch(value) if isinstance(value, str) else value


def _default_type(kind: str) -> TensorType:
    return "string" if kind in ("category", "text") else "float32"


def _check_column(spec: TensorSpec, name: str, feature: FeatureBase | None) -> None:
    where = f"input {spec.name}, feature {name}"
    if feature is None:
        raise ContractError(where, "the contract has no such feature", "Use the contract's names")
    if feature.kind not in _KINDS[spec.dtype]:
        raise ContractError(
            where, f"a {feature.kind} does not fit {spec.dtype}", "Choose another tensor type"
        )
    if feature.may_be_null and spec.dtype not in _HOLDS_MISSING:
        raise ContractError(
            where, f"{spec.dtype} cannot hold a missing value", "Use float32, or declare a default"
        )
