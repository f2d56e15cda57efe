"""`lambent status NAME`."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.history import told
from infra.cli.output import AsJson, emit, note, table

if TYPE_CHECKING:
    from infra.release.deployed.live import LambdaVersion
    from infra.release.deployed.status import Status


def status(
    model: Annotated[str, typer.Argument(metavar="NAME")],
    show_key: Annotated[
        bool,
        typer.Option("--show-key", help="Print the API key, and a line that exports URL and KEY."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is live, since when, what came before, what is not live, and what is wrong."""
    from infra.cli import wiring
    from infra.release.deployed.status import read_status
    from infra.release.stack.stacks import api_key

    aws = wiring.aws()
    found = read_status(aws, model)
    key_id = found.stack.outputs.get("ApiKeyId") if found.stack else None
    key = api_key(aws, key_id) if show_key and key_id else None
    document = _document(found) | ({"api_key": key} if key else {})
    lines = table([*_rows(found), ("API key", key or "")])
    if show_key and found.api_url:
        lines.append(f"export URL={found.api_url}" + (f" KEY={key}" if key else ""))
    emit(document, lines, as_json=as_json)
    for trouble in found.troubles:
        note(f"Unknown: {trouble}")


def _document(status: "Status") -> dict[str, Any]:
    live = status.live
    return {
        "model": status.model,
        "live": live
        and {
            "version": live.version.model_version,
            "lambda_version": live.version.number,
            "digest": live.version.digest,
            "since": status.since,
            "weights": dict(live.weights),
            "fallback_only": status.is_fallback_only,
        },
        "switched_off": status.switched_off and asdict(status.switched_off),
        "shadow": _shadow(status),
        "release_under_way": status.shift and asdict(status.shift),
        "refused": status.refused and asdict(status.refused),
        "cut_short": status.cut_short,
        "previous": status.previous and asdict(status.previous),
        "published_not_live": status.not_live,
        "stack": status.stack and {"name": status.stack.name, "status": status.stack.status},
        "drift": status.drift,
        "alarms": status.alarms,
        "api_url": status.api_url,
        "history": [asdict(event) for event in status.events],
        "troubles": status.troubles,
    }


def _rows(status: "Status") -> Iterator[tuple[str, str]]:
    yield status.model, _live(status)
    yield "shadow", _shadowed(status)
    yield "releasing", _releasing(status)
    yield "refused", _refused(status)
    yield "unfinished", _unfinished(status)
    before = status.previous
    yield "before", f"{before.model_version} (went live {before.at})" if before else ""
    yield "published, not live", ", ".join(status.not_live)
    yield "drift", status.drift or ""
    lit = ", ".join(status.alarms)
    yield "alarms", f"{lit} (see: lambent logs {status.model})" if lit else ""
    yield "stack", f"{status.stack.name} {status.stack.status}" if status.stack else ""
    yield "url", status.api_url or ""
    yield from map(told, status.events[-5:])


def _live(status: "Status") -> str:
    live = status.live
    if live is None:
        return f"not live; deploy it: lambent deploy {status.model}"
    if status.is_fallback_only:
        return _fallback_only(status, live.version)
    since = f" since {status.since}" if status.since else ""
    shares = "".join(f", {share:.0%} to version {v}" for v, share in live.weights.items())
    return (
        f"live: {live.version.model_version}{since} (Lambda version {live.version.number}{shares})"
    )


def _fallback_only(status: "Status", version: "LambdaVersion") -> str:
    event, before = status.switched_off, status.stands_in_for
    since = f" since {event.at} by {event.who}" if event else ""
    because = f": {event.why}" if event and event.why else ""
    number = f" (Lambda version {before})" if before else ""
    was = f"{status.model}@{version.model_version}{number}"
    back = f"lambent fallback {status.model} off"
    return f"FALLBACK ONLY{since}{because}; was {was}; the model answers again after: {back}"


def _shadow(status: "Status") -> dict[str, Any] | None:
    if status.live is None or status.shadow is None:
        return None
    return {
        "version": status.shadow.model_version,
        "lambda_version": status.shadow.number,
        "percent": status.live.version.shadow_percent,
    }


def _shadowed(status: "Status") -> str:
    if (found := _shadow(status)) is None:
        return ""
    return (
        f"{found['percent']} % of the requests are copied to {status.model}@{found['version']} "
        f"(Lambda version {found['lambda_version']}); see lambent shadow {status.model}"
    )


def _releasing(status: "Status") -> str:
    shift = status.shift
    if shift is None:
        return ""
    since = f" since {shift.since.isoformat(timespec='seconds')}" if shift.since else ""
    return (
        f"Lambda version {shift.target} has {shift.share:.0%} of the traffic{since}, "
        f"{shift.source} the rest; end it with: lambent rollback {status.model}"
    )


def _refused(status: "Status") -> str:
    event = status.refused
    because = f": {event.why}" if event and event.why else ""
    return f"Lambda version {event.source} on {event.at} by {event.who}{because}" if event else ""


def _unfinished(status: "Status") -> str:
    if not status.cut_short:
        return ""
    state = "on" if status.is_fallback_only else "off"
    return (
        "$LATEST is not as it was released: a switch is at work, or was cut short; in that case "
        f"mend it with: lambent fallback {status.model} {state}"
    )
