"""`lambent diff NAME@A NAME@B`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.output import AsJson, emit, table
from infra.cli.target import TARGET_HELP, find_manifest

if TYPE_CHECKING:
    from model_store.artifact.manifest import Manifest
    from model_store.compatibility import Change, Kind, Mode

MODES = ("backward", "forward", "full")


def _mode(name: str) -> str:
    if name not in MODES:
        raise typer.BadParameter(f"is not one of {', '.join(MODES)}")
    return name


def diff(
    old: Annotated[str, typer.Argument(metavar="NAME@A", help=TARGET_HELP)],
    new: Annotated[str, typer.Argument(metavar="NAME@B", help=TARGET_HELP)],
    mode: Annotated[
        str,
        typer.Option(
            callback=_mode,
            help="backward: callers of A meet B. forward: callers of B meet A. full: both.",
        ),
    ] = "backward",
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Count features that may be missing and new categories too."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell what callers notice of a new version. Exit code 1: something breaks or is silently
    different."""
    from model_store.compatibility import Kind, Mode, changes
    from model_store.compatibility.change import worst

    before, after = find_manifest(old)[0], find_manifest(new)[0]
    found = changes(before, after)
    kinds = [change.kind(Mode(mode), strict=strict) for change in found]
    verdict = worst(*kinds)
    told = sorted(zip(kinds, found, strict=True), key=lambda pair: -list(Kind).index(pair[0]))
    emit(
        _document(before, after, Mode(mode), verdict, told),
        _lines(before, after, verdict, told),
        as_json=as_json,
    )
    if verdict is not Kind.COMPATIBLE:
        raise typer.Exit(1)


def _document(
    old: "Manifest",
    new: "Manifest",
    mode: "Mode",
    verdict: "Kind",
    told: "list[tuple[Kind, Change]]",
) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "from": _served(old),
        "to": _served(new),
        "mode": mode,
        "verdict": verdict,
        "changes": [{"kind": kind, **asdict(change)} for kind, change in told],
    }


def _served(manifest: "Manifest") -> dict[str, Any]:
    return {
        "model": str(manifest.reference),
        "contract": manifest.contract.version,
        "accepts": [older.contract.version for older in manifest.accepts],
    }


def _contracts(manifest: "Manifest") -> str:
    older = (accepted.contract.version for accepted in manifest.accepts)
    return " and ".join((manifest.contract.version, *older))


def _lines(
    old: "Manifest", new: "Manifest", verdict: "Kind", told: "list[tuple[Kind, Change]]"
) -> Iterator[str]:
    versions = f"contract {_contracts(old)} → {_contracts(new)}"
    yield f"{old.reference} → {new.reference}, {versions}: {verdict}"
    width = max((len(change.where) for _, change in told), default=0)
    rows = (
        (f"  {kind}", f"{change.where:<{width}}  {change.rule}: {change.what}")
        for kind, change in told
    )
    yield from table(rows)
    ways = dict.fromkeys(
        f"{change.where}, {change.rule}: {change.way_out}"
        for kind, change in told
        if kind != "compatible"
    )
    if ways:
        yield "Ways out:"
        yield from (f"  {way}" for way in ways)
        yield _asks(told)


def _asks(told: "list[tuple[Kind, Change]]") -> str:
    """What stands in the way of a deploy."""
    asked = {change.asks for kind, change in told if kind != "compatible"}
    if "major" in asked:
        return "  or raise the major version of the contract: freeze(…, version=…)"
    if "consent" in asked:
        return "  or deploy it with --less-cautious"
    return "  Nothing of it stands in the way of a deploy: an owner may tune this."
