"""The OpenAPI document of each contract version, as it was first served: what consumers pin.

Written once, like a published model (threat API9).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from model_store.artifact.layout import contracts_prefix, document_key
from model_store.errors import RegistryError
from model_store.registry.bucket import Bucket

Document = dict[str, Any]
SHOWN = 5


@dataclass(frozen=True)
class Kept:
    """What became of a document. differences: JSON pointers to what is not as it was kept."""

    contract: str
    is_new: bool
    differences: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.is_new:
            return f"OpenAPI of contract {self.contract} is kept: lambent openapi"
        shown = ", ".join(self.differences[:SHOWN])
        more = len(self.differences) - SHOWN
        return (
            f"OpenAPI of contract {self.contract} is not what was kept when it was first served: "
            + shown
            + (f" and {more} more" if more > 0 else "")
        )


class NoDocument(RegistryError):
    """No OpenAPI document of this contract version is kept."""

    def __init__(self, model: str, contract: str | None, kept: tuple[str, ...]) -> None:
        asked = f"of contract {contract}" if contract else "of any contract"
        instead = f"Choose among {', '.join(kept)}" if kept else f"lambent deploy {model} keeps it"
        super().__init__(f"model {model}", f"no OpenAPI document {asked} is kept", instead)


def keep(bucket: Bucket, model: str, contract: str, document: Document) -> Kept:
    """Write the document unless there is one, which then is what callers were promised.

    contract: its version. Examples do not count: they are rows of one model version.
    """
    key = document_key(model, contract)
    if bucket.create(key, json.dumps(document, indent=2, ensure_ascii=False).encode()):
        return Kept(contract, is_new=True)
    before = _without_examples(json.loads(bucket.read(key) or b"{}"))
    found = tuple(_differences(before, _without_examples(document), ""))
    return Kept(contract, is_new=False, differences=found)


def kept_contracts(bucket: Bucket, model: str) -> tuple[str, ...]:
    """The contract versions whose document is kept, the oldest first."""
    prefix = contracts_prefix(model)
    found = {listed.key.removeprefix(prefix).partition("/")[0] for listed in bucket.list(prefix)}
    return tuple(sorted(found, key=lambda version: tuple(map(int, version.split(".")))))


def read_document(bucket: Bucket, model: str, contract: str | None = None) -> str:
    """As it was kept; of the newest contract if none is named. Raises NoDocument."""
    kept = kept_contracts(bucket, model)
    wanted = contract or (kept[-1] if kept else None)
    data = bucket.read(document_key(model, wanted)) if wanted in kept and wanted else None
    if data is None:
        raise NoDocument(model, contract, kept)
    return data.decode()


def _differences(before: Any, after: Any, pointer: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            told = name.replace("~", "~0").replace("/", "~1")
            yield from _differences(before.get(name), after.get(name), f"{pointer}/{told}")
    elif before != after:
        yield pointer


def _without_examples(value: Any) -> Any:
    if isinstance(value, dict):
        # A feature may be called "examples": that one is no list.
        return {
            name: _without_examples(inner)
            for name, inner in value.items()
            if name != "examples" or not isinstance(inner, list)
        }
    return [_without_examples(inner) for inner in value] if isinstance(value, list) else value
