"""What must be known before a model is switched off. Pure."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from infra.errors import Refused
from infra.release.deployed.draft import Draft
from infra.release.deployed.live import LambdaVersion
from model_store.errors import ArtifactError

if TYPE_CHECKING:
    from model_store.artifact.standby import Standby


def check_environment(model: str, live: LambdaVersion) -> None:
    if not live.digest:
        raise Refused(
            f"Lambda version {live.number} of {model}",
            "does not show its environment, of which the fallback-only version has to be made",
            "Ask for kms:Decrypt on the key that the function names, or lambent deploy again",
        )


def fallback_notes(model: str, live: LambdaVersion, *, force: bool) -> Iterator[str]:
    held = _standby(live)
    if held is None or not held.fallbacks:
        if not force:
            raise Refused(
                f"{model}@{live.model_version}",
                "holds no fallback that answers without the model: all callers would get 503",
                f"Go back instead: lambent rollback {model}; "
                f"or all the same: lambent fallback {model} on --force",
            )
        yield "There is no fallback: all callers get 503 while the model is switched off."
        return
    if held.contract is None:
        yield "The contract is too large for the standby: requests are not checked meanwhile."
    if all(fallback.kind != "constant" for fallback in held.fallbacks):
        yield "The fallbacks do not end in a constant: callers get 503 where none of them answers."


def _standby(live: LambdaVersion) -> "Standby | None":
    """What the version answers from by itself; None where the function would not use it."""
    # Here, so that switching on again does not wait for the libraries behind the record.
    from model_store.artifact import standby

    try:
        found = standby.unpack(live.standby)
    except ArtifactError:
        return None
    return found if found.digest == live.digest else None


def draft_notes(draft: Draft) -> Iterator[str]:
    if draft.is_cut_short:
        yield "$LATEST was left changed by a switch that was cut short; it is mended."


def code_notes(live: LambdaVersion, draft: Draft) -> Iterator[str]:
    if draft.now.code != live.code:
        yield (
            f"$LATEST has other code than Lambda version {live.number}, which is live: "
            "the fallback answers with the code of $LATEST."
        )
    settings = runs(draft.now)[1]
    changed = [k for k, v in runs(live)[1].items() if settings.get(k, v) != v]
    if changed:
        told = ", ".join(f"{name} {settings[name]}" for name in changed)
        yield f"It runs with the settings of $LATEST: {told}."


def runs(version: LambdaVersion) -> tuple[str, dict[str, str]]:
    """Code and settings, but for the snapshot, which a fallback-only version does without."""
    return version.code, {k: v for k, v in version.settings.items() if k != "SnapStart"}
