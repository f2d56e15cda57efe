"""The history table: append-only, one item per move of an alias."""

import getpass
import socket
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from infra.aws import Aws, translated
from infra.errors import AwsFailed, Conflict, InfraError
from infra.release.live import LambdaVersion, Live
from infra.release.seal import sealed
from infra.release.stacks import PLATFORM_STACK
from infra.release.timeline import Action, Event, with_observed

ATTEMPTS = 5


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Move:
    """Why the alias moved away from the Lambda version `source`."""

    action: Action
    source: str | None
    who: str
    why: str = ""


@dataclass(frozen=True)
class History:
    """All events of all models, in the platform's DynamoDB table."""

    aws: Aws
    table: str = f"{PLATFORM_STACK}-history"
    now: Callable[[], datetime] = utc_now

    def events(self, model: str) -> tuple[Event, ...]:
        """The oldest first."""
        with translated(f"history table {self.table}"):
            pages = self.aws.dynamodb.get_paginator("query").paginate(
                TableName=self.table,
                KeyConditionExpression="#m = :m",
                ExpressionAttributeNames={"#m": "model"},
                ExpressionAttributeValues={":m": {"S": model}},
                ConsistentRead=True,
            )
            return tuple(_event(item) for page in pages for item in page["Items"])

    def append(self, model: str, event: Event, known: Sequence[Event] | None = None) -> Event:
        """Add behind the last event, whoever else adds at the same time; returns it sealed.

        `known` saves reading the events first; it may be out of date.
        """
        for _ in range(ATTEMPTS):
            events = self.events(model) if known is None else known
            last = events[-1] if events else None
            numbered = replace(event, sequence=last.sequence + 1 if last else 1)
            chained = sealed(numbered, last)
            if self._put(model, chained):
                return chained
            known = None
        raise Conflict(f"history of {model}", "others keep writing to it", "Run the command again")

    def record(
        self,
        model: str,
        move: Move,
        live: LambdaVersion,
        known: Sequence[Event] | None = None,
    ) -> Event:
        """Write down that `live` became live now."""
        event = Event(
            sequence=0,
            action=move.action,
            source=move.source,
            target=live.number,
            model_version=live.model_version,
            digest=live.digest,
            at=self._at(),
            who=move.who,
            why=move.why,
        )
        return self.append(model, event, known)

    def reconciled(
        self,
        model: str,
        live: Live | None,
        known: Sequence[Event] | None = None,
        *,
        write: bool = True,
    ) -> tuple[Event, ...]:
        """The events, with a move that Lambent did not make noted (and written) as observed.

        `known` as for `append`.
        """
        events = self.events(model) if known is None else tuple(known)
        if live is None:
            return events
        now = live.version
        told = with_observed(
            events,
            now.number,
            now.model_version,
            now.digest,
            self._at(),
            fallback_only=now.is_fallback_only,
        )
        if write and len(told) > len(events):
            return (*events, self.append(model, told[-1], events))
        return told

    def _at(self) -> str:
        return self.now().isoformat(timespec="seconds")

    def _put(self, model: str, event: Event) -> bool:
        try:
            with translated(f"history table {self.table}"):
                self.aws.dynamodb.put_item(
                    TableName=self.table,
                    Item=_item(model, event),
                    ConditionExpression="attribute_not_exists(#s)",
                    ExpressionAttributeNames={"#s": "sequence"},
                )
        except AwsFailed as error:
            if error.code == "ConditionalCheckFailedException":
                return False
            raise
        return True


def who_am_i(aws: Aws) -> str:
    """The AWS identity, or the local user where AWS does not tell."""
    try:
        with translated("AWS identity"):
            return aws.sts.get_caller_identity()["Arn"]
    except InfraError:
        return f"{getpass.getuser()}@{socket.gethostname()}"


def _item(model: str, event: Event) -> dict[str, Any]:
    item: dict[str, Any] = {"model": {"S": model}}
    for name, value in asdict(event).items():
        if value is not None:
            item[name] = {"N": str(value)} if isinstance(value, int) else {"S": value}
    return item


def _event(item: dict[str, Any]) -> Event:
    values: dict[str, Any] = {
        k: int(v["N"]) if "N" in v else v["S"] for k, v in item.items() if k != "model"
    }
    return Event(**{"source": None, **values})
