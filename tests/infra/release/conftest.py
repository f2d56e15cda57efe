"""Situations to plan from, and a Lambda service stricter than moto."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.release.live import LambdaVersion, Live
from infra.release.parameters import Choices
from infra.release.plan import Situation
from infra.release.stacks import Stack
from infra.release.timeline import Event
from model_store.artifact.manifest import (
    Fallback,
    FileEntry,
    Manifest,
    OutputNames,
    Parity,
    Provenance,
)
from model_store.contract import Contract, default_tensors


def manifest(version: str = "1", **changes: Any) -> Manifest:
    contract = changes.get("contract") or Contract.model_validate(
        {"name": "numbers", "version": "1.0", "features": [{"kind": "number", "name": "x"}]}
    )
    fields: dict[str, Any] = {
        "name": "scaled",
        "version": version,
        "task": "regression",
        "files": {"model.onnx": FileEntry(sha256="0" * 64, size=1)},
        "contract": contract,
        "inputs": default_tensors(contract),
        "outputs": OutputNames(value="value"),
        "fallback": Fallback(value=0.0),
        "parity": Parity(status="skipped"),
        "provenance": Provenance(python="3.11", libraries={}, opset={}, ir_version=9),
    }
    return Manifest(**fields | changes)


def digest_of(version: str) -> str:
    return manifest(version).digest


def lambda_version(number: int, version: str) -> LambdaVersion:
    return LambdaVersion(str(number), version, digest_of(version), f"standby-{version}")


def live_at(number: int, version: str, weights: dict[str, float] | None = None) -> Live:
    return Live(lambda_version(number, version), weights or {}, "revision-1")


def event(sequence: int, action: str, source: int | None, target: int, version: str) -> Event:
    at = f"2030-01-01T00:00:{sequence:02}+00:00"
    came_from = str(source) if source else None
    return Event(
        sequence,
        action,  # type: ignore[arg-type]
        came_from,
        str(target),
        version,
        digest_of(version),
        at,
        "ada",
        "worse" if action == "rollback" else "",
    )


@pytest.fixture
def situation() -> Callable[..., Situation]:
    """A first deploy of scaled@1, nothing built; `changes` says what else is so."""

    def make(version: str = "1", **changes: Any) -> Situation:
        fields: dict[str, Any] = {
            "manifest": manifest(version),
            "digest": digest_of(version),
            "choices": Choices(),
            "code": "c0de",
            "is_built": False,
            "is_local": False,
            "stack": None,
            "live": None,
            "events": (),
        }
        return Situation(**fields | changes)

    return make


def stack(parameters: dict[str, str] | None = None, status: str = "UPDATE_COMPLETE") -> Stack:
    return Stack("lambent-scaled", status, parameters or {}, {})
