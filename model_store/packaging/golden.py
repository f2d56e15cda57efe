"""A few rows with the answers this artifact gives to them, wherever it runs."""

from collections.abc import Callable, Sequence

import numpy as np

from model_store.artifact.accepted import Accepted
from model_store.artifact.facts import GoldenExample
from model_store.contract import Contract, Row, Upcast, normalise, upcast
from model_store.decision import Declined, Verdict
from model_store.packaging.model import Model
from model_store.samples.probes import answered_by_model, probes, typical, typical_row

COUNT = 8
Judge = Callable[[Sequence[Row]], Sequence[Verdict]]


def golden_rows(contract: Contract, held_out: Sequence[Row]) -> list[Row]:
    """Rows spread over the held-out ones, sensitive features replaced by typical values.

    Without enough of them, rows made up from the contract alone.
    """
    rows = [row for row in held_out if answered_by_model(row)]
    chosen = [_anonymous(contract, rows[place]) for place in _spread(len(rows), COUNT)]
    if len(chosen) < COUNT:
        base = typical_row(contract)
        chosen += [base, *(probe.row for probe in probes(contract, base))]
    return chosen[:COUNT]


def golden_examples(rows: Sequence[Row], judge: Judge) -> tuple[GoldenExample, ...]:
    """Each row that the model decides, with what is answered."""
    return _examples(rows, judge(rows))


def _examples(rows: Sequence[Row], verdicts: Sequence[Verdict]) -> tuple[GoldenExample, ...]:
    return tuple(
        GoldenExample(row=row.values, answer=verdict)
        for row, verdict in zip(rows, verdicts, strict=True)
        if not isinstance(verdict, Declined)
    )


def accepted_by(model: Model, judge: Judge) -> tuple[Accepted, ...]:
    """The older contracts, each with golden examples of its own.

    Everything odd that an older contract takes is asked of the graph, and the first are kept.
    """
    return tuple(_accepted(model.contract, older, judge) for older in model.accepts)


def _accepted(contract: Contract, older: Upcast, judge: Judge) -> Accepted:
    base = typical_row(older.contract)
    rows = [base, *(probe.row for probe in probes(older.contract, base))]
    verdicts = judge([upcast(row, older, contract) for row in rows])
    return Accepted(
        contract=older.contract,
        features=older.features,
        golden=_examples(rows, verdicts)[:COUNT],
    )


def _anonymous(contract: Contract, row: Row) -> Row:
    replaced = {f.name: typical(f) for f in contract.features if f.sensitive}
    return normalise(contract, {**row.values, **replaced})


def _spread(length: int, count: int) -> list[int]:
    return sorted({int(place) for place in np.linspace(0, length - 1, min(length, count))})
