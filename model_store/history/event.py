"""One move of the alias `live`, as the history keeps it."""

from dataclasses import dataclass
from typing import Literal, Protocol

Action = Literal[
    "release",
    "rollback",
    "automatic rollback",
    "refused",
    "observed",
    "fallback on",
    "fallback off",
    "shadow on",
    "shadow off",
]


@dataclass(frozen=True)
class Event:
    """One move of the alias, or one that was refused.

    `sequence` counts from 1 per model; `source` and `target` are Lambda version numbers
    (`source` None for the first); `at` is an ISO 8601 time in UTC. "observed" is a move that
    Lambent did not make and only found, such as a plain `sam deploy`. "fallback on" and "shadow
    on" lead to a twin of `source`: another Lambda version for the same model. "refused" moved
    nothing: `source` is the version that was refused, and `target` what stays live. `left` is the
    digest of the model that was left or refused, where the event says so. `seal` hangs on the
    seal of the event before (model_store.history.seal).
    """

    sequence: int
    action: Action
    source: str | None
    target: str
    model_version: str
    digest: str
    at: str
    who: str
    why: str = ""
    left: str = ""
    seal: str = ""


class Served(Protocol):
    """A Lambda version and the model that it pins."""

    @property
    def number(self) -> str: ...
    @property
    def model_version(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def is_fallback_only(self) -> bool: ...
    @property
    def is_shadowing(self) -> bool: ...
