"""`lambent popular NAME LIST [FILE]`: what is popular now, without a deploy."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.output import AsJson, DryRun, emit, note, table

if TYPE_CHECKING:
    from datetime import datetime

    from infra.aws import Aws
    from model_store.artifact.manifest import Manifest
    from model_store.fallbacks.popular_list import PopularList
    from model_store.fallbacks.records import Popular
    from model_store.registry.bucket import Bucket
    from model_store.registry.lists import ListName, ListPlan


def popular(
    model: Annotated[str, typer.Argument(metavar="NAME")],
    name: Annotated[str, typer.Argument(metavar="LIST")],
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE|-]",
            help="A JSON array, or one label a line, best first; - reads the standard input.",
        ),
    ] = None,
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Write a list that a fallback answers from, or show the present one and its age."""
    from infra.cli import wiring
    from infra.release.stack.platform import artifact_bucket, require_platform
    from model_store.history.table import utc_now
    from model_store.registry import lists

    aws, chosen = wiring.aws(), lists.ListName(model, name)
    bucket = artifact_bucket(aws, require_platform(aws))
    manifest = _manifest(aws, bucket, model)
    if file is None:
        link = lists.link_of(chosen, manifest)
        _show(chosen, lists.read(bucket, chosen), link, utc_now(), as_json=as_json)
        return
    plan = lists.plan(chosen, _text(file), manifest, utc_now())
    if not dry_run:
        lists.apply(bucket, plan)
    _emit(chosen, plan, bucket, "planned" if dry_run else "written", as_json=as_json)


def _manifest(aws: "Aws", bucket: "Bucket", model: str) -> "Manifest | None":
    """Of the version that is live and reads the list; before there is one, of the newest."""
    from infra.release.deployed.live import read_live
    from model_store.artifact.reference import ModelReference
    from model_store.registry.manifests import fetch
    from model_store.registry.versions import newest, published

    if live := read_live(aws, model):
        return fetch(bucket, ModelReference(model, live.version.model_version)).manifest
    versions = published(bucket, model)
    return fetch(bucket, newest(versions, model)).manifest if versions else None


def _text(file: str) -> str:
    from infra.errors import Refused

    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read ({error})"
        raise Refused(file, what, "Give a file of text, or - for the standard input") from error


def _emit(
    chosen: "ListName", plan: "ListPlan", bucket: "Bucket", outcome: str, *, as_json: bool
) -> None:
    content = plan.content
    document = {
        "model": chosen.model,
        "list": chosen.name,
        "outcome": outcome,
        "key": plan.key,
        **content.model_dump(mode="json"),
    }
    lines = [
        f"{chosen}: {outcome}, {len(content.items)} items, the first {content.items[0]!r}",
        f"  s3://{bucket.name}/{plan.key}",
    ]
    emit(document, lines, as_json=as_json)
    for text in plan.notes:
        note(text)


def _show(
    chosen: "ListName",
    found: "PopularList",
    link: "Popular | None",
    now: "datetime",
    *,
    as_json: bool,
) -> None:
    age = timedelta(seconds=round((now - found.updated).total_seconds()))
    document = {
        "model": chosen.model,
        "list": chosen.name,
        **found.model_dump(mode="json"),
        "age_seconds": int(age.total_seconds()),
        "max_age_seconds": link.max_age if link else None,
        "fresh": found.is_fresh(link, now) if link else None,
    }
    rows = [
        (str(chosen), f"{len(found.items)} items"),
        ("updated", f"{found.updated.isoformat()}, {age} ago"),
        ("stale", _stale(found, link, now)),
        *((f"{place}.", str(item)) for place, item in enumerate(found.items, 1)),
    ]
    emit(document, table(rows), as_json=as_json)


def _stale(found: "PopularList", link: "Popular | None", now: "datetime") -> str:
    if link is None or found.is_fresh(link, now):
        return ""
    return f"not answered from: older than {timedelta(seconds=link.max_age)}, or from the future"
