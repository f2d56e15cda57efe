"""The OpenAPI document of a contract stays what consumers were first told (threat API9)."""

import json
from typing import Any

import pytest

from model_store.registry.bucket import Bucket
from model_store.registry.documents import NoDocument, keep, kept_contracts, read_document

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"version": "1.0"},
    "paths": {"/v1/predictions": {"post": {"responses": {"200": {}, "422": {}}}}},
    "components": {"schemas": {"Row": {"examples": [{"x": 1}], "required": ["x"]}}},
}


def changed(**schema: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(DOCUMENT))
    document["components"]["schemas"]["Row"].update(schema)
    return document


def test_the_first_document_is_kept_and_read_back(bucket: Bucket) -> None:
    kept = keep(bucket, "scaled", "1.0", DOCUMENT)
    assert (kept.is_new, kept.differences) == (True, ())
    assert json.loads(read_document(bucket, "scaled", "1.0")) == DOCUMENT
    assert bucket.read("contracts/scaled/1.0/openapi.json") is not None


def test_threat_api9_a_later_one_never_replaces_it_and_every_difference_is_pointed_to(
    bucket: Bucket,
) -> None:
    keep(bucket, "scaled", "1.0", DOCUMENT)
    other = changed(required=["x", "y"], minProperties=1)
    other["paths"]["/v1/more~1"] = {}
    kept = keep(bucket, "scaled", "1.0", other)
    assert kept.differences == (
        "/paths/~1v1~1more~01",
        "/components/schemas/Row/required",
        "/components/schemas/Row/minProperties",
    )
    assert "contract 1.0" in str(kept)
    assert kept.differences[0] in str(kept)
    assert json.loads(read_document(bucket, "scaled")) == DOCUMENT


def test_a_long_list_of_differences_is_cut(bucket: Bucket) -> None:
    keep(bucket, "scaled", "1.0", DOCUMENT)
    found = keep(bucket, "scaled", "1.0", changed(**{f"x{place}": 1 for place in range(9)}))
    assert str(found).endswith("/x4 and 4 more")


def test_examples_are_of_a_model_version_and_a_feature_may_be_called_so(bucket: Bucket) -> None:
    keep(bucket, "scaled", "1.0", DOCUMENT)
    assert keep(bucket, "scaled", "1.0", changed(examples=[{"x": 2}])).differences == ()
    named = changed(properties={"examples": {"type": "string"}})
    assert keep(bucket, "scaled", "1.0", named).differences == (
        "/components/schemas/Row/properties",
    )


def test_the_newest_contract_is_meant_by_number_and_none_is_made_up(bucket: Bucket) -> None:
    for version in ("1.9", "1.10", "1.2"):
        keep(bucket, "scaled", version, {"info": version})
    keep(bucket, "scaled-2", "9.0", {})
    assert kept_contracts(bucket, "scaled") == ("1.2", "1.9", "1.10")
    assert json.loads(read_document(bucket, "scaled")) == {"info": "1.10"}
    with pytest.raises(NoDocument) as refusal:
        read_document(bucket, "scaled", "3.0")
    assert refusal.value.next_step == "Choose among 1.2, 1.9, 1.10"


def test_without_any_the_way_to_one_is_told(bucket: Bucket) -> None:
    with pytest.raises(NoDocument, match="lambent deploy scaled keeps it"):
        read_document(bucket, "scaled")
