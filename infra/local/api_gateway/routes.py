"""Which resource of an API a path belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from infra.local.api_gateway.model import Resource


@dataclass(frozen=True)
class Match:
    resource: Resource
    parameters: dict[str, str]


def match(resources: Sequence[Resource], path: str) -> Match | None:
    """The most specific resource: literal before `{parameter}` before `{proxy+}`, left to right.

    `path` is percent-encoded, as sent; the parameters are decoded. A trailing slash is ignored.
    """
    sent = [segment for segment in path.split("/") if segment]
    found = [
        (_rank(resource), resource, parameters)
        for resource in resources
        if (parameters := _parameters(resource.segments, sent)) is not None
    ]
    if not found:
        return None
    _, resource, parameters = min(found, key=lambda candidate: candidate[0])
    return Match(resource, parameters)


def _parameters(template: list[str], sent: list[str]) -> dict[str, str] | None:
    parameters: dict[str, str] = {}
    for index, part in enumerate(template):
        if part.endswith("+}"):
            rest = sent[index:]
            if not rest:
                return None
            return parameters | {part[1:-2]: unquote("/".join(rest))}
        if index >= len(sent):
            return None
        if part.startswith("{"):
            parameters[part[1:-1]] = unquote(sent[index])
        elif part != unquote(sent[index]):
            return None
    return parameters if len(template) == len(sent) else None


def _rank(resource: Resource) -> list[int]:
    ranks = [2 if s.endswith("+}") else 1 if s.startswith("{") else 0 for s in resource.segments]
    return [*ranks, 0]
