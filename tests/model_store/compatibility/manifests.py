"""A manifest to make others from, which differ in what is named."""

from typing import Any

from model_store.artifact.facts import FileEntry, OutputNames, Parity, Provenance
from model_store.artifact.manifest import Manifest
from model_store.contract import Contract, default_tensors
from model_store.fallbacks.records import Constant

Definition = dict[str, Any]

FEATURES: dict[str, Definition] = {
    "mass": {"kind": "number", "unit": "g", "minimum": 2000, "maximum": 7500},
    "bill": {
        "kind": "number",
        "minimum": 25,
        "maximum": 70,
        "out_of_range": "flag",
        "missing": {"policy": "allow"},
    },
    "year": {
        "kind": "integer",
        "minimum": 1990,
        "missing": {"policy": "default", "value": 2007},
    },
    "island": {"kind": "category", "categories": ["Biscoe", "Dream"]},
    "sex": {
        "kind": "category",
        "categories": ["female", "male"],
        "unseen": "flag",
        "sensitive": True,
        "missing": {"policy": "allow"},
    },
    "seen": {"kind": "date"},
    "notes": {"kind": "text", "max_length": 100},
    "adult": {"kind": "boolean"},
}
OPTIONAL = {"missing": {"policy": "allow"}}


def contract(
    version: str = "1.0", *, without: tuple[str, ...] = (), **edits: Definition
) -> Contract:
    """FEATURES, with these fields on top by feature; unknown features are added at the end."""
    features = {name: FEATURES.get(name, {}) for name in (*FEATURES, *edits)}
    return Contract.model_validate(
        {
            "name": "bird",
            "version": version,
            "features": [
                {"name": name, **definition, **edits.get(name, {})}
                for name, definition in features.items()
                if name not in without
            ],
        }
    )


def manifest(version: str = "1", **changes: Any) -> Manifest:
    """A classifier of three labels with probabilities and a constant fallback."""
    takes = changes.get("contract") or contract()
    fields: dict[str, Any] = {
        "name": "birds",
        "version": version,
        "task": "multiclass",
        "files": {"model.onnx": FileEntry(sha256="0" * 64, size=1)},
        "contract": takes,
        "inputs": default_tensors(takes),
        "outputs": OutputNames(label="label", probabilities="probabilities"),
        "labels": ("Adelie", "Chinstrap", "Gentoo"),
        "fallbacks": (Constant(value="Adelie"),),
        "parity": Parity(status="skipped"),
        "provenance": Provenance(python="3.11", libraries={}, opset={}, ir_version=9),
    }
    return Manifest(**fields | changes)


def regression(version: str = "1", **changes: Any) -> Manifest:
    answers: dict[str, Any] = {
        "task": "regression",
        "outputs": OutputNames(value="value"),
        "labels": (),
        "unit": "g",
        "fallbacks": (Constant(value=4200.0),),
    }
    return manifest(version, **answers | changes)
