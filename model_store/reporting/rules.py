"""A model's decision policy and its fallbacks in plain sentences."""

from collections.abc import Iterator

from model_store.artifact.manifest import Manifest
from model_store.fallbacks.records import Constant, Fallback, OtherModel, Popular, Rules
from model_store.policy import Action, Policy, key
from model_store.predictions import Reason
from model_store.reporting.section import Section
from model_store.uncertainty.conformal import Intervals, PredictionSets

_DONE: dict[Action, str] = {
    "answer": "the answer is given, and the doubt is named",
    "review": "the answer is given, the doubt is named, and a person should look",
    "abstain": "no answer is given, and a person should look",
    "fallback": "a fallback answers",
}


def policy_section(manifest: Manifest) -> Section:
    """What is done when, and what people are told."""
    sentences = (
        *_confidence(manifest),
        *_costs(manifest.policy),
        _ambiguity(manifest),
        _novelty(manifest),
        *_told(manifest.policy),
    )
    return Section("policy", "Policy: when the model's answer is given", sentences)


def fallback_section(manifest: Manifest) -> Section:
    """What answers in the model's stead, and when it is asked."""
    sentences = [_unseen(manifest), *_chain(manifest.fallbacks)]
    return Section("fallbacks", "Fallbacks: what answers in the model's stead", tuple(sentences))


def _confidence(manifest: Manifest) -> Iterator[str]:
    policy = manifest.policy
    if manifest.task == "regression":
        yield "A regression has no confidences: how sure it is, its intervals say."
        return
    if manifest.outputs.probabilities is None:
        yield "This classifier has no probabilities, so its answers have no confidence."
        return
    if policy.least_confidence is None:
        yield "No least confidence is declared: every confidence is enough."
        yield "A caller may ask for a least confidence."
        return
    low = f"({Reason.LOW_CONFIDENCE}): {_DONE[policy.low_confidence]}."
    yield f"When the confidence is below {_thresholds(manifest)} {low}"
    yield "A caller may ask for a higher threshold, never for a lower one."


def _thresholds(manifest: Manifest) -> str:
    declared = manifest.policy.least_confidence
    if not isinstance(declared, dict):
        return f"{declared}"
    names = [key(label) for label in manifest.labels]
    each = [f"{declared[name]} for {name}" for name in names if name in declared]
    others = [] if len(declared) == len(names) else ["0 for any other label"]
    return ", ".join([*each, *others])


def _costs(policy: Policy) -> Iterator[str]:
    if policy.costs is None:
        return
    told = [
        f"{answer} when it is {truth} costs {cost}"
        for truth, row in policy.costs.items()
        for answer, cost in row.items()
    ]
    yield f"The answer of least expected cost is given: {'; '.join(told)}; other errors cost 1."
    if policy.most_cost is not None:
        low = f"({Reason.LOW_CONFIDENCE}): {_DONE[policy.low_confidence]}."
        yield f"When the expected cost is above {policy.most_cost} {low}"


def _ambiguity(manifest: Manifest) -> str:
    policy, done = manifest.policy, _DONE[manifest.policy.ambiguous]
    if isinstance(manifest.conformal, PredictionSets):
        several = f"several labels ({Reason.AMBIGUOUS}) or none ({Reason.NO_LABEL_FITS})"
        return f"When the prediction set holds {several}: {done}."
    if isinstance(manifest.conformal, Intervals):
        if policy.widest is None:
            return "No widest interval is declared: every width is narrow enough."
        widest = _with_unit(f"{policy.widest:g}", manifest.unit)
        return f"When the interval is wider than {widest} ({Reason.WIDE_INTERVAL}): {done}."
    what = "intervals" if manifest.task == "regression" else "prediction sets"
    return f"There are no {what}, so no answer is called ambiguous."


def _novelty(manifest: Manifest) -> str:
    if manifest.novelty is None:
        return "Novelty is not measured, so no row is called unlike the training data."
    done = _DONE[manifest.policy.novel]
    return f"When a row is unlike the training data ({Reason.NOVEL}): {done}."


def _told(policy: Policy) -> Iterator[str]:
    if policy.message:
        yield f"Without an answer the message is: {policy.message}"
    if policy.contact:
        yield f"People ask for human review at: {policy.contact}"
    else:
        yield "No contact for human review is declared: Policy(contact=…)."


def _unseen(manifest: Manifest) -> str:
    names = [feature.name for feature in manifest.contract.features if feature.may_fall_back]
    if not names:
        return "No value of a feature alone is a reason to fall back."
    reasons = f"({Reason.UNSEEN_CATEGORY}, {Reason.OUT_OF_RANGE})"
    return f"Unknown categories and values out of range {reasons} fall back of: {', '.join(names)}."


def _chain(chain: tuple[Fallback, ...]) -> Iterator[str]:
    if not chain:
        yield "No fallback is declared: when the model cannot answer, the API says 503."
        return
    yield "They are asked in this order, also when the model cannot answer at all:"
    for number, link in enumerate(chain, start=1):
        yield f"{number}. {_link(link)}"
    if not isinstance(chain[-1], Constant):
        yield "When none has an answer, the API says 503; a row that is itself the reason abstains."


def _link(link: Fallback) -> str:
    match link:
        case Constant():
            return f"always {link.value}{_noted(link.note)}"
        case Rules():
            return "; ".join(f"{rule.value} when {rule.when}" for rule in link.rules)
        case Popular():
            return f"the first of the list {link.list}, unless older than {_age(link.max_age)}"
        case OtherModel():
            which = "a simpler model" if link.role == "baseline" else "the previous version's model"
            return f"{which}{_noted(link.note)}"


def _noted(note: str) -> str:
    return f" ({note})" if note else ""


def _age(seconds: int) -> str:
    hours = seconds / 3600
    return f"{hours:g} hours" if hours >= 1 else f"{seconds} seconds"


def _with_unit(number: str, unit: str | None) -> str:
    return f"{number} {unit}" if unit else number
