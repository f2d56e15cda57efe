"""What a policy makes of the model's answers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_store.artifact.facts import FeatureSummary, OutputNames
from model_store.artifact.manifest import Manifest
from model_store.contract import Flag, Row
from model_store.decision import Asked, Declined, Judge, OptionRefused, judge
from model_store.fallbacks.records import Constant
from model_store.outputs import Outputs
from model_store.policy import Policy
from model_store.predictions import AbstainPrediction, ModelPrediction, PredictionSet, Reason
from model_store.uncertainty.conformal import Intervals, Level, PredictionSets
from model_store.uncertainty.novelty import Novelty

Make = Callable[..., Manifest]
FALLBACK = (Constant(value="Adelie"),)
ROW = Row({"island": "Biscoe", "bill_length_mm": 40.0})


def outputs(*shares: tuple[float, float, float], **more: Any) -> Outputs:
    names = ("Adelie", "Chinstrap", "Gentoo")
    labels = tuple(names[int(np.argmax(row))] for row in shares)
    return Outputs(labels, np.array(shares), None, **more)


def decide(make: Make, shares: tuple[float, float, float], asked: Asked = Asked(), **parts: Any):  # noqa: B008
    (verdict,) = judge(outputs(shares), [ROW], make(fallbacks=FALLBACK, **parts), asked)
    return verdict


@pytest.mark.parametrize("action", ["abstain", "fallback", "review", "answer"])
def test_fault_row_30_low_confidence_is_treated_as_the_policy_says(
    make_manifest: Make, action: Any
):
    policy = Policy(least_confidence=0.7, low_confidence=action, message="Ask a vet.")
    found = decide(make_manifest, (0.6, 0.3, 0.1), policy=policy)
    match action:
        case "abstain":
            assert isinstance(found, AbstainPrediction)
            assert (found.reason, found.message) == (Reason.LOW_CONFIDENCE, "Ask a vet.")
        case "fallback":
            assert found == Declined(Reason.LOW_CONFIDENCE)
        case _:
            assert isinstance(found, ModelPrediction)
            assert found.doubts == (Reason.LOW_CONFIDENCE,)
            assert found.needs_review is (action == "review")


def test_a_threshold_of_its_own_for_each_class(make_manifest: Make):
    policy = Policy(least_confidence={"Adelie": 0.9, "Gentoo": 0.5})
    for shares, answered in {
        (0.8, 0.1, 0.1): False,
        (0.1, 0.1, 0.8): True,
        (0.3, 0.4, 0.3): True,
    }.items():
        found = decide(make_manifest, shares, policy=policy)
        assert isinstance(found, ModelPrediction) is answered, shares


def test_with_costs_the_answer_is_the_cheapest_not_the_likeliest(make_manifest: Make):
    """Chow 1970: 0.3 · 20 for calling a Gentoo Adelie is dearer than 0.6 · 1."""
    costly = Policy(costs={"Gentoo": {"Adelie": 20, "Chinstrap": 20}})
    found = decide(make_manifest, (0.6, 0.1, 0.3), policy=costly)
    assert isinstance(found, ModelPrediction)
    assert (found.value, found.confidence) == ("Gentoo", 0.3)


def test_above_the_most_acceptable_cost_there_is_no_answer(make_manifest: Make):
    policy = Policy(costs={"Gentoo": {"Adelie": 20}}, most_cost=0.3)
    assert isinstance(decide(make_manifest, (0.99, 0.01, 0.0), policy=policy), ModelPrediction)
    assert isinstance(decide(make_manifest, (0.4, 0.3, 0.3), policy=policy), AbstainPrediction)


SETS = PredictionSets(
    score="lac",
    rows=99,
    levels=(Level(coverage=0.9, quantiles=(0.5,)), Level(coverage=0.95, quantiles=(0.8,))),
)


@pytest.mark.parametrize(
    ("shares", "labels", "reason"),
    [
        ((0.6, 0.3, 0.1), ("Adelie",), None),
        ((0.5, 0.5, 0.0), ("Adelie", "Chinstrap"), Reason.AMBIGUOUS),
        ((0.4, 0.3, 0.3), (), Reason.NO_LABEL_FITS),
    ],
)
def test_a_set_of_several_labels_or_of_none_is_a_doubt(
    make_manifest: Make, shares: Any, labels: Any, reason: Reason | None
):
    found = decide(make_manifest, shares, conformal=SETS)
    assert isinstance(found, ModelPrediction)
    assert found.prediction_set is not None
    assert (found.prediction_set.labels, found.prediction_set.coverage) == (labels, 0.9)
    assert found.doubts == ((reason,) if reason else ())
    if reason:
        abstained = decide(
            make_manifest, shares, conformal=SETS, policy=Policy(ambiguous="abstain")
        )
        assert isinstance(abstained, AbstainPrediction)
        assert abstained.reason == reason
        assert abstained.prediction_set == found.prediction_set


def test_each_row_has_the_set_of_its_own(make_manifest: Make):
    """Sets are kept from one request to the next."""
    judging = Judge(make_manifest(conformal=SETS))
    for _ in range(2):
        one, several = judging.verdicts(outputs((0.6, 0.3, 0.1), (0.5, 0.5, 0.0)), [ROW, ROW])
        assert isinstance(one, ModelPrediction)
        assert isinstance(several, ModelPrediction)
        assert one.prediction_set == PredictionSet(labels=("Adelie",), coverage=0.9)
        assert several.prediction_set == PredictionSet(labels=("Adelie", "Chinstrap"), coverage=0.9)


def test_of_doubts_that_weigh_alike_the_first_is_told(make_manifest: Make):
    policy = Policy(least_confidence=0.9, low_confidence="abstain", ambiguous="abstain")
    found = decide(make_manifest, (0.5, 0.5, 0.0), conformal=SETS, policy=policy)
    assert isinstance(found, AbstainPrediction)
    assert found.reason == Reason.LOW_CONFIDENCE


def test_an_abstention_tells_what_was_odd_about_the_row(make_manifest: Make):
    odd = Row(ROW.values, (Flag("bill_length_mm", "out_of_range", "flag"),))
    manifest = make_manifest(policy=Policy(least_confidence=0.9))
    (found,) = judge(outputs((0.6, 0.3, 0.1)), [odd], manifest)
    assert isinstance(found, AbstainPrediction)
    assert found.flags == odd.flags


def test_a_caller_may_ask_for_confidence_where_the_policy_does_not(make_manifest: Make):
    found = decide(make_manifest, (0.6, 0.3, 0.1), Asked(least_confidence=0.7))
    assert isinstance(found, AbstainPrediction)
    assert found.reason == Reason.LOW_CONFIDENCE


def test_a_flag_is_told_before_an_unusable_output(make_manifest: Make):
    flagged = Row(ROW.values, (Flag("island", "unseen_category", "fallback"),))
    (found,) = judge(outputs((0.6, 0.3, 0.1), unusable=frozenset({0})), [flagged], make_manifest())
    assert found == Declined(Reason.UNSEEN_CATEGORY)


def test_outputs_for_fewer_rows_are_no_verdicts(make_manifest: Make):
    for too_few in (outputs((0.6, 0.3, 0.1)), Outputs((), None, None)):
        with pytest.raises(ValueError, match="2 rows"):
            judge(too_few, [ROW, ROW], make_manifest())


def test_of_several_doubts_the_strictest_decides(make_manifest: Make):
    policy = Policy(least_confidence=0.9, low_confidence="review", ambiguous="fallback")
    found = decide(make_manifest, (0.5, 0.5, 0.0), conformal=SETS, policy=policy)
    assert found == Declined(Reason.AMBIGUOUS)


def test_a_caller_may_ask_for_more_certainty_and_a_larger_coverage(make_manifest: Make):
    policy = Policy(least_confidence=0.5)
    asked = Asked(least_confidence=0.7, coverage=0.95, probabilities=True)
    found = decide(make_manifest, (0.6, 0.3, 0.1), asked, conformal=SETS, policy=policy)
    assert isinstance(found, AbstainPrediction)
    assert found.prediction_set is not None
    assert found.prediction_set.labels == ("Adelie", "Chinstrap")
    told = decide(make_manifest, (0.8, 0.1, 0.1), asked, conformal=SETS, policy=policy)
    assert isinstance(told, ModelPrediction)
    assert told.probabilities == {"Adelie": 0.8, "Chinstrap": 0.1, "Gentoo": 0.1}


@pytest.mark.parametrize(
    ("asked", "field"),
    [(Asked(least_confidence=0.4), "least_confidence"), (Asked(coverage=0.8), "coverage")],
)
def test_a_caller_may_not_ask_for_less(make_manifest: Make, asked: Asked, field: str):
    with pytest.raises(OptionRefused) as refused:
        decide(
            make_manifest,
            (0.6, 0.3, 0.1),
            asked,
            conformal=SETS,
            policy=Policy(least_confidence=0.5),
        )
    assert refused.value.field == field


@given(
    asked=st.floats(0.5, 1),
    own=st.floats(0, 0.5),
    shares=st.tuples(st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.01, 1)),
)
@settings(max_examples=100)
def test_what_a_caller_asks_for_never_answers_a_row_that_the_policy_does_not(
    asked: float, own: float, shares: tuple[float, float, float]
):
    policy = Policy(least_confidence=own)
    row = np.array(shares) / sum(shares)
    labels = ("a", "b", "c")
    by_policy = row.max() >= policy.thresholds(labels)[int(row.argmax())]
    by_caller = row.max() >= policy.thresholds(labels, asked)[int(row.argmax())]
    assert not by_caller or by_policy


def test_a_novel_row_is_treated_as_the_policy_says(make_manifest: Make):
    novelty = Novelty(score="gaussian", threshold=3.0, false_alarms=0.01, rows=200)
    manifest = make_manifest(
        fallbacks=FALLBACK, novelty=novelty, policy=Policy(novel="fallback"),
        outputs=OutputNames(label="label", probabilities="p", novelty="novelty"),
    )  # fmt: skip
    known, novel = judge(
        outputs((0.9, 0.1, 0), (0.9, 0.1, 0), novelty=np.array([2.9, 3.1])), [ROW, ROW], manifest
    )
    assert isinstance(known, ModelPrediction)
    assert novel == Declined(Reason.NOVEL)


def test_a_value_far_outside_the_baseline_is_novel_even_without_a_score(make_manifest: Make):
    baseline = {
        "bill_length_mm": FeatureSummary(count=9, missing=0, quantiles={"0.01": 30, "0.99": 50})
    }
    manifest = make_manifest(novelty=Novelty(score=None, false_alarms=0.01), baseline=baseline)
    near, far = judge(
        outputs((0.9, 0.1, 0), (0.9, 0.1, 0)),
        [Row({"bill_length_mm": 69.0}), Row({"bill_length_mm": 71.0})],
        manifest,
    )
    assert isinstance(near, ModelPrediction)
    assert isinstance(far, ModelPrediction)
    assert (near.doubts, far.doubts) == ((), (Reason.NOVEL,))


@pytest.mark.parametrize(("widest", "reason"), [(10.0, None), (5.0, Reason.WIDE_INTERVAL)])
def test_a_regression_answers_with_an_interval(
    make_manifest: Make, widest: float, reason: Reason | None
):
    manifest = make_manifest(
        task="regression",
        labels=(),
        outputs=OutputNames(value="value", difficulty="difficulty"),
        conformal=Intervals(
            score="scaled_residual", rows=99, levels=(Level(coverage=0.9, quantiles=(2.0,)),)
        ),
        policy=Policy(widest=widest, ambiguous="abstain"),
    )
    values = Outputs((), None, np.array([20.0]), difficulty=np.array([1.5]))
    (found,) = judge(values, [ROW], manifest)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == (17.0, 23.0)
    assert isinstance(found, AbstainPrediction) is (reason is not None)
