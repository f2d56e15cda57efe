"""How good and how sure a model is on held-out rows, with what is not known said so."""

from collections.abc import Iterator

from model_store.artifact.facts import Calibration
from model_store.artifact.manifest import Manifest
from model_store.reporting.section import Section, Table
from model_store.reporting.selective import interval
from model_store.uncertainty.conformal import Conformal, Intervals, Level

UNKNOWN = "-"


def calibration_section(manifest: Manifest) -> Section:
    """What was done to the probabilities, and the scores before and after."""
    found = manifest.calibration
    if manifest.task == "regression":
        sentences: tuple[str, ...] = ("A regression has no confidences to calibrate.",)
    elif manifest.outputs.probabilities is None:
        sentences = ("This classifier has no probabilities to calibrate.",)
    elif found is None:
        sentences = ("No calibration data: whether confidences are true is not known.",)
    else:
        sentences = tuple(_calibration(found))
    title = "Calibration: whether a confidence is true"
    return Section("calibration", title, sentences, _scores(found))


def conformal_section(manifest: Manifest) -> Section:
    """Declared and observed coverage, and how large the sets or how wide the intervals are."""
    found, regression = manifest.conformal, manifest.task == "regression"
    what = "Intervals" if regression else "Prediction sets"
    title = f"{what}: where the truth lies"
    if found is None:
        sentence = f"{what} are not known: there were no or too few calibration rows."
        return Section("conformal", title, (sentence,))
    return Section("conformal", title, tuple(_conformal(found)), _levels(found, manifest.unit))


def novelty_section(manifest: Manifest) -> Section:
    """Stated and observed false-alarm rate."""
    found, title = manifest.novelty, "Novelty: rows unlike the training data"
    if found is None:
        return Section("novelty", title, ("Novelty is not measured.",))
    sentences = ["Values far outside the training data's range and unknown categories are novel."]
    if found.score:
        sentences.append(
            f"So are rows of a {found.score} score above a threshold, chosen on {found.rows} "
            f"calibration rows for at most {found.false_alarms:.1%} false alarms."
        )
    else:
        sentences.append("Features are checked one by one: there is no score of a whole row.")
    if found.note:
        sentences.append(f"Note: {found.note}")
    if found.observed is None:
        sentences.append("Observed false alarms: not measured, there were no held-out rows.")
    else:
        sentences.append(f"Observed: {found.observed:.1%} of held-out rows were called novel.")
    return Section("novelty", title, tuple(sentences))


def metrics_section(manifest: Manifest) -> Section:
    """The metrics on held-out rows, and how the graph was proven."""
    parity, metrics = manifest.parity, manifest.metrics
    told = "Measured on held-out rows, with the graph that is served."
    sentences = [told if metrics else "No metrics: there were no held-out rows with a truth."]
    why = f": {parity.reason}" if parity.reason else ""
    sentences.append(f"Agreement with the estimator: {parity.status} on {parity.rows} rows{why}.")
    rows = tuple((name, f"{value:.4g}") for name, value in metrics.items())
    return Section(
        "metrics", "Metrics", tuple(sentences), Table(("metric", "value"), rows) if rows else None
    )


def _calibration(found: Calibration) -> Iterator[str]:
    rows = f", fitted on {found.rows} rows" if found.method != "none" else ""
    yield f"Method: {found.method}{rows} ({found.reason})."
    if found.before is None or found.after is None:
        yield "Scores are not known: there were no held-out rows."
        return
    yield "ECE is the mean distance of confidence from accuracy; Brier scores go from 0 to 2."
    yield f"Labels that calibration changed among the held-out rows: {found.labels_changed}."


def _scores(found: Calibration | None) -> Table | None:
    if found is None or found.before is None or found.after is None:
        return None
    before, after = found.before, found.after
    rows = [
        ("ECE", before.ece, after.ece),
        ("Brier score", before.brier, after.brier),
        ("log loss", before.log_loss, after.log_loss),
    ]
    return Table(
        ("smaller is better", "before", "after"),
        tuple((name, f"{first:.4f}", f"{then:.4f}") for name, first, then in rows),
    )


def _conformal(found: Conformal) -> Iterator[str]:
    what = "intervals" if isinstance(found, Intervals) else "sets"
    by_class = getattr(found, "class_conditional", False)
    within = " within each true class" if by_class else ""
    yield f"Score: {found.score.replace('_', ' ')}, from {found.rows} calibration rows."
    yield f"Over many rows like those, {what} hold the truth at least as often as declared{within}."


def _levels(found: Conformal, unit: str | None) -> Table:
    is_interval = isinstance(found, Intervals)
    size = f"mean width{f' ({unit})' if unit else ''}" if is_interval else "mean number of labels"
    return Table(
        ("declared coverage", "observed", "95% interval", size),
        tuple(
            (
                f"{level.coverage:.1%}",
                UNKNOWN if level.observed is None else f"{level.observed:.1%}",
                _span(level),
                UNKNOWN if level.size is None else f"{level.size:.4g}",
            )
            for level in found.levels
        ),
    )


def _span(level: Level) -> str:
    """Where the true coverage is, as far as so few rows can tell."""
    if level.observed is None or level.rows is None:
        return UNKNOWN
    low, high = interval(round(level.observed * level.rows), level.rows)
    return f"{low:.1%} to {high:.1%}"
