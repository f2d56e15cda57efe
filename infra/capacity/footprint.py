"""What a model needs, foretold from the size and the kind of its artifact."""

import re
from dataclasses import dataclass, replace

from infra.capacity import reference
from infra.capacity.limits import core_share
from infra.capacity.reference import Kind
from infra.capacity.simulation import Work
from infra.capacity.times import Times
from model_store.artifact.layout import MODEL_FILE
from model_store.artifact.manifest import Manifest

TREES = re.compile(r"ensemble|Forest|Tree|Boost|LGBM|XGB")
HEADROOM = 1.5
TREE_OPERATORS, NEWEST_TREES = "ai.onnx.ml", 5


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
    """In proportion to the size; a request to trees takes more above the size that was measured.

    fallbacks_bytes: graphs of fallbacks, which are loaded when they are needed; taken for trees.
    """
    size_mb, fallbacks_mb = size_bytes / 1e6, fallbacks_bytes / 1e6
    each, trees = reference.PER_MB[kind], reference.PER_MB["trees"]
    per_mb = each.start_ms + 1000 / reference.S3_MB_PER_S
    memory = each.memory_mb * size_mb + trees.memory_mb * fallbacks_mb
    return Footprint(
        kind=kind,
        size_mb=size_mb,
        warm=_warm(size_mb, kind),
        start=reference.START.plus(per_mb * size_mb),
        memory_mb=reference.BASE_MEMORY_MB + memory,
    )


def footprint_of(manifest: Manifest) -> Footprint:
    """If two kinds are possible, that of the heavier."""
    return footprints_of(manifest)[-1]


def footprints_of(manifest: Manifest) -> tuple[Footprint, ...]:
    """Of each kind that it may be, the lightest first."""
    size = manifest.model_file.size
    more = sum(file.size for name, file in manifest.files.items() if name != MODEL_FILE)
    return tuple(footprint(size, kind, more) for kind in kinds_of(manifest))


def kinds_of(manifest: Manifest) -> tuple[Kind, ...]:
    """What the manifest says of the graph; of an ONNX file of somebody else it cannot say whether
    there are trees in it, if it uses the operators of classical machine learning at all."""
    made = manifest.provenance
    operators = made.opset.get(TREE_OPERATORS, 0)
    if manifest.parity.optimisations:
        return ("tree ensembles",)
    if not operators or (made.estimator and not TREES.search(made.estimator)):
        return ("other",)
    trees: Kind = "tree ensembles" if operators >= NEWEST_TREES else "trees"
    return (trees,) if made.estimator else ("other", trees)


def _warm(size_mb: float, kind: Kind) -> Times:
    if kind == "other":
        return reference.WARM_SMALL
    more = max(0.0, size_mb / reference.TREES_MB[kind] - 1)
    return reference.WARM_TREES.plus(reference.TREES_RUN_MS * more)
