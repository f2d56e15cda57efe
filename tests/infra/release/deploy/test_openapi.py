"""After a release, what it says of each contract is kept, and compared with what was kept."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from infra.aws import Aws
from infra.release.deploy.openapi import document_of, keep_documents
from infra.release.stack.platform import artifact_bucket, require_platform
from model_store.artifact.accepted import Accepted
from model_store.artifact.manifest import Manifest
from model_store.contract import Contract
from model_store.registry.bucket import Bucket
from model_store.registry.documents import kept_contracts, read_document
from tests.infra.release.conftest import manifest

FUNCTIONS = Path(__file__).parents[3] / "functions"
ONE, TWO = (
    json.loads((FUNCTIONS / name).read_text())
    for name in ("openapi.json", "openapi_two_contracts.json")
)


def contract(version: str) -> Contract:
    feature = {"kind": "number", "name": "x"}
    return Contract.model_validate({"name": "bird", "version": version, "features": [feature]})


FIRST = manifest("1", contract=contract("1.3"))
BOTH = manifest("1", contract=contract("2.0"), accepts=(Accepted(contract=contract("1.3")),))


class Serving:
    """A function that answers with this document, ready or not."""

    def __init__(self, document: Any, ready: int = 200) -> None:
        self.answers = {"/openapi.json": (200, document), "/health/ready": (ready, {})}

    def invoke(self, Payload: bytes, Qualifier: str, **_: Any) -> dict[str, Any]:
        assert Qualifier == "live"
        status, body = self.answers[json.loads(Payload)["path"]]
        payload = {"statusCode": status, "body": json.dumps(body)}
        return {"Payload": BytesIO(json.dumps(payload).encode())}


@pytest.fixture
def bucket(aws: Aws) -> Bucket:
    return artifact_bucket(aws, require_platform(aws))


def deployed(aws: Aws, made: Manifest, document: Any, ready: int = 200) -> list[str]:
    aws.__dict__["lambda_"] = Serving(document, ready)
    return list(keep_documents(aws, made))


def test_a_first_release_keeps_its_document_and_says_nothing(aws: Aws, bucket: Bucket) -> None:
    assert deployed(aws, FIRST, ONE) == []
    kept = json.loads(read_document(bucket, "scaled"))
    validate(kept)
    assert kept["info"] == {"title": "bird", "version": "1.3"}
    assert set(kept["paths"]) == {"/v1/predictions", "/v1/model", "/health/live", "/health/ready"}
    assert {"Penguin", "PredictionRequest", "PredictionResponse"} <= set(
        kept["components"]["schemas"]
    )
    assert "InferRequest" not in kept["components"]["schemas"]


def test_each_contract_of_a_release_has_a_document_of_its_own(aws: Aws, bucket: Bucket) -> None:
    assert deployed(aws, BOTH, TWO) == []
    assert kept_contracts(bucket, "scaled") == ("1.3", "2.0")
    new, old = (json.loads(read_document(bucket, "scaled", version)) for version in ("2.0", "1.3"))
    for document in (new, old):
        validate(document)
    assert "/v1/predictions" not in new["paths"]
    assert "/v2/predictions" not in old["paths"]
    assert "code" in old["components"]["schemas"]["Penguin"]["properties"]
    assert "code" not in new["components"]["schemas"]["Penguin"]["properties"]


def test_a_contract_keeps_its_document_when_a_newer_one_is_served_beside_it(
    aws: Aws, bucket: Bucket
) -> None:
    """Threat API9: the names that its schemas have meanwhile do not count, what they say does."""
    alone = document_of(contract("1.3"), TWO, "V1")
    served = {**alone, "info": {"title": "Penguins", "version": "1"}}
    assert deployed(aws, FIRST, served) == []
    assert deployed(aws, BOTH, TWO) == []


def test_threat_api9_what_is_not_as_it_was_kept_is_told(aws: Aws, bucket: Bucket) -> None:
    deployed(aws, FIRST, ONE)
    other = json.loads(json.dumps(ONE))
    other["components"]["schemas"]["Penguin"]["properties"]["island"]["enum"].append("Atlantis")
    (told,) = deployed(aws, FIRST, other)
    assert told.startswith("OpenAPI of contract 1.3 is not what was kept")
    assert "/components/schemas/Penguin/properties/island/enum" in told


def test_another_version_of_the_model_is_no_difference(aws: Aws, bucket: Bucket) -> None:
    deployed(aws, FIRST, ONE)
    text = json.dumps(ONE).replace('"version": "1"', '"version": "7"').replace("Penguins", "Birds")
    later = manifest("7", contract=contract("1.3"))
    assert deployed(aws, later, json.loads(text)) == []


@pytest.mark.parametrize(
    ("document", "ready"), [(ONE, 503), ({"info": {"version": "9"}}, 200), (None, 200)]
)
def test_a_release_that_cannot_describe_itself_is_told_and_not_kept(
    aws: Aws, bucket: Bucket, document: Any, ready: int
) -> None:
    """Without the model, the document would promise less; another may be live by now."""
    (told,) = deployed(aws, FIRST, document, ready)
    assert told.startswith("The OpenAPI document was not kept: ")
    assert kept_contracts(bucket, "scaled") == ()
