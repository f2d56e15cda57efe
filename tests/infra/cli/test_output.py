"""What commands print."""

import json

import pytest

from infra.cli.output import emit, note, progress, table

HOSTILE = "\x1b]0;owned\x07\x1b[2J"


def test_threat_ml06_what_others_wrote_cannot_command_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Titles, labels and lists come from a bucket."""
    emit({}, [HOSTILE, *table([("title", f"{HOSTILE}\n")])], as_json=False)
    note(HOSTILE)
    progress(HOSTILE)
    told = capsys.readouterr()
    assert "\x1b" not in told.out + told.err
    assert (told.out + told.err).count("\\x1b[2J") == 4


def test_as_json_it_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    emit({"title": HOSTILE}, ["not this"], as_json=True)
    assert json.loads(capsys.readouterr().out) == {"title": HOSTILE}
