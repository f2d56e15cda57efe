"""How the simulation is held against the local runtime."""

import numpy as np

from benchmarks.capacity import Round, figures, foretold, table
from benchmarks.capacity import Seen as Invocation
from infra.capacity.simulation import Work
from infra.capacity.times import Times


def test_an_error_is_stated_of_the_medians_and_of_each_round() -> None:
    seen = (10.0, 1000.0, 0.5)
    rounds = [Round(50, seen, (10.0 * by, 1000.0, 0.5 / by), load=by) for by in (1, 2, 4)]
    told = table(rounds, seconds=90).splitlines()
    assert told[0].startswith("3 rounds of 90 s with other arrivals, 150 requests")
    assert "load 1.0 to 4.0" in told[0]
    assert told[4] == "| p50 (ms) | 10.0 | 20.0 | +100% | +0% to +300% |"
    assert told[5] == "| p99 (ms) | 1000 | 1000 | +0% | +0% to +0% |"
    assert told[6] == "| cold share | 0.500 | 0.250 | -50% | -75% to +0% |"


def test_figures_are_of_all_who_asked() -> None:
    assert figures([Invocation(100, True), Invocation(10, False)]) == (55, 99.1, 0.5)


def test_what_is_foretold_is_of_the_same_arrivals() -> None:
    work = Work(Times.always(10), Times.always(500))
    close, apart = (np.array([0.0, gap]) for gap in (1.0, 10.0))
    assert foretold(close, work)[2] == 0.5
    assert foretold(apart, work)[2] == 1
