"""When the model's answer is given, and what is done instead."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from model_store.contract.record import Record
from model_store.predictions import Label, Share

if TYPE_CHECKING:
    import numpy as np

Action = Literal["answer", "review", "abstain", "fallback"]
"""answer: give it and name the doubt. review: also ask for a person. The others give no value
of the model."""

Cost = Annotated[float, Field(ge=0)]


def key(label: Label) -> str:
    """How a label is written as the name of a JSON member: true, 3, "yes" → yes."""
    return str(label).lower() if isinstance(label, bool) else str(label)


class Policy(Record):
    """The decision policy of one model.

    least_confidence: below it (or below that of the predicted class) `low_confidence` is done.
    costs: cost of answering `answer` when the truth is `truth`, as costs[truth][answer]; errors
    that are not named cost 1, right answers 0. The answer of least expected cost is given, and
    above `most_cost` `low_confidence` is done (Chow, On Optimum Recognition Error, 1970).
    ambiguous: done when the prediction set holds several labels or none, or the interval is
    wider than `widest`, in the target's unit. novel: done with a row unlike the training data.
    message: what to ask for or show when there is no answer. contact: where people ask for
    human review (GDPR art. 22).
    """

    least_confidence: Share | dict[str, Share] | None = None
    costs: dict[str, dict[str, Cost]] | None = None
    most_cost: Cost | None = None
    low_confidence: Action = "abstain"
    ambiguous: Action = "answer"
    widest: Annotated[float, Field(gt=0)] | None = None
    novel: Action = "answer"
    message: Annotated[str, Field(max_length=500)] = ""
    contact: Annotated[str, Field(max_length=200)] = ""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.most_cost is not None and self.costs is None:
            raise ValueError("most_cost needs costs")
        return self

    @property
    def may_fall_back(self) -> bool:
        return "fallback" in (self.low_confidence, self.ambiguous, self.novel)

    @property
    def may_be_unsure(self) -> bool:
        return self.least_confidence is not None or self.most_cost is not None

    def named_labels(self) -> set[str]:
        """Every label that a threshold or a cost is declared for."""
        thresholds = self.least_confidence if isinstance(self.least_confidence, dict) else {}
        costs = self.costs or {}
        return {*thresholds, *costs, *(answer for row in costs.values() for answer in row)}

    @property
    def least_asked(self) -> float:
        """What a caller may ask for at least: less would be looser for every label."""
        declared = self.least_confidence
        if isinstance(declared, dict):
            return min(declared.values(), default=0.0)
        return declared or 0.0

    def thresholds(self, labels: Sequence[Label], asked: float | None = None) -> "np.ndarray":
        """float[K]: the least confidence per label; a caller's `asked` can only raise it."""
        import numpy as np  # who only reads manifests does without

        declared = self.least_confidence
        each = declared if isinstance(declared, dict) else {}
        whole = declared if isinstance(declared, float | int) else 0.0
        found = np.array([each.get(key(label), whole) for label in labels], dtype=np.float64)
        raised: np.ndarray = np.maximum(found, asked or 0.0)
        return raised

    def cost_matrix(self, labels: Sequence[Label]) -> "np.ndarray | None":
        """float[truth, answer], or None without costs."""
        if self.costs is None:
            return None
        import numpy as np  # as above

        names = [key(label) for label in labels]
        return np.array(
            [
                [self.costs.get(truth, {}).get(answer, float(truth != answer)) for answer in names]
                for truth in names
            ]
        )
