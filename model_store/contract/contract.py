"""The contract itself: what a model takes, in one value that travels with it."""

from collections import Counter
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from model_store.canonical import canonical_json, sha256_hex
from model_store.contract.features import Feature, FeatureBase
from model_store.contract.plain import PlainReader
from model_store.contract.record import Record


class Contract(Record):
    """What a model takes: features in order, versioned, with one canonical spelling and hash."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
    version: Annotated[str, Field(pattern=r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$")]
    description: str = ""
    features: Annotated[tuple[Feature, ...], Field(min_length=1)]

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical JSON."""
        return sha256_hex(self.canonical())

    @cached_property
    def major(self) -> int:
        """Callers find the contract under it: see `model_store.contract.paths`."""
        return int(self.version.partition(".")[0])

    @cached_property
    def by_name(self) -> dict[str, FeatureBase]:
        return {feature.name: feature for feature in self.features}

    @cached_property
    def plain(self) -> PlainReader:
        """Reads what leaves nothing to interpret."""
        return PlainReader(self.features)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.by_name)

    @property
    def may_fall_back(self) -> bool:
        """Whether some rows are answered by the fallback because the contract says so."""
        return any(feature.may_fall_back for feature in self.features)

    def canonical(self) -> bytes:
        return canonical_json(self.model_dump(mode="json"))

    @model_validator(mode="after")
    def _names_are_distinct(self) -> Self:
        counts = Counter(feature.name for feature in self.features)
        twice = [name for name, count in counts.items() if count > 1]
        if twice:
            raise ValueError(f"declared twice: {', '.join(twice)}")
        return self
