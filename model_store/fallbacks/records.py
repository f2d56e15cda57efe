"""What can answer in the model's stead: data alone, so that Lambda runs no user code."""

from typing import Annotated, Literal

from pydantic import Field

from model_store.artifact.facts import OutputNames
from model_store.contract import Scalar, TensorSpec
from model_store.contract.record import Record
from model_store.fallbacks.expression import Expression
from model_store.predictions import Label

Answer = bool | int | float | Annotated[str, Field(max_length=200)]
LONGEST_AGE = 365 * 24 * 3600
LIST_NAME = r"[a-z0-9][a-z0-9-]{0,39}"


class Constant(Record):
    """Always the same answer."""

    kind: Literal["constant"] = "constant"
    value: Answer
    note: Annotated[str, Field(max_length=200)] = ""


class Rule(Record):
    """`when` is the CEL text that `condition` was compiled from, for people to read."""

    when: Annotated[str, Field(max_length=500)]
    condition: Expression
    value: Answer


class Rules(Record):
    """The first rule that matches answers; if none does, the next fallback is asked."""

    kind: Literal["rules"] = "rules"
    rules: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=50)]


class Popular(Record):
    """The first of a list in S3 that is refreshed without a deploy.

    max_age: seconds after which the list is stale and the next fallback is asked.
    """

    kind: Literal["popular"] = "popular"
    list: Annotated[str, Field(pattern=f"^{LIST_NAME}$")]
    max_age: Annotated[int, Field(gt=0, le=LONGEST_AGE)]


class OtherModel(Record):
    """A second ONNX model in the same artifact: a simpler one, or the previous version's."""

    kind: Literal["model"] = "model"
    role: Literal["baseline", "previous"]
    inputs: Annotated[tuple[TensorSpec, ...], Field(min_length=1)]
    outputs: OutputNames
    labels: tuple[Label, ...] = ()
    note: Annotated[str, Field(max_length=200)] = ""

    @property
    def file(self) -> Literal["baseline.onnx", "previous.onnx"]:
        return "baseline.onnx" if self.role == "baseline" else "previous.onnx"


Fallback = Annotated[Constant | Rules | Popular | OtherModel, Field(discriminator="kind")]


def values_of(fallback: Fallback) -> tuple[Scalar, ...]:
    """Every answer that is known before it is given."""
    match fallback:
        case Constant():
            return (fallback.value,)
        case Rules():
            return tuple(rule.value for rule in fallback.rules)
        case OtherModel():
            return fallback.labels
        case Popular():
            return ()
