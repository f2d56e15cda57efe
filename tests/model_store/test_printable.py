"""Text of others in a terminal."""

from model_store.printable import printable, printable_lines

HOSTILE = "\x1b]0;owned\x07\x1b[2Jgone\u202e"


def test_letters_of_every_language_stay_as_they_are() -> None:
    assert printable("Straße → 東京 é") == "Straße → 東京 é"


def test_threat_ml06_control_characters_are_written_not_obeyed() -> None:
    assert printable(HOSTILE + "\n").isprintable()
    assert "\\x1b[2Jgone" in printable(HOSTILE)


def test_lines_stay_lines() -> None:
    assert printable_lines("a\n\x07b") == "a\n\\x07b"
