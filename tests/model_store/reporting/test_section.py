"""Explanations in a terminal."""

from model_store.reporting.section import Section, Table, lines_of


def test_text_of_a_manifest_cannot_command_the_terminal() -> None:
    """Threat ML06: escape sequences would hide lines, or write over those before."""
    hostile = Section("x", "\x1b[2Jgone", ("a\rb\nc\u202ed",), Table(("h\x07",), (("\x9b1m",),)))
    text = "\n".join(lines_of([hostile]))
    assert all(char.isprintable() for char in text.replace("\n", ""))
    assert "\\x1b[2Jgone" in text
    assert text.count("\n") == 3


def test_the_columns_of_a_table_are_aligned() -> None:
    table = Table(("name", "n"), (("a", "100"), ("longer", "1")))
    lines = list(lines_of([Section("x", "title", (), table)]))
    assert lines == ["title", "    name    n", "       a  100", "  longer    1"]
