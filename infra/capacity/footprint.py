"""What a model needs, foretold from the size and the kind of its artifact."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from infra.capacity import reference
from infra.capacity.limits import core_share
from infra.capacity.simulation import Work
from infra.capacity.times import Times
from model_store.artifact.manifest import Manifest

TREES = re.compile(r"ensemble|Forest|Tree|Boost|LGBM|XGB")
HEADROOM = 1.5

Kind = Literal["trees", "other"]


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


def footprint(size_bytes: int, kind: Kind) -> Footprint:
    """Trees: measured for 12.3 MB, and in proportion above; anything else as a small model."""
    size_mb = size_bytes / 1e6
    trees = kind == "trees"
    per_mb = reference.TREES_START_MS_PER_MB if trees else reference.DENSE_START_MS_PER_MB
    memory = reference.TREES_MEMORY_PER_MB if trees else 1.0
    return Footprint(
        kind=kind,
        size_mb=size_mb,
        warm=_warm_trees(size_mb) if trees else reference.WARM_SMALL,
        start=reference.START.plus(per_mb * size_mb),
        memory_mb=reference.BASE_MEMORY_MB + memory * size_mb,
    )


def footprint_of(manifest: Manifest) -> Footprint:
    """An ONNX file of somebody else is taken for trees: the slower of the two."""
    made = manifest.provenance.estimator
    kind: Kind = "other" if made and not TREES.search(made) else "trees"
    return footprint(manifest.model_file.size, kind)


def _warm_trees(size_mb: float) -> Times:
    more = max(0.0, size_mb / reference.TREES_MB - 1)
    return reference.WARM_TREES.plus(reference.TREES_RUN_MS * more)
