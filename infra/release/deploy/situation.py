"""What a deploy observes before it plans."""

from collections.abc import Sequence
from dataclasses import dataclass

from infra.release.deploy.parameters import Choices
from infra.release.deployed.live import Live
from infra.release.stack.stacks import Stack
from model_store.artifact.manifest import Manifest
from model_store.history.event import Event
from model_store.history.shift import Shift


@dataclass(frozen=True)
class Situation:
    """All that was observed. `code` is the digest of what would be built.

    `spare_concurrency`: how many executions the account has not reserved; None when unknown.
    `samconfig`: the file that sam reads, as seen from the root of the project.
    `built_otherwise`: models in it with another architecture or runtime.
    `is_named`: whether somebody chose this version; else it is the newest.
    `cut_short`: a `lambent fallback` that was killed left its mark on $LATEST.
    `published`: every version of this model, in the order in which they were; `unreadable`:
    those whose manifest cannot be believed, and why. `shift`: a release that is under way.
    `requires_signature`: of what is deployed, says the platform.
    """

    manifest: Manifest
    digest: str
    choices: Choices
    code: str
    is_built: bool
    is_local: bool
    stack: Stack | None
    live: Live | None
    events: Sequence[Event]
    spare_concurrency: int | None = None
    built_otherwise: Sequence[str] = ()
    samconfig: str = "samconfig.toml"
    is_named: bool = True
    cut_short: bool = False
    published: Sequence[Manifest] = ()
    unreadable: Sequence[str] = ()
    shift: Shift | None = None
    requires_signature: bool = True

    @property
    def live_manifest(self) -> Manifest | None:
        """None if nothing is live, or if what is live cannot be read in the registry."""
        version = self.live.version.model_version if self.live else None
        return next((m for m in self.published if m.version == version), None)

    @property
    def answers(self) -> bool:
        """Whether this very model is live, as it was released: no fallback, no shadow."""
        return (
            self.live is not None
            and self.live.version.digest == self.digest
            and not self.live.version.is_switched
        )
