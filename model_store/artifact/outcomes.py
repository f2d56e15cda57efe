"""What came of the held-out rows, served as declared: counts and means, never rows."""

from typing import Annotated, Literal

from pydantic import Field

from model_store.contract.record import Record
from model_store.predictions import Label, Reason

Count = Annotated[int, Field(ge=0)]
Source = Literal["constant", "rules", "baseline", "previous"]


class Score(Record):
    """How good the answers to `rows` rows are.

    right: of a classifier. error, deviation: mean and standard deviation of the absolute errors
    of a regression, in the target's unit. cost: mean by the policy's costs, if it has any.
    """

    rows: Count
    right: Count | None = None
    error: float | None = None
    deviation: float | None = None
    cost: float | None = None


class Decided(Score):
    """Rows that were decided alike.

    A fallback without `source`: none had an answer. Neither this nor an abstention has a score.
    """

    decision: Literal["model", "fallback", "abstain"]
    needs_review: bool = False
    reason: Reason | None = None
    source: Source | None = None


class ClassCounts(Record):
    """rows: whose truth is `label`. answered: for which the model says so. right: both."""

    label: Label
    rows: Count
    answered: Count
    right: Count


class Slice(Record):
    """Rows with one value of a feature, and how good the model's answers to them are.

    value: a declared category, or a boolean. above, up_to: quartiles of the training data (a date
    in days since 1970), one of them open at either end. None of these: the value is missing.
    answers: of the rows that the policy lets the model answer.
    """

    feature: str
    value: bool | str | None = None
    above: float | None = None
    up_to: float | None = None
    rows: Count
    answers: Score


class Outcomes(Record):
    """Of all held-out rows, also those that the contract sends to a fallback.

    alone: the model's most probable answers to the rows that the contract lets it answer, whatever
    the policy. switched_off: the fallbacks' answers to every row that they have one for. classes:
    the model's answers by the policy's costs to the same rows as `alone`, before any doubt.
    """

    rows: Annotated[int, Field(ge=1)]
    alone: Score
    switched_off: Score = Score(rows=0)
    decisions: tuple[Decided, ...]
    classes: tuple[ClassCounts, ...] = ()
    slices: tuple[Slice, ...] = ()
