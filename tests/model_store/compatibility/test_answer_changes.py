"""What is said when answers, or the decisions about them, change."""

from typing import Any

import pytest

from model_store.artifact.facts import OutputNames
from model_store.artifact.manifest import Manifest
from model_store.compatibility import Asks, Change, Kind, changes
from model_store.fallbacks.records import Constant, Popular
from model_store.policy import Policy
from model_store.uncertainty.conformal import Intervals, Level, PredictionSets
from model_store.uncertainty.novelty import Novelty

from .manifests import manifest, regression

BREAKING, SILENT, COMPATIBLE = Kind.BREAKING, Kind.SILENT, Kind.COMPATIBLE
LABELS = ("Adelie", "Chinstrap", "Gentoo")


def sets(*coverages: float, **fields: Any) -> PredictionSets:
    levels = tuple(Level(coverage=coverage, quantiles=(0.5,)) for coverage in coverages)
    return PredictionSets(score="lac", rows=100, levels=levels, **fields)


def intervals(coverage: float) -> Intervals:
    level = Level(coverage=coverage, quantiles=(300.0,))
    return Intervals(score="residual", rows=100, levels=(level,))


def by_rule(old: Manifest, new: Manifest) -> dict[str, Change]:
    return {change.rule: change for change in changes(old, new)}


ANSWERS: list[tuple[str, dict[str, Any], dict[str, Any], Kind, Kind]] = [
    ("labels", {}, {"labels": (*LABELS, "King")}, SILENT, SILENT),
    ("labels", {"labels": (*LABELS, "King")}, {}, SILENT, SILENT),
    ("label_order", {}, {"labels": LABELS[::-1]}, SILENT, SILENT),
    ("label_type", {"fallbacks": ()}, {"fallbacks": (), "labels": (0, 1, 2)}, BREAKING, BREAKING),
    ("confidence", {}, {"outputs": OutputNames(label="label")}, BREAKING, COMPATIBLE),
    ("uncertainty", {"conformal": sets(0.9)}, {}, BREAKING, COMPATIBLE),
    ("uncertainty", {}, {"conformal": sets(0.9)}, COMPATIBLE, BREAKING),
    ("coverage", {"conformal": sets(0.9)}, {"conformal": sets(0.9, 0.95)}, COMPATIBLE, BREAKING),
    ("coverage", {"conformal": sets(0.9)}, {"conformal": sets(0.8, 0.9)}, SILENT, BREAKING),
    ("coverage", {"conformal": sets(0.9)}, {"conformal": sets(0.95)}, BREAKING, BREAKING),
    (
        "guarantee",
        {"conformal": sets(0.9, class_conditional=True)},
        {"conformal": sets(0.9)},
        SILENT,
        COMPATIBLE,
    ),
]


@pytest.mark.parametrize(("rule", "before", "after", "backward", "forward"), ANSWERS)
def test_what_an_answer_can_be_is_promised(
    rule: str, before: dict[str, Any], after: dict[str, Any], backward: Kind, forward: Kind
) -> None:
    change = by_rule(manifest(**before), manifest(**after))[rule]
    assert (change.backward, change.forward, change.asks) == (backward, forward, "major")


def test_two_labels_more_or_less_are_no_other_task() -> None:
    told = by_rule(manifest(), manifest(task="binary", labels=LABELS[:2]))
    assert (told["task"].kind(), told["labels"].kind()) == (COMPATIBLE, SILENT)


def test_a_number_in_place_of_a_label_breaks_callers() -> None:
    assert by_rule(manifest(), regression())["task"].backward is BREAKING
    assert by_rule(regression(), manifest())["task"].backward is BREAKING


def test_a_number_in_another_unit_is_silent() -> None:
    (change,) = changes(regression(), regression(unit="kg"))
    assert (change.rule, change.what, change.kind()) == ("target_unit", "g → kg", SILENT)


def test_an_interval_that_is_gone_breaks_callers() -> None:
    told = by_rule(regression(conformal=intervals(0.9)), regression())
    assert told["uncertainty"].kind() is BREAKING


DECISIONS: list[tuple[str, Policy, Policy, Asks]] = [
    ("least_confidence", Policy(least_confidence=0.7), Policy(least_confidence=0.8), "nothing"),
    ("least_confidence", Policy(least_confidence=0.7), Policy(least_confidence=0.6), "consent"),
    ("least_confidence", Policy(least_confidence=0.7), Policy(), "consent"),
    ("least_confidence", Policy(), Policy(least_confidence=0.7), "nothing"),
    (
        "least_confidence",
        Policy(least_confidence={"Adelie": 0.7}),
        Policy(least_confidence={"Adelie": 0.6, "Gentoo": 0.9}),
        "consent",
    ),
    (
        "costs",
        Policy(costs={"Adelie": {"Gentoo": 1}}),
        Policy(costs={"Adelie": {"Gentoo": 5}}),
        "consent",
    ),
    ("most_cost", Policy(costs={}, most_cost=1), Policy(costs={}, most_cost=2), "consent"),
    ("most_cost", Policy(costs={}, most_cost=1), Policy(costs={}, most_cost=0.5), "nothing"),
    ("most_cost", Policy(costs={}, most_cost=1), Policy(costs={}), "consent"),
    (
        "low_confidence",
        Policy(least_confidence=0.7, low_confidence="abstain"),
        Policy(least_confidence=0.7, low_confidence="review"),
        "consent",
    ),
    (
        "low_confidence",
        Policy(least_confidence=0.7, low_confidence="abstain"),
        Policy(least_confidence=0.7, low_confidence="fallback"),
        "nothing",
    ),
    ("ambiguous", Policy(ambiguous="review"), Policy(ambiguous="answer"), "consent"),
    ("ambiguous", Policy(ambiguous="answer"), Policy(ambiguous="abstain"), "nothing"),
    ("novel", Policy(novel="abstain"), Policy(novel="answer"), "consent"),
]


@pytest.mark.parametrize(("rule", "before", "after", "asks"), DECISIONS)
def test_a_policy_that_answers_more_readily_asks_for_consent_and_others_are_told(
    rule: str, before: Policy, after: Policy, asks: Asks
) -> None:
    notices: dict[str, Any] = {"conformal": sets(0.9), "novelty": Novelty(score=None, **ALARMS)}
    (change,) = changes(manifest(policy=before, **notices), manifest(policy=after, **notices))
    assert (change.where, change.rule) == ("decisions", rule)
    assert (change.backward, change.forward, change.asks) == (SILENT, SILENT, asks)


ALARMS = {"false_alarms": 0.01}


def test_a_weaker_action_that_was_never_taken_asks_for_nothing() -> None:
    """A first threshold with `review` is more cautious than none, though `abstain` is the
    default of the action."""
    new = Policy(least_confidence=0.7, low_confidence="review")
    assert {change.asks for change in changes(manifest(), manifest(policy=new))} == {"nothing"}


def test_a_wider_interval_that_is_answered_asks_for_consent() -> None:
    def wide(limit: float | None) -> Manifest:
        policy = Policy(widest=limit, ambiguous="review")
        return regression(conformal=intervals(0.9), policy=policy)

    assert by_rule(wide(500), wide(600))["widest"].asks == "consent"
    assert by_rule(wide(500), wide(None))["widest"].asks == "consent"
    assert by_rule(wide(500), wide(400))["widest"].asks == "nothing"


def test_a_threshold_spelled_otherwise_is_no_change() -> None:
    each = Policy(least_confidence=dict.fromkeys(LABELS, 0.7))
    assert changes(manifest(policy=Policy(least_confidence=0.7)), manifest(policy=each)) == ()


def test_words_of_the_policy_are_free() -> None:
    new = Policy(message="Ask a person.", contact="birds@example.org")
    kinds = {change.rule: change.kind() for change in changes(manifest(), manifest(policy=new))}
    assert kinds == {"message": COMPATIBLE, "contact": COMPATIBLE}


def test_noticing_no_novel_rows_any_more_asks_for_consent_if_something_was_done_with_them() -> None:
    notices = Novelty(score=None, **ALARMS)
    for action, asks in (("abstain", "consent"), ("answer", "nothing")):
        policy = Policy(novel=action)
        old = manifest(policy=policy, novelty=notices)
        assert by_rule(old, manifest(policy=policy))["novelty"].asks == asks


def test_another_fallback_is_told_and_none_at_all_asks_for_consent() -> None:
    other = manifest(fallbacks=(Popular(list="top", max_age=60), Constant(value="Gentoo")))
    change = by_rule(manifest(), other)["fallbacks"]
    assert (change.what, change.asks) == ("Adelie → the list top for 60 s, then Gentoo", "nothing")
    assert by_rule(manifest(), manifest(fallbacks=()))["fallbacks"].asks == "consent"


def test_what_a_fallback_says_of_itself_is_no_change() -> None:
    noted = manifest(fallbacks=(Constant(value="Adelie", note="the most common"),))
    assert changes(manifest(), noted) == ()


def test_what_is_measured_and_said_about_a_model_is_no_promise() -> None:
    new = manifest("2", title="Birds", metrics={"accuracy": 0.9}, conformal=None)
    assert changes(manifest(), new) == ()
