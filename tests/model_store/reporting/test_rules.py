"""The policy and the fallbacks in sentences."""

from collections.abc import Callable

import pytest

from model_store.artifact.facts import OutputNames
from model_store.artifact.manifest import Manifest
from model_store.contract import TensorSpec
from model_store.fallbacks.records import Constant, Fallback, OtherModel
from model_store.policy import Policy
from model_store.reporting.rules import fallback_section, policy_section

MakeManifest = Callable[..., Manifest]


def told(manifest: Manifest) -> str:
    return "\n".join(policy_section(manifest).sentences)


def test_every_doubt_is_told_with_what_is_done_about_it(whole: Manifest) -> None:
    lines = policy_section(whole).sentences
    assert lines[0] == (
        "When the confidence is below 0.7 (low_confidence): "
        "no answer is given, and a person should look."
    )
    ambiguous = next(line for line in lines if "no_label_fits" in line)
    assert ambiguous.endswith("the answer is given, the doubt is named, and a person should look.")
    assert next(line for line in lines if "(novel)" in line).endswith(": a fallback answers.")


def test_message_and_contact_are_told(whole: Manifest) -> None:
    assert "the message is: Measure it again." in told(whole)
    assert "human review at: review@shop.example" in told(whole)


def test_thresholds_of_single_labels_are_told(make_manifest: MakeManifest) -> None:
    policy = Policy(least_confidence={"Gentoo": 0.9, "Adelie": 0.6})
    text = told(make_manifest(policy=policy))
    assert "below 0.6 for Adelie, 0.9 for Gentoo, 0 for any other label (low_confidence)" in text


def test_costs_are_told(make_manifest: MakeManifest) -> None:
    policy = Policy(costs={"Gentoo": {"Adelie": 5}}, most_cost=0.4, low_confidence="review")
    text = told(make_manifest(policy=policy))
    assert "Adelie when it is Gentoo costs 5.0; other errors cost 1" in text
    assert "When the expected cost is above 0.4 (low_confidence): the answer is given" in text


def test_a_regression_has_intervals_and_no_confidences(regression: Manifest) -> None:
    text = told(regression)
    assert "A regression has no confidences" in text
    assert "When the interval is wider than 20 g (wide_interval): no answer is given" in text


def test_what_is_not_declared_is_said(bare: Manifest) -> None:
    text = told(bare)
    assert "No least confidence is declared" in text
    assert "There are no prediction sets" in text
    assert "Novelty is not measured" in text
    assert "No contact for human review is declared" in text


def test_a_classifier_without_probabilities_has_no_confidence(make_manifest: MakeManifest) -> None:
    assert "no probabilities" in told(make_manifest(outputs=OutputNames(label="label")))


def test_fallbacks_are_told_in_the_order_in_which_they_are_asked(whole: Manifest) -> None:
    lines = fallback_section(whole).sentences
    assert lines[-2:] == (
        "1. the first of the list common, unless older than 2 hours",
        "2. always Adelie",
    )


@pytest.mark.parametrize(
    ("chain", "line"),
    [
        ((), "No fallback is declared: when the model cannot answer, the API says 503."),
        ((Constant(value="Gentoo", note="safe"),), "1. always Gentoo (safe)"),
    ],
)
def test_the_end_of_the_chain_is_told(
    make_manifest: MakeManifest, chain: tuple[Fallback, ...], line: str
) -> None:
    assert fallback_section(make_manifest(fallbacks=chain)).sentences[-1] == line


def test_another_model_is_told_by_its_role(whole: Manifest) -> None:
    tensors: tuple[TensorSpec, ...] = whole.inputs
    other = OtherModel(role="previous", inputs=tensors, outputs=whole.outputs, labels=whole.labels)
    chained = whole.model_copy(update={"fallbacks": (other,)})
    assert fallback_section(chained).sentences[-2:] == (
        "1. the previous version's model",
        "When none has an answer, the API says 503; a row that is itself the reason abstains.",
    )
