"""Tensors of a request to rows, and predictions to tensors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from functions.inference.errors import NoTensorForAnswer, TensorRefused
from functions.inference.open_inference.messages import (
    InferRequest,
    InputTensor,
    OutputTensor,
    TensorMetadata,
)
from functions.inference.validation import details
from model_store.contract import Code, Contract, Scalar, Violation
from model_store.contract.features import FeatureBase
from model_store.predictions import (
    AbstainPrediction,
    FallbackPrediction,
    ModelPrediction,
    Prediction,
)

INTEGERS = frozenset({"INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"})
FLOATS = frozenset({"FP16", "FP32", "FP64"})
# The first is what the metadata names; the others are read as well.
DATATYPES: dict[str, tuple[str, frozenset[str]]] = {
    "number": ("FP64", FLOATS | INTEGERS),
    "integer": ("INT64", INTEGERS | FLOATS),
    "boolean": ("BOOL", frozenset({"BOOL"})),
    "category": ("BYTES", frozenset({"BYTES"})),
    "text": ("BYTES", frozenset({"BYTES"})),
    "date": ("BYTES", frozenset({"BYTES"})),
}

# What an error may name: any other member is the caller's own text.
MEMBERS = {*InferRequest.model_fields, *InputTensor.model_fields}


def read_request(document: object) -> InferRequest:
    """Raises TensorRefused, which names the member but not its value."""
    try:
        return InferRequest.model_validate(document)
    except ValidationError as error:
        raise _not_the_protocol(details(error)) from None


def rows_of(request: InferRequest, contract: Contract) -> list[dict[str, Any]]:
    """One object per row, for the contract to judge; raises TensorRefused."""
    names = [tensor.name for tensor in request.inputs]
    if len(set(names)) < len(names):
        raise _refused("inputs", "names the same tensor twice")
    columns = {
        tensor.name: _column(f"inputs/{number}", tensor, contract.by_name.get(tensor.name))
        for number, tensor in enumerate(request.inputs)
    }
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1 or lengths == {0}:
        raise _refused("inputs", "must all have the same number of rows, at least one")
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _column(where: str, tensor: InputTensor, feature: FeatureBase | None) -> list[Any]:
    if feature and tensor.datatype not in DATATYPES[feature.kind][1]:
        raise _refused(f"{where}/datatype", f"of {feature.name} is {DATATYPES[feature.kind][0]}")
    if len(tensor.shape) == 2 and tensor.shape[1] != 1:
        raise _refused(f"{where}/shape", "is [N] or [N, 1]: one tensor per feature")
    data = tensor.data
    if len(tensor.shape) == 2 and all(isinstance(item, list) and len(item) == 1 for item in data):
        data = [item[0] for item in data]
    if len(data) != tensor.shape[0]:
        raise _refused(f"{where}/data", "does not have as many values as its shape says")
    return data


def point_to_tensors(request: InferRequest, violations: Sequence[Violation]) -> list[Violation]:
    """Violations of `rows_of(request)`, under `instances`, as those of the tensors sent."""
    places = {tensor.name: ("inputs", number) for number, tensor in enumerate(request.inputs)}
    return list(dict.fromkeys(_in_tensor(places, found) for found in violations))


def _in_tensor(places: Mapping[str, tuple[str, int]], found: Violation) -> Violation:
    _, row, feature = found.path
    tensor = places.get(str(feature), ("inputs",))
    value = ("data", row) if len(tensor) > 1 and found.code != Code.UNKNOWN_FIELD else ()
    return replace(found, path=(*tensor, *value), message=f"{feature} {found.message}")


def inputs_of(contract: Contract) -> list[TensorMetadata]:
    return [
        TensorMetadata(name=f.name, datatype=DATATYPES[f.kind][0], shape=[-1])
        for f in contract.features
    ]


def outputs_of(example: Scalar | None) -> list[TensorMetadata]:
    """Metadata of the outputs; example: any value that the model may answer."""
    datatypes = {"value": datatype_of([] if example is None else [example])}
    datatypes |= {name: datatype for name, (datatype, _) in _FIXED.items()}
    return [
        TensorMetadata(name=name, datatype=datatype, shape=[-1])
        for name, datatype in datatypes.items()
    ]


def write_outputs(
    predictions: Sequence[Prediction], wanted: Sequence[str], example: Scalar | None
) -> list[OutputTensor]:
    """The wanted outputs, or all of them if none is named.

    example: any value that the model may answer, if one is known. Raises TensorRefused, or
    NoTensorForAnswer for an abstention that `value` cannot express.
    """
    known = ("value", *_FIXED)
    if set(wanted) - set(known):
        raise _refused("outputs", f"are {', '.join(known)}")
    if len(set(wanted)) < len(wanted):
        raise _refused("outputs", "names the same tensor twice")
    return [
        _values(predictions, example) if name == "value" else _fixed(name, predictions)
        for name in wanted or known
    ]


def datatype_of(values: Sequence[Scalar]) -> str:
    """One type for all: FP64 if any is a float, and where there is none to go by."""
    kinds = {type(value) for value in values}
    if not kinds or float in kinds:
        return "FP64"
    return {bool: "BOOL", int: "INT64", str: "BYTES"}[kinds.pop()]


def _values(predictions: Sequence[Prediction], example: Scalar | None) -> OutputTensor:
    given = [p.value for p in predictions if not isinstance(p, AbstainPrediction)]
    datatype = datatype_of(given if example is None else [example])
    if len(given) < len(predictions) and datatype not in _NO_VALUE:
        raise NoTensorForAnswer(datatype)
    data = [
        _NO_VALUE[datatype] if isinstance(p, AbstainPrediction) else p.value for p in predictions
    ]
    return OutputTensor(name="value", datatype=datatype, shape=[len(data)], data=data)


def _fixed(name: str, predictions: Sequence[Prediction]) -> OutputTensor:
    datatype, read = _FIXED[name]
    data = list(map(read, predictions))
    return OutputTensor(name=name, datatype=datatype, shape=[len(data)], data=data)


def _confidence(prediction: Prediction) -> float | None:
    return prediction.confidence if isinstance(prediction, ModelPrediction) else None


def _reason(prediction: Prediction) -> str:
    return "" if isinstance(prediction, ModelPrediction) else str(prediction.reason)


def _needs_review(prediction: Prediction) -> bool:
    return not isinstance(prediction, FallbackPrediction) and prediction.needs_review


# How a tensor says that there is none. JSON has no NaN; numpy, and so tritonclient, reads null
# as NaN. Of an INT64 it makes an error, and of a BOOL, silently, False.
_NO_VALUE: dict[str, str | None] = {"BYTES": "", "FP64": None}
_FIXED: dict[str, tuple[str, Callable[[Prediction], Any]]] = {
    "decision": ("BYTES", lambda prediction: prediction.decision),
    "confidence": ("FP64", _confidence),
    "reason": ("BYTES", _reason),
    "needs_review": ("BOOL", _needs_review),
}


def _not_the_protocol(found: Sequence[ErrorDetails]) -> TensorRefused:
    if not found:
        return _refused("body", "is in too many places not as the protocol wants it")
    first = found[0]
    where = "".join(f"/{part}" for part in first["loc"] if isinstance(part, int) or part in MEMBERS)
    return _refused(where or "body", f"is not as the protocol wants it ({first['type']})")


def _refused(where: str, what: str) -> TensorRefused:
    return TensorRefused(where, what, "See the Open Inference Protocol V2")
