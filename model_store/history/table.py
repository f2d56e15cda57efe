"""The history table: append-only, one item per move of an alias."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from model_store.aws import translated
from model_store.errors import AwsFailed, Conflict
from model_store.history.event import Action, Event, Served
from model_store.history.seal import facts, sealed
from model_store.history.timeline import with_observed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ATTEMPTS = 5


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Move:
    """Why the alias moved away from the Lambda version `source`, or why that was refused.

    `left`: the digest of the model that it serves.
    """

    action: Action
    source: str | None
    who: str
    why: str = ""
    left: str = ""


@dataclass(frozen=True)
class HistoryTable:
    """All events of all models, in the DynamoDB table `name`.

    Every method raises AwsError (of model_store.errors) when DynamoDB denies or does not answer.
    """

    client: "DynamoDBClient"
    name: str
    now: Callable[[], datetime] = utc_now

    def events(self, model: str) -> tuple[Event, ...]:
        """The oldest first."""
        with translated(f"history table {self.name}"):
            pages = self.client.get_paginator("query").paginate(
                TableName=self.name,
                KeyConditionExpression="#m = :m",
                ExpressionAttributeNames={"#m": "model"},
                ExpressionAttributeValues={":m": {"S": model}},
                ConsistentRead=True,
            )
            return tuple(_event(item) for page in pages for item in page["Items"])

    def append(
        self,
        model: str,
        event: Event,
        known: Sequence[Event] | None = None,
        *,
        once: bool = False,
    ) -> Event:
        """Add behind the last event, whoever else adds at the same time; returns it sealed.

        `known` saves reading the events first; it may be out of date. `once`: unless the last
        event says the same already, which is returned then. An event whose write was answered
        by nobody is found again by its seal (fault row 48).
        """
        chained: Event | None = None
        for _ in range(ATTEMPTS):
            events = self.events(model) if known is None else known
            if chained and chained in events:
                return chained
            last = events[-1] if events else None
            if once and last and _say_the_same(last, event):
                return last
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
        live: Served,
        known: Sequence[Event] | None = None,
        *,
        once: bool = False,
    ) -> Event:
        """Write down that `live` became live now, or stays so after a refusal.

        `known` and `once` as for `append`.
        """
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
            left=move.left,
        )
        return self.append(model, event, known, once=once)

    def reconciled(
        self,
        model: str,
        live: Served | None,
        known: Sequence[Event] | None = None,
        *,
        write: bool = True,
    ) -> tuple[Event, ...]:
        """The events, with a move that Lambent did not make noted (and written) as observed.

        `live` is what the alias points to, None without one; `known` as for `append`.
        """
        events = self.events(model) if known is None else tuple(known)
        if live is None:
            return events
        told = with_observed(events, live, self._at())
        if write and len(told) > len(events):
            return (*events, self.append(model, told[-1], events))
        return told

    def _at(self) -> str:
        return self.now().isoformat(timespec="seconds")

    def _put(self, model: str, event: Event) -> bool:
        try:
            with translated(f"history table {self.name}"):
                self.client.put_item(
                    TableName=self.name,
                    Item=_item(model, event),
                    ConditionExpression="attribute_not_exists(#s)",
                    ExpressionAttributeNames={"#s": "sequence"},
                )
        except AwsFailed as error:
            if error.code == "ConditionalCheckFailedException":
                return False
            raise
        return True


def _say_the_same(one: Event, other: Event) -> bool:
    return (one.action, one.source, one.target) == (other.action, other.source, other.target)


def _item(model: str, event: Event) -> dict[str, Any]:
    item: dict[str, Any] = {"model": {"S": model}}
    for name, value in {**facts(event), "seal": event.seal}.items():
        if value is not None:
            item[name] = {"N": str(value)} if isinstance(value, int) else {"S": value}
    return item


def _event(item: dict[str, Any]) -> Event:
    """Raises AwsFailed for an item that this Lambent cannot read: a newer one may have written it,
    and a rollback has to be told, rather than to crash."""
    try:
        values: dict[str, Any] = {
            k: int(v["N"]) if "N" in v else v["S"] for k, v in item.items() if k != "model"
        }
        return Event(**{"source": None, **values})
    except (KeyError, TypeError, ValueError):
        number = item.get("sequence", {}).get("N", "?")
        raise AwsFailed(
            f"event {number} of the history", "is not one that this Lambent knows", "Update Lambent"
        ) from None
