"""Whether a model fits into a function."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.footprint import KINDS
from infra.capacity import reference
from infra.capacity.footprint import Footprint, footprint
from infra.capacity.reference import Kind
from infra.capacity.size import MEMORIES, Verdict, advised, size, ways_out

WORSE: tuple[Verdict, ...] = ("fits", "tight", "cannot start")
MODELS = st.builds(
    footprint, st.integers(min_value=0, max_value=500_000_000), st.sampled_from(KINDS)
)
MEMORY = st.integers(min_value=256, max_value=10_240)


def trees(megabytes: float) -> Footprint:
    return footprint(int(megabytes * 1e6), "trees")


@given(MODELS, MEMORY, MEMORY, st.booleans())
def test_more_memory_never_makes_it_worse(
    model: Footprint, one: int, other: int, snapstart: bool
) -> None:
    less, more = (
        WORSE.index(size([model], memory, snapstart=snapstart).verdict)
        for memory in sorted((one, other))
    )
    assert more <= less


@given(st.sampled_from(KINDS), MEMORY, *[st.integers(0, 500_000_000)] * 2)
def test_a_larger_model_never_fits_better(kind: Kind, memory: int, one: int, other: int) -> None:
    small, large = (
        WORSE.index(size([footprint(found, kind)], memory).verdict)
        for found in sorted((one, other))
    )
    assert small <= large


@given(MODELS, st.booleans())
def test_what_is_advised_is_the_smallest_that_has_room(model: Footprint, snapstart: bool) -> None:
    found = advised([model], snapstart=snapstart)
    fitting = [m for m in MEMORIES if size([model], m, snapstart=snapstart).verdict == "fits"]
    assert found == (fitting[0] if fitting else None)


@given(MODELS, MEMORY)
def test_it_cannot_start_only_if_neither_the_error_nor_the_processor_explains_it(
    model: Footprint, memory: int
) -> None:
    found = size([model], memory)
    beyond = (
        found.memory.expected > memory * (1 + reference.MEMORY_ERROR),
        found.init.expected > 10 * (1 + reference.START_ERROR) * reference.PROCESSOR,
    )
    assert (found.verdict == "cannot start") == any(beyond)


def test_a_small_model_fits_into_the_default() -> None:
    assert size([footprint(1000, "other")], 1024).verdict == "fits"


def test_what_takes_more_memory_than_there_is_cannot_start() -> None:
    found = size([trees(50)], 512)
    assert found.verdict == "cannot start"
    assert any("of 512 MB" in problem for problem in found.problems())
    assert ways_out([trees(50)], found) == "Use --memory 1769"


def test_what_takes_longer_than_the_init_phase_needs_snapstart_or_fewer_trees() -> None:
    """One core is the most that one thread can use."""
    too_long_ms = 11_000 * (1 + reference.START_ERROR) * reference.PROCESSOR
    each_mb_ms = reference.PER_MB["trees"].start_ms + 1000 / reference.S3_MB_PER_S
    slow = trees(too_long_ms / each_mb_ms)
    found = size([slow], 10_240)
    assert found.verdict == "cannot start"
    assert "of 10 s" in " ".join(found.problems())
    assert size([slow], 10_240, snapstart=True).verdict != "cannot start"
    assert ways_out([slow], found).startswith("Use --snapstart --memory")
    assert ways_out([trees(5000)], size([trees(5000)], 1024)).startswith("Make it smaller")


def test_what_is_tight_in_any_memory_may_be_tried_in_the_quickest() -> None:
    """More memory than that of a whole core is no quicker."""
    model = trees(150)
    told = ways_out([model], size([model], 1024))
    assert re.match(r"Use --snapstart --memory 3072, or try --memory 3072 \(about .* s\), or", told)
    assert "try" not in ways_out([model], size([model], 3072))


def test_a_slice_of_a_core_stretches_the_init_phase() -> None:
    whole, quarter = (size([trees(10)], memory).init.expected for memory in (1769, 442))
    assert quarter == pytest.approx(4 * whole, rel=0.01)


def test_what_may_be_of_two_kinds_is_refused_only_if_the_lighter_cannot_start() -> None:
    heavy = 80_000_000
    either = [footprint(heavy, "other"), footprint(heavy, "trees")]
    assert size(either[1:], 512).verdict == "cannot start"
    assert size(either, 512).verdict == "tight"
    assert size(either, 512).memory.expected == either[1].memory_mb
    assert size([footprint(10 * heavy, "other"), either[1]], 512).verdict == "cannot start"
