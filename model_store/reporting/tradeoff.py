"""The risk-coverage curve as a table, and what to declare to reach a target."""

from collections.abc import Iterator, Sequence

from model_store.artifact.facts import TradeOff
from model_store.artifact.manifest import Manifest
from model_store.reporting.measured import UNKNOWN
from model_store.reporting.section import Section, Table
from model_store.reporting.selective import (
    Suggestion,
    accuracy,
    accuracy_interval,
    for_accuracy,
    for_cost,
)

USUAL_TARGETS = (0.8, 0.9, 0.95, 0.98, 0.99)


def tradeoff_section(manifest: Manifest) -> Section:
    """How many rows are answered at each threshold, and how many of those rightly."""
    curve, title = manifest.tradeoff, "Trade-off: what a least confidence is worth"
    if not curve:
        return Section("tradeoff", title, (_why_none(manifest),))
    sentences = (
        f"Measured on {curve[0].rows} held-out rows.",
        "The interval holds the accuracy with 95% confidence, for one threshold alone "
        "(Clopper & Pearson).",
    )
    return Section("tradeoff", title, sentences, _table(curve))


def accuracy_section(manifest: Manifest, target: float) -> Section:
    """The smallest threshold that reaches an accuracy among answered rows."""
    title = f"For an accuracy of {target:g} among the answered rows"
    found = for_accuracy(manifest.tradeoff, target)
    if found is None:
        return Section("suggestion", title, (_why_none(manifest),))
    told = _reached_accuracy(found) if found.reached else _missed_accuracy(found)
    corrected = f"picking among {found.looked_at} thresholds on the same rows is corrected for"
    return Section("suggestion", title, (*told, f"The bound is exact, and {corrected}."))


def cost_section(manifest: Manifest, target: float) -> Section:
    """The smallest threshold that reaches a mean cost of the answered rows."""
    title = f"For a mean cost of {target:g} of the answered rows"
    found = for_cost(manifest.tradeoff, target)
    if found is None:
        why = "The trade-off holds no costs: declare Policy(costs=…) and package again."
        why = why if any(point.answered for point in manifest.tradeoff) else _why_none(manifest)
        return Section("suggestion", title, (why,))
    told = _reached_cost(found) if found.reached else _missed_cost(found)
    caution = "A mean found on these rows, with no bound: picking on them makes it look better."
    return Section("suggestion", title, (*told, caution))


def targets_section(manifest: Manifest) -> Section | None:
    """What to declare for each of the usual targets; None without a curve.

    The bounds hold for all thresholds at once, so for any number of targets too.
    """
    found = [(target, for_accuracy(manifest.tradeoff, target)) for target in USUAL_TARGETS]
    rows = tuple(_target_row(target, one) for target, one in found if one)
    if not rows:
        return None
    sentence = (
        "What to declare as Policy(least_confidence=…) for an accuracy among answered rows. The "
        "bound is the accuracy that is reached at least, or the best there is: with 95% "
        "confidence, for all thresholds together. More: lambent policy explain --accuracy."
    )
    header = ("wanted", "threshold", "answered", "bound")
    title = "Which threshold for which accuracy"
    return Section("targets", title, (sentence,), Table(header, rows))


def pasted(found: Suggestion) -> str:
    """The line for the model's file."""
    return f"Policy(least_confidence={found.point.least_confidence!r})"


def _table(curve: Sequence[TradeOff]) -> Table:
    ordered = sorted(curve, key=lambda point: point.least_confidence)
    header = ("least confidence", "answered", "accuracy", "95% interval", "mean cost")
    rows = tuple(_row(point) for point in ordered)
    if all(point.cost is None for point in ordered):
        return Table(header[:-1], tuple(row[:-1] for row in rows))
    return Table(header, rows)


def _row(point: TradeOff) -> tuple[str, ...]:
    share, interval = accuracy(point), accuracy_interval(point)
    return (
        f"{point.least_confidence:.4g}",
        f"{point.answered / point.rows:.1%}",
        UNKNOWN if share is None else f"{share:.1%}",
        UNKNOWN if interval is None else f"{interval[0]:.1%} to {interval[1]:.1%}",
        UNKNOWN if point.cost is None else f"{point.cost:.4g}",
    )


def _target_row(target: float, found: Suggestion) -> tuple[str, ...]:
    if not found.reached:
        return f"{target:.0%}", "not reached", UNKNOWN, f"{found.worth:.1%}"
    share = found.point.answered / found.point.rows
    least = f"{found.point.least_confidence}"
    return f"{target:.0%}", least, f"{share:.1%}", f"{found.worth:.1%}"


def _rests_on(point: TradeOff) -> str:
    return f"{point.answered} of {point.rows} held-out rows ({point.answered / point.rows:.1%})"


def _reached_accuracy(found: Suggestion) -> Iterator[str]:
    point = found.point
    yield pasted(found)
    yield (
        f"It answers {_rests_on(point)}, {point.right} of them rightly: with 95% confidence "
        f"the accuracy is at least {found.worth:.4f}."
    )


def _missed_accuracy(found: Suggestion) -> Iterator[str]:
    point = found.point
    yield (
        f"No threshold reaches it. The best bound is {found.worth:.4f}, at "
        f"{point.least_confidence:.4g}, with {_rests_on(point)} answered, {point.right} rightly."
    )
    if found.rows_needed:
        yield (
            f"About {found.rows_needed} held-out rows would do if every share stayed as it is; "
            "so would a better model."
        )
    else:
        yield "More held-out rows alone would hardly do: it takes a better model."


def _reached_cost(found: Suggestion) -> Iterator[str]:
    yield pasted(found)
    yield f"It answers {_rests_on(found.point)}, at a mean cost of {found.worth:.4g}."


def _missed_cost(found: Suggestion) -> Iterator[str]:
    at = f"{found.point.least_confidence:.4g}"
    yield (
        f"No threshold reaches it. The least cost is {found.worth:.4g}, at {at}, with "
        f"{_rests_on(found.point)} answered. A better model would help."
    )


def _why_none(manifest: Manifest) -> str:
    if manifest.task == "regression":
        return "A regression has no confidences, so no threshold can be chosen: only intervals."
    if manifest.outputs.probabilities is None:
        return "This classifier has no probabilities, so no threshold can be chosen."
    if manifest.tradeoff:
        return "No threshold of the trade-off answers a single row."
    return "There is no trade-off: packaging had no held-out rows. Pass held_out=(X, y)."
