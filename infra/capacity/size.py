"""Whether a model can start in a function of this size, and which size it needs. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from infra.capacity import limits, reference
from infra.capacity.footprint import HEADROOM, Footprint
from infra.capacity.limits import core_share

Verdict = Literal["cannot start", "tight", "fits"]
MEMORIES = (256, 512, 1024, 1769, 2048, 3072, 4096, 6144, 8192, 10240)


@dataclass(frozen=True)
class Need:
    """What is foretold; the least that it then still is; what there should be room for."""

    expected: float
    least: float
    most: float
    limit: float

    @property
    def verdict(self) -> Verdict:
        if self.least > self.limit:
            return "cannot start"
        return "tight" if self.most > self.limit else "fits"


@dataclass(frozen=True)
class Size:
    """A model in a function of so many MB: its init phase in seconds, its memory in MB."""

    memory_mb: int
    snapstart: bool
    init: Need
    memory: Need

    @property
    def verdict(self) -> Verdict:
        """The worse of the two."""
        found = {self.init.verdict, self.memory.verdict}
        order: tuple[Verdict, ...] = ("cannot start", "tight", "fits")
        return next(verdict for verdict in order if verdict in found)

    def problems(self) -> Iterator[str]:
        """What does not fit, or hardly does."""
        init, memory = self.init, self.memory
        if init.verdict != "fits":
            yield f"its init phase takes {init.expected:.1f} s by estimate, of {init.limit:g} s"
        if memory.verdict != "fits":
            yield f"it takes {memory.expected:,.0f} MB by estimate, of {memory.limit:,g} MB"


def size(models: Sequence[Footprint], memory_mb: int, *, snapstart: bool = False) -> Size:
    """`models`: what it may be, the lightest first. Below one core everything takes longer."""
    seconds = limits.SNAPSTART_INIT_LIMIT_S if snapstart else limits.INIT_LIMIT_S

    def init_s(model: Footprint) -> float:
        return model.start.quantile(0.5) / core_share(memory_mb) / 1000

    def memory(model: Footprint) -> float:
        return model.memory_mb

    return Size(
        memory_mb,
        snapstart,
        _need(models, init_s, (1 + reference.START_ERROR) * reference.PROCESSOR, seconds),
        _need(models, memory, 1 + reference.MEMORY_ERROR, memory_mb),
    )


def advised(models: Sequence[Footprint], *, snapstart: bool = False) -> int | None:
    """The smallest size that has room for it, None if none has."""
    tried = (size(models, memory, snapstart=snapstart) for memory in MEMORIES)
    return next((found.memory_mb for found in tried if found.verdict == "fits"), None)


def _need(
    models: Sequence[Footprint], of: Callable[[Footprint], float], too_much: float, limit: float
) -> Need:
    """too_much: the factor by which what is foretold may be too much."""
    lightest, heaviest = of(models[0]), of(models[-1])
    return Need(heaviest, lightest / too_much, heaviest * HEADROOM, limit)


def ways_out(models: Sequence[Footprint], found: Size) -> str:
    """What to do about a model that does not fit."""
    if memory := advised(models, snapstart=found.snapstart):
        return f"Use --memory {memory}"
    ways = []
    if not found.snapstart and (memory := advised(models, snapstart=True)):
        ways.append(f"use --snapstart --memory {memory}")
    best = _quickest(models, snapstart=found.snapstart)
    if best.verdict == "tight" and best.memory_mb != found.memory_mb:
        ways.append(f"try --memory {best.memory_mb} (about {best.init.expected:.1f} s)")
    ways.append("make it smaller: fewer or shallower trees, narrower layers")
    told = ", or ".join(ways)
    return told[0].upper() + told[1:]


def _quickest(models: Sequence[Footprint], *, snapstart: bool) -> Size:
    """The smallest with a whole core and room in its memory; the largest if none has that."""
    sizes = [size(models, memory, snapstart=snapstart) for memory in MEMORIES]
    whole = [found for found in sizes if found.memory_mb >= limits.MB_OF_ONE_CORE]
    return next((found for found in whole if found.memory.verdict == "fits"), whole[-1])
