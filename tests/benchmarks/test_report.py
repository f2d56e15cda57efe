"""docs/performance.md was made by the script, from the results that are committed with it."""

import pytest

from benchmarks import report, results
from benchmarks.bars import BARS
from benchmarks.results import Taken, load, load_baseline, save, spreads


def test_the_page_is_what_the_script_makes_of_the_results() -> None:
    """After an edit by hand: `make bench`, or `python -m benchmarks page`."""
    assert report.PAGE.read_text(encoding="utf-8") == report.page(load())


def test_the_plot_was_drawn_from_the_same_results() -> None:
    assert report.digest() in report.PLOT.read_text(encoding="utf-8")


def test_the_baseline_has_bars_that_exist() -> None:
    found = load_baseline()
    assert found
    assert set(found) <= {bar.key for bar in BARS}


def test_results_are_read_as_they_were_written(tmp_path) -> None:
    taken = Taken("2026-01-02", "3.11", "a machine", 1.5, {"x": "1"}, {"a": [1.0, 2e-7], "b": []})
    save({"warm": taken}, tmp_path / "results.json")
    assert load(tmp_path / "results.json") == {"warm": taken}


def figures(**series: list[float]) -> dict[str, Taken]:
    return {"bundle": Taken("2026-01-02", "3.11", "a machine", 1.5, {"x": "1"}, series)}


def test_a_bar_is_met_missed_or_not_measured() -> None:
    page = report.page(figures(**{"arm64 unzipped": [99.5], "arm64 zipped": [38.1]}))
    assert "| P6 | arm64, unzipped | ≤ 110 MB | 99.5 MB | met |" in page
    assert "| P6 | arm64, zipped | ≤ 38 MB | 38.1 MB | **missed** |" in page
    assert "| P6 | x86_64, zipped | ≤ 38 MB | | not measured |" in page


def test_every_bench_tells_its_circumstances() -> None:
    page = report.page(figures(**{"arm64 zipped": [30.0]}))
    assert "2026-01-02, a machine, Python 3.11, load 1.5 at the end; rounds: 1." in page


def test_the_machine_is_told_in_words() -> None:
    taken = Taken.now({})
    assert "processors" in taken.machine
    assert "/" not in taken.machine
    assert set(taken.versions) >= {"bentoml", "mlserver", "onnxruntime"}
    assert "?" not in taken.versions.values()


@pytest.mark.parametrize("bar", BARS, ids=lambda bar: bar.key)
def test_every_bar_reads_figures_that_its_bench_gives(bar) -> None:
    """In the committed results; a bench whose figures were renamed would leave it unmeasured."""
    if bar.bench in (found := load()):
        assert bar.key in spreads({bar.bench: found[bar.bench]})
    assert results.RESULTS.exists()
