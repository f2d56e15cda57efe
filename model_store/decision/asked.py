"""What one request asks for beyond the policy: stricter, never looser."""

from typing import Annotated

from pydantic import Field

from model_store.artifact.manifest import Manifest
from model_store.contract import Code
from model_store.contract.record import Record
from model_store.errors import LambentError
from model_store.predictions import Share


class Asked(Record):
    """coverage: one of those the model was calibrated for; the smallest if none is asked.

    probabilities: whether to tell those of all classes.
    """

    least_confidence: Share | None = None
    coverage: Annotated[float, Field(gt=0, lt=1)] | None = None
    probabilities: bool = False

    @property
    def beyond_policy(self) -> bool:
        """Whether answers are to be judged or told otherwise than by the policy alone."""
        stricter = self.least_confidence is not None or self.coverage is not None
        return stricter or self.probabilities


class OptionRefused(LambentError):
    """A request asks for less than the policy, or for what this model does not tell.

    `field` names the option.
    """

    def __init__(self, field: str, code: Code, what: str, next_step: str) -> None:
        self.field, self.code = field, code
        super().__init__(f"options.{field}", what, next_step)


def check(asked: Asked, manifest: Manifest) -> None:
    """Raises OptionRefused for a threshold below the policy's, for one without confidences to
    hold against it, and for a coverage that was not calibrated."""
    if asked.least_confidence is not None and manifest.outputs.probabilities is None:
        what = "is asked of a model that tells no confidence"
        raise OptionRefused("least_confidence", Code.NOT_OFFERED, what, "Leave it out")
    least = manifest.policy.least_asked
    if asked.least_confidence is not None and asked.least_confidence < least:
        what = f"is below {least}, the policy's own"
        raise OptionRefused("least_confidence", Code.NOT_STRICTER, what, "Ask for more")
    known = [level.coverage for level in manifest.conformal.levels] if manifest.conformal else []
    if asked.coverage is not None and asked.coverage not in known:
        choice = f"Ask for one of {', '.join(map(str, known))}" if known else "Leave it out"
        what = "is none that this model was calibrated for"
        raise OptionRefused("coverage", Code.NOT_OFFERED, what, choice)
