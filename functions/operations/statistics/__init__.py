"""Whether a candidate is worse than the live version, or chance has it so. Pure, and without scipy:
it has no place in the small bundle; tests compare the two."""
