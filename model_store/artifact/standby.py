"""What a function can still answer while S3 is down, small enough for an environment variable."""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated

from pydantic import Field, ValidationError

from model_store.artifact.facts import Fallback, Sha256
from model_store.artifact.manifest import Manifest
from model_store.artifact.reference import NAME, VERSION
from model_store.canonical import canonical_json
from model_store.contract import Contract
from model_store.contract.record import Record
from model_store.errors import ArtifactError

LIMIT = 3000
"""Characters; a Lambda environment holds 4 KB in all."""
_LARGEST_UNPACKED = 1024 * 1024


class Standby(Record):
    """Without a contract, rows cannot be checked: every request gets the fallback."""

    name: Annotated[str, Field(pattern=f"^{NAME}$")]
    version: Annotated[str, Field(pattern=f"^{VERSION}$")]
    digest: Sha256
    contract: Contract | None = None
    fallback: Fallback | None = None


def pack(manifest: Manifest, digest: str) -> str:
    """URL-safe text of at most LIMIT characters; a contract too large for it is left out."""
    standby = Standby(
        name=manifest.name,
        version=manifest.version,
        digest=digest,
        contract=manifest.contract,
        fallback=manifest.fallback,
    )
    text = _encode(standby)
    return text if len(text) <= LIMIT else _encode(standby.model_copy(update={"contract": None}))


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
