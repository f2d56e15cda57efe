"""Popular lists: written over without a deploy, and checked before they are."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from pydantic import ValidationError

from model_store.artifact.layout import list_key
from model_store.artifact.manifest import Manifest
from model_store.artifact.reference import NAME
from model_store.contract.record import explain
from model_store.fallbacks.popular_list import LARGEST_LIST, PopularList
from model_store.fallbacks.records import LIST_NAME, Popular
from model_store.policy import key as spelled
from model_store.predictions import Label
from model_store.registry.bucket import Bucket
from model_store.registry.errors import ListRefused

SHOWN = 10


@dataclass(frozen=True)
class ListName:
    """Which list of which model; raises ListRefused for what cannot be one."""

    model: str
    name: str

    def __post_init__(self) -> None:
        for text, pattern in ((self.model, NAME), (self.name, LIST_NAME)):
            if not re.fullmatch(pattern, text):
                what = "is no name of a model or a list"
                raise ListRefused(repr(text), what, "Write lower-case letters, digits and dashes")

    @property
    def key(self) -> str:
        return list_key(self.model, self.name)

    def __str__(self) -> str:
        return f"list {self.name} of {self.model}"


@dataclass(frozen=True)
class ListPlan:
    """The one object to write. notes: what may be a mistake, and is done nevertheless."""

    key: str
    content: PopularList
    notes: tuple[str, ...]

    @property
    def data(self) -> bytes:
        return self.content.model_dump_json().encode()


def plan(list_: ListName, text: str, manifest: Manifest | None, now: datetime) -> ListPlan:
    """`text` is a JSON array, or one item a line, best first. `manifest`: of the model that
    answers from it, None before there is one.

    Raises ListRefused for what is empty, too large, listed twice, or no label of the model.
    """
    labels = manifest.labels if manifest else ()
    items = _read_items(list_, text, labels)
    if manifest:
        _check_labels(list_, items, manifest)
    try:
        content = PopularList(updated=now.replace(microsecond=0), items=items)
    except ValidationError as error:
        raise ListRefused(str(list_), explain(error), "Keep the best 1 to 1000") from None
    planned = ListPlan(list_.key, content, tuple(_notes(list_, manifest)))
    if len(planned.data) > LARGEST_LIST:
        raise ListRefused(str(list_), f"is larger than {LARGEST_LIST} bytes", "Keep fewer items")
    return planned


def apply(bucket: Bucket, plan: ListPlan) -> None:
    """The last writer wins: a list is refreshed whole."""
    bucket.replace(plan.key, plan.data)


def read(bucket: Bucket, list_: ListName) -> PopularList:
    """Raises ListRefused when there is none, ArtifactError when it is damaged."""
    data = bucket.read(list_.key)
    if data is None:
        raise ListRefused(
            str(list_),
            "is not there",
            f"Write it: lambent popular {list_.model} {list_.name} FILE",
        )
    return PopularList.parse(data)


def link_of(list_: ListName, manifest: Manifest | None) -> Popular | None:
    """The fallback that is answered from this list."""
    links = manifest.fallbacks if manifest else ()
    named = (link for link in links if isinstance(link, Popular) and link.list == list_.name)
    return next(named, None)


def _read_items(list_: ListName, text: str, labels: Sequence[Label]) -> tuple[Label, ...]:
    items = _decoded(list_, text) if text.lstrip().startswith("[") else _lines(text, labels)
    for (_, item), times in Counter(map(_exactly, items)).most_common(1):
        if times > 1:
            what = f"holds {item!r} {times} times"
            raise ListRefused(str(list_), what, "Keep its best place alone")
    return items


def _decoded(list_: ListName, text: str) -> tuple[Label, ...]:
    try:
        items = json.loads(text)
    except (ValueError, RecursionError) as error:
        what = f"is not JSON ({error})"
        raise ListRefused(str(list_), what, "Write an array, or one item a line") from None
    odd = [item for item in items if not isinstance(item, bool | int | str)]
    if odd:
        what = f"holds {json.dumps(odd[0])[:40]}, which is no label"
        raise ListRefused(str(list_), what, "Write strings, whole numbers or booleans")
    return tuple(items)


def _lines(text: str, labels: Sequence[Label]) -> tuple[Label, ...]:
    """Each line as the label that is spelled so, else as a string."""
    known: Mapping[str, Label] = {spelled(label): label for label in labels}
    return tuple(
        known.get(line.strip(), line.strip()) for line in text.splitlines() if line.strip()
    )


def _check_labels(list_: ListName, items: Sequence[Label], manifest: Manifest) -> None:
    if not manifest.labels:
        what = f"would hold labels, and {manifest.reference} is a regression"
        raise ListRefused(str(list_), what, "Use another fallback for it")
    known = set(map(_exactly, manifest.labels))
    unknown = [item for item in items if _exactly(item) not in known]
    if unknown:
        shown = ", ".join(repr(item)[:80] for item in unknown[:SHOWN])
        more = f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
        what = f"holds {shown}{more}, which {manifest.reference} does not know"
        raise ListRefused(str(list_), what, _suggestion(unknown[0], manifest.labels))


def _suggestion(unknown: Label, labels: Sequence[Label]) -> str:
    by_name = {spelled(label): label for label in labels}
    close = get_close_matches(spelled(unknown), by_name, n=1)
    if close:
        return f"Perhaps {by_name[close[0]]!r} is meant"
    more = f" and {len(labels) - SHOWN} more" if len(labels) > SHOWN else ""
    return f"Its labels are {', '.join(map(repr, labels[:SHOWN]))}{more}"


def _exactly(label: Label) -> tuple[type, Label]:
    """1 is not true, though Python says so."""
    return type(label), label


def _notes(list_: ListName, manifest: Manifest | None) -> list[str]:
    if manifest is None:
        return [f"No version of {list_.model} is published yet: its labels were not checked."]
    if link_of(list_, manifest) is None:
        return [f"{manifest.reference} has no fallback that answers from {list_.name!r}."]
    return []
