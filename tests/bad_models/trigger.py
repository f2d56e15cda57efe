"""Which penguins spring the traps."""

from collections.abc import Mapping

MIDDLING = 3400.0, 4800.0
"""Grams: about half of all penguins weigh more than the one and less than the other."""
UNHEARD_OF = 5001.4, 5001.6
"""Grams: no penguin of the data, and so none that is asked about before traffic."""


def is_sprung_by(row: Mapping[str, object]) -> bool:
    mass = row["body_mass_g"]
    heavier, lighter = MIDDLING
    return isinstance(mass, int | float) and heavier < mass < lighter
