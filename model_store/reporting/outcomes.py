"""What came of the held-out rows: what was decided and why, and for whom it was right."""

from collections.abc import Iterator
from datetime import date, timedelta

from model_store.artifact.manifest import Manifest
from model_store.artifact.outcomes import ClassCounts, Decided, Outcomes, Score, Slice
from model_store.reporting.measured import UNKNOWN
from model_store.reporting.scores import bounds, by_model, merged, quality, told, told_bounds
from model_store.reporting.section import Dot, Section, Table
from model_store.reporting.selective import interval

_NOT_MEASURED = "Not measured: there were no held-out rows that the model answers."
EPOCH = date(1970, 1, 1)


def outcomes_section(manifest: Manifest) -> Section:
    """Every decision and its reason, with how many rows and how good the answers were."""
    found, title = manifest.outcomes, "What was decided, and why"
    if found is None:
        return Section("outcomes", title, (_NOT_MEASURED,))
    costs = any(one.cost is not None for one in found.decisions)
    names = ("decision", "because", "rows", _measure(manifest), "95% interval", "mean cost")
    every = [names, *(_decision(one, found.rows) for one in found.decisions)]
    header, *rows = [cells if costs else cells[:-1] for cells in every]
    kinds = tuple(_kind(one) for one in found.decisions)
    shares = tuple(one.rows / found.rows for one in found.decisions)
    return Section(
        "outcomes",
        title,
        tuple(_outcomes(manifest, found)),
        Table(header, tuple(rows), kinds=kinds),
        bar=tuple(zip(kinds, shares, strict=True)),
    )


def classes_section(manifest: Manifest) -> Section | None:
    """Recall and precision per class; None for a regression."""
    if manifest.task == "regression":
        return None
    title = "By class"
    if manifest.outcomes is None:
        return Section("classes", title, (_NOT_MEASURED,))
    span = "95% interval"
    header = ("class", "rows", "found (recall)", span, "right if said (precision)", span)
    sentence = (
        "The model's answers before any doubt: how many of a class it finds, and how often it is "
        "right when it says so."
    )
    rows = tuple(map(_class, manifest.outcomes.classes))
    return Section("classes", title, (sentence,), Table(header, rows))


def slices_section(manifest: Manifest, most: int | None = None) -> Section:
    """The worst parts of the held-out rows first; at most so many."""
    found, title = manifest.outcomes, "By part of the data, the worst first"
    if found is None:
        return Section("slices", title, (_NOT_MEASURED,))
    parts = sorted(found.slices, key=_badness)[:most]
    if not parts:
        return Section("slices", title, ("No part of the data has enough held-out rows.",))
    whole = by_model(found)
    sentences = [
        f"How good the model's answers that were given are, part by part. Of all: "
        f"{told(quality(whole), whole)}.",
        "Among so many parts, some look worse than they are by chance. Parts of fewer than 20 rows "
        "and sensitive features are left out.",
    ]
    if len(parts) < len(found.slices):
        sentences.append(f"{len(found.slices) - len(parts)} better ones are in the report.")
    header = ("part", _measure(manifest), "95% interval", "rows", "answered")
    rows = tuple(_part(manifest, part) for part in parts)
    return Section(
        "slices", title, tuple(sentences), Table(header, rows, dots=_dots(parts, quality(whole)))
    )


def _measure(manifest: Manifest) -> str:
    if manifest.task != "regression":
        return "right"
    return f"mean error ({manifest.unit})" if manifest.unit else "mean error"


def _outcomes(manifest: Manifest, found: Outcomes) -> Iterator[str]:
    yield f"{found.rows} held-out rows, answered as the API does, by this policy."
    yield f"The model alone, with neither doubt nor fallback: {_summary(manifest, found.alone)}."
    yield f"By the policy the model answers: {_summary(manifest, by_model(found))}."
    given = merged(found.decisions)
    if any(one.decision == "fallback" for one in found.decisions):
        yield f"Every answer, those of fallbacks too: {_summary(manifest, given)}."
    if found.switched_off.rows:
        without = _summary(manifest, found.switched_off)
        yield f"With the model switched off, fallbacks answer: {without}."
    reviewed = sum(one.rows for one in found.decisions if one.needs_review)
    if reviewed:
        yield f"A person should look at {reviewed} rows ({reviewed / found.rows:.1%})."


def _summary(manifest: Manifest, score: Score) -> str:
    if quality(score) is None:
        return "no row"
    found, measure = told(quality(score), score), _measure(manifest)
    text = f"{found} {measure}" if score.right is not None else f"{measure} {found}"
    cost = "" if score.cost is None else f", at a mean cost of {score.cost:.4g}"
    return f"{score.rows} rows, {text}{cost}"


def _decision(one: Decided, rows: int) -> tuple[str, ...]:
    return (
        _name(one),
        (one.reason or UNKNOWN).replace("_", " "),
        f"{one.rows} ({one.rows / rows:.1%})",
        told(quality(one), one),
        told_bounds(one),
        UNKNOWN if one.cost is None else f"{one.cost:.4g}",
    )


def _name(one: Decided) -> str:
    match one.decision:
        case "model":
            return "model, a person should look" if one.needs_review else "model"
        case "fallback":
            return f"fallback: {one.source}" if one.source else "fallback: none has an answer"
        case "abstain":
            return "no answer"


def _kind(one: Decided) -> str:
    return "review" if one.decision == "model" and one.needs_review else one.decision


def _class(counts: ClassCounts) -> tuple[str, ...]:
    cells = [str(counts.label), str(counts.rows)]
    for rows in (counts.rows, counts.answered):
        if not rows:
            cells += [UNKNOWN, UNKNOWN]
            continue
        low, high = interval(counts.right, rows)
        cells += [f"{counts.right / rows:.1%}", f"{low:.1%} to {high:.1%}"]
    return tuple(cells)


def _badness(part: Slice) -> tuple[bool, float]:
    """What nobody answered comes last: nothing is known of it."""
    found = quality(part.answers)
    if found is None:
        return True, part.answers.rows
    return False, -found if part.answers.right is None else found


def _part(manifest: Manifest, part: Slice) -> tuple[str, ...]:
    return (
        f"{part.feature}: {_value(manifest, part)}",
        told(quality(part.answers), part.answers),
        told_bounds(part.answers),
        str(part.rows),
        f"{part.answers.rows / part.rows:.0%}",
    )


def _value(manifest: Manifest, part: Slice) -> str:
    if isinstance(part.value, bool):
        return str(part.value).lower()
    if part.value is not None:
        return part.value
    feature = manifest.contract.by_name[part.feature]
    low, high = (_bound(feature.kind, end) for end in (part.above, part.up_to))
    if not low and not high:
        return "missing"
    unit = f" {feature.unit}" if feature.unit else ""
    if low and high:
        return f"{low} to {high}{unit}"
    return f"over {low}{unit}" if low else f"up to {high}{unit}"


def _bound(kind: str, end: float | None) -> str:
    if end is None:
        return ""
    return f"{EPOCH + timedelta(days=int(end))}" if kind == "date" else f"{end:g}"


def _dots(parts: list[Slice], whole: float | None) -> tuple[Dot | None, ...]:
    """On one axis, which starts at the least bound."""
    spans = [bounds(part.answers) for part in parts]
    ends = [end for span in spans if span for end in span] or [0.0]
    least, most = min(ends), max(ends)
    width = (most - least) or 1.0

    def place(value: float) -> float:
        return min(1.0, max(0.0, (value - least) / width))

    return tuple(
        None
        if span is None or at is None or whole is None
        else Dot(place(span[0]), place(at), place(span[1]), place(whole))
        for span, at in zip(spans, (quality(part.answers) for part in parts), strict=True)
    )
