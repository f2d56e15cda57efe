"""When a soak is passed, and the page that says so."""

import pytest

from benchmarks import soak_page, soak_result
from benchmarks.soak_result import Sample, Soak
from benchmarks.soak_verdict import grown, passed
from benchmarks.soak_workers import Usage


def used(process: int = 7, memory_mb: float = 100.0, files: int = 12) -> Usage:
    return Usage(process, memory_mb, files, 3)


def soak(lost: list[str], alone: list[Usage | None] | None = None) -> Soak:
    """Half an hour, with a sample per minute."""
    workers = [used()] * 30 if alone is None else alone
    samples = [Sample(60.0 * n, 5, used(1), each) for n, each in enumerate(workers)]
    answers = {"one row": {"200": 3, "502": 1}, "no JSON": {"400": 2}}
    done = {"lambent rollback": 15}
    return Soak(30, "2026-01-02", "a machine", answers, lost, done, ["no"], samples)


def test_a_soak_without_loss_and_growth_is_passed() -> None:
    assert passed(soak([]))
    assert not passed(soak(["one row: 404"]))


def test_growth_fails_a_soak_that_lost_nothing() -> None:
    leaks = soak([], [used(memory_mb=100 + n) for n in range(30)])
    opens = soak([], [used(files=12 + n) for n in range(30)])
    assert grown(leaks) == ["memory of the worker that is left alone (MB)"]
    assert grown(opens) == ["open files of the worker that is left alone"]
    assert not passed(leaks)


def test_the_embedded_aws_may_remember_releases() -> None:
    """15 rounds in half an hour, 2 MB each: 60 MB an hour."""

    def grows(mb_per_minute: float) -> Soak:
        found = soak([])
        samples = [Sample(60.0 * n, 5, used(1, 700 + mb_per_minute * n), used()) for n in range(30)]
        return Soak(**vars(found) | {"samples": samples})

    assert passed(grows(0.9))
    assert grown(grows(1.1)) == ["memory of the embedded AWS (MB)"]


@pytest.mark.parametrize("other", [None, used(process=8)], ids=["none", "another"])
def test_a_worker_that_ended_says_nothing_of_growth(other: Usage | None) -> None:
    ended = soak([], [used()] * 20 + [other] * 10)
    assert grown(ended) == ["the worker that is left alone, which ended"]


def test_which_worker_answered_while_it_warmed_up_does_not_matter() -> None:
    assert passed(soak([], [None, used(process=8)] + [used()] * 28))


def test_the_page_tells_losses_answers_and_growth() -> None:
    page = soak_page.page(soak(["one row: 404"]))
    assert "**Failed: 6 answers, 1 requests lost; growth is ruled out.**" in page
    assert "| one row | 3 | 0 | 1 |" in page
    assert (
        "| memory of the embedded AWS (MB) | 100.0 | +0.0 | +0.0 to +0.0 | +60.0 | ruled out |"
        in page
    )


def test_a_result_is_read_as_it_was_written(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(soak_result, "RESULT", tmp_path / "soak.json")
    soak_result.save(soak([]))
    assert soak_result.load() == soak([])


def test_the_committed_page_was_made_from_the_committed_result() -> None:
    assert soak_page.PAGE.read_text(encoding="utf-8") == soak_page.page(soak_result.load())
