"""Categories: which there are, which spellings are the same, and what is done with others."""

from model_store.compatibility.change import Kind, worst
from model_store.compatibility.rule import Rule, other
from model_store.contract.features import CategoryFeature, Required
from model_store.contract.violations import Refusal


def _list_told(old: CategoryFeature, new: CategoryFeature) -> str:
    gone = [c for c in old.categories if c not in new.categories]
    added = [c for c in new.categories if c not in old.categories]
    if not gone and not added:
        return "" if old.categories == new.categories else "other order"
    told = [("without", gone), ("with", added)]
    return ", ".join(f"{word} {', '.join(names)}" for word, names in told if names)


def _other_list(a: CategoryFeature, b: CategoryFeature) -> Kind:
    kept = worst(*(_read_by(b, category) for category in a.categories))
    known = set(a.categories)
    newly_known = not known.issuperset(b.categories) and a.unseen != "reject"
    return worst(kept, Kind.SILENT if newly_known else Kind.COMPATIBLE)


def _read_by(feature: CategoryFeature, category: str) -> Kind:
    """What becomes of a category of the other list."""
    try:
        value, flag = feature.read(category)
    except Refusal:
        return Kind.BREAKING
    return Kind.COMPATIBLE if value == category and flag is None else Kind.SILENT


def _more_categories(old: CategoryFeature, new: CategoryFeature) -> bool:
    return set(old.categories) < set(new.categories)


def _other_policy(a: CategoryFeature, b: CategoryFeature) -> Kind:
    if a.unseen in ("reject", b.unseen):
        return Kind.COMPATIBLE
    return Kind.BREAKING if b.unseen == "reject" else Kind.SILENT


def _spelling_told(old: CategoryFeature, new: CategoryFeature) -> str:
    before, after = (_ignored(feature) for feature in (old, new))
    return "" if before == after else f"ignored: {before} → {after}"


def _ignored(feature: CategoryFeature) -> str:
    rules = [("case", feature.fold_case), ("surrounding spaces", feature.trim)]
    return " and ".join(name for name, on in rules if on) or "nothing"


def _other_spelling(a: CategoryFeature, b: CategoryFeature) -> Kind:
    refuses_blank = b.trim and not a.trim and isinstance(b.missing, Required)
    if refuses_blank and a.unseen != "reject":  # spaces alone were unseen, and are missing now
        return Kind.BREAKING
    if (a.fold_case and not b.fold_case) or (a.trim and not b.trim):
        return Kind.BREAKING if b.unseen == "reject" else Kind.SILENT
    if a.unseen == "reject" or _spelling_told(a, b) == "":
        return Kind.COMPATIBLE
    return Kind.SILENT  # of the spellings that were unseen, some are known now


CATEGORY: tuple[Rule[CategoryFeature], ...] = (
    Rule(
        "categories",
        frozenset({"categories"}),
        _list_told,
        _other_list,
        "Keep every category, in its spelling; more of them are welcome",
        is_addition=_more_categories,
    ),
    Rule(
        "unseen",
        frozenset({"unseen"}),
        other("unseen"),
        _other_policy,
        "Keep Category(unseen=…)",
    ),
    Rule(
        "spelling",
        frozenset({"fold_case", "trim"}),
        _spelling_told,
        _other_spelling,
        "Keep Category(fold_case=…, trim=…)",
    ),
)
