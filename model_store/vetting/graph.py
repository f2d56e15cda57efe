"""What an ONNX file may contain before Lambent runs, publishes or serves it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod

import onnx
from google.protobuf.message import DecodeError, Message  # type: ignore[import-untyped]

from model_store.vetting.errors import RuntimeTooOld, UnsafeGraph

MAX_MODEL_BYTES = 200 * 2**20
MAX_DECLARED_ELEMENTS = 2**26

# What the pinned onnxruntime loads: found by trying, kept true by a test.
MAX_IR_VERSION = 13
MAX_OPSETS = {"": 26, "ai.onnx.ml": 5, "com.microsoft": 1}
# No standard operator finds words by a pattern; RE2, which does it, takes time linear in the text.
_ONLY = {"com.microsoft": frozenset({"Tokenizer"})}
_ALIASES = {"ai.onnx": ""}
_TREES = frozenset({"TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor"})


@dataclass(frozen=True)
class GraphReport:
    """What a graph that passed inspection declares. trees: bytes, by the name of the operator."""

    ir_version: int
    opsets: dict[str, int]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    trees: Mapping[str, int]


def inspect_graph(model_bytes: bytes) -> GraphReport:
    """Refuse a graph that could read files, exhaust memory or need another runtime.

    Nothing is executed here; `smoke_test` runs what passed.

    Raises UnsafeGraph for external data, unknown operators, sizes over the caps, or bytes that
    are not ONNX; RuntimeTooOld for an opset or IR version newer than the pinned onnxruntime loads.
    """
    model = _parse(model_bytes)
    _check_versions(model)
    trees: Counter[str] = Counter()
    for message in _messages(model):
        if isinstance(message, onnx.TensorProto):
            _check_tensor(message)
        elif isinstance(message, onnx.SparseTensorProto):
            _check_size("a sparse tensor", list(message.dims))
        elif isinstance(message, onnx.NodeProto):
            _check_operator(message)
            if message.op_type in _TREES:
                trees[message.op_type] += message.ByteSize()
        elif isinstance(message, onnx.TypeProto.Tensor):
            _check_declared_shape(message)
    return GraphReport(
        ir_version=model.ir_version,
        opsets=_opsets(model),
        inputs=_names(model.graph.input, without=model.graph.initializer),
        outputs=_names(model.graph.output),
        trees=trees,
    )


def _parse(model_bytes: bytes) -> onnx.ModelProto:
    if len(model_bytes) > MAX_MODEL_BYTES:
        raise UnsafeGraph(
            f"the file has {len(model_bytes):,} bytes; the most allowed is {MAX_MODEL_BYTES:,}",
            "use a smaller estimator (fewer or shallower trees), or quantise the graph",
        )
    try:
        model = onnx.load_model_from_string(model_bytes)
    except DecodeError as error:
        raise UnsafeGraph("the bytes are not an ONNX model", "export the model again") from error
    if not model.graph.node:
        raise UnsafeGraph("the graph computes nothing", "export the model again")
    return model


def _messages(message: Message) -> Iterator[Message]:
    """Every message nested anywhere: subgraphs, functions, attributes, sparse tensors."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        nested = (value,) if isinstance(value, Message) else value
        for child in nested:
            yield from _messages(child)


def _check_versions(model: onnx.ModelProto) -> None:
    if model.ir_version > MAX_IR_VERSION:
        raise RuntimeTooOld("IR version", model.ir_version, MAX_IR_VERSION)
    for domain, version in _opsets(model).items():
        newest = MAX_OPSETS.get(domain)
        if newest is not None and version > newest:
            raise RuntimeTooOld(f"opset of {domain or 'ai.onnx'}", version, newest)


def _check_tensor(tensor: onnx.TensorProto) -> None:
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
        raise UnsafeGraph(
            f"tensor {tensor.name!r} keeps its data in another file",
            "save the model as one file: onnx.save(onnx.load(path), path)",
        )
    _check_size(f"tensor {tensor.name!r}", tensor.dims)


def _check_operator(node: onnx.NodeProto) -> None:
    domain = _ALIASES.get(node.domain, node.domain)
    only = _ONLY.get(domain)
    if domain not in MAX_OPSETS or (only is not None and node.op_type not in only):
        raise UnsafeGraph(
            f"operator {node.op_type!r} of domain {domain!r} is none that is let through",
            "export with standard operators only (ai.onnx and ai.onnx.ml); "
            "onnx.inliner.inline_local_functions removes functions of the model's own",
        )


def _check_declared_shape(tensor: onnx.TypeProto.Tensor) -> None:
    _check_size("a declared shape", [d.dim_value for d in tensor.shape.dim if d.dim_value])


def _check_size(what: str, dims: list[int]) -> None:
    if any(d < 0 for d in dims) or prod(dims) > MAX_DECLARED_ELEMENTS:
        raise UnsafeGraph(
            f"{what} declares the shape {list(dims)}; "
            f"the most allowed is {MAX_DECLARED_ELEMENTS:,} elements",
            "declare the true shape, or use a smaller estimator",
        )


def _opsets(model: onnx.ModelProto) -> dict[str, int]:
    return {_ALIASES.get(o.domain, o.domain): o.version for o in model.opset_import}


def _names(
    values: list[onnx.ValueInfoProto], without: list[onnx.TensorProto] | tuple[()] = ()
) -> tuple[str, ...]:
    constants = {tensor.name for tensor in without}
    return tuple(value.name for value in values if value.name not in constants)
