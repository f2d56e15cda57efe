"""When an answer is given and what stands in for it: what an owner tunes, also between majors.

Whatever differs is silent. What makes the model answer where it did not asks for consent; the
rest is told (docs/decisions/contract-gate.md).
"""

from collections.abc import Callable
from math import inf
from operator import attrgetter
from textwrap import shorten

from model_store.artifact.manifest import Manifest
from model_store.compatibility.change import Asks, Kind
from model_store.compatibility.rule import Rule, always, other, reworded, spell
from model_store.fallbacks.records import Constant, Fallback, OtherModel, Popular, Rules
from model_store.policy import Action, key

LONGEST = 100
Asked = Callable[[Manifest, Manifest], Asks]

_CAUTION: dict[Action, int] = {"answer": 0, "review": 1, "abstain": 2, "fallback": 2}


def _thresholds(manifest: Manifest) -> dict[str, float]:
    labels = manifest.labels
    found = manifest.policy.thresholds(labels)
    return {key(label): float(least) for label, least in zip(labels, found, strict=True)}


def _thresholds_told(old: Manifest, new: Manifest) -> str:
    told = other("policy.least_confidence")(old, new)
    return told if _thresholds(old) != _thresholds(new) else ""


def _lower(old: Manifest, new: Manifest) -> Asks:
    before, after = _thresholds(old), _thresholds(new)
    return _consent(any(after[name] < least for name, least in before.items() if name in after))


def _consent(needed: bool) -> Asks:
    return "consent" if needed else "nothing"


def _any(_old: Manifest, _new: Manifest) -> Asks:
    return "consent"


def _higher(field: str) -> Asked:
    """A limit above which the model's answer is doubted; None is no limit."""

    def asks(old: Manifest, new: Manifest) -> Asks:
        before, after = (getattr(manifest.policy, field) for manifest in (old, new))
        return _consent((inf if after is None else after) > (inf if before is None else before))

    return asks


def _weaker(field: str, applies: Callable[[Manifest], bool]) -> Asked:
    """An action that gives the model's answer sooner; `applies`: whether it could ever be done."""
    action = attrgetter(f"policy.{field}")

    def asks(old: Manifest, new: Manifest) -> Asks:
        return _consent(applies(old) and _CAUTION[action(new)] < _CAUTION[action(old)])

    return asks


def _may_doubt(manifest: Manifest) -> bool:
    return any(_thresholds(manifest).values()) or manifest.policy.most_cost is not None


def _may_be_ambiguous(manifest: Manifest) -> bool:
    return manifest.conformal is not None


def _may_be_novel(manifest: Manifest) -> bool:
    return manifest.novelty is not None


def _false_alarms(manifest: Manifest) -> float | None:
    return manifest.novelty.false_alarms if manifest.novelty else None


def _novelty_told(old: Manifest, new: Manifest) -> str:
    before, after = _false_alarms(old), _false_alarms(new)
    if before == after:
        return ""
    return f"false alarms: {spell(before)} → {spell(after)}"


def _novelty_lost(old: Manifest, new: Manifest) -> Asks:
    lost = old.novelty is not None and new.novelty is None
    return _consent(lost and old.policy.novel != "answer")


def _chain(manifest: Manifest) -> str:
    return ", then ".join(map(_link, manifest.fallbacks)) or "none"


def _link(link: Fallback) -> str:
    match link:
        case Constant():
            return str(link.value)
        case Rules():
            return "; ".join(f"{rule.when}: {rule.value}" for rule in link.rules)
        case Popular():
            return f"the list {link.list} for {link.max_age} s"
        case OtherModel():
            return f"the {link.role} model"


def _chain_told(old: Manifest, new: Manifest) -> str:
    before, after = _chain(old), _chain(new)
    if before == after:
        return ""
    return " → ".join(shorten(chain, LONGEST, placeholder="…") for chain in (before, after))


def _chain_lost(old: Manifest, new: Manifest) -> Asks:
    return _consent(bool(old.fallbacks) and not new.fallbacks)


def _policy(field: str, asks: Callable[[Manifest, Manifest], Asks], way_out: str) -> Rule[Manifest]:
    reads = frozenset({f"policy.{field}"})
    return Rule(field, reads, other(f"policy.{field}"), always(Kind.SILENT), way_out, asks=asks)


def _words(field: str) -> Rule[Manifest]:
    reads = frozenset({f"policy.{field}"})
    return Rule(field, reads, reworded(f"policy.{field}"), always(Kind.COMPATIBLE), "")


_KEEP_ACTION = "Keep the action, or a more cautious one"

DECISIONS: tuple[Rule[Manifest], ...] = (
    Rule(
        "least_confidence",
        frozenset({"policy.least_confidence"}),
        _thresholds_told,
        always(Kind.SILENT),
        "Keep the threshold of each label, or raise it",
        asks=_lower,
    ),
    _policy("costs", _any, "Keep the costs: others choose other answers"),
    _policy("most_cost", _higher("most_cost"), "Keep most_cost, or lower it"),
    _policy("widest", _higher("widest"), "Keep widest, or lower it"),
    _policy("low_confidence", _weaker("low_confidence", _may_doubt), _KEEP_ACTION),
    _policy("ambiguous", _weaker("ambiguous", _may_be_ambiguous), _KEEP_ACTION),
    _policy("novel", _weaker("novel", _may_be_novel), _KEEP_ACTION),
    _words("message"),
    _words("contact"),
    Rule(
        "novelty",
        frozenset({"novelty", "novelty.false_alarms"}),
        _novelty_told,
        always(Kind.SILENT),
        "Package with what notices novel rows",
        asks=_novelty_lost,
    ),
    Rule(
        "fallbacks",
        frozenset({"fallbacks"}),
        _chain_told,
        always(Kind.SILENT),
        "Declare a fallback",
        asks=_chain_lost,
    ),
)
