"""What the model gave, row by row, by the terms that a request asks for."""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np

from model_store.artifact.manifest import Manifest
from model_store.contract import Row
from model_store.decision.asked import Asked
from model_store.outputs import Outputs
from model_store.uncertainty.conformal import Intervals, Level, PredictionSets
from model_store.uncertainty.scores import half_widths, lac_sets, sets_of

PLACES = 4
"""Probabilities are rounded so that repeated queries reveal less of the model (threats ML03-05)."""

Inside = tuple[bool, ...]
"""Per label, in the manifest's order, whether it is in a prediction set."""


class Answer(NamedTuple):
    """To one row. shares: the probability of each label; confidence: that of the answer, as
    callers see it. place: the column of the answer; 0 of a regression. cost: to be expected of
    it, where the policy limits that. inside: by the coverage asked for; by_policy: by its own.
    number: the answer of a regression. reach: half the width of its interval.
    """

    row: Row
    is_usable: bool
    place: int
    shares: Sequence[float] | None
    confidence: float | None
    cost: float | None
    inside: Inside | None
    by_policy: Inside | None
    number: "np.floating[Any] | None"
    reach: float | None
    novelty: float | None


class AnswerReader:
    """Reads what the graph of one manifest gives. asked: has been checked.

    By lists: most requests have one row, and each operation on an array takes longer than all
    that is done with that.
    """

    def __init__(self, manifest: Manifest, asked: Asked) -> None:
        self._conformal = manifest.conformal
        self._places = {label: index for index, label in enumerate(manifest.labels)}
        self._costs = manifest.policy.cost_matrix(manifest.labels)
        self._limits_cost = manifest.policy.most_cost is not None
        levels = manifest.conformal.levels if manifest.conformal else ()
        self._own = min(levels, key=lambda level: level.coverage, default=None)
        chosen = [level for level in levels if level.coverage == asked.coverage]
        self._level = chosen[0] if chosen else self._own
        self.coverage = self._level.coverage if self._level else 0.0  # of no set and no interval

    def read(self, outputs: Outputs, rows: Sequence[Row]) -> Iterable[Answer]:
        shares = None if outputs.probabilities is None else outputs.probabilities.tolist()
        places = self.places(outputs)
        inside = self._inside(outputs, shares, self._level)
        # At the policy's own coverage: asking for more would fill an empty set, and be looser.
        same = self._level is self._own
        columns = (
            [index not in outputs.unusable for index in range(len(rows))],
            places if self._places else repeat(0),
            shares or _NOTHING,
            [rounded(row[place]) for row, place in zip(shares, places, strict=True)]
            if shares
            else _NOTHING,
            self._expected_costs(outputs, places),
            inside,
            inside if same else self._inside(outputs, shares, self._own),
            _NOTHING if outputs.values is None else outputs.values,
            self._reach(outputs, len(rows)),
            _NOTHING if outputs.novelty is None else outputs.novelty.tolist(),
        )
        return map(Answer._make, zip(rows, *columns))  # noqa: B905 - some have no end

    def places(self, outputs: Outputs) -> list[int]:
        """The column of each row's answer; empty for a regression.

        With costs, it is the answer of least expected cost.
        """
        if self._costs is not None and outputs.probabilities is not None:
            cheapest: list[int] = (outputs.probabilities @ self._costs).argmin(axis=1).tolist()
            return cheapest
        return [self._places[label] for label in outputs.labels]

    def _expected_costs(self, outputs: Outputs, places: list[int]) -> Iterable[float | None]:
        shares = outputs.probabilities
        if self._costs is None or shares is None or not self._limits_cost:
            return _NOTHING
        expected: list[float] = (shares @ self._costs)[np.arange(len(shares)), places].tolist()
        return expected

    def _inside(
        self, outputs: Outputs, shares: list[list[float]] | None, level: Level | None
    ) -> Iterable[Inside | None]:
        sets = self._conformal
        if not isinstance(sets, PredictionSets) or level is None or shares is None:
            return _NOTHING
        if sets.score == "lac":
            return lac_sets(level, shares)
        found = sets_of(sets, level, np.asarray(outputs.probabilities)).tolist()
        return list(map(tuple, found))

    def _reach(self, outputs: Outputs, rows: int) -> Iterable[float | None]:
        if not isinstance(self._conformal, Intervals) or self._level is None:
            return _NOTHING
        found = half_widths(self._conformal, self._level, outputs.difficulty, rows)
        reach: list[float] = found.tolist()
        return reach


def rounded(share: float) -> float:
    return round(share, PLACES)


_NOTHING = repeat(None)
