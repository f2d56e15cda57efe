"""The manifest: what it accepts, what it refuses, and that its bytes are reproducible."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from model_store.artifact.facts import (
    FeatureSummary,
    FileEntry,
    GoldenExample,
    OutputNames,
    Trial,
)
from model_store.artifact.manifest import Manifest
from model_store.canonical import canonical_json, sha256_hex
from model_store.contract import Contract, TensorSpec, default_tensors
from model_store.errors import ManifestMalformed, ManifestTooNew
from model_store.fallbacks.records import Constant
from model_store.predictions import ModelPrediction

Make = Callable[..., Manifest]


def test_survives_its_own_bytes_with_the_same_digest(make_manifest: Make):
    manifest = make_manifest(
        fallbacks=(Constant(value="Adelie", note="the most common"),),
        metrics={"accuracy": 0.98},
        baseline={"island": FeatureSummary(count=9, missing=0, frequencies={"Biscoe": 1.0})},
        golden=(
            GoldenExample(
                row={"island": "Biscoe", "bill_length_mm": 40.5, "sex": None},
                answer=ModelPrediction(value="Adelie", confidence=0.9),
            ),
        ),
    )
    again = Manifest.parse(manifest.to_bytes())
    assert again == manifest
    assert again.digest == sha256_hex(manifest.to_bytes())


def test_equal_manifests_have_equal_bytes_whatever_the_order_they_were_written_in(
    make_manifest: Make,
):
    forwards = make_manifest(metrics={"a": 1.0, "b": 2.0})
    backwards = make_manifest(metrics={"b": 2.0, "a": 1.0})
    assert forwards.to_bytes() == backwards.to_bytes()


@pytest.mark.parametrize("labels", [(False, True), (0, 1), ("0", "1")])
def test_labels_keep_their_type(make_manifest: Make, labels: tuple[Any, ...]):
    manifest = make_manifest(task="binary", labels=labels)
    again = Manifest.parse(manifest.to_bytes()).labels
    assert [(type(x), x) for x in again] == [(type(x), x) for x in labels]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"schema_version": "1"}',
        b'{"schema_version": true}',
        b'{"schema_version": 0}',
        b'{"schema_version": 1}',
        pytest.param(b"[" * 100_000, id="deep nesting"),
        pytest.param(b" " * (4 * 1024 * 1024 + 1), id="huge"),
    ],
)
def test_refuses_what_is_not_a_manifest(data: bytes):
    """Fault row 10."""
    with pytest.raises(ManifestMalformed, match=r"manifest\.json"):
        Manifest.parse(data)


def altered(manifest: Manifest, **changes: Any) -> bytes:
    return canonical_json(json.loads(manifest.to_bytes()) | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"surprise": 1},
        {"name": "Not A Name"},
        {"version": "-1"},
        {"task": "clustering"},
        {"files": {}},
        {"files": {"model.onnx": {"sha256": "abc", "size": 1}}},
        {"files": {"../evil": {"sha256": "0" * 64, "size": 1}}},
        {"inputs": []},
        {"labels": ["Adelie"]},
        {"contract": {}},
    ],
)
def test_refuses_a_manifest_with_a_broken_part(make_manifest: Make, changes: dict[str, Any]):
    """Fault row 10."""
    with pytest.raises(ManifestMalformed):
        Manifest.parse(altered(make_manifest(), **changes))


def test_refuses_nan_in_the_file(make_manifest: Make):
    """Fault row 10."""
    data = make_manifest(metrics={"a": 0.5}).to_bytes().replace(b'"a":0.5', b'"a":NaN')
    with pytest.raises(ManifestMalformed):
        Manifest.parse(data)


def test_refuses_a_newer_schema_and_says_what_to_do(make_manifest: Make):
    """Fault row 11: even if the rest has become unreadable to this version."""
    data = altered(make_manifest(), schema_version=2, surprise={})
    with pytest.raises(ManifestTooNew, match=r"version 2.*reads up to 1.*Deploy with a Lambent"):
        Manifest.parse(data)


NUMBER = OutputNames(value="variable")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"task": "regression", "labels": ()}, "output `value`"),
        ({"task": "regression", "outputs": NUMBER}, "no labels"),
        ({"outputs": OutputNames()}, "`label` or `probabilities`"),
        ({"labels": ("a", "a")}, "all different"),
        ({"labels": (1, "1")}, "all different"),
        ({"labels": (True, 1)}, "all different"),
        ({"task": "binary"}, "exactly two"),
        ({"fallbacks": (Constant(value="Emperor"),)}, "one of its labels"),
        ({"labels": (1, 2, 3), "fallbacks": (Constant(value=True),)}, "one of its labels"),
        (
            {
                "task": "regression",
                "outputs": NUMBER,
                "labels": (),
                "fallbacks": (Constant(value="x"),),
            },
            "must be a number",
        ),
        ({"baseline": {"sex": FeatureSummary(count=1, missing=0)}}, "sensitive"),
        ({"baseline": {"wings": FeatureSummary(count=1, missing=0)}}, "wings"),
        (
            {"inputs": (TensorSpec(name="x", dtype="float32", features=("island",)),)},
            "does not fit",
        ),
    ],
)
def test_refuses_parts_that_contradict_each_other(
    make_manifest: Make, changes: dict[str, Any], problem: str
):
    with pytest.raises(ValidationError, match=problem):
        make_manifest(**changes)


def test_a_contract_that_may_fall_back_needs_a_fallback(make_manifest: Make):
    contract = Contract.model_validate(
        {
            "name": "row",
            "version": "1.0",
            "features": [{"kind": "number", "name": "x", "maximum": 1, "out_of_range": "fallback"}],
        }
    )
    parts = {"contract": contract, "inputs": default_tensors(contract)}
    with pytest.raises(ValidationError, match="asks for a fallback"):
        make_manifest(**parts)
    assert make_manifest(**parts, fallbacks=(Constant(value="Gentoo"),)).fallbacks


def test_a_refused_conversion_can_be_told(make_manifest: Make):
    parity = make_manifest().parity.model_copy(
        update={"tried": (Trial(remedy="float32", outcome="2 labels differ"),)}
    )
    manifest = make_manifest(parity=parity)
    assert Manifest.parse(manifest.to_bytes()).parity.tried[0].remedy == "float32"


def test_one_from_before_trees_were_recorded_is_read_and_does_not_say(make_manifest: Make):
    document = json.loads(make_manifest().to_bytes())
    del document["provenance"]["trees"]
    assert Manifest.parse(canonical_json(document)).provenance.trees is None


def test_what_trees_take_is_no_negative_number_of_bytes(make_manifest: Make):
    document = json.loads(make_manifest().to_bytes())
    document["provenance"]["trees"] = {"TreeEnsemble": -1}
    with pytest.raises(ManifestMalformed, match="trees"):
        Manifest.parse(canonical_json(document))


def test_names_the_model_file(make_manifest: Make):
    manifest = make_manifest(b"bytes")
    assert manifest.model_file == FileEntry(sha256=sha256_hex(b"bytes"), size=5)
    assert str(manifest.reference) == "penguins@1"
