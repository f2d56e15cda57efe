"""The parts of an explanation, the same in a terminal and on a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from model_store.printable import printable


@dataclass(frozen=True, slots=True)
class Dot:
    """An estimate within its interval, and what it is compared with, as shares of one axis."""

    low: float
    at: float
    high: float
    whole: float


@dataclass(frozen=True, slots=True)
class Table:
    """On a page each row may have a dot beside it, or the colour of a kind of decision."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    dots: tuple[Dot | None, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Sentences, then a table. name: which figures belong to it. bar: kinds and their shares."""

    name: str
    title: str
    sentences: tuple[str, ...]
    table: Table | None = None
    bar: tuple[tuple[str, float], ...] = ()


def lines_of(sections: Sequence[Section]) -> Iterator[str]:
    """For a terminal: text of a manifest cannot move the cursor, change colours or hide itself."""
    for number, section in enumerate(sections):
        if number:
            yield ""
        yield printable(section.title)
        yield from (f"  {printable(sentence)}" for sentence in section.sentences)
        if section.table:
            yield from _aligned(section.table)


def _aligned(table: Table) -> Iterator[str]:
    rows = [[printable(cell) for cell in row] for row in (table.header, *table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}"
