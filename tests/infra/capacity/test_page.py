"""docs/scale.md: what it shows is what the simulation and the price list give."""

import pytest

from infra.capacity import page


def test_the_tables_are_those_that_the_script_makes() -> None:
    """After a change of the model or of a price: python -m infra.capacity.page"""
    committed = page.PAGE.read_text(encoding="utf-8")
    assert page.rewritten(committed) == committed


def test_a_page_without_a_place_for_a_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "sections", lambda: {"steady": "| 1 |"})
    assert page.rewritten("<!-- steady -->\nold\n<!-- /steady -->") == (
        "<!-- steady -->\n| 1 |\n<!-- /steady -->"
    )
    with pytest.raises(ValueError, match="no place for the table 'steady'"):
        page.rewritten("nothing")
