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
    assert ratio(series, "own", "floor") == Spread((2.0, 2.0, 3.0))


def test_a_bar_may_be_an_upper_or_a_lower_limit() -> None:
    found = Spread((2.0, 3.0, 4.0))
    assert Bar("P", "b", "says", "x", None, 3).met(found)
    assert not Bar("P", "b", "says", "x", None, 2.9).met(found)
    assert Bar("P", "b", "says", "x", None, 3, at_least=True).met(found)
    assert not Bar("P", "b", "says", "x", None, 3.1, at_least=True).met(found)


def test_a_bar_without_figures_is_not_measured() -> None:
    bar = Bar("P", "b", "says", "own", "floor", 3)
    assert bar.measured({}) is None
    assert bar.measured({"b": {"own": [1.0]}}) is None


SMALLER, LARGER = (Bar("P", "b", "s", "x", "y", 1, at_least) for at_least in (False, True))


def test_a_regression_is_more_than_the_noise_of_the_rounds() -> None:
    """One good round, or one bad, hides nothing and says nothing."""
    before = Spread((0.52, 0.54, 0.55, 0.60, 0.66))
    worse = Spread((0.59, 0.70, 0.76, 0.80, 0.91))
    noisy = Spread((0.50, 0.53, 0.58, 0.61, 0.99))
    assert SMALLER.worse(worse, before)
    assert not SMALLER.worse(before, worse)
    assert not SMALLER.worse(noisy, before)
    assert LARGER.worse(before, worse)
    assert not LARGER.worse(worse, before)
    assert not LARGER.worse(before, noisy)


def test_what_is_worse_by_less_than_two_percent_is_no_regression() -> None:
    assert not SMALLER.worse(Spread((1.01,) * 5), Spread((1.0,) * 5))
    assert SMALLER.worse(Spread((1.03,) * 5), Spread((1.0,) * 5))


def test_of_single_figures_such_as_sizes_two_percent_decide() -> None:
    assert SMALLER.worse(Spread((1.03,)), Spread((1.0,)))
    assert not SMALLER.worse(Spread((1.01,)), Spread((1.0,)))


def test_regressions_are_told_of_the_chosen_benches_only() -> None:
    bar = next(bar for bar in BARS if bar.bench == "cold")
    before, now = {bar.key: Spread((1, 1, 1))}, {bar.key: Spread((2, 2, 2))}
    (line,) = regressions(now, before, ["cold", "warm"])
    assert line == f"{bar.key}: 1 → 2 {bar.unit}"
    assert regressions(now, before, ["warm"]) == []
    assert regressions(now, {}, ["cold"]) == []


def test_the_bars_have_names_of_their_own() -> None:
    assert len({bar.key for bar in BARS}) == len(BARS)
    assert {bar.number for bar in BARS} == {f"P{n}" for n in range(1, 10)}
