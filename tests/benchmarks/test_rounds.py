"""What every bench shares: turns, medians, ratios, bars and the comparison with the baseline."""

from collections.abc import Callable

from benchmarks.bars import BARS, Bar
from benchmarks.results import regressions
from benchmarks.rounds import Spread, interleaved, ratio


def test_everyone_has_a_turn_in_every_round_and_nobody_is_always_first() -> None:
    turns: list[str] = []

    def contender(name: str) -> Callable[[], float]:
        return lambda: turns.append(name) or float(len(turns))

    found = interleaved({name: contender(name) for name in "abc"}, 3)
    assert turns == ["a", "b", "c", "b", "c", "a", "c", "a", "b"]
    assert found == {"a": [1, 6, 8], "b": [2, 4, 9], "c": [3, 5, 7]}


def test_a_ratio_is_taken_within_each_round() -> None:
    """A minute in which everything was ten times slower does not count."""
    series = {"own": [2.0, 20.0, 3.0], "floor": [1.0, 10.0, 1.0]}
    assert ratio(series, "own", "floor") == Spread(2.0, 2.0, 3.0)


def test_a_bar_may_be_an_upper_or_a_lower_limit() -> None:
    found = Spread(3.0, 2.0, 4.0)
    assert Bar("P", "b", "says", "x", None, 3).met(found)
    assert not Bar("P", "b", "says", "x", None, 2.9).met(found)
    assert Bar("P", "b", "says", "x", None, 3, at_least=True).met(found)
    assert not Bar("P", "b", "says", "x", None, 3.1, at_least=True).met(found)


def test_a_bar_without_figures_is_not_measured() -> None:
    bar = Bar("P", "b", "says", "own", "floor", 3)
    assert bar.measured({}) is None
    assert bar.measured({"b": {"own": [1.0]}}) is None


def test_a_regression_is_worse_in_every_round_than_the_baseline_was_in_any() -> None:
    smaller, larger = Bar("P", "b", "s", "x", "y", 1), Bar("P", "b", "s", "x", "y", 1, True)
    before, noisy, far = Spread(2, 1, 3), Spread(4, 2.9, 5), Spread(4, 3.2, 5)
    assert not smaller.worse(noisy, before)
    assert smaller.worse(far, before)
    assert not larger.worse(noisy, before)
    assert larger.worse(before, far)
    assert not larger.worse(far, before)


def test_regressions_are_told_of_the_chosen_benches_only() -> None:
    bar = next(bar for bar in BARS if bar.bench == "cold")
    before, now = {bar.key: Spread(1, 1, 1)}, {bar.key: Spread(2, 2, 2)}
    (line,) = regressions(now, before, ["cold", "warm"])
    assert line == f"{bar.key}: 1 → 2 {bar.unit}"
    assert regressions(now, before, ["warm"]) == []
    assert regressions(now, {}, ["cold"]) == []


def test_the_bars_have_names_of_their_own() -> None:
    assert len({bar.key for bar in BARS}) == len(BARS)
    assert {bar.number for bar in BARS} == {f"P{n}" for n in range(1, 10)}
