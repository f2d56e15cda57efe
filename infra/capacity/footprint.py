"""What a model needs, foretold from the size of its artifact and what it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from infra.capacity import reference
from infra.capacity.kinds import Parts, parts_of
from infra.capacity.limits import core_share
from infra.capacity.reference import Kind
from infra.capacity.simulation import Work
from infra.capacity.times import Times
from model_store.artifact.layout import MODEL_FILE
from model_store.artifact.manifest import Manifest

HEADROOM = 1.5


@dataclass(frozen=True)
class Footprint:
    """Of one whole core of the reference machine: `warm` per request of one row, `start` of a new
    process, in ms. memory_mb: what the process takes."""

    kind: Kind
    size_mb: float
    warm: Times
    start: Times
    memory_mb: float

    @property
    def least_memory_mb(self) -> float:
        return self.memory_mb * HEADROOM

    def measured(self, warm_ms: float, memory_mb: int) -> "Footprint":
        """With a median per request that was measured in a function of this size, and the spread
        around it as it was."""
        found = max(0.1, (warm_ms - reference.RUNTIME_MS) * core_share(memory_mb))
        return replace(self, warm=self.warm.times(found / self.warm.quantile(0.5)))

    def work(self, memory_mb: int, *, snapstart: bool = False) -> Work:
        """In a function of this size: below one whole core everything takes longer."""
        slower = 1 / core_share(memory_mb)
        warm = self.warm.times(slower).plus(reference.RUNTIME_MS)
        if snapstart:
            return Work(warm, reference.RESTORE)
        return Work(warm, self.start.times(slower).plus(reference.PLATFORM_MS))


def footprint(size_bytes: int, kind: Kind, fallbacks_bytes: int = 0) -> Footprint:
    """Of a graph of one kind alone."""
    return footprint_of_parts({kind: size_bytes}, fallbacks_bytes)


def footprint_of_parts(parts: Parts, fallbacks_bytes: int = 0) -> Footprint:
    """In proportion to the size of each part; its kind is that of the part that takes most memory.

    fallbacks_bytes: graphs of fallbacks, which are loaded when they are needed; taken for trees.
    """
    megabytes = {kind: size / 1e6 for kind, size in parts.items()}
    memory = {kind: reference.PER_MB[kind].memory_mb * mb for kind, mb in megabytes.items()}
    start_ms = sum(reference.PER_MB[kind].start_ms * mb for kind, mb in megabytes.items())
    size_mb = sum(megabytes.values())
    fallbacks_mb = reference.PER_MB["trees"].memory_mb * fallbacks_bytes / 1e6
    return Footprint(
        kind=max(memory, key=lambda kind: memory[kind]),
        size_mb=size_mb,
        warm=_warm(megabytes),
        start=reference.START.plus(start_ms + 1000 * size_mb / reference.S3_MB_PER_S),
        memory_mb=reference.BASE_MEMORY_MB + sum(memory.values()) + fallbacks_mb,
    )


def footprints_of(manifest: Manifest) -> tuple[Footprint, ...]:
    """Of each that it may be made of, the lightest first; of one alone if its manifest says."""
    more = sum(file.size for name, file in manifest.files.items() if name != MODEL_FILE)
    return tuple(footprint_of_parts(parts, more) for parts in parts_of(manifest))


def _warm(megabytes: Mapping[Kind, float]) -> Times:
    """A request to trees takes more above the size that was measured."""
    trees = [(kind, mb) for kind, mb in megabytes.items() if kind != "other" and mb]
    if not trees:
        return reference.WARM_SMALL
    more = max(0.0, sum(mb / reference.TREES_MB[kind] for kind, mb in trees) - 1)
    return reference.WARM_TREES.plus(reference.TREES_RUN_MS * more)
