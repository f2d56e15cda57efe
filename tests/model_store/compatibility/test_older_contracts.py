"""A version that serves an older contract beside its own owes its callers what they were told."""

from typing import Any

import pytest

from model_store.artifact.accepted import Accepted
from model_store.artifact.manifest import Manifest
from model_store.compatibility import Change, Kind, Mode, changes
from model_store.compatibility.errors import (
    ContractBroken,
    OlderContractBroken,
    OlderContractUnknown,
)
from model_store.compatibility.gate import check_live, check_published, notes
from model_store.contract import Contract, Fixed, Scaled

from .manifests import OPTIONAL, contract, manifest

KILOGRAMS = {"unit": "kg", "minimum": 2, "maximum": 7.5}
NEW = {"kind": "boolean", **OPTIONAL}
IN_KILOGRAMS = Scaled(scale=0.001)


def first(version: str = "1", **changed: Any) -> Manifest:
    return manifest(version, **{"contract": contract("1.0"), **changed})


def second(
    version: str = "2",
    takes: str = "2.0",
    older: Contract | None = None,
    sources: dict[str, Any] | None = None,
    **changed: Any,
) -> Manifest:
    """In kilograms, and still serving those who send grams."""
    accepted = Accepted(
        contract=older or contract("1.0"), features=sources or {"mass": IN_KILOGRAMS}
    )
    given: dict[str, Any] = {"contract": contract(takes, mass=KILOGRAMS), "accepts": (accepted,)}
    return manifest(version, **given | changed)


def test_an_older_contract_that_was_published_is_accepted() -> None:
    check_published(second(), [first()])
    check_live(second(), first())


def test_fault_row_33_a_contract_that_nobody_ever_published_is_not_accepted() -> None:
    """Another description is another contract: the caller's documentation says something else."""
    remembered = contract("1.0", mass={"description": "Weighed alive."})
    with pytest.raises(OlderContractUnknown) as refusal:
        check_published(second(older=remembered), [first()])
    assert refusal.value.where == "birds@2, accepts contract 1.0"
    assert "contract 1.0 of birds@1" in refusal.value.what
    assert "read_artifact(FOLDER).manifest.contract" in refusal.value.next_step
    with pytest.raises(OlderContractUnknown, match="no version of birds with major 1"):
        check_published(second(), [])


def test_fault_row_33_what_a_later_minor_added_cannot_be_left_out() -> None:
    """1.1 is published, and its callers send what 1.0 does not know."""
    later = first("1.1", contract=contract("1.1", new=NEW))
    with pytest.raises(OlderContractBroken) as refusal:
        check_published(second(), [first(), later])
    assert refusal.value.where == "birds@2, feature new"
    assert "breaking for callers of birds@1.1" in refusal.value.what
    known = second(older=contract("1.1", new=NEW))
    check_published(known, [first(), later])


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"labels": ("Adelie", "Gentoo", "Chinstrap")}, "label_order"),
        ({"labels": ("Adelie", "Gentoo")}, "labels"),
        ({"outputs": {"label": "label"}}, "confidence"),
    ],
)
def test_fault_row_33_answers_to_old_callers_stay_what_they_were(
    changed: dict[str, Any], rule: str
) -> None:
    """The raised major excuses it for those who call the new path, and for nobody else."""
    unlike = Manifest.model_validate(second().model_dump() | changed)
    for check in (lambda: check_published(unlike, [first()]), lambda: check_live(unlike, first())):
        with pytest.raises(OlderContractBroken) as refusal:
            check()
        assert refusal.value.what.startswith(f"{rule}: ")
        assert "callers of birds@1, who are served at /v1/predictions" in refusal.value.what
        assert "leave contract 1.0 out of accepts=" in refusal.value.next_step
    check_published(unlike.model_copy(update={"accepts": ()}), [first()])


def test_a_version_published_since_binds_when_it_is_live() -> None:
    """A fix for callers of major 1, published after version 2, and live when 2 is deployed."""
    live = first("1.1", contract=contract("1.1", new=NEW))
    with pytest.raises(OlderContractBroken, match=r"callers of birds@1\.1"):
        check_live(second(), live)


def test_an_older_contract_is_given_up_with_a_major_version_only() -> None:
    without = manifest("3", contract=contract("2.1", mass=KILOGRAMS))
    for check in (
        lambda: check_published(without, [first(), second()]),
        lambda: check_live(without, second()),
    ):
        with pytest.raises(ContractBroken) as refusal:
            check()
        assert "/v1/predictions is served no more; breaking" in refusal.value.what
        assert "Keep the older contract" in refusal.value.next_step
    next_major = manifest("3", contract=contract("3.0", mass=KILOGRAMS))
    check_published(next_major, [first(), second()])


def test_the_values_of_an_older_contract_keep_their_meaning() -> None:
    mirrored = second("3", "2.1", sources={"mass": Scaled(scale=-0.001, offset=9.5)})
    with pytest.raises(ContractBroken, match=r"upcast: mass, .* is read otherwise"):
        check_published(mirrored, [first(), second()])
    more = second(
        "3",
        contract=contract("2.1", mass=KILOGRAMS, new=NEW),
        sources={"mass": IN_KILOGRAMS, "new": Fixed(value=None)},
    )
    check_published(more, [first(), second()])


def told(old: Manifest, new: Manifest) -> dict[tuple[str, str], Change]:
    return {(change.where, change.rule): change for change in changes(old, new)}


def test_callers_of_an_accepted_contract_notice_nothing_of_the_new_one() -> None:
    """Those of the new one do, after going back."""
    unit = told(first(), second())["feature mass", "unit"]
    assert (unit.kind(Mode.BACKWARD), unit.kind(Mode.FORWARD)) == (Kind.COMPATIBLE, Kind.SILENT)
    majors = told(first(), second())["contract", "majors"]
    assert majors.what == "/v2/predictions is served now"
    assert (majors.backward, majors.forward) == (Kind.COMPATIBLE, Kind.BREAKING)
    back = told(second(), first())["feature mass", "unit"]
    assert (back.kind(Mode.BACKWARD), back.kind(Mode.FORWARD)) == (Kind.SILENT, Kind.COMPATIBLE)


def test_without_it_the_raised_major_breaks_all_of_them() -> None:
    change = told(first(), second(accepts=()))["contract", "majors"]
    assert change.what == "/v1/predictions is served no more; /v2/predictions is served now"
    assert change.kind() is Kind.BREAKING


def test_the_plan_notes_who_stays_served() -> None:
    assert "Callers of contract 1.0 stay served, at /v1/predictions" in list(
        notes(second(), first())
    )
    assert not any("stay served" in note for note in notes(second(accepts=()), first()))
