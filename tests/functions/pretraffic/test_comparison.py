"""When a candidate is worse than what is live, and when chance alone makes it look so."""

from collections.abc import Callable

import pytest

from functions.pretraffic.asking import Answer
from functions.pretraffic.comparison import (
    Limits,
    check_abstentions,
    check_churn,
    check_failures,
    check_fallbacks,
    check_latency,
    differs,
    tell_speed,
)
from model_store.predictions import (
    AbstainPrediction,
    FallbackPrediction,
    Interval,
    ModelPrediction,
    Reason,
)

LIMITS = Limits(churn=0.3, tolerance=0.05, latency=200)


def model(value: object = "a", interval: tuple[float, float] | None = None) -> ModelPrediction:
    ends = {"low": interval[0], "high": interval[1], "coverage": 0.9} if interval else None
    found = Interval.model_validate(ends) if ends else None
    return ModelPrediction.model_validate({"value": value, "confidence": None, "interval": found})


SAME, OTHER = model("a"), model("b")
UNSURE = AbstainPrediction(reason=Reason.LOW_CONFIDENCE)
DECLARED = FallbackPrediction(value="a", source="constant", reason=Reason.LOW_CONFIDENCE)
CRASHED = FallbackPrediction(value="a", source="constant", reason=Reason.MODEL_ERROR)


def rows(count: int, odd: Answer, usual: Answer = SAME, of: int = 400) -> list[Answer]:
    return [odd] * count + [usual] * (of - count)


LIVE = rows(0, None)


def test_the_limits_say_how_many_rows_decide() -> None:
    """So many that a share ten points beyond its limit is noticed nine times in ten."""
    assert LIMITS.rows == 390
    assert LIMITS.requests == 75
    assert Limits(churn=0.5, tolerance=0.05, latency=200).rows > LIMITS.rows


@pytest.mark.parametrize(
    ("differing", "verdict"), [(0, "passed"), (130, "passed"), (200, "failed")]
)
def test_churn_is_refused_beyond_chance_alone(differing: int, verdict: str) -> None:
    """130 of 400 is more than 30 percent, and yet nothing that chance would not do."""
    check = check_churn(LIVE, rows(differing, OTHER), LIMITS)
    assert check.verdict == verdict
    assert f"{differing} of 400 answers differ" in check.told


def test_churn_is_asked_of_rows_that_both_models_answered() -> None:
    live = [*rows(100, UNSURE, of=200), *rows(0, SAME, of=200)]
    candidate = [*rows(0, OTHER, OTHER, of=100), *rows(50, CRASHED, of=300)]
    assert "0 of 250" in check_churn(live, candidate, LIMITS).told


@pytest.mark.parametrize(
    ("check", "odd"), [(check_abstentions, UNSURE), (check_fallbacks, DECLARED)]
)
def test_a_rate_may_rise_by_the_tolerance_and_by_chance(
    check: Callable[..., object], odd: Answer
) -> None:
    def verdict(live: list[Answer], candidate: list[Answer]) -> object:
        return check(live, candidate, LIMITS).verdict

    assert verdict(LIVE, rows(20, odd)) == "passed"
    assert verdict(LIVE, rows(100, odd)) == "failed"
    assert verdict(rows(100, odd), rows(100, odd)) == "passed"
    assert verdict(rows(100, odd), LIVE) == "passed"


def test_rows_without_an_answer_by_the_live_version_are_not_compared() -> None:
    """A live version in trouble must not keep its own remedy away."""
    live = rows(400, None)
    assert check_abstentions(live, rows(400, UNSURE), LIMITS).verdict == "skipped"
    assert check_fallbacks(live, rows(400, DECLARED), LIMITS).verdict == "skipped"
    assert check_churn(live, rows(400, OTHER), LIMITS).verdict == "skipped"


@pytest.mark.parametrize("failure", [None, CRASHED])
def test_a_model_that_fails_is_refused_whatever_is_live(failure: Answer) -> None:
    assert check_failures(rows(20, failure), LIMITS).verdict == "passed"
    check = check_failures(rows(60, failure), LIMITS)
    assert (check.verdict, check.told) == (
        "failed",
        "the model failed on 60 of 400 rows: more than 5%, beyond chance",
    )


def test_a_fallback_that_the_policy_asks_for_is_no_failure() -> None:
    assert check_failures(rows(400, DECLARED), LIMITS).verdict == "passed"


@pytest.mark.parametrize(
    ("before", "now", "other"),
    [
        (model("a"), model("b"), True),
        (model("a"), model("a"), False),
        (model(True), model(1), True),
        (model(10.0), model(10.4), False),
        (model(10.0), model(10.6), True),
        (model(-10.0), model(10.0), True),
        (model(0.0), model(0.0), False),
        (model(10.0), model(20.0, (5, 30)), False),
        (model(10.0), model(10.1, (10.05, 10.2)), True),
    ],
)
def test_when_two_answers_differ(
    before: ModelPrediction, now: ModelPrediction, other: bool
) -> None:
    """A number: outside of the candidate's interval, or 5 percent away where it has none."""
    assert differs(before, now) is other


def test_one_slow_request_in_twenty_is_allowed_and_one_in_five_is_not() -> None:
    fast, slow = [20.0] * 71 + [900.0] * 4, [20.0] * 60 + [900.0] * 15
    assert check_latency(fast, LIMITS).verdict == "passed"
    check = check_latency(slow, LIMITS)
    assert check.verdict == "failed"
    assert check.told == "15 of 75 warm requests took longer than 200 ms (median 20 ms)"


def test_the_verdict_on_latency_is_out_as_soon_as_nothing_can_change_it() -> None:
    enough = next(count for count in range(1, 75) if LIMITS.is_too_slow([900.0] * count))
    assert enough < 15
    assert check_latency([900.0] * enough, LIMITS).verdict == "failed"


def test_without_a_warm_request_nothing_is_said_about_latency() -> None:
    assert check_latency([], LIMITS).verdict == "skipped"
    assert tell_speed([], [5.0]).verdict == "skipped"


def test_how_fast_both_are_is_told_and_not_judged() -> None:
    check = tell_speed([5.0], [50.0])
    assert (check.verdict, check.told) == ("passed", "median 50.0 ms, live version 5.0 ms")
