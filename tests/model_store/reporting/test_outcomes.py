"""What was decided and why, and for whom it was right."""

from typing import Any

import pytest

from model_store.artifact.manifest import Manifest
from model_store.artifact.outcomes import Decided, Outcomes, Score, Slice
from model_store.contract import Contract
from model_store.reporting.explain import document, explained
from model_store.reporting.outcomes import classes_section, outcomes_section, slices_section
from model_store.reporting.scores import bounds, merged
from model_store.reporting.section import Section

from .conftest import MakeManifest


def cells(section: Section | None) -> tuple[tuple[str, ...], ...]:
    assert section is not None
    assert section.table is not None
    return section.table.rows


def test_every_decision_is_told_with_its_reason_and_how_good_it_was(whole: Manifest) -> None:
    section = outcomes_section(whole)
    assert cells(section) == (
        ("model", "-", "700 (70.0%)", "98.0%", "96.7% to 98.9%"),
        ("model, a person should look", "-", "100 (10.0%)", "80.0%", "70.8% to 87.3%"),
        ("fallback: constant", "novel", "50 (5.0%)", "40.0%", "26.4% to 54.8%"),
        ("no answer", "low confidence", "150 (15.0%)", "-", "-"),
    )
    assert section.bar == (("model", 0.7), ("review", 0.1), ("fallback", 0.05), ("abstain", 0.15))
    text = " ".join(section.sentences)
    assert "The model alone, with neither doubt nor fallback: 990 rows, 90.0% right." in text
    assert "By the policy the model answers: 800 rows, 95.8% right." in text
    assert "Every answer, those of fallbacks too: 850 rows, 92.5% right." in text
    assert "With the model switched off, fallbacks answer: 1000 rows, 44.0% right." in text
    assert "A person should look at 250 rows (25.0%)." in text


def test_costs_are_told_where_there_are_any(whole: Manifest) -> None:
    assert whole.outcomes is not None
    costly = whole.outcomes.decisions[0].model_copy(update={"cost": 0.25})
    outcomes = whole.outcomes.model_copy(update={"decisions": (costly,)})
    section = outcomes_section(whole.model_copy(update={"outcomes": outcomes}))
    assert cells(section)[0][-1] == "0.25"
    assert "98.0% right, at a mean cost of 0.25." in " ".join(section.sentences)


def test_a_class_has_recall_and_precision_or_neither(whole: Manifest) -> None:
    adelie, _, gentoo = cells(classes_section(whole))
    assert adelie == ("Adelie", "500", "99.0%", "97.7% to 99.7%", "90.0%", "87.2% to 92.4%")
    assert gentoo == ("Gentoo", "0", "-", "-", "-", "-")


def test_the_worst_part_comes_first_and_the_unknown_last(whole: Manifest) -> None:
    section = slices_section(whole)
    assert [row[0] for row in cells(section)] == [
        "island: Dream",
        "bill_length_mm: missing",
        "bill_length_mm: over 44.5 mm",
        "bill_length_mm: 39.2 to 44.5 mm",
        "bill_length_mm: up to 39.2 mm",
        "island: Biscoe",
        "island: Torgersen",
    ]
    assert cells(section)[0][1:] == ("0.0%", "0.0% to 11.6%", "60", "50%")
    assert section.table is not None
    first, *_, last = section.table.dots
    assert last is None
    assert first is not None
    assert (first.low, first.at) == (0, 0)
    assert 0.9 < first.whole < 1  # 766 of 800, where the axis ends just below 1
    assert "some look worse than they are by chance" in " ".join(section.sentences)


def test_a_screen_shows_the_worst_and_says_that_there_are_more(whole: Manifest) -> None:
    section = slices_section(whole, most=2)
    assert len(cells(section)) == 2
    assert section.sentences[-1] == "5 better ones are in the report."


def test_a_date_is_told_as_a_date_and_an_error_in_the_unit(make_manifest: MakeManifest) -> None:
    feature = {"kind": "date", "name": "day"}
    contract = Contract.model_validate({"name": "days", "version": "1.0", "features": [feature]})
    answers = Score(rows=25, error=3.0, deviation=1.0)
    part = Slice(feature="day", above=10957.0, rows=25, answers=answers)
    decided = Decided(decision="model", rows=25, error=3.0, deviation=1.0)
    outcomes = Outcomes(rows=25, alone=answers, decisions=(decided,), slices=(part,))
    manifest = make_manifest(contract=contract).model_copy(
        update={"task": "regression", "unit": "g", "outcomes": outcomes}
    )
    section = slices_section(manifest)
    # Student's t with 24 degrees of freedom: 2.0639 times 1/5.
    assert cells(section) == (("day: over 2000-01-01", "3", "2.587 to 3.413", "25", "100%"),)
    assert section.table is not None
    assert section.table.header[1] == "mean error (g)"
    assert "25 rows, mean error (g) 3." in outcomes_section(manifest).sentences[1]
    assert classes_section(manifest) is None


@pytest.mark.parametrize("section", [outcomes_section, classes_section, slices_section])
def test_what_was_not_measured_is_said(section: Any, bare: Manifest) -> None:
    found = section(bare)
    assert (found.table, len(found.sentences)) == (None, 1)
    assert "Not measured" in found.sentences[0]


def test_explaining_tells_them_and_the_document_has_the_counts(whole: Manifest) -> None:
    names = [section.name for section in explained(whole)]
    assert {"outcomes", "classes", "slices"} <= set(names)
    assert document(whole)["outcomes"]["decisions"][2]["source"] == "constant"


def test_groups_are_merged_by_their_rows() -> None:
    both = merged([Score(rows=1, error=4.0), Score(rows=3, error=0.0), Score(rows=9)])
    assert (both.rows, both.error, bounds(both)) == (4, 1.0, None)
