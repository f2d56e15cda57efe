"""The numbers of docs/decisions/canary.md are computed, here."""

import re
from pathlib import Path

import pytest

from functions.operations.statistics.matched import matched
from functions.operations.statistics.rates import Count, RateTest
from functions.operations.statistics.verdict import Verdict

PAGE = (Path(__file__).parents[4] / "docs/decisions/canary.md").read_text()
TEST = RateTest(0.05)
RATES = (0, 0.01, 0.05, 0.1, 0.3)
LOST = 4
"""Minutes: two until the end at the last look, and two that CloudWatch is late."""
ROWS = re.findall(r"^\| `(\w+?)(\d+)Minutes?` \| (.+) \|$", PAGE, re.MULTILINE)


def shares(kind: str, minutes: int) -> list[float]:
    """The candidate's, minute by minute."""
    steps = [1] if kind == "Canary10Percent" else range(1, 10)
    return [step / 10 for step in steps for _ in range(minutes)]


def is_enough(weights: list[float], rate: float, pace: int) -> bool:
    """A verdict at so many requests per minute of both versions together."""
    ours, theirs = weights, [1 - weight for weight in weights]
    classes = [
        [dict(enumerate(each * pace * part for each in side)) for part in (rate, 1 - rate)]
        for side in (ours, theirs)
    ]
    counts = (Count(hits, hits + rest) for hits, rest in matched(*classes))
    return TEST.verdict(*counts) is Verdict.FINE


def needed(kind: str, minutes: int, rate: float) -> int:
    """The fewest requests per minute that lead to a verdict, whatever is not there at its time."""
    told = shares(kind, minutes)
    return next(
        pace
        for pace in range(1, 20_000)
        if is_enough(told[:-LOST], rate, pace) and is_enough(told, rate, pace)
    )


@pytest.mark.parametrize(("kind", "minutes", "told"), ROWS)
def test_the_table_of_traffic_holds(kind: str, minutes: str, told: str) -> None:
    computed = [needed(kind, int(minutes), rate) for rate in RATES]
    assert [int(number) for number in told.split(" | ")] == computed


def test_the_table_tells_of_every_kind_of_shift() -> None:
    assert len(ROWS) == 8


def test_the_numbers_of_the_text_hold() -> None:
    told = re.search(
        r"at least (\d+) requests.*about (\d+) when one .*, "
        r"(\d+) at 5%, (\d+) at 10%, (\d+) at 30%",
        PAGE,
        re.DOTALL,
    )
    assert told
    expected = [TEST.expected(rate, 0.1) for rate in (0.01, 0.05, 0.1, 0.3)]
    assert [int(number) for number in told.groups()] == [TEST.fewest, *expected]
    looser = RateTest(0.1)
    assert f"(10 points: {looser.fewest}, and {looser.expected(0.05, 0.1)} at 5%)" in PAGE
