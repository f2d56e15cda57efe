"""What every feature has, whatever its kind, and the few fields of text and yes or no."""

from model_store.compatibility.change import Kind
from model_store.compatibility.rule import Rule, always, other, reworded, spell
from model_store.contract.features import Default, FeatureBase, Required, Text


def are_alike(old: FeatureBase, new: FeatureBase) -> bool:
    """Whether both kinds can be compared further: a whole number is a number too."""
    return old.kind == new.kind or {old.kind, new.kind} == {"integer", "number"}


def _other_kind(a: FeatureBase, b: FeatureBase) -> Kind:
    widened = (a.kind, b.kind) == ("integer", "number")
    return Kind.COMPATIBLE if widened else Kind.BREAKING


def _other_missing(a: FeatureBase, b: FeatureBase) -> Kind:
    if isinstance(a.missing, Required) or a.missing == b.missing:
        return Kind.COMPATIBLE
    return Kind.BREAKING if isinstance(b.missing, Required) else Kind.SILENT


def _missing_told(old: FeatureBase, new: FeatureBase) -> str:
    before, after = _missing(old), _missing(new)
    return "" if old.missing == new.missing else f"{before} → {after}"


def _missing(feature: FeatureBase) -> str:
    missing = feature.missing
    if isinstance(missing, Default):
        return f"{spell(missing.value)} where it is missing"
    return "required" if isinstance(missing, Required) else "may be missing"


def _no_longer_sensitive(a: FeatureBase, b: FeatureBase) -> Kind:
    return Kind.SILENT if a.sensitive and not b.sensitive else Kind.COMPATIBLE


def _length(a: Text, b: Text) -> Kind:
    return Kind.BREAKING if b.max_length < a.max_length else Kind.COMPATIBLE


COMMON: tuple[Rule[FeatureBase], ...] = (
    Rule(
        "kind",
        frozenset({"kind"}),
        other("kind"),
        _other_kind,
        "Keep the type, or take the other one under a new name that may be missing",
    ),
    Rule(
        "missing",
        frozenset({"missing"}),
        _missing_told,
        _other_missing,
        "Keep what happens to a missing value",
    ),
    Rule(
        "unit",
        frozenset({"unit"}),
        other("unit"),
        always(Kind.SILENT),
        "Keep the unit and convert inside the pipeline; say a unit for the first time in "
        "description=",
    ),
    Rule(
        "sensitive",
        frozenset({"sensitive"}),
        other("sensitive"),
        _no_longer_sensitive,
        "Keep Sensitive(): without it, values may be summarised and shown as examples",
    ),
    Rule(
        "description",
        frozenset({"description"}),
        reworded("description"),
        always(Kind.COMPATIBLE),
        "",
    ),
)

TEXT: tuple[Rule[Text], ...] = (
    Rule(
        "length",
        frozenset({"max_length"}),
        other("max_length"),
        _length,
        "Keep max_length, or take more",
    ),
)
