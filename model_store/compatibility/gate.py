"""The contract gate: what is refused before it is published, and before it gets any traffic."""

from collections.abc import Iterable, Iterator

from model_store.artifact.manifest import Manifest
from model_store.compatibility.change import Asks, Change, Kind
from model_store.compatibility.changes import changes
from model_store.compatibility.errors import (
    AnswersMoreReadily,
    ContractBroken,
    ContractVersionReused,
)
from model_store.compatibility.version import number


def check_published(new: Manifest, published: Iterable[Manifest]) -> None:
    """Against every published version of the same major that came before, by contract version.

    A caller may know any of them. Raises ContractBroken or ContractVersionReused.
    """
    for old in sorted(_before(new, published), key=lambda m: number(m.contract)):
        _check_promises(old, new)


def check_live(new: Manifest, live: Manifest, *, less_cautious: bool = False) -> None:
    """Against the version that answers now, which may also be the later one.

    Raises ContractBroken or ContractVersionReused; unless `less_cautious` is meant,
    AnswersMoreReadily.
    """
    _check_promises(live, new)
    looser = _asking("consent", live, new)
    if looser and not less_cautious and not _is_next_major(live, new):
        raise AnswersMoreReadily(live, new, looser)


def notes(new: Manifest, live: Manifest) -> Iterator[str]:
    """What callers of the live version will notice, though nothing stands in the way."""
    broken = _asking("major", live, new)
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
        if old.reference != new.reference and old_major == major and old_minor <= minor:
            yield old


def _check_promises(old: Manifest, new: Manifest) -> None:
    if _is_next_major(old, new):
        return
    if broken := _asking("major", old, new):
        raise ContractBroken(old, new, broken)
    same_version = old.contract.version == new.contract.version
    if same_version and old.contract.digest != new.contract.digest:
        raise ContractVersionReused(old, new)


def _is_next_major(old: Manifest, new: Manifest) -> bool:
    return number(new.contract)[0] > number(old.contract)[0]


def _asking(asks: Asks, old: Manifest, new: Manifest) -> list[Change]:
    return [
        change
        for change in changes(old, new)
        if change.asks == asks and change.kind() is not Kind.COMPATIBLE
    ]
