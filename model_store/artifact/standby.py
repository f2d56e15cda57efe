"""What a function can still answer while S3 is down, small enough for an environment variable."""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated

from pydantic import Field, ValidationError

from model_store.artifact.facts import Sha256
from model_store.artifact.manifest import Manifest
from model_store.artifact.reference import NAME, VERSION
from model_store.canonical import canonical_json
from model_store.contract import Contract
from model_store.contract.record import Record
from model_store.errors import ArtifactError
from model_store.fallbacks.records import Constant, Fallback, OtherModel, Popular, Rules
from model_store.predictions import Label

LIMIT = 3000
"""Characters; a Lambda environment holds 4 KB in all."""
_LARGEST_UNPACKED = 1024 * 1024


class Standby(Record):
    """Holds no fallback that is a model itself. Without a contract, rows cannot be checked:
    every request gets the first fallback that needs none. Without labels, what a popular list
    holds is believed.

    majors: of the contracts that are served, the newest first; empty if that is not known. Rows of
    an older one are not read."""

    name: Annotated[str, Field(pattern=f"^{NAME}$")]
    version: Annotated[str, Field(pattern=f"^{VERSION}$")]
    digest: Sha256
    contract: Contract | None = None
    fallbacks: tuple[Fallback, ...] = ()
    labels: tuple[Label, ...] = ()
    majors: tuple[int, ...] = ()


def pack(manifest: Manifest, digest: str) -> str:
    """URL-safe text of at most LIMIT characters.

    What is too large for it loses first what only people read, then the labels, then the
    contract, and with it the rules that need one.
    """
    standby = Standby(
        name=manifest.name,
        version=manifest.version,
        digest=digest,
        contract=manifest.contract,
        fallbacks=tuple(f for f in manifest.fallbacks if not isinstance(f, OtherModel)),
        labels=manifest.labels,
        majors=manifest.majors,
    )
    short = _for_machines(standby)
    unlabelled = short.model_copy(update={"labels": ()})
    for fitting in (standby, short, unlabelled):
        if len(text := _encode(fitting)) <= LIMIT:
            return text
    return _encode(_without_contract(unlabelled))


def _for_machines(standby: Standby) -> Standby:
    """Without descriptions, units, and the texts of rules."""
    return standby.model_copy(
        update={
            "contract": standby.contract and _undescribed(standby.contract),
            "fallbacks": tuple(map(_unexplained, standby.fallbacks)),
        }
    )


def _undescribed(contract: Contract) -> Contract:
    silent = {"description": "", "unit": None}
    features = tuple(feature.model_copy(update=silent) for feature in contract.features)
    return contract.model_copy(update={"description": "", "features": features})


def _unexplained(fallback: Fallback) -> Fallback:
    match fallback:
        case Constant():
            return fallback.model_copy(update={"note": ""})
        case Rules():
            rules = tuple(rule.model_copy(update={"when": ""}) for rule in fallback.rules)
            return fallback.model_copy(update={"rules": rules})
    return fallback


def _without_contract(standby: Standby) -> Standby:
    kept = tuple(f for f in standby.fallbacks if isinstance(f, Constant | Popular))
    return standby.model_copy(update={"contract": None, "fallbacks": kept})


def unpack(text: str) -> Standby:
    """Read what `pack` wrote; raises ArtifactError."""
    try:
        inflated = zlib.decompressobj(-zlib.MAX_WBITS).decompress(
            urlsafe_b64decode(text.encode("ascii")), _LARGEST_UNPACKED
        )
        return Standby.model_validate_json(inflated)
    except (ValueError, zlib.error, ValidationError):
        raise ArtifactError(
            "LAMBENT_STANDBY", "is not a standby record", "Deploy again with `lambent deploy`"
        ) from None


def _encode(standby: Standby) -> str:
    document = canonical_json(standby.model_dump(mode="json"))
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return urlsafe_b64encode(deflate.compress(document) + deflate.flush()).decode("ascii")
