"""Small contracts, manifests and ONNX graphs, built in memory."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest
from onnx import helper
from pydantic import BaseModel, Field

from model_store.artifact.facts import FileEntry, OutputNames, Parity, Provenance
from model_store.artifact.manifest import Manifest
from model_store.canonical import sha256_hex
from model_store.contract import (
    Category,
    Contract,
    OutOfRange,
    Sensitive,
    Unit,
    default_tensors,
    freeze,
)


class Penguin(BaseModel):
    """Measurements of one penguin."""

    island: Annotated[Literal["Biscoe", "Dream", "Torgersen"], Category(unseen="flag")]
    bill_length_mm: Annotated[
        float | None,
        Field(ge=20, le=80, description="Tip to base."),
        Unit("mm"),
        OutOfRange("flag"),
    ] = None
    sex: Annotated[Literal["male", "female"] | None, Sensitive()] = None


@pytest.fixture
def penguins() -> Contract:
    return freeze(Penguin, version="1.0")


@pytest.fixture
def make_manifest(penguins: Contract) -> Callable[..., Manifest]:
    def make(model: bytes = b"model", **changes: Any) -> Manifest:
        contract = changes.get("contract", penguins)
        fields: dict[str, Any] = {
            "name": "penguins",
            "version": "1",
            "task": "multiclass",
            "files": {"model.onnx": FileEntry(sha256=sha256_hex(model), size=len(model))},
            "contract": contract,
            "inputs": default_tensors(contract),
            "outputs": OutputNames(label="label", probabilities="probabilities"),
            "labels": ("Adelie", "Chinstrap", "Gentoo"),
            "parity": Parity(status="passed", rows=100, tolerance=1e-5, max_difference=1e-7),
            "provenance": Provenance(
                python="3.11", libraries={"scikit-learn": "1.9.1"}, opset={"": 18}, ir_version=9
            ),
        }
        return Manifest(**fields | changes)

    return make


@pytest.fixture
def number_contract() -> Contract:
    return Contract.model_validate(
        {"name": "numbers", "version": "1.0", "features": [{"kind": "number", "name": "x"}]}
    )


@pytest.fixture
def graph() -> Callable[..., bytes]:
    return _graph


def _graph(
    nodes: list[Any],
    inputs: dict[str, int],
    outputs: dict[str, int],
    initializers: tuple[Any, ...] = (),
) -> bytes:
    """A graph whose inputs are [rows, 1] and whose outputs have any shape."""
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info(n, t, [None, 1]) for n, t in inputs.items()],
        [helper.make_tensor_value_info(n, t, None) for n, t in outputs.items()],
        initializer=list(initializers),
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    data: bytes = model.SerializeToString()
    return data
