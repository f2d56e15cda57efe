"""A graph asked through the very code that serves it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError

from model_store.artifact.facts import FileEntry, Label, OutputNames, Parity, Provenance
from model_store.artifact.layout import MODEL_FILE
from model_store.artifact.manifest import Manifest, Task
from model_store.canonical import sha256_hex
from model_store.contract import Row, TensorSpec, encode
from model_store.contract.record import explain
from model_store.decision import Verdict, judge
from model_store.errors import ModelOutputInvalid
from model_store.fallbacks.records import Constant
from model_store.outputs import Outputs
from model_store.packaging.answers import Answers
from model_store.packaging.errors import InvalidModel, numbered
from model_store.packaging.model import Model
from model_store.predictor import Predictor


@dataclass(frozen=True)
class Graph:
    """ONNX bytes and how to read and feed them."""

    model: bytes
    task: Task
    inputs: tuple[TensorSpec, ...]
    outputs: OutputNames
    labels: tuple[Label, ...] = ()


def manifest_for(model: Model, graph: Graph, **facts: Any) -> Manifest:
    """The manifest of this graph; raises InvalidModel for arguments that do not fit together."""
    try:
        return Manifest(
            name=model.name,
            version=model.version,
            title=model.title,
            description=model.description,
            task=graph.task,
            contract=model.contract,
            inputs=graph.inputs,
            outputs=graph.outputs,
            labels=graph.labels,
            unit=model.unit,
            **facts,
        )
    except ValidationError as error:
        raise InvalidModel(
            f"Model {model.name!r}", explain(error), "Correct this argument of Model(...)"
        ) from None


def entry_of(data: bytes) -> FileEntry:
    return FileEntry(sha256=sha256_hex(data), size=len(data))


def draft(model: Model, graph: Graph) -> Manifest:
    """Enough of a manifest to ask the graph: no policy, and a fallback that nobody will hear."""
    return manifest_for(
        model,
        graph,
        files={MODEL_FILE: entry_of(graph.model)},
        fallbacks=(Constant(value=graph.labels[0] if graph.labels else 0),),
        parity=Parity(status="skipped", reason="not compared yet"),
        provenance=Provenance(python="", libraries={}, opset={}, ir_version=0),
    )


def served(model: Model, graph: Graph) -> "Served":
    """A graph that has no manifest yet, as it will be asked."""
    return Served(draft(model, graph), graph.model)


class Served:
    """A graph in a session, as in Lambda. Raises PredictionError like the real one."""

    def __init__(self, manifest: Manifest, model: bytes) -> None:
        self._manifest = manifest
        self._predictor = Predictor(model, manifest)

    def answers(self, rows: Sequence[Row]) -> Answers:
        outputs = self.outputs(rows)
        return Answers(
            labels=outputs.labels,
            probabilities=_float64(outputs.probabilities),
            values=_float64(outputs.values),
        )

    def verdicts(self, rows: Sequence[Row]) -> list[Verdict]:
        return judge(self.outputs(rows), rows, self._manifest)

    def outputs(self, rows: Sequence[Row]) -> Outputs:
        """Stricter than serving, where one caller's odd row spoils no other row's answer."""
        outputs = self._predictor.predict(encode(rows, self._manifest.inputs), None)
        if outputs.unusable:
            raise ModelOutputInvalid(
                f"model {self._manifest.reference}",
                f"gave numbers that nobody can use for {numbered(sorted(outputs.unusable))}",
                "Let the contract refuse such rows, or treat them in the pipeline",
            )
        return outputs


def _float64(array: Any) -> Any:
    return None if array is None else np.asarray(array, dtype=np.float64)
