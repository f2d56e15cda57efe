"""What was measured, and what was not."""

from collections.abc import Callable

import pytest

from model_store.artifact.manifest import Manifest
from model_store.reporting.measured import (
    calibration_section,
    conformal_section,
    metrics_section,
    novelty_section,
)
from model_store.reporting.section import Section


def test_calibration_is_told_before_and_after(whole: Manifest) -> None:
    section = calibration_section(whole)
    assert section.sentences[0] == "Method: isotonic, fitted on 500 rows (it helps)."
    assert section.table is not None
    assert section.table.rows == (
        ("ECE", "0.2000", "0.1000"),
        ("Brier score", "0.4000", "0.2000"),
        ("log loss", "0.8000", "0.4000"),
    )
    assert "3" in section.sentences[-1]


def test_sets_are_told_by_level(whole: Manifest) -> None:
    section = conformal_section(whole)
    assert section.table is not None
    assert section.table.header[-1] == "mean number of labels"
    assert section.table.rows == (
        ("80.0%", "81.2%", "78.6% to 83.6%", "1.1"),
        ("95.0%", "94.7%", "93.1% to 96.0%", "1.74"),
    )


def test_intervals_are_told_in_the_unit_of_the_target(regression: Manifest) -> None:
    section = conformal_section(regression)
    assert section.table is not None
    assert section.table.header[-1] == "mean width (g)"
    assert section.table.rows == (("90.0%", "91.0%", "-", "25"),)


def test_novelty_is_told_with_the_stated_and_the_observed_rate(whole: Manifest) -> None:
    text = " ".join(novelty_section(whole).sentences)
    assert "at most 1.0% false alarms" in text
    assert "1.3% of held-out rows" in text


@pytest.mark.parametrize(
    ("section", "said"),
    [
        (calibration_section, "No calibration data"),
        (conformal_section, "Prediction sets are not known"),
        (novelty_section, "Novelty is not measured"),
        (metrics_section, "No metrics"),
    ],
)
def test_what_the_manifest_does_not_hold_is_said_and_never_made_up(
    section: Callable[[Manifest], Section], said: str, bare: Manifest
) -> None:
    found = section(bare)
    assert said in found.sentences[0]
    assert found.table is None


def test_what_no_held_out_row_measured_is_not_known(whole: Manifest) -> None:
    assert whole.calibration is not None
    assert whole.conformal is not None
    unmeasured = whole.calibration.model_copy(update={"before": None, "after": None})
    level = whole.conformal.levels[0].model_copy(update={"observed": None, "size": None})
    sets = whole.conformal.model_copy(update={"levels": (level,)})
    manifest = whole.model_copy(update={"calibration": unmeasured, "conformal": sets})
    assert "Scores are not known" in calibration_section(manifest).sentences[-1]
    table = conformal_section(manifest).table
    assert table is not None
    assert table.rows == (("80.0%", "-", "-", "-"),)
