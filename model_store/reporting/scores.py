"""How good a group of answers is, in words, with the interval that so few rows leave open."""

from collections.abc import Iterable
from math import sqrt

from scipy.special import stdtrit

from model_store.artifact.outcomes import Outcomes, Score
from model_store.reporting.measured import UNKNOWN
from model_store.reporting.selective import CONFIDENCE, interval


def quality(score: Score) -> float | None:
    """The share that is right, or the mean absolute error; None without answers."""
    if score.right is None:
        return score.error
    return score.right / score.rows if score.rows else None


def bounds(score: Score) -> tuple[float, float] | None:
    """Holds the true quality with 95% confidence: exact for a share (Clopper & Pearson), by
    Student's t for a mean error."""
    if score.right is not None:
        return interval(score.right, score.rows) if score.rows else None
    if score.error is None or score.deviation is None or score.rows < 2:
        return None
    quantile = float(stdtrit(score.rows - 1, (1 + CONFIDENCE) / 2))
    reach = quantile * score.deviation / sqrt(score.rows)
    return max(0.0, score.error - reach), score.error + reach


def merged(scores: Iterable[Score]) -> Score:
    """Of all rows that have an answer; of no deviation, which cannot be merged from these."""
    known = [score for score in scores if quality(score) is not None]
    rows = sum(score.rows for score in known)
    rights = [score.right for score in known if score.right is not None]
    return Score(
        rows=rows,
        right=sum(rights) if rights else None,
        error=_mean([(score.error, score.rows) for score in known]),
        cost=_mean([(score.cost, score.rows) for score in known]),
    )


def by_model(outcomes: Outcomes) -> Score:
    """The answers of the model that were given."""
    return merged(one for one in outcomes.decisions if one.decision == "model")


def told(value: float | None, score: Score) -> str:
    """A share as per cent, an error as a number."""
    if value is None:
        return UNKNOWN
    return f"{value:.4g}" if score.right is None else f"{value:.1%}"


def told_bounds(score: Score) -> str:
    found = bounds(score)
    return UNKNOWN if found is None else " to ".join(told(bound, score) for bound in found)


def _mean(weighted: list[tuple[float | None, int]]) -> float | None:
    known = [(value, rows) for value, rows in weighted if value is not None]
    total = sum(rows for _, rows in known)
    return sum(value * rows for value, rows in known) / total if total else None
