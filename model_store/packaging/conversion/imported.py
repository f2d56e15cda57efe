"""An ONNX file that somebody else made, made servable or refused with the way out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx

from model_store.artifact.facts import Label, OutputNames, Parity
from model_store.artifact.manifest import Task
from model_store.contract import Contract, TensorSpec, TensorType
from model_store.errors import PredictionError
from model_store.packaging.answers import Answers
from model_store.packaging.conversion.graph_edits import (
    class_labels,
    correct_widths,
    free_batch,
    remove_zipmaps,
)
from model_store.packaging.conversion.parity import difference
from model_store.packaging.errors import InvalidModel
from model_store.packaging.model import Model
from model_store.packaging.served import Graph, Served, draft
from model_store.samples.probes import probes, typical_row
from model_store.vetting.graph import inspect_graph

_TYPES: dict[int, TensorType] = {
    onnx.TensorProto.FLOAT: "float32",
    onnx.TensorProto.DOUBLE: "float64",
    onnx.TensorProto.INT64: "int64",
    onnx.TensorProto.STRING: "string",
    onnx.TensorProto.BOOL: "bool",
}
_FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE)
REASON = "the ONNX file was made elsewhere; there is no estimator to compare with"


def graph_of(model: Model) -> tuple[Graph, Parity]:
    """Read, inspect and repair the file: ZipMap removed, a fixed number of rows freed,
    a declared width that contradicts the coefficients corrected.

    Raises InvalidModel for what cannot be repaired or is not told by the file, and what
    `inspect_graph` raises.
    """
    path = Path(str(model.onnx))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidModel(
            str(path), f"cannot be read ({error.strerror})", "Give the path of an ONNX file"
        ) from None
    inspect_graph(content)
    proto = onnx.load_model_from_string(content)
    remove_zipmaps(proto)
    fixed = free_batch(proto)
    correct_widths(proto)
    outputs = model.outputs or _outputs(path.name, proto)
    if model.labels and outputs.value is not None:
        raise InvalidModel(
            path.name,
            f"gives one number per row, and {len(model.labels)} labels are declared",
            "Export one column per class (of two classes: 1 - p beside p), or declare no labels",
        )
    labels = tuple(model.labels or class_labels(proto)) if outputs.value is None else ()
    graph = Graph(
        model=proto.SerializeToString(deterministic=True),
        task=_task(path.name, outputs, labels),
        inputs=_inputs(path.name, model, proto),
        outputs=outputs,
        labels=labels,
    )
    model.check_fallback(labels)
    _check_any_number_of_rows(path.name, model, graph, fixed)
    return graph, Parity(status="skipped", reason=REASON)


def _task(file: str, outputs: OutputNames, labels: Sequence[Label]) -> Task:
    if outputs.value is not None:
        return "regression"
    if len(labels) < 2:
        raise InvalidModel(
            file,
            "does not tell the classes that its answers stand for",
            "Pass them in the order of the probabilities: Model(labels=(…))",
        )
    return "binary" if len(labels) == 2 else "multiclass"


def _inputs(file: str, model: Model, proto: onnx.ModelProto) -> tuple[TensorSpec, ...]:
    constants = {tensor.name for tensor in proto.graph.initializer}
    found = [value for value in proto.graph.input if value.name not in constants]
    if model.inputs is None and any(v.name not in model.contract.names for v in found):
        raise InvalidModel(
            file,
            f"takes {', '.join(v.name for v in found)}, which are not the contract's features",
            f"Say which features each input takes: inputs=({_example(found[0], model.contract)},)",
        )
    specs = model.inputs or [
        TensorSpec(name=v.name, dtype=_dtype(file, v), features=(v.name,)) for v in found
    ]
    widths = {value.name: _width(value) for value in found}
    for spec in specs:
        width = widths.get(spec.name)
        if width is not None and width != len(spec.features):
            raise InvalidModel(
                file,
                f"input {spec.name} takes {width} columns, and {len(spec.features)} are declared",
                "Name one feature per column, in the order of the columns",
            )
    return tuple(specs)


def _example(value: onnx.ValueInfoProto, contract: Contract) -> str:
    dtype = _TYPES.get(value.type.tensor_type.elem_type, "float32")
    return f"TensorSpec(name={value.name!r}, dtype={dtype!r}, features={contract.names!r})"


def _dtype(file: str, value: onnx.ValueInfoProto) -> TensorType:
    dtype = _TYPES.get(value.type.tensor_type.elem_type)
    if dtype is None:
        raise InvalidModel(
            file,
            f"input {value.name} is not a tensor of {', '.join(_TYPES.values())}",
            "Export it with one of these types",
        )
    return dtype


def _width(value: onnx.ValueInfoProto) -> int | None:
    dims = value.type.tensor_type.shape.dim
    return dims[1].dim_value or None if len(dims) == 2 else None


def _outputs(file: str, proto: onnx.ModelProto) -> OutputNames:
    """A lone float output is a regression's value; labels are integers or strings."""
    floats = [o for o in proto.graph.output if o.type.tensor_type.elem_type in _FLOATS]
    others = [o for o in proto.graph.output if o.type.tensor_type.elem_type in _TYPES]
    labels = [o for o in others if o not in floats]
    if len(floats) == 1 and not labels and (_width(floats[0]) or 1) == 1:
        return OutputNames(value=floats[0].name)
    if len(floats) <= 1 and len(labels) <= 1 and proto.graph.output:
        return OutputNames(
            label=labels[0].name if labels else None,
            probabilities=floats[0].name if floats else None,
        )
    names = ", ".join(o.name for o in proto.graph.output)
    raise InvalidModel(
        file,
        f"has the outputs {names}, and what they mean is not clear",
        "Name them: outputs=OutputNames(label=…, probabilities=…) or OutputNames(value=…)",
    )


def _check_any_number_of_rows(file: str, model: Model, graph: Graph, fixed: int | None) -> None:
    """One row alone and the same row among others must get the same answer."""
    base = typical_row(model.contract)
    rows = [base, *(probe.row for probe in probes(model.contract, base))]
    rows = (rows * 5)[: max(5, len(rows))]
    try:
        served = Served(draft(model, graph), graph.model)
        together = served.answers(rows)
        alone = [served.answers([row]) for row in rows]
        agrees = difference(_joined(alone), together, model.tolerance).passed
    except PredictionError as error:
        raise InvalidModel(file, _rows_problem(error.what, fixed), error.next_step) from None
    if not agrees:
        raise InvalidModel(
            file,
            _rows_problem("answers a row differently when other rows come with it", fixed),
            "Export it with a dynamic first dimension (initial_types [None, n], or dynamic_axes)",
        )


def _rows_problem(what: str, fixed: int | None) -> str:
    if fixed is None:
        return what
    return f"was made for exactly {fixed} rows at a time and cannot be freed of it: {what}"


def _joined(answers: Sequence[Answers]) -> Answers:
    labels = tuple(label for answer in answers for label in answer.labels)
    probabilities = [a.probabilities for a in answers if a.probabilities is not None]
    values = [a.values for a in answers if a.values is not None]
    return Answers(
        labels,
        np.concatenate(probabilities) if probabilities else None,
        np.concatenate(values) if values else None,
    )
