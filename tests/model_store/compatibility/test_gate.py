"""What is refused, against whom, and how the refusal tells the way out."""

import pytest

from model_store.artifact.manifest import Manifest
from model_store.compatibility.errors import (
    AnswersMoreReadily,
    ContractBroken,
    ContractVersionReused,
)
from model_store.compatibility.gate import check_live, check_published, notes
from model_store.fallbacks.records import Constant
from model_store.policy import Policy

from .manifests import OPTIONAL, contract, manifest

NEW = {"kind": "boolean", **OPTIONAL}
KILOGRAMS = {"unit": "kg", "minimum": 2, "maximum": 7.5}


def takes(version: str, contract_version: str, **edits: dict[str, object]) -> Manifest:
    return manifest(version, contract=contract(contract_version, **edits))


def test_a_broken_promise_names_field_rule_and_ways_out() -> None:
    """Fault row 33."""
    with pytest.raises(ContractBroken) as refusal:
        check_published(takes("2", "1.1", mass=KILOGRAMS), [takes("1", "1.0")])
    error = refusal.value
    assert error.where == "birds@2, feature mass"
    assert error.what.startswith("unit: g → kg; silent for callers of birds@1")
    assert error.what.endswith("; also feature mass (range)")
    assert error.next_step.startswith("Keep the unit")
    assert error.next_step.endswith('raise the major version: freeze(…, version="2.0")')


def test_a_long_list_of_broken_promises_is_cut() -> None:
    edits = {name: {"description": "", "unit": "?"} for name in contract().names}
    with pytest.raises(ContractBroken, match=r"also (feature \w+ \(unit\), ){4}.* and 2 more"):
        check_published(takes("2", "1.1", **edits), [takes("1", "1.0")])


def test_a_raised_major_version_says_that_callers_must_change() -> None:
    new = takes("2", "2.0", mass=KILOGRAMS)
    check_published(new, [takes("1", "1.0")])
    check_live(new, takes("1", "1.0"))


def test_a_silent_change_is_refused_like_a_breaking_one() -> None:
    with pytest.raises(ContractBroken, match="labels: Adelie, Chinstrap, Gentoo → Adelie, Gentoo"):
        check_published(manifest("2", labels=("Adelie", "Gentoo")), [manifest("1")])


def test_what_came_in_between_is_not_forgotten() -> None:
    """Version 1 never had the feature that 3 leaves out, but callers of 2 send it."""
    first, second = takes("1", "1.0"), takes("2", "1.1", new=NEW)
    check_published(second, [first])
    with pytest.raises(ContractBroken, match=r"birds@3, feature new.*callers of birds@2"):
        check_published(takes("3", "1.2"), [first, second])


def test_other_majors_and_later_minors_are_no_promise_to_callers_of_this_one() -> None:
    """A fix for callers of 1.0, while 1.1 and 2.0 are there already."""
    later = [takes("2", "1.1", new=NEW), takes("3", "2.0", mass=KILOGRAMS)]
    check_published(takes("4", "1.0"), [takes("1", "1.0"), *later])


def test_minors_are_numbers() -> None:
    with pytest.raises(ContractBroken, match="callers of birds@1"):
        check_published(takes("2", "1.10"), [takes("1", "1.9", new=NEW)])


def test_a_compatible_change_raises_the_minor_version() -> None:
    """Else two contracts would have one version, and nobody could say which a caller knows."""
    with pytest.raises(ContractVersionReused) as refusal:
        check_published(takes("2", "1.0", new=NEW), [takes("1", "1.0")])
    assert refusal.value.where == "birds@2, contract 1.0"
    assert 'version="1.1"' in refusal.value.next_step
    check_published(takes("2", "1.1", new=NEW), [takes("1", "1.0")])


def test_even_other_words_are_another_contract() -> None:
    described = takes("2", "1.0", mass={"description": "Weighed alive."})
    with pytest.raises(ContractVersionReused):
        check_published(described, [takes("1", "1.0")])


def test_the_same_contract_is_free_to_have_another_model() -> None:
    check_published(takes("2", "1.0"), [takes("1", "1.0")])
    check_published(takes("1", "1.0"), [takes("1", "1.0")])


def test_going_back_by_a_deploy_is_refused_where_callers_may_use_what_is_live() -> None:
    with pytest.raises(ContractBroken) as refusal:
        check_live(takes("1", "1.0"), takes("2", "1.1", new=NEW))
    assert "lambent rollback birds --to VERSION" in refusal.value.next_step


CAUTIOUS = manifest("1", policy=Policy(least_confidence=0.8))
BOLD = manifest("2", policy=Policy(least_confidence=0.6))


def test_answering_more_readily_than_what_is_live_takes_a_word() -> None:
    with pytest.raises(AnswersMoreReadily) as refusal:
        check_live(BOLD, CAUTIOUS)
    error = refusal.value
    assert "least_confidence: 0.8 → 0.6" in error.what
    assert "lambent deploy birds@2 --less-cautious" in error.next_step
    check_live(BOLD, CAUTIOUS, less_cautious=True)


def test_a_policy_is_free_to_change_until_it_goes_live() -> None:
    check_published(BOLD, [CAUTIOUS])
    check_live(CAUTIOUS, BOLD)


def test_consent_to_less_caution_is_none_to_a_broken_contract() -> None:
    with pytest.raises(ContractBroken):
        check_live(takes("2", "1.1", mass=KILOGRAMS), takes("1", "1.0"), less_cautious=True)


def test_what_callers_will_notice_is_noted() -> None:
    retrained = manifest("2", fallbacks=(Constant(value="Gentoo"),))
    assert list(notes(retrained, manifest("1"))) == [
        "decisions, fallbacks: Adelie → Gentoo (now birds@1)"
    ]
    assert list(notes(CAUTIOUS, BOLD)) == ["decisions, least_confidence: 0.6 → 0.8 (now birds@2)"]
    assert list(notes(manifest("2"), manifest("1"))) == []


def test_the_note_on_a_new_major_counts_what_breaks_and_says_where_to_look() -> None:
    (note,) = notes(takes("2", "2.0", mass=KILOGRAMS), takes("1", "1.0"))
    assert note.startswith("Contract 1.0 → 2.0: 3 changes break callers of birds@1")
    assert note.endswith("lambent diff birds@1 birds@2")
