"""Why a version is not published or deployed beside those that callers rely on."""

from collections.abc import Sequence

from model_store.artifact.accepted import Accepted
from model_store.artifact.manifest import Manifest
from model_store.compatibility.change import Change
from model_store.compatibility.version import next_major, next_minor, number
from model_store.contract import predictions_path
from model_store.errors import LambentError

SHOWN = 5
_CONTRACT_OF = "read_artifact(FOLDER).manifest.contract"


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


class OlderContractUnknown(LambentError):
    """Nobody calls an accepted contract that was never published: it is misremembered."""

    def __init__(self, older: Accepted, new: Manifest, published: Sequence[Manifest]) -> None:
        major, last = older.contract.major, max(published, key=_number, default=None)
        known = (
            f"the last of major {major} is contract {last.contract.version} of {last.reference}"
            if last
            else f"no version of {new.name} with major {major} is published"
        )
        super().__init__(
            f"{new.reference}, accepts contract {older.contract.version}",
            f"is not, byte for byte, a contract that was published: {known}",
            f"Take it from that artifact: {_CONTRACT_OF}" if last else "Leave it out of accepts=",
        )


class OlderContractBroken(LambentError):
    """Callers of an older major, who are still served, would notice (fault row 33)."""

    def __init__(
        self, older: Accepted, old: Manifest, new: Manifest, broken: Sequence[Change]
    ) -> None:
        first, path = broken[0], predictions_path(older.contract.major)
        super().__init__(
            f"{new.reference}, {first.where}",
            f"{first.rule}: {first.what}; {first.kind()} for callers of {old.reference}, who are "
            f"served at {path}" + _others(broken[1:]),
            f"{first.way_out}; or leave contract {older.contract.version} out of accepts=: "
            f"{path} then answers 404",
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


def _number(manifest: Manifest) -> tuple[int, int]:
    return number(manifest.contract)


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
