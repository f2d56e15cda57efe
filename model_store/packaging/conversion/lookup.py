"""Encoders of categories as what they are once fitted: one table of numbers per column."""

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from skl2onnx import update_registered_converter
from sklearn.base import BaseEstimator, TransformerMixin

from model_store.contract import MISSING
from model_store.packaging.conversion.nodes import INT64, Nodes, declare_output, dtype_of

LARGEST_TABLE = 2**20
UNSEEN = "\u2400 never seen in training"


@dataclass(frozen=True)
class Column:
    """`table[i]` is what category `keys[i]` becomes; the last row is for every other string."""

    keys: tuple[str, ...]
    table: NDArray[np.float64]


class CategoryLookup(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The transform of a fitted OneHotEncoder, OrdinalEncoder or TargetEncoder of strings.

    Its tables are read off the encoder's own `transform`, so that dropped, rare, missing and
    unseen categories become what scikit-learn makes of them.
    """

    def __init__(self, columns: tuple[Column, ...], precision: Literal["float32", "float64"]):
        self.columns = columns
        self.precision = precision

    @classmethod
    def suits(cls, encoder: Any) -> bool:
        """Strings, and few enough of them for a table."""
        sizes = [
            (len(categories) + 1) * width
            for categories, width in zip(encoder.categories_, _widths(encoder), strict=True)
        ]
        text = all(np.asarray(c).dtype.kind in "OUT" for c in encoder.categories_)
        return text and sum(sizes) <= LARGEST_TABLE

    @classmethod
    def of(cls, encoder: Any, precision: Literal["float32", "float64"]) -> "CategoryLookup":
        ends = np.cumsum(_widths(encoder))
        return cls(
            tuple(
                _column(encoder, number, slice(end - width, end))
                for number, (width, end) in enumerate(zip(_widths(encoder), ends, strict=True))
            ),
            precision,
        )

    @property
    def width(self) -> int:
        return sum(column.table.shape[1] for column in self.columns)

    def __sklearn_is_fitted__(self) -> bool:
        return True


def is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and bool(np.isnan(value)))


def _widths(encoder: Any) -> list[int]:
    widths = getattr(encoder, "_n_features_outs", None)  # OneHotEncoder's alone
    if widths is not None:
        return list(widths)
    per_column = len(getattr(encoder, "classes_", ())) if _is_multiclass(encoder) else 1
    return [per_column] * len(encoder.categories_)


def _is_multiclass(encoder: Any) -> bool:
    return bool(getattr(encoder, "target_type_", None) == "multiclass")


def _column(encoder: Any, number: int, block: slice) -> Column:
    """Transform one row per category of this column, the other columns held still."""
    categories = list(encoder.categories_[number])
    tolerant = getattr(encoder, "handle_unknown", "ignore") != "error"
    rows = np.array(
        [[c[0] for c in encoder.categories_]] * (len(categories) + tolerant), dtype=object
    )
    rows[: len(categories), number] = categories
    if tolerant:
        rows[-1, number] = UNSEEN
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about unseen categories, here on purpose
        output = encoder.transform(rows)
    dense = np.asarray(output.todense() if hasattr(output, "todense") else output)
    table = dense.astype(np.float64)[:, block]
    if not tolerant:
        table = np.vstack([table, np.zeros((1, table.shape[1]))])
    keys = tuple(MISSING if is_missing(category) else str(category) for category in categories)
    return Column(keys, table)


def _shapes(operator: Any) -> None:
    lookup = operator.raw_operator
    declare_output(operator, dtype_of(lookup.precision), lookup.width)


def _convert(scope: Any, operator: Any, container: Any) -> None:
    graph, lookup = Nodes(scope, container), operator.raw_operator
    blocks = [
        _add_lookup(graph, name, column, lookup.precision)
        for name, column in zip(_names(graph, operator.inputs), lookup.columns, strict=True)
        if column.table.shape[1]
    ]
    graph.add("Concat", blocks, operator.outputs[0].full_name, axis=1)


def _names(graph: Nodes, inputs: Any) -> list[str]:
    """One per column."""
    names: list[str] = []
    for variable in inputs:
        width = variable.get_second_dimension()
        if width == 1:
            names.append(variable.full_name)
            continue
        for index in range(width):
            place = graph.constant(INT64, [index])
            names.append(graph.add("Gather", [variable.full_name, place], axis=1))
    return names


def _add_lookup(graph: Nodes, name: str, column: Column, precision: str) -> str:
    index = graph.add(
        "LabelEncoder",
        [name],
        op_domain="ai.onnx.ml",
        op_version=2,
        keys_strings=[key.encode() for key in column.keys],
        values_int64s=list(range(len(column.keys))),
        default_int64=len(column.keys),
    )
    table = graph.constant(dtype_of(precision), column.table.ravel().tolist(), column.table.shape)
    row_numbers = graph.add("Reshape", [index, graph.constant(INT64, [-1])], op_version=14)
    return graph.add("Gather", [table, row_numbers], axis=0)


update_registered_converter(CategoryLookup, "LambentCategoryLookup", _shapes, _convert)
