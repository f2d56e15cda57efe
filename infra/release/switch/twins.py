"""Twins: Lambda versions that a switch made of a released one, with other variables. Pure."""

from collections.abc import Mapping, Sequence

from infra.errors import NotFound
from infra.release.deployed.draft import Draft
from infra.release.deployed.live import LambdaVersion
from infra.release.deployed.observed import Observed
from infra.release.switch.fallback_notes import runs
from model_store.history.timeline import models_behind


def find_twin(
    versions: Sequence[LambdaVersion],
    environment: Mapping[str, str],
    live: LambdaVersion,
    draft: Draft,
) -> LambdaVersion | None:
    """One as it would be published now; best one with the code of `live`."""
    alike = (runs(live), runs(draft.now))
    found = [v for v in versions if v.environment == environment and runs(v) in alike]
    return max(found, key=lambda v: (runs(v) == runs(live), int(v.number)), default=None)


def find_original(model: str, observed: Observed) -> tuple[LambdaVersion, str]:
    """The released version that the live twin stands in for, and a note if that is a guess.

    Raises NotFound.
    """
    twin = observed.live.version
    same = [version for version in observed.models if version.digest == twin.digest]
    if not same:
        raise NotFound(
            f"model {model}",
            f"has no Lambda version with {twin.model_version} and its model any more",
            f"Release one: lambent deploy {model}@{twin.model_version}; or go back further: "
            f"lambent rollback {model}",
        )
    left = models_behind(observed.moves).get(twin.number)
    original = next((version for version in same if version.number == left), same[-1])
    if original.number == left:
        return original, ""
    because = observed.trouble or "it is not in the history, or is gone"
    return original, (
        f"Which Lambda version was live before the switch is unknown ({because}); "
        f"{original.number} is the newest with the same model."
    )
