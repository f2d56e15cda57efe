"""Two versions compared in the same minutes, however the share of the traffic moves.

Direct standardization: each minute of the live version counts as much as the candidate's traffic
of that minute. In sums over all minutes a late burst would meet a candidate whose share grows more
than the live version (Simpson, The Interpretation of Interaction in Contingency Tables, 1951).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Minutes = Mapping[Any, float]
"""A count by minute; minutes can be ordered."""
Counts = tuple[float, ...]
"""By class: of a request that had a trouble or had not, or of the bins of answers."""
FEWEST = 5.0
"""Of each version, for a minute to be compared alone: quieter ones are counted together."""


def matched(candidate: Sequence[Minutes], live: Sequence[Minutes]) -> tuple[Counts, Counts]:
    """Counts by class, of what can be compared. Takes the same classes of both.

    The live version's have the weighted shares, and as many requests as an unweighted sample would
    need to tell them as surely: (Σc)² / Σ(c²/l), for c requests of the candidate beside l of the
    live version. Where the share of the traffic never moves, they are its plain sums.
    """
    groups = list(_groups(candidate, live))
    if not groups:
        return (0.0,) * len(candidate), (0.0,) * len(live)
    ours = _added(one for one, _ in groups)
    total = sum(ours)
    effective = total**2 / sum(sum(one) ** 2 / sum(other) for one, other in groups)
    weighted = _added(_scaled(other, sum(one) / sum(other)) for one, other in groups)
    return ours, _scaled(weighted, effective / total)


def _groups(
    candidate: Sequence[Minutes], live: Sequence[Minutes]
) -> Iterator[tuple[Counts, Counts]]:
    """Both in the same minutes. A rest that is too quiet waits for more."""
    none = (0.0,) * len(candidate), (0.0,) * len(live)
    ours, theirs = none
    for minute in sorted({minute for each in (*candidate, *live) for minute in each}):
        ours = _added([ours, _at(minute, candidate)])
        theirs = _added([theirs, _at(minute, live)])
        if min(sum(ours), sum(theirs)) >= FEWEST:
            yield ours, theirs
            ours, theirs = none


def _at(minute: Any, counts: Sequence[Minutes]) -> Counts:
    return tuple(each.get(minute, 0.0) for each in counts)


def _added(all_counts: Iterable[Counts]) -> Counts:
    return tuple(sum(column) for column in zip(*all_counts, strict=True))


def _scaled(counts: Counts, factor: float) -> Counts:
    return tuple(count * factor for count in counts)
