"""How people name a model: `penguins@2.0.1`."""

import re
from dataclasses import dataclass

from model_store.errors import ArtifactError

NAME = r"[a-z][a-z0-9-]{0,39}"
VERSION = r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}"
_REFERENCE = re.compile(f"({NAME})@({VERSION})")


@dataclass(frozen=True, slots=True, order=True)
class ModelReference:
    name: str
    version: str

    @classmethod
    def parse(cls, text: str) -> "ModelReference":
        """Read `NAME@VERSION`; raises ArtifactError."""
        match = _REFERENCE.fullmatch(text)
        if not match:
            raise ArtifactError(
                f"reference {text!r}",
                "is not NAME@VERSION",
                "Write for example penguins@1: a lower-case name, then a version of "
                "letters, digits, dots, dashes",
            )
        return cls(match[1], match[2])

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"
