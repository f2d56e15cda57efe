"""What the live version says of its API, kept per contract version for consumers to pin."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from infra.aws import Aws
from infra.errors import AwsFailed
from infra.release.deployed.invoke import get
from infra.release.stack.platform import artifact_bucket, require_platform
from model_store.artifact.manifest import Manifest
from model_store.contract import Contract, model_path, predictions_path
from model_store.errors import LambentError
from model_store.registry.documents import Document, keep

_SCHEMAS = "#/components/schemas/"
_REFERENCE = re.compile(f'"{_SCHEMAS}([^"]+)"')
_OF_OTHERS = re.compile(r"/v\d+/(predictions|model)|/v2(/health/.*|/models/.*)?")


def keep_documents(aws: Aws, manifest: Manifest) -> Iterator[str]:
    """What is worth telling: a difference to what was kept, or why nothing could be.

    It comes after the release, and so never fails it: what breaks callers was refused before.
    """
    try:
        bucket = artifact_bucket(aws, require_platform(aws))
        get(aws, manifest.name, "/health/ready")
        document = _described(manifest, get(aws, manifest.name, "/openapi.json"))
        for contract in (manifest.contract, *(older.contract for older in manifest.accepts)):
            suffix = f"V{contract.major}" if contract.major != manifest.contract.major else ""
            part = document_of(contract, document, suffix)
            kept = keep(bucket, manifest.name, contract.version, part)
            if kept.differences:
                yield str(kept)
    except LambentError as error:
        yield f"The OpenAPI document was not kept: {error}"


def _described(manifest: Manifest, answer: Any) -> Document:
    """Raises AwsFailed unless it is of this very version: another may have gone live since."""
    if isinstance(answer, dict) and answer.get("info", {}).get("version") == manifest.version:
        return answer
    what = f"describes another version than {manifest.version}"
    raise AwsFailed(f"model {manifest.name}", what, f"lambent deploy {manifest.reference}")


def document_of(contract: Contract, document: Document, suffix: str = "") -> Document:
    """The part that callers of one contract rely on, under the contract's own version.

    Without other contracts, and without the Open Inference Protocol, whose paths name a model
    version. suffix: of the names that an older contract's schemas have beside the newest's.
    """
    own = {predictions_path(contract.major), model_path(contract.major)}
    paths = {
        path: item
        for path, item in document["paths"].items()
        if path in own or not _OF_OTHERS.fullmatch(path)
    }
    schemas = document["components"]["schemas"]
    names = {name: name.removesuffix(suffix) for name in _reachable(paths, schemas)}
    found = {
        names[name]: _renamed(schema, names) | {"title": names[name]}
        for name, schema in schemas.items()
        if name in names
    }
    return {
        **document,
        "info": {"title": contract.name, "version": contract.version},
        "paths": _renamed(paths, names),
        "components": {**document["components"], "schemas": found},
    }


def _reachable(value: Any, schemas: Mapping[str, Any]) -> set[str]:
    """The names of all schemas that are referred to, directly or not."""
    found: set[str] = set()
    waiting = set(_REFERENCE.findall(json.dumps(value)))
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= set(_REFERENCE.findall(json.dumps(schemas[name]))) - found
    return found


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _renamed(inner, names) for name, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, names) for inner in value]
    if isinstance(value, str) and value.startswith(_SCHEMAS):
        name = value.removeprefix(_SCHEMAS)
        return f"{_SCHEMAS}{names.get(name, name)}"
    return value
