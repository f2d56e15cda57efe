"""A second, small graph beside the main one in the same file, fed by the same inputs."""

import copy
from collections.abc import Iterator, Sequence

import numpy as np
import onnx
from onnx import TensorProto, compose, helper, numpy_helper, version_converter

from model_store.contract import TensorSpec
from model_store.packaging.conversion.graph_edits import free_name
from model_store.packaging.errors import ConversionRefused

ML = "ai.onnx.ml"
_KINDS = {"float32": TensorProto.FLOAT, "string": TensorProto.STRING}
_WAY_OUT = "Export it again with target_opset=18"


def opset_of(model: bytes, domain: str = "") -> int:
    """The version of a domain's operators in this graph, ONNX's own ones; 0 if it uses none."""
    return _opsets(onnx.load_model_from_string(model)).get(domain, 0)


def joined(main: bytes, inputs: Sequence[TensorSpec], extra: bytes, name: str) -> tuple[bytes, str]:
    """`main` with the one output of `extra` as a further one, float[N]; and what it is called.

    inputs: those of `main`. extra: takes one feature per input, [N, 1], called like it; `main` is
    raised to its opset. The same graphs give the same bytes.

    Raises ConversionRefused where `main` is too old to be raised without a change of meaning.
    """
    output = free_name(main, name)
    added = compose.add_prefix(onnx.load_model_from_string(extra), f"{output}_")
    ours = _raised(onnx.load_model_from_string(main), _opsets(added)[""])
    _share_opsets(ours, added)
    ours.graph.initializer.extend(added.graph.initializer)
    for value in added.graph.input:
        ours.graph.node.extend(_fed(value, value.name.removeprefix(f"{output}_"), inputs))
    ours.graph.node.extend(added.graph.node)
    ours.graph.node.extend(_flat(added.graph.output[0].name, output))
    kind = added.graph.output[0].type.tensor_type.elem_type
    ours.graph.output.append(helper.make_tensor_value_info(output, kind, ["rows"]))
    content: bytes = ours.SerializeToString(deterministic=True)
    return content, output


def _fed(
    value: onnx.ValueInfoProto, feature: str, inputs: Sequence[TensorSpec]
) -> Iterator[onnx.NodeProto]:
    """One column of the main graph's inputs, in the type that the extra one takes."""
    spec = next(spec for spec in inputs if feature in spec.features)
    column = spec.name
    if len(spec.features) > 1:
        place, column = f"{value.name}_place", f"{value.name}_column"
        number = numpy_helper.from_array(np.array([spec.features.index(feature)]))
        yield helper.make_node("Constant", [], [place], name=place, value=number)
        yield helper.make_node("Gather", [spec.name, place], [column], name=column, axis=1)
    kind = value.type.tensor_type.elem_type
    if _KINDS.get(spec.dtype) == kind:  # ONNX Runtime leaves such a node out
        yield helper.make_node("Identity", [column], [value.name], name=value.name)
    else:
        yield helper.make_node("Cast", [column], [value.name], name=value.name, to=kind)


def _flat(found: str, output: str) -> Iterator[onnx.NodeProto]:
    shape = numpy_helper.from_array(np.array([-1]))
    yield helper.make_node("Constant", [], [f"{output}_shape"], name=f"{output}_shape", value=shape)
    yield helper.make_node("Reshape", [found, f"{output}_shape"], [output], name=output)


def _raised(model: onnx.ModelProto, opset: int) -> onnx.ModelProto:
    """The same graph in the operators of a newer opset, by ONNX's own converter."""
    if _opsets(model).get("", opset) >= opset:
        return model
    # It infers shapes first, and a TreeEnsemble behind a Scaler crashes that: onnx 1.23.2.
    attributes = _taken_out(model.graph)
    try:
        raised = version_converter.convert_version(model, opset)
    except (RuntimeError, version_converter.ConvertError) as error:
        what = f"has opset {_opsets(model)['']}, which ONNX cannot raise to {opset}"
        raise ConversionRefused("the graph", what, _WAY_OUT) from error
    for node in raised.graph.node:
        node.attribute.extend(attributes.get(node.output[0], ()))
    return raised


def _taken_out(graph: onnx.GraphProto) -> dict[str, list[onnx.AttributeProto]]:
    """The attributes of its nodes of ai.onnx.ml, by the name of the node's first output."""
    nodes = [node for node in graph.node if node.domain == ML]
    attributes = {node.output[0]: copy.deepcopy(list(node.attribute)) for node in nodes}
    for node in nodes:
        del node.attribute[:]
    return attributes


def _share_opsets(ours: onnx.ModelProto, added: onnx.ModelProto) -> None:
    mine, theirs = _opsets(ours), _opsets(added)
    shared = mine | {domain: max(mine.get(domain, 0), theirs[domain]) for domain in theirs}
    if (old := mine.get(ML)) and old != shared[ML]:
        _check_unchanged(ours.graph, old, shared[ML])
    del ours.opset_import[:]
    ours.opset_import.extend(helper.make_opsetid(d, shared[d]) for d in sorted(shared))
    ours.ir_version = max(ours.ir_version, added.ir_version)


def _opsets(model: onnx.ModelProto) -> dict[str, int]:
    """Domain → version; ONNX's own domain has two names."""
    return {
        "" if opset.domain == "ai.onnx" else opset.domain: opset.version
        for opset in model.opset_import
    }


def _check_unchanged(graph: onnx.GraphProto, old: int, new: int) -> None:
    for node in graph.node:
        if node.domain == ML and since(node.op_type, old) != since(node.op_type, new):
            what = f"has {node.op_type} of {ML} {old}, which {ML} {new} changed"
            raise ConversionRefused("the graph", what, _WAY_OUT)


def since(operator: str, opset: int) -> int:
    """The version of ai.onnx.ml that brought the operator as `opset` knows it."""
    since: int = onnx.defs.get_schema(operator, opset, ML).since_version
    return since
