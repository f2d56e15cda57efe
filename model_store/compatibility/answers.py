"""What comes back: the values that an answer can have, and what is told beside them."""

from model_store.artifact.manifest import Manifest
from model_store.compatibility.change import Kind
from model_store.compatibility.rule import Rule, always, other
from model_store.uncertainty.conformal import Conformal, PredictionSets


def _other_task(a: Manifest, b: Manifest) -> Kind:
    return Kind.BREAKING if "regression" in (a.task, b.task) else Kind.COMPATIBLE


def _types(manifest: Manifest) -> set[str]:
    return {type(label).__name__ for label in manifest.labels}


def _types_told(old: Manifest, new: Manifest) -> str:
    before, after = _types(old), _types(new)
    if before == after or not (before and after):
        return ""
    return f"{', '.join(sorted(before))} → {', '.join(sorted(after))}"


def _set_told(old: Manifest, new: Manifest) -> str:
    if not (old.labels and new.labels) or set(old.labels) == set(new.labels):
        return ""
    return _labels_told(old, new)


def _order_told(old: Manifest, new: Manifest) -> str:
    same = set(old.labels) == set(new.labels)
    return _labels_told(old, new) if same and old.labels != new.labels else ""


def _labels_told(old: Manifest, new: Manifest) -> str:
    before, after = (", ".join(map(str, manifest.labels)) for manifest in (old, new))
    return f"{before} → {after}"


def _tells_confidence(manifest: Manifest) -> bool:
    return manifest.outputs.probabilities is not None


def _confidence_told(old: Manifest, new: Manifest) -> str:
    if _tells_confidence(old) == _tells_confidence(new):
        return ""
    return "is told now" if _tells_confidence(new) else "is told no more"


def _less_confidence(a: Manifest, b: Manifest) -> Kind:
    lost = _tells_confidence(a) and not _tells_confidence(b)
    return Kind.BREAKING if lost else Kind.COMPATIBLE


def _conformal_kind(conformal: Conformal | None) -> str:
    if conformal is None:
        return "none"
    return "prediction sets" if isinstance(conformal, PredictionSets) else "intervals"


def _conformal_told(old: Manifest, new: Manifest) -> str:
    before, after = _conformal_kind(old.conformal), _conformal_kind(new.conformal)
    return "" if before == after else f"{before} → {after}"


def _less_conformal(a: Manifest, b: Manifest) -> Kind:
    gained = a.conformal is None and b.conformal is not None
    return Kind.COMPATIBLE if gained else Kind.BREAKING


def _coverages(manifest: Manifest) -> list[float]:
    """The first is that of answers to requests that ask for none."""
    levels = manifest.conformal.levels if manifest.conformal else ()
    return sorted(level.coverage for level in levels)


def _coverage_told(old: Manifest, new: Manifest) -> str:
    before, after = _coverages(old), _coverages(new)
    if before == after or not (before and after):
        return ""
    return f"{', '.join(map(str, before))} → {', '.join(map(str, after))}"


def _other_coverage(a: Manifest, b: Manifest) -> Kind:
    before, after = _coverages(a), _coverages(b)
    if not set(before) <= set(after):
        return Kind.BREAKING
    return Kind.COMPATIBLE if before[0] == after[0] else Kind.SILENT


def _holds_per_class(manifest: Manifest) -> bool:
    return isinstance(manifest.conformal, PredictionSets) and manifest.conformal.class_conditional


def _guarantee_told(old: Manifest, new: Manifest) -> str:
    if _holds_per_class(old) == _holds_per_class(new):
        return ""
    return f"the coverage holds {'for each class' if _holds_per_class(new) else 'over all classes'}"


def _weaker(a: Manifest, b: Manifest) -> Kind:
    weaker = _holds_per_class(a) and not _holds_per_class(b)
    return Kind.SILENT if weaker else Kind.COMPATIBLE


ANSWERS: tuple[Rule[Manifest], ...] = (
    Rule("task", frozenset({"task"}), other("task"), _other_task, "Deploy it under another name"),
    Rule(
        "label_type",
        frozenset({"labels"}),
        _types_told,
        always(Kind.BREAKING),
        "Train on labels of the old type",
    ),
    Rule(
        "labels",
        frozenset({"labels"}),
        _set_told,
        always(Kind.SILENT),
        "Train on the old labels",
    ),
    Rule(
        "label_order",
        frozenset({"labels"}),
        _order_told,
        always(Kind.SILENT),
        "Keep the labels in the old order",
    ),
    Rule(
        "target_unit",
        frozenset({"unit"}),
        other("unit"),
        always(Kind.SILENT),
        "Predict in the old unit",
    ),
    Rule(
        "confidence",
        frozenset({"outputs.probabilities"}),
        _confidence_told,
        _less_confidence,
        "Use an estimator with predict_proba",
    ),
    Rule(
        "uncertainty",
        frozenset({"conformal", "conformal.kind"}),
        _conformal_told,
        _less_conformal,
        "Package with uncertainty=Uncertainty(…) as before",
    ),
    Rule(
        "coverage",
        frozenset({"conformal.levels", "conformal.levels.coverage"}),
        _coverage_told,
        _other_coverage,
        "Keep every coverage; add only larger ones",
    ),
    Rule(
        "guarantee",
        frozenset({"conformal.class_conditional"}),
        _guarantee_told,
        _weaker,
        "Keep Uncertainty(class_conditional=True)",
    ),
)
