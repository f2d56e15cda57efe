"""What one request asks for beyond the policy: stricter, never looser."""

from typing import Annotated

from pydantic import Field

from model_store.artifact.manifest import Manifest
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


class Looser(LambentError):
    """A request asks for less than the policy; `field` names the option."""

    def __init__(self, field: str, what: str, next_step: str) -> None:
        self.field = field
        super().__init__(f"options.{field}", what, next_step)


def check(asked: Asked, manifest: Manifest) -> None:
    """Raises Looser for a threshold below the policy's, or that this model cannot keep, or a
    coverage that was not calibrated."""
    if asked.least_confidence is not None and manifest.outputs.probabilities is None:
        what = "is asked of a model that tells no confidence"
        raise Looser("least_confidence", what, "Leave it out")
    least = manifest.policy.least_asked
    if asked.least_confidence is not None and asked.least_confidence < least:
        what = f"is below {least}, the policy's own"
        raise Looser("least_confidence", what, "Ask for more, or leave it out")
    known = [level.coverage for level in manifest.conformal.levels] if manifest.conformal else []
    if asked.coverage is not None and asked.coverage not in known:
        choice = f"Ask for one of {', '.join(map(str, known))}" if known else "Leave it out"
        raise Looser("coverage", "is none that this model was calibrated for", choice)
