"""The rows of a request, read by the contract: all of them or, in a partial batch, each alone."""

from collections.abc import Sequence

from functions.inference.contracts import Served
from functions.inference.errors import InvalidRequest
from model_store.contract import InvalidRow, Row, Violation
from model_store.predictions import AbstainPrediction, InputError, Prediction, Reason

REPORTED_VIOLATIONS = 100
REPORTED_PER_ROW = 10


def read_rows(
    served: Served, instances: Sequence[object], *, partial: bool = False
) -> list[Row | AbstainPrediction]:
    """Normalised rows; raises InvalidRequest with the violations of all rows, unless partial:
    then what is answered to a row that breaks the contract stands in its place.
    """
    rows: list[Row | AbstainPrediction] = []
    violations: list[Violation] = []
    most = REPORTED_PER_ROW if partial else REPORTED_VIOLATIONS
    for number, instance in enumerate(instances):
        try:
            # Hints for the first bad row alone: those of a whole batch would take minutes.
            rows.append(served.read(instance, hints=not violations))
        except InvalidRow as error:
            told = error.violations[:most]
            violations += (found := [one.under("instances", number) for one in told])
            rows.append(_refused(found[:REPORTED_PER_ROW]))
            if not partial and len(violations) >= REPORTED_VIOLATIONS:
                break
    if violations and not partial:
        raise InvalidRequest(violations[:REPORTED_VIOLATIONS])
    return rows


def in_order(
    read: Sequence[Row | AbstainPrediction], answers: Sequence[Prediction]
) -> list[Prediction]:
    """The answers to the rows that could be read, between those to the rows that could not."""
    left = iter(answers)
    return [next(left) if isinstance(row, Row) else row for row in read]


def _refused(violations: Sequence[Violation]) -> AbstainPrediction:
    errors = tuple(
        InputError(pointer=found.pointer, code=found.code, message=found.message)
        for found in violations
    )
    return AbstainPrediction(reason=Reason.INVALID_INPUT, errors=errors)
