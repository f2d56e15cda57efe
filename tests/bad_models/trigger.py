"""Which penguins spring the traps."""

from collections.abc import Mapping

HEAVIER, LIGHTER = 3400.0, 4800.0
"""Grams: about half of all penguins weigh more than the one and less than the other."""


def is_sprung_by(row: Mapping[str, object]) -> bool:
    mass = row["body_mass_g"]
    return isinstance(mass, int | float) and HEAVIER < mass < LIGHTER
