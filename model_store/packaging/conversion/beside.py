"""A small estimator beside the model, in its graph: converted, joined, and proven."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import onnx
import pandas as pd
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnx.utils import Extractor
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder

from model_store.contract import Contract, Row, default_tensors
from model_store.packaging.answers import Answers
from model_store.packaging.conversion.convert import TARGET_OPSET, convert
from model_store.packaging.conversion.join import ML, joined, opset_of
from model_store.packaging.conversion.parity import Difference, difference
from model_store.packaging.conversion.remedies import PLAIN
from model_store.packaging.conversion.trees.rewrite import with_tree_ensembles
from model_store.packaging.conversion.trees.tree_ensemble import OPSET
from model_store.packaging.errors import ParityFailed
from model_store.packaging.frames import frame_of
from model_store.packaging.model import Model
from model_store.packaging.served import Graph, served
from model_store.samples.probes import probes

Floats = NDArray[np.float64]

TOLERANCE = 1e-3
"""As a share of the spread: it ranks and scales rows by what the graph itself gives."""


@dataclass(frozen=True)
class Columns:
    """Features that the graph takes and that anybody may see the effect of."""

    numbers: tuple[str, ...]
    strings: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        return [*self.numbers, *self.strings]

    def encoder(self, numbers: BaseEstimator) -> ColumnTransformer:
        """`numbers` for the numbers; a column per category, none of them for an unseen one."""
        strings = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        steps = [("numbers", numbers, self.numbers), ("strings", strings, self.strings)]
        return ColumnTransformer([(name, step, list(c)) for name, step, c in steps if c])


@dataclass(frozen=True)
class Beside:
    """A fitted estimator, which of its outputs counts, and what is done to that in the end.

    answers: the same from the estimator itself, of N rows, float[N].
    """

    name: Literal["novelty", "difficulty"]
    estimator: BaseEstimator
    columns: Columns
    output: str
    ending: tuple[Literal["Mul", "Max"], float]
    answers: Callable[[pd.DataFrame], Floats]
    options: tuple[tuple[str, Any], ...] = ()


def columns_of(contract: Contract, graph: Graph, rows: Sequence[Row]) -> Columns:
    """Neither text nor what is sensitive, nor features without any value in these rows."""
    taken = {name: spec.dtype for spec in graph.inputs for name in spec.features}
    usable = [
        feature
        for feature in contract.features
        if feature.name in taken
        and not feature.sensitive
        and feature.kind != "text"
        and any(row.values[feature.name] is not None for row in rows)
    ]
    strings = tuple(feature.name for feature in usable if feature.kind == "category")
    numbers = tuple(
        feature.name
        for feature in usable
        if feature.kind != "category" and taken[feature.name] != "string"
    )
    return Columns(numbers, strings)


def with_beside(model: Model, graph: Graph, added: Beside, rows: Sequence[Row]) -> Graph:
    """The graph with one output more, proven on `rows` and on odd ones made from them.

    Raises ConversionRefused where the two do not go together, ParityFailed where the output is
    not what the estimator answers, or another output is not what it was.
    """
    content, output = joined(graph.model, graph.inputs, _converted(model, graph, added), added.name)
    outputs = graph.outputs.model_copy(update={added.name: output})
    found = replace(graph, model=content, outputs=outputs)
    _prove(model, graph, found, added, rows)
    return found


def _converted(model: Model, graph: Graph, added: Beside) -> bytes:
    opset = max(opset_of(graph.model), TARGET_OPSET[""])
    specs = [spec for spec in default_tensors(model.contract) if spec.name in added.columns.names]
    specs.sort(key=lambda spec: added.columns.names.index(spec.name))
    remedy = replace(PLAIN, options=added.options)
    extra = convert(added.estimator, specs, remedy, opset)
    if opset_of(graph.model, ML) >= OPSET:
        extra = with_tree_ensembles(extra)
    return _ended(extra, added)


def _ended(extra: bytes, added: Beside) -> bytes:
    proto = onnx.load_model_from_string(extra)
    inputs = [value.name for value in proto.graph.input]
    proto = Extractor(proto).extract_model(inputs, [added.output])
    operator, number = added.ending
    constant = numpy_helper.from_array(np.array([number], dtype=np.float32), "number")
    proto.graph.initializer.append(constant)
    ending = helper.make_node(operator, [added.output, "number"], ["answer"], name="answer")
    proto.graph.node.append(ending)
    proto.graph.output[0].name = "answer"
    content: bytes = proto.SerializeToString(deterministic=True)
    return content


def _prove(model: Model, before: Graph, after: Graph, added: Beside, rows: Sequence[Row]) -> None:
    rows = [*rows, *(probe.row for probe in probes(model.contract, rows[0]))]
    expected = added.answers(frame_of(model.contract, rows)[added.columns.names])
    outputs = served(model, after).outputs(rows)
    found = difference(
        Answers(values=expected),
        Answers(values=np.asarray(getattr(outputs, added.name), dtype=np.float64)),
        TOLERANCE,
    )
    if not found.passed:
        raise _differs(added.name, found)
    same = difference(served(model, before).answers(rows), served(model, after).answers(rows), 0.0)
    if not same.passed:
        raise _differs(f"the model beside its {added.name}", same)


def _differs(what: str, found: Difference) -> ParityFailed:
    return ParityFailed(
        what,
        f"answers differently in the graph: {found}",
        "Scale huge numbers down in the contract's unit, or leave it out of Uncertainty(...)",
    )
