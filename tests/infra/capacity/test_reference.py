"""What plans are made from is what the benchmarks measured of Lambent itself."""

import statistics

import pytest

from benchmarks import footprint, footprint_starts, results
from infra.capacity import page, reference
from infra.capacity.times import Times

WITHIN = 0.25
"""Rounds of one machine differ by as much from one day to the next. Further away, the constants are
no longer what was measured: write the figures of results.json into infra/capacity/reference.py."""


def rounds(bench: str, name: str) -> list[float]:
    return results.load()[bench].series[name]


@pytest.mark.parametrize(
    ("constant", "bench", "name"),
    [
        ("START", "cold", "A lambent"),
        ("WARM_SMALL", "warm", "A lambent"),
        ("WARM_TREES", "warm", "B lambent"),
    ],
)
def test_times_are_those_of_the_committed_result(constant: str, bench: str, name: str) -> None:
    times: Times = getattr(reference, constant)
    taken = rounds(bench, name)
    assert times.quantile(0) == pytest.approx(min(taken), rel=WITHIN)
    assert times.quantile(0.5) == pytest.approx(statistics.median(taken), rel=WITHIN)


def test_what_the_graph_takes_of_a_request_is_that_of_the_committed_result() -> None:
    """A tenth of a millisecond is hard to measure: it is held half as closely."""
    taken = statistics.median(rounds("warm", "B bare session.run"))
    assert taken == pytest.approx(reference.TREES_RUN_MS, rel=2 * WITHIN)


def test_the_forest_is_as_large_as_packaging_makes_it() -> None:
    sizes = {"trees": "unoptimised bytes", "tree ensembles": "optimised bytes"}
    for kind, name in sizes.items():
        (size,) = rounds("artifact", name)
        assert size / 1e6 == pytest.approx(reference.TREES_MB[kind], rel=0.01)  # type: ignore[index]
    assert pytest.approx(size / 1e6, rel=0.01) == page.MODEL.size_mb


def test_the_error_of_a_start_is_that_of_whole_starts_or_of_graphs_left_out() -> None:
    """After python -m benchmarks.footprint_starts --write: infra/capacity/reference.py."""
    whole = footprint_starts.worst(footprint_starts.starts_of(footprint_starts.read()))
    left_out = footprint.fit(footprint.samples_of(footprint.read()), 0).start_error
    assert max(whole, left_out) == reference.START_ERROR


def test_the_page_shows_the_whole_starts() -> None:
    committed, result = page.PAGE.read_text(encoding="utf-8"), footprint_starts.read()
    assert footprint_starts.table(result) in committed
    assert footprint_starts.rewritten(committed, result) == committed


def test_whole_starts_are_of_several_kinds_and_of_models_from_small_to_large() -> None:
    starts = footprint_starts.starts_of(footprint_starts.read())
    kinds = {max(each.parts_mb, key=lambda kind: each.parts_mb[kind]) for each in starts}
    sizes = [sum(each.parts_mb.values()) for each in starts]
    assert {"other", "tree ensembles"} <= kinds
    assert (min(sizes) < 0.01, max(sizes) > 10) == (True, True)
    assert all(len(each.ms) >= 5 for each in starts)


def test_a_start_that_took_longer_than_foretold_has_a_negative_error() -> None:
    foretold = reference.START.quantile(0.5)
    slow = footprint_starts.Started("slow", {}, [2 * foretold, foretold, 4 * foretold])
    assert slow.error == pytest.approx(-0.5)
    assert footprint_starts.worst([slow]) == 0.5
