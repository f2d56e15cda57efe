"""An ONNX graph whose probabilities are calibrated."""

from collections.abc import Sequence

import onnx
from onnx import TensorProto, helper

from model_store.artifact.facts import Label, OutputNames
from model_store.packaging.conversion.graph_edits import free_name
from model_store.packaging.errors import InvalidModel
from model_store.packaging.uncertainty.calibration.calibrators import Calibrator
from model_store.packaging.uncertainty.calibration.nodes import calibrator_nodes

FIRST_OPSET = 9


def calibrated(
    model: bytes, outputs: OutputNames, calibrator: Calibrator, labels: Sequence[Label]
) -> tuple[bytes, OutputNames]:
    """The graph with its probabilities corrected: float64[N, K] as a new output, the old removed.

    A row whose numbers are no probabilities becomes NaN instead of being corrected into some, so
    that `OutputReader` refuses it as before (fault rows 24, 25). The graph's own label is kept
    where the calibrator cannot change it; else its output is removed, and the label is the most
    probable class. The same graph and calibrator give the same bytes.

    Raises InvalidModel for a graph without probabilities, or of an opset before 9.
    """
    if outputs.probabilities is None:
        raise InvalidModel(
            "calibration",
            "needs probabilities, and the model gives none",
            "Use a classifier with predict_proba, or leave calibration out",
        )
    proto = onnx.load_model_from_string(model)
    _need_operators(proto)
    name = free_name(model, "calibrated")
    proto.graph.node.extend(calibrator_nodes(calibrator, len(labels), outputs.probabilities, name))
    _replace_output(proto.graph, outputs.probabilities, name, len(labels))
    label = outputs.label if calibrator.keeps_labels else None
    if label is None and outputs.label is not None:
        proto.graph.output.remove(_output(proto.graph, outputs.label))
    content: bytes = proto.SerializeToString(deterministic=True)
    return content, OutputNames(label=label, probabilities=name)


def _need_operators(proto: onnx.ModelProto) -> None:
    """A graph of ai.onnx.ml's operators alone names no opset of the others: it gets the first."""
    opset = next((o for o in proto.opset_import if o.domain in ("", "ai.onnx")), None)
    if opset is None:
        others = [helper.make_opsetid(o.domain, o.version) for o in proto.opset_import]
        del proto.opset_import[:]
        proto.opset_import.extend([helper.make_opsetid("", FIRST_OPSET), *others])
    elif opset.version < FIRST_OPSET:
        raise InvalidModel(
            "calibration",
            f"needs opset {FIRST_OPSET} or newer, and the graph has {opset.version}",
            f"Export it again with target_opset={FIRST_OPSET} or more, or leave calibration out",
        )


def _replace_output(graph: onnx.GraphProto, old: str, new: str, classes: int) -> None:
    output = _output(graph, old)
    dims = output.type.tensor_type.shape.dim
    rows = dims[0].dim_param if dims and dims[0].dim_param else None
    output.CopyFrom(helper.make_tensor_value_info(new, TensorProto.DOUBLE, [rows, classes]))


def _output(graph: onnx.GraphProto, name: str) -> onnx.ValueInfoProto:
    found: onnx.ValueInfoProto = next(output for output in graph.output if output.name == name)
    return found
