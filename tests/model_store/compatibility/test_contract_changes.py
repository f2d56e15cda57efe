"""What is said of a changed contract: the mutations that must never pass, and those that may."""

from typing import Any

import pytest

from model_store.compatibility import Change, Kind, Mode
from model_store.compatibility.changes import contract_changes
from model_store.contract import Contract

from .manifests import OPTIONAL, contract

BREAKING, SILENT, COMPATIBLE = Kind.BREAKING, Kind.SILENT, Kind.COMPATIBLE

# What becomes of the feature, the rule that speaks, and what it is for callers of the old
# contract and, after going back, for those of the new one.
Mutation = tuple[str, dict[str, Any], str, Kind, Kind]
BLOCKED: list[Mutation] = [
    ("mass", {"name": "body_mass"}, "renamed", BREAKING, BREAKING),
    ("mass", {"kind": "integer"}, "kind", BREAKING, COMPATIBLE),
    ("adult", {"kind": "text"}, "kind", BREAKING, BREAKING),
    ("seen", {"kind": "text"}, "kind", BREAKING, BREAKING),
    ("mass", {"minimum": 2500}, "range", BREAKING, COMPATIBLE),
    ("mass", {"maximum": 7000}, "range", BREAKING, COMPATIBLE),
    ("mass", {"exclusive_minimum": True}, "range", BREAKING, COMPATIBLE),
    ("mass", {"exclusive_maximum": True}, "range", BREAKING, COMPATIBLE),
    ("mass", {"minimum": 2.0, "maximum": 7.5}, "range", BREAKING, BREAKING),
    ("year", {"maximum": 2020}, "range", BREAKING, COMPATIBLE),
    ("seen", {"minimum": "2000-01-01"}, "range", BREAKING, COMPATIBLE),
    ("bill", {"minimum": 30}, "range", SILENT, SILENT),
    ("bill", {"out_of_range": "reject"}, "out_of_range", BREAKING, COMPATIBLE),
    ("bill", {"out_of_range": "fallback"}, "out_of_range", SILENT, SILENT),
    ("mass", {"unit": "kg"}, "unit", SILENT, SILENT),
    ("mass", {"unit": None}, "unit", SILENT, SILENT),
    ("bill", {"unit": "mm"}, "unit", SILENT, SILENT),
    ("island", {"categories": ["Biscoe"]}, "categories", BREAKING, COMPATIBLE),
    ("island", {"categories": ["Biscoe", "dream"]}, "categories", SILENT, SILENT),
    ("sex", {"categories": ["female"]}, "categories", SILENT, SILENT),
    ("sex", {"unseen": "reject"}, "unseen", BREAKING, COMPATIBLE),
    ("sex", {"unseen": "fallback"}, "unseen", SILENT, SILENT),
    ("island", {"fold_case": False}, "spelling", BREAKING, COMPATIBLE),
    ("island", {"trim": False}, "spelling", BREAKING, COMPATIBLE),
    ("sex", {"fold_case": False}, "spelling", SILENT, SILENT),
    ("bill", {"missing": {"policy": "required"}}, "missing", BREAKING, COMPATIBLE),
    ("bill", {"missing": {"policy": "default", "value": 40}}, "missing", SILENT, SILENT),
    ("year", {"missing": {"policy": "default", "value": 2008}}, "missing", SILENT, SILENT),
    ("year", {"missing": {"policy": "allow"}}, "missing", SILENT, SILENT),
    ("notes", {"max_length": 99}, "length", BREAKING, COMPATIBLE),
    ("sex", {"sensitive": False}, "sensitive", SILENT, COMPATIBLE),
    ("new", {"kind": "boolean"}, "added", BREAKING, BREAKING),
]
FREE: list[Mutation] = [
    ("mass", {"description": "Weighed alive."}, "description", COMPATIBLE, COMPATIBLE),
    ("mass", {"minimum": 1000}, "range", COMPATIBLE, BREAKING),
    ("mass", {"minimum": None, "maximum": None}, "range", COMPATIBLE, BREAKING),
    ("mass", {"out_of_range": "flag"}, "out_of_range", COMPATIBLE, BREAKING),
    ("year", {"kind": "number"}, "kind", COMPATIBLE, BREAKING),
    ("year", {"minimum": 1989, "exclusive_minimum": True}, "range", COMPATIBLE, COMPATIBLE),
    ("island", {"categories": ["Dream", "Biscoe"]}, "categories", COMPATIBLE, COMPATIBLE),
    ("island", {"unseen": "flag"}, "unseen", COMPATIBLE, BREAKING),
    ("island", OPTIONAL, "missing", COMPATIBLE, BREAKING),
    ("notes", {"max_length": 101}, "length", COMPATIBLE, BREAKING),
    ("adult", {"sensitive": True}, "sensitive", COMPATIBLE, SILENT),
]
# Compatible whichever way around, unless additions are counted too.
ADDITIONS: list[Mutation] = [
    ("new", {"kind": "boolean", **OPTIONAL}, "added", COMPATIBLE, BREAKING),
    (
        "island",
        {"categories": ["Biscoe", "Dream", "Torgersen"]},
        "categories",
        COMPATIBLE,
        BREAKING,
    ),
    ("sex", {"categories": ["female", "male", "unknown"]}, "categories", SILENT, SILENT),
    ("bill", {"maximum": 80}, "range", SILENT, SILENT),
]


def only_change(old: Contract, new: Contract) -> Change:
    (change,) = contract_changes(old, new)
    return change


def name_of(value: object) -> str | None:
    return str(value) if isinstance(value, str | dict) else None


@pytest.mark.parametrize(
    ("feature", "edit", "rule", "backward", "forward"), [*BLOCKED, *FREE, *ADDITIONS], ids=name_of
)
def test_every_mutation_is_told_by_one_rule_that_names_the_feature(
    feature: str, edit: dict[str, Any], rule: str, backward: Kind, forward: Kind
) -> None:
    change = only_change(contract(), contract(**{feature: edit}))
    assert (change.where, change.rule) == (f"feature {feature}", rule)
    assert (change.backward, change.forward) == (backward, forward)
    assert change.what


@pytest.mark.parametrize(("feature", "edit"), [m[:2] for m in BLOCKED], ids=name_of)
def test_known_mutations_are_always_blocked_and_say_the_way_out(
    feature: str, edit: dict[str, Any]
) -> None:
    """A frontend renames a field or changes a format, and the model silently gets worse."""
    change = only_change(contract(), contract(**{feature: edit}))
    assert change.kind() is not COMPATIBLE
    assert (change.asks, bool(change.way_out)) == ("major", True)


@pytest.mark.parametrize(("feature", "edit"), [m[:2] for m in ADDITIONS], ids=name_of)
@pytest.mark.parametrize("mode", Mode)
def test_what_the_new_version_knows_more_is_tolerated_unless_strict(
    mode: Mode, feature: str, edit: dict[str, Any]
) -> None:
    change = only_change(contract(), contract(**{feature: edit}))
    assert change.kind(mode) is COMPATIBLE
    assert change.kind(Mode.FULL, strict=True) is not COMPATIBLE


def test_a_range_that_moves_is_no_addition() -> None:
    change = only_change(contract(), contract(bill={"minimum": 30, "maximum": 80}))
    assert change.kind() is SILENT


@pytest.mark.parametrize(("gone", "forward"), [("mass", BREAKING), ("year", COMPATIBLE)])
def test_a_feature_that_is_gone_is_refused_when_it_is_sent(gone: str, forward: Kind) -> None:
    """The new row lacks it, which the old contract takes if it may be missing."""
    change = only_change(contract(), contract(without=(gone,)))
    assert (change.rule, change.backward, change.forward) == ("removed", BREAKING, forward)


def test_a_renamed_feature_is_told_once_with_both_names() -> None:
    change = only_change(contract(), contract(mass={"name": "weight"}))
    assert change.where == "feature mass"
    assert "weight" in change.what
    assert "mass" in change.way_out


def test_of_features_that_are_alike_the_closest_name_is_the_new_one() -> None:
    plain = {"kind": "number"}
    old = contract(without=tuple(FEATURE_NAMES), bill_length=plain)
    new = contract(without=tuple(FEATURE_NAMES), age=plain, bill_len=plain)
    renamed, added = contract_changes(old, new)
    assert (renamed.rule, added.where) == ("renamed", "feature age")
    assert "bill_len" in renamed.what


def test_another_order_of_the_features_is_said_and_harms_nobody() -> None:
    old = contract()
    new = old.model_copy(update={"features": old.features[::-1]})
    change = only_change(old, new)
    assert (change.rule, change.kind(Mode.FULL, strict=True)) == ("order", COMPATIBLE)


def test_words_about_the_contract_are_free() -> None:
    new = contract().model_copy(update={"description": "Birds.", "name": "penguin"})
    kinds = {change.rule: change.kind(Mode.FULL) for change in contract_changes(contract(), new)}
    assert kinds == {"name": COMPATIBLE, "description": COMPATIBLE}


def test_several_changes_are_all_told() -> None:
    new = contract(mass={"unit": "kg", "minimum": 2, "maximum": 8}, notes={"max_length": 5})
    told = {(change.where, change.rule) for change in contract_changes(contract(), new)}
    assert told == {
        ("feature mass", "unit"),
        ("feature mass", "range"),
        ("feature notes", "length"),
    }


FEATURE_NAMES = contract().names
