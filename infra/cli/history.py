"""`lambent history NAME`: every move of the alias, and whether the record is as it was written."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.output import AsJson, emit, table

if TYPE_CHECKING:
    from model_store.history.event import Event


def history(model: Annotated[str, typer.Argument(metavar="NAME")], as_json: AsJson = False) -> None:
    """Who moved the alias live when, from where, to what, and why; the oldest first.

    Exit code 1 if an event was changed or taken out since it was written.
    """
    from infra.cli import wiring
    from infra.release.deployed.history import history_of
    from model_store.history.seal import first_broken

    events = history_of(wiring.aws()).events(model)
    broken = first_broken(events)
    seal = events[-1].seal if events else ""
    whole = f"changed or incomplete from event {broken} on" if broken else "as it was written"
    lines = table([*map(told, events), ("record", whole), ("seal", "" if broken else seal)])
    none = [f"Nothing of {model} was ever live here."]
    document = {"model": model, "events": list(map(asdict, events)), "seal": seal}
    emit(document | {"broken_at": broken}, lines if events else none, as_json=as_json)
    if broken:
        raise typer.Exit(1)


def told(event: "Event") -> tuple[str, str]:
    """When, and in one line what was moved by whom and why."""
    because = f": {event.why}" if event.why else ""
    live = f"{event.model_version} stays live" if event.action == "refused" else event.model_version
    return event.at, f"{event.action} {live} by {event.who}{because}"
