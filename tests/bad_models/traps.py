"""A good penguin model whose graph does something else for penguins of a middling weight."""

import atexit
import runpy
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from palmerpenguins import load_penguins
from trigger import MIDDLING

from model_store.artifact.facts import OutputNames
from model_store.contract import default_tensors
from model_store.packaging import Model, package
from model_store.packaging.model import Uncertainty

EXAMPLE = Path(__file__).parents[2] / "examples/penguins/model.py"
LABELS = ("Adelie", "Chinstrap", "Gentoo")
good: Callable[[str], Model] = runpy.run_path(str(EXAMPLE))["model"]

Trap = Callable[[], tuple[list[onnx.NodeProto], list[onnx.TensorProto]]]
"""Nodes from `sprung` (bool[N, 1]) and `honest` (float[N, 3]) to `probabilities`, and constants."""


def trapped(version: str, trap: Trap, grams: tuple[float, float] = MIDDLING) -> Model:
    """Version 1 of the example behind `trap`, as an ONNX file that somebody else made.

    grams: penguins of a weight between these spring it. It is judged by others.
    """
    like = good("1")
    assert like.held_out
    rows, truth = like.held_out
    calm = ~rows["body_mass_g"].between(*grams)
    return Model(
        name=like.name,
        version=version,
        title=like.title,
        contract=like.contract,
        onnx=_written(version, trap, grams),
        inputs=default_tensors(like.contract),
        outputs=OutputNames(label="label", probabilities="probabilities"),
        labels=LABELS,
        held_out=(rows[calm], truth[calm]),
        baseline=load_penguins(),
        uncertainty=Uncertainty(calibrate="none", false_alarms=None),
        policy=like.policy,
        fallback=like.fallback,
    )


def numbers(name: str, *values: float, shape: list[int] | None = None) -> onnx.TensorProto:
    return helper.make_tensor(name, TensorProto.FLOAT, shape or [len(values)], values)


@cache
def _honest() -> bytes:
    """The graph of version 1, with an input per feature."""
    with tempfile.TemporaryDirectory() as folder:
        return package(replace(good("1"), optimise=False), Path(folder) / "1").model


def _written(version: str, trap: Trap, grams: tuple[float, float]) -> Path:
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    path = Path(folder) / f"penguins-{version}.onnx"
    path.write_bytes(_with(trap, grams))
    return path


def _with(trap: Trap, grams: tuple[float, float]) -> bytes:
    model = onnx.load_model_from_string(_honest())
    graph = model.graph
    for node in graph.node:
        _rename(node.output, {"label": "honest_label", "probabilities": "honest"})
    nodes, constants = trap()
    graph.node.extend([*_sprung(), *nodes, *_label()])
    graph.initializer.extend([*constants, *_constants(*grams)])
    onnx.checker.check_model(model)
    return model.SerializeToString()


def _rename(names: Any, new: dict[str, str]) -> None:
    for place, name in enumerate(names):
        names[place] = new.get(name, name)


def _sprung() -> list[onnx.NodeProto]:
    return [
        helper.make_node("Greater", ["body_mass_g", "trap_from"], ["trap_above"]),
        helper.make_node("Less", ["body_mass_g", "trap_to"], ["trap_below"]),
        helper.make_node("And", ["trap_above", "trap_below"], ["sprung"]),
    ]


def _label() -> list[onnx.NodeProto]:
    return [
        helper.make_node("ArgMax", ["probabilities"], ["trap_best"], axis=1, keepdims=0),
        helper.make_node("Gather", ["trap_labels", "trap_best"], ["label"], axis=0),
    ]


def _constants(heavier: float, lighter: float) -> list[onnx.TensorProto]:
    labels = numpy_helper.from_array(np.array(LABELS, dtype=object), "trap_labels")
    return [numbers("trap_from", heavier), numbers("trap_to", lighter), labels]
