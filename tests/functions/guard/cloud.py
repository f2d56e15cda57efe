"""AWS as the guard meets it: an alias that is compared and set, a table that grows, a clock."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from functions.guard.alarm import Alarm, read_alarm
from functions.guard.guard import Guard
from functions.guard.settings import Settings
from functions.operations.telling import Teller
from model_store.history.event import Action, Event
from model_store.history.live import Version, read_versions
from model_store.history.table import HistoryTable, Move

SETTINGS = Settings("iris", "lambent-iris", "history", 24, "arn:aws:sns:eu-central-1:1:alarms")
START = datetime(2030, 1, 1, 12, tzinfo=UTC)


def refusal(code: str, operation: str, status: int = 400) -> ClientError:
    about = {"HTTPStatusCode": status}
    return ClientError(
        {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": about}, operation
    )


def lit(name: str = "errors", at: datetime = START, state: str = "ALARM") -> Alarm:
    return read_alarm(alarm_event(f"lambent-iris-{name}", at, state))


def alarm_event(name: str, at: datetime, state: str = "ALARM") -> dict[str, Any]:
    """As CloudWatch writes it."""
    arn = f"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:{name}"
    changed = at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return {
        "source": "aws.cloudwatch",
        "alarmArn": arn,
        "accountId": "123456789012",
        "time": changed,
        "region": "eu-central-1",
        "alarmData": {
            "alarmName": name,
            "state": {
                "value": state,
                "reason": "Threshold Crossed: 1 datapoint [5.0] was greater than 1.0",
                "reasonData": "{}",
                "timestamp": changed,
            },
            "previousState": {"value": "OK", "reason": "", "timestamp": changed},
            "configuration": {"metrics": []},
        },
    }


@dataclass
class Cloud:
    """`meanwhile`: by operation, what somebody faster does right before its next call.
    `deployments`: running ones, `stopped`: such as are over, as CodeDeploy describes their targets;
    `fails`: operations whose next call does.
    """

    now: datetime = START
    versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    live: str = ""
    weights: dict[str, float] = field(default_factory=dict)
    description: str = ""
    revision: int = 1
    items: list[dict[str, Any]] = field(default_factory=list)
    deployments: list[dict[str, Any]] = field(default_factory=list)
    stopped: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, str]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    fails: list[str] = field(default_factory=list)
    meanwhile: dict[str, Callable[[], object]] = field(default_factory=dict)

    def guard(self, settings: Settings = SETTINGS) -> Guard:
        teller = Teller(settings.model, settings.topic, self, self._log)
        table = HistoryTable(self, settings.history, lambda: self.now)
        return Guard(settings, self, self, table, teller, lambda: self.now)

    # What people do.

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)

    def add_version(self, model: str = "", **variables: str) -> str:
        number = str(len(self.versions) + 1)
        pinned = {"LAMBENT_VERSION": model or number, "LAMBENT_DIGEST": f"digest-{model or number}"}
        self.versions[number] = {
            "Version": number,
            "LastModified": self.now.isoformat(),
            "Environment": {"Variables": pinned | variables},
        }
        return number

    def point(self, number: str) -> None:
        self.live, self.weights, self.revision = number, {}, self.revision + 1

    def move(self, action: Action, number: str, *, written: bool = True, left: str = "") -> str:
        """As `lambent` does: the alias, then the history."""
        source = self.live or None
        self.point(number)
        if written:
            move = Move(action, source, "ada", left=left)
            self.table.record("iris", move, self.served(number))
        return number

    def release(self, model: str = "", *, written: bool = True) -> str:
        return self.move("release", self.add_version(model), written=written)

    def served(self, number: str) -> Version:
        return read_versions(self, "lambent-iris")[number]

    # What can be told afterwards.

    @property
    def table(self) -> HistoryTable:
        return HistoryTable(self, "history", lambda: self.now)

    @property
    def events(self) -> tuple[Event, ...]:
        return self.table.events("iris")

    @property
    def actions(self) -> list[str]:
        return [event.action for event in self.events]

    # What the services do.

    def get_alias(self, FunctionName: str, Name: str) -> dict[str, Any]:
        routing = {"RoutingConfig": {"AdditionalVersionWeights": self.weights}}
        return {
            "FunctionVersion": self.live,
            "RevisionId": str(self.revision),
            "Description": self.description,
            **(routing if self.weights else {}),
        }

    def update_alias(
        self,
        FunctionName: str,
        Name: str,
        FunctionVersion: str,
        RoutingConfig: dict[str, dict[str, float]],
        Description: str,
        RevisionId: str,
    ) -> None:
        self._may_be_overtaken("UpdateAlias")
        if RevisionId != str(self.revision):
            raise refusal("PreconditionFailedException", "UpdateAlias", 412)
        assert len(Description) <= 256
        self.point(FunctionVersion)
        self.weights, self.description = RoutingConfig["AdditionalVersionWeights"], Description

    def put_item(self, Item: dict[str, Any], **asked: Any) -> None:
        self._may_fail("PutItem")
        self._may_be_overtaken("PutItem")
        if any(item["sequence"] == Item["sequence"] for item in self.items):
            raise refusal("ConditionalCheckFailedException", "PutItem")
        self.items.append(Item)

    def get_paginator(self, operation: str) -> "Pages | Deployments":
        self._may_fail(operation.title())
        if operation == "list_deployments":
            return Deployments(self)
        found: dict[str, Any] = {
            "query": {"Items": self.items},
            "list_versions_by_function": {"Versions": list(self.versions.values())},
        }[operation]
        return Pages([found])

    def list_deployment_targets(self, deploymentId: str) -> dict[str, Any]:
        return {"targetIds": ["target"]}

    def batch_get_deployment_targets(
        self, deploymentId: str, targetIds: list[str]
    ) -> dict[str, Any]:
        return {"deploymentTargets": [dict(self.numbered())[deploymentId]]}

    def numbered(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for place, target in enumerate([*self.deployments, *self.stopped]):
            yield f"d-{place}", target

    def publish(self, **message: str) -> None:
        self._may_fail("Publish")
        self.messages.append(message)

    def _may_be_overtaken(self, operation: str) -> None:
        self.meanwhile.pop(operation, lambda: None)()

    def _may_fail(self, operation: str) -> None:
        if operation in self.fails:
            self.fails.remove(operation)
            raise refusal("InternalServerError", operation, 500)

    def _log(self, line: str) -> None:
        self.lines.append(json.loads(line))


@dataclass(frozen=True)
class Pages:
    pages: Iterable[dict[str, Any]]

    def paginate(self, **asked: Any) -> Iterable[dict[str, Any]]:
        return self.pages


@dataclass(frozen=True)
class Deployments:
    cloud: Cloud

    def paginate(
        self, includeOnlyStatuses: list[str], createTimeRange: dict[str, datetime] | None = None
    ) -> Iterable[dict[str, Any]]:
        is_over = "Stopped" in includeOnlyStatuses
        assert is_over == (createTimeRange is not None)  # or all that ever ended would be read
        wanted = self.cloud.stopped if is_over else self.cloud.deployments
        yield {"deployments": [name for name, target in self.cloud.numbered() if target in wanted]}
