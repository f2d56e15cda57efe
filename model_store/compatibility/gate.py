"""The contract gate: what is refused before it is published, and before it gets any traffic."""

from collections.abc import Iterable, Iterator, Sequence

from model_store.artifact.accepted import Accepted
from model_store.artifact.manifest import Manifest
from model_store.compatibility.change import Asks, Change, Kind
from model_store.compatibility.changes import answer_changes, changes, contract_changes
from model_store.compatibility.errors import (
    AnswersMoreReadily,
    ContractBroken,
    ContractVersionReused,
    OlderContractBroken,
    OlderContractUnknown,
)
from model_store.compatibility.version import number
from model_store.contract import predictions_path


def check_published(new: Manifest, published: Iterable[Manifest]) -> None:
    """Against every published version of the same major that came before, by contract version,
    and of each older major that is still served: a caller may know any of them.

    Raises ContractBroken or ContractVersionReused; OlderContractUnknown or OlderContractBroken for
    what is accepted.
    """
    published = [old for old in published if old.reference != new.reference]
    for old in sorted(_before(new, published), key=lambda m: number(m.contract)):
        _check_promises(old, new)
    for older in new.accepts:
        _check_accepted(older, new, published)


def check_live(new: Manifest, live: Manifest, *, less_cautious: bool = False) -> None:
    """Against the version that answers now, which may also be the later one.

    Raises ContractBroken, OlderContractBroken or ContractVersionReused; unless `less_cautious` is
    meant, AnswersMoreReadily.
    """
    _check_promises(live, new)
    looser = _asking("consent", live, new)
    if looser and not less_cautious and not _is_next_major(live, new):
        raise AnswersMoreReadily(live, new, looser)


def notes(new: Manifest, live: Manifest) -> Iterator[str]:
    """What callers of the live version will notice, though nothing stands in the way."""
    broken = _asking("major", live, new)
    if _is_next_major(live, new) and new.accepted(live.contract.major):
        path = predictions_path(live.contract.major)
        yield f"Callers of contract {live.contract.version} stay served, at {path}"
    if broken:
        yield (
            f"Contract {live.contract.version} → {new.contract.version}: {len(broken)} changes "
            f"break callers of {live.reference}: lambent diff {live.reference} {new.reference}"
        )
    for change in (*_asking("consent", live, new), *_asking("nothing", live, new)):
        yield f"{change.where}, {change.rule}: {change.what} (now {live.reference})"


def _before(new: Manifest, published: Iterable[Manifest]) -> Iterator[Manifest]:
    major, minor = number(new.contract)
    for old in published:
        old_major, old_minor = number(old.contract)
        if old_major == major and old_minor <= minor:
            yield old


def _check_promises(old: Manifest, new: Manifest) -> None:
    if _is_next_major(old, new):
        if older := new.accepted(old.contract.major):
            _check_kept(older, old, new)
        return
    if broken := _asking("major", old, new):
        raise ContractBroken(old, new, broken)
    same_version = old.contract.version == new.contract.version
    if same_version and old.contract.digest != new.contract.digest:
        raise ContractVersionReused(old, new)


def _check_accepted(older: Accepted, new: Manifest, published: Sequence[Manifest]) -> None:
    """Against every version that its callers may know."""
    published = [old for old in published if old.contract.major == older.contract.major]
    if older.contract.digest not in {old.contract.digest for old in published}:
        raise OlderContractUnknown(older, new, published)
    for old in published:
        _check_kept(older, old, new)


def _check_kept(older: Accepted, old: Manifest, new: Manifest) -> None:
    """Whether callers of `old` are served by `new` through the older contract as they were."""
    found = (*contract_changes(old.contract, older.contract), *answer_changes(old, new))
    if broken := [change for change in found if change.kind() is not Kind.COMPATIBLE]:
        raise OlderContractBroken(older, old, new, broken)


def _is_next_major(old: Manifest, new: Manifest) -> bool:
    return number(new.contract)[0] > number(old.contract)[0]


def _asking(asks: Asks, old: Manifest, new: Manifest) -> list[Change]:
    return [
        change
        for change in changes(old, new)
        if change.asks == asks and change.kind() is not Kind.COMPATIBLE
    ]
