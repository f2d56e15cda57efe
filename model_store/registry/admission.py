"""The last look before a model is published: whatever made the folder, trust none of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from model_store.artifact.folder import Artifact, read_artifact
from model_store.artifact.layout import MODEL_FILE
from model_store.artifact.manifest import ModelFile
from model_store.contract import Row, TensorSpec, encode
from model_store.errors import ArtifactError
from model_store.fallbacks.records import OtherModel
from model_store.vetting.golden import check_answers, check_other, golden_rows
from model_store.vetting.graph import inspect_graph
from model_store.vetting.smoke import Tensors, smoke_test


def admit(folder: Path) -> Artifact:
    """Read an artifact folder and prove that it can be served.

    Raises ArtifactError: files altered or extra, manifest malformed or too new, a graph that is
    unsafe, too new for the pinned onnxruntime, does not survive one run in little memory, does
    not fit the manifest, or does not give the answers that the manifest promises.
    """
    artifact = read_artifact(folder)
    manifest = artifact.manifest
    rows = golden_rows(manifest)
    trial = _trial(rows, manifest.inputs)
    _can_be_served(artifact, MODEL_FILE, trial)
    for link in manifest.fallbacks:
        if isinstance(link, OtherModel):
            _admit_other(artifact, link, _trial(rows, link.inputs))
    check_answers(artifact, rows, trial)
    return artifact


def _admit_other(artifact: Artifact, link: OtherModel, trial: Tensors) -> None:
    _can_be_served(artifact, link.file, trial)
    check_other(artifact, link, trial)


def _can_be_served(artifact: Artifact, name: ModelFile, trial: Tensors) -> None:
    model = artifact.models[name]
    try:
        inspect_graph(model)
        smoke_test(model, trial)
    except ArtifactError as error:
        error.where = f"{artifact.manifest.reference} {name}"  # vetting knows bytes, not files
        raise


def _trial(rows: Sequence[Row], inputs: Sequence[TensorSpec]) -> Tensors:
    """The rows as the model takes them, or one row of zeros where there are none."""
    return encode(rows, inputs) if rows else {spec.name: _zeros(spec) for spec in inputs}


def _zeros(spec: TensorSpec) -> np.ndarray[Any, Any]:
    shape = (1, len(spec.features))
    if spec.dtype == "string":
        return np.full(shape, "", dtype=object)
    return np.zeros(shape, dtype=spec.dtype)
