"""The whole explanation: sections for people, one document for scripts."""

import json
import subprocess
import sys

from model_store.artifact.manifest import Manifest
from model_store.policy import Policy
from model_store.reporting.explain import document, explained
from model_store.reporting.tradeoff import accuracy_section, cost_section, targets_section


def test_a_suggestion_is_the_line_to_paste_and_says_what_it_rests_on(whole: Manifest) -> None:
    paste, rests, bound = accuracy_section(whole, 0.9).sentences
    assert paste == "Policy(least_confidence=0.7)"
    assert eval(paste, {"Policy": Policy}).least_confidence == 0.7
    assert "800 of 1000 held-out rows (80.0%), 776 of them rightly: with 95% confidence" in rests
    assert "picking among 3 thresholds on the same rows is corrected for" in bound


def test_a_target_out_of_reach_says_how_close_it_gets_and_what_would_help(
    whole: Manifest,
) -> None:
    text = " ".join(accuracy_section(whole, 0.99).sentences)
    assert "No threshold reaches it. The best bound is 0.9" in text
    assert "held-out rows would do if every share stayed as it is" in text
    assert "it takes a better model" in " ".join(accuracy_section(whole, 0.9999).sentences)


def test_a_cost_is_a_mean_without_a_bound_and_says_so(whole: Manifest) -> None:
    paste, rests, caution = cost_section(whole, 0.05).sentences
    assert paste == "Policy(least_confidence=0.7)"
    assert "at a mean cost of 0.03" in rests
    assert "no bound" in caution
    assert "The least cost is 0.0033, at 0.9" in cost_section(whole, 0).sentences[0]


def test_costs_that_nobody_declared_are_not_made_up(whole: Manifest) -> None:
    curve = tuple(point.model_copy(update={"cost": None}) for point in whole.tradeoff)
    manifest = whole.model_copy(update={"tradeoff": curve})
    assert "holds no costs" in cost_section(manifest, 0.1).sentences[0]
    assert "mean cost" not in str([section.table for section in explained(manifest)])


def test_a_regression_is_told_that_it_has_no_confidences(regression: Manifest) -> None:
    for section in (accuracy_section(regression, 0.9), cost_section(regression, 1)):
        assert section.sentences == (
            "A regression has no confidences, so no threshold can be chosen: only intervals.",
        )
    assert targets_section(regression) is None


def test_without_held_out_rows_the_way_out_is_named(bare: Manifest) -> None:
    assert "held_out=(X, y)" in accuracy_section(bare, 0.9).sentences[0]


def test_the_document_is_json_with_the_numbers_of_the_sections(whole: Manifest) -> None:
    told = json.loads(json.dumps(document(whole, 0.9, 0.001), allow_nan=False))
    accuracy, cost = told["suggestions"]["accuracy"], told["suggestions"]["cost"]
    assert (accuracy["reached"], accuracy["declare"]) == (True, "Policy(least_confidence=0.7)")
    assert (cost["reached"], cost["best"]["worth"]) == (False, 0.0033)
    assert told["tradeoff"][1]["accuracy"] == 0.97
    assert told["policy"]["least_confidence"] == 0.7
    assert told["conformal"]["levels"][1]["observed"] == 0.947


def test_the_document_has_null_for_what_is_not_known(bare: Manifest) -> None:
    told = document(bare, 0.9)
    assert (told["calibration"], told["conformal"], told["novelty"]) == (None, None, None)
    assert told["suggestions"]["accuracy"] == {"target": 0.9, "reached": False, "best": None}


def test_explaining_loads_no_plotting_library() -> None:
    """Only a report pays for it."""
    code = "import sys, model_store.reporting.explain; print('matplotlib' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    assert loaded.strip() == b"False"
