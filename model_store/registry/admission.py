"""The last look before a model is published: whatever made the folder, trust none of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from model_store.artifact.folder import Artifact, read_artifact
from model_store.artifact.manifest import Manifest
from model_store.contract import TensorSpec, encode, normalise
from model_store.packaging.graph import inspect_graph
from model_store.packaging.smoke import smoke_test

Tensors = Mapping[str, np.ndarray[Any, Any]]


def admit(folder: Path) -> Artifact:
    """Read an artifact folder and prove that it can be served.

    Raises ArtifactError: files altered or extra, manifest malformed or too new, a graph that is
    unsafe, too new for the pinned onnxruntime, or does not survive one run in little memory.
    """
    artifact = read_artifact(folder)
    inspect_graph(artifact.model)
    smoke_test(artifact.model, trial_tensors(artifact.manifest))
    return artifact


def trial_tensors(manifest: Manifest) -> Tensors:
    """The golden rows as the model takes them, or one row of zeros where there are none."""
    if not manifest.golden:
        return {spec.name: _zeros(spec) for spec in manifest.inputs}
    rows = [normalise(manifest.contract, example.row) for example in manifest.golden]
    return encode(rows, manifest.inputs)


def _zeros(spec: TensorSpec) -> np.ndarray[Any, Any]:
    shape = (1, len(spec.features))
    if spec.dtype == "string":
        return np.full(shape, "", dtype=object)
    return np.zeros(shape, dtype=spec.dtype)
