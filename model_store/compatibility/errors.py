"""Why a version is not published or deployed beside those that callers rely on."""

from collections.abc import Sequence

from model_store.artifact.manifest import Manifest
from model_store.compatibility.change import Change
from model_store.compatibility.version import next_major, next_minor, number
from model_store.errors import LambentError

SHOWN = 5


class ContractBroken(LambentError):
    """A promise to callers is not kept, and the major version is not raised (fault row 33)."""

    def __init__(self, old: Manifest, new: Manifest, broken: Sequence[Change]) -> None:
        first = broken[0]
        super().__init__(
            f"{new.reference}, {first.where}",
            f"{first.rule}: {first.what}; {first.kind()} for callers of {old.reference}"
            + _others(broken[1:]),
            f"{first.way_out}; or {_instead(old, new)}",
        )


class ContractVersionReused(LambentError):
    """Two contracts with one version: nobody could say which one a caller knows."""

    def __init__(self, old: Manifest, new: Manifest) -> None:
        version = new.contract.version
        super().__init__(
            f"{new.reference}, contract {version}",
            f"is not the contract {version} of {old.reference}, though nothing that callers "
            "rely on is lost",
            f'Raise its version: freeze(…, version="{next_minor(new.contract)}")',
        )


class AnswersMoreReadily(LambentError):
    """The model would answer where the live one keeps its answer back."""

    def __init__(self, live: Manifest, new: Manifest, looser: Sequence[Change]) -> None:
        first = looser[0]
        super().__init__(
            f"{new.reference}, {first.where}",
            f"{first.rule}: {first.what}; less cautious than {live.reference}, which is live"
            + _others(looser[1:]),
            f"{first.way_out}; or say that it is meant: "
            f"lambent deploy {new.reference} --less-cautious",
        )


def _others(changes: Sequence[Change]) -> str:
    if not changes:
        return ""
    named = ", ".join(f"{change.where} ({change.rule})" for change in changes[:SHOWN])
    more = len(changes) - SHOWN
    return f"; also {named}" + (f" and {more} more" if more > 0 else "")


def _instead(old: Manifest, new: Manifest) -> str:
    if number(new.contract) < number(old.contract):
        return f"go back without a deploy: lambent rollback {new.name} --to VERSION"
    return f'raise the major version: freeze(…, version="{next_major(old.contract)}")'
