"""AWS as the judge meets it, on botocore's own models of requests and answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.stub import ANY, Stubber

from functions.canary.judge import Judge
from functions.canary.readings import CRASHES, SCALE_FROM, SCALE_TO, SLOW
from functions.canary.settings import Settings
from functions.operations.telling import Teller
from model_store import request_metrics as metrics
from model_store.history.table import HistoryTable
from tests.model_store.history.clients import client

START = datetime(2030, 1, 1, 12, tzinfo=UTC)
TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
ALARMS = ("lambent-iris-canary-errors-8", "lambent-iris-judge")
SETTINGS = Settings(
    model="iris",
    function="lambent-iris",
    history="history",
    candidate="8",
    version="2",
    digest="b" * 64,
    latency_ms=2000,
    tolerance=0.05,
    churn=0.3,
    alarms=ALARMS,
    topic=TOPIC,
)
CANARY = {
    "type": "TimeBasedCanary",
    "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 10},
}
Told = Mapping[str, float]


def told(requests: int, *answers: int, scale: float = 7.0, **trouble: int) -> dict[str, float]:
    """What a version told CloudWatch; trouble by the attribute of model_store.request_metrics."""
    named = {getattr(metrics, name, name): float(count) for name, count in trouble.items()}
    shares = dict(zip(metrics.ANSWERS, map(float, answers), strict=False))
    scales = {SCALE_FROM: scale, SCALE_TO: scale} if answers else {}
    return {metrics.REQUESTS: float(requests), **shares, **scales, **named}


CRASHED, TOOK_LONG = CRASHES, SLOW


@dataclass
class Cloud:
    """What is asked of it has to be announced before: a call that is not is an error."""

    now: datetime = START
    lines: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        names = ("codedeploy", "cloudwatch", "lambda", "dynamodb", "sns")
        self.clients = {name: client(name) for name in names}
        self.stubs = {name: Stubber(made) for name, made in self.clients.items()}
        for stub in self.stubs.values():
            stub.activate()

    def judge(self, settings: Settings = SETTINGS) -> Judge:
        of = self.clients
        teller = Teller(settings.model, settings.topic, of["sns"], self._log)
        return Judge(
            settings=settings,
            codedeploy=of["codedeploy"],
            cloudwatch=of["cloudwatch"],
            lambda_=of["lambda"],
            history=HistoryTable(of["dynamodb"], settings.history, lambda: self.now),
            teller=teller,
            now=lambda: self.now,
        )

    def _log(self, line: str) -> None:
        self.lines.append(json.loads(line))

    def done(self) -> None:
        """Everything that was announced was asked."""
        for stub in self.stubs.values():
            stub.assert_no_pending_responses()

    def no_deployment(self) -> None:
        self.stubs["codedeploy"].add_response("list_deployments", {"deployments": []})

    def shifts(
        self,
        minutes: float | None,
        routing: Mapping[str, Any] = CANARY,
        target: str = "8",
        source: str = "7",
        function: str = "lambent-iris",
    ) -> None:
        """A running deployment, whose traffic moves since so many minutes; None: not yet."""
        stub = self.stubs["codedeploy"]
        stub.add_response(
            "list_deployments", {"deployments": ["d-1"]}, {"includeOnlyStatuses": ANY}
        )
        stub.add_response("list_deployment_targets", {"targetIds": ["t"]}, {"deploymentId": "d-1"})
        events: list[dict[str, Any]] = [{"lifecycleEventName": "BeforeAllowTraffic"}]
        if minutes is not None:
            since = self.now - timedelta(minutes=minutes)
            events.append({"lifecycleEventName": "AllowTraffic", "startTime": since})
        moved = {
            "functionName": function,
            "functionAlias": "live",
            "currentVersion": source,
            "targetVersion": target,
            "targetVersionWeight": 0.1,
        }
        described = {
            "deploymentId": "d-1",
            "lifecycleEvents": events,
            "lambdaFunctionInfo": moved,
        }
        answer = {"deploymentTargets": [{"lambdaTarget": described}]}
        stub.add_response("batch_get_deployment_targets", answer)
        if function == "lambent-iris" and minutes is not None:
            about = {"deploymentInfo": {"deploymentConfigName": "any"}}
            stub.add_response("get_deployment", about)
            info = {"deploymentConfigInfo": {"trafficRoutingConfig": dict(routing)}}
            stub.add_response("get_deployment_config", info)

    def measures(self, candidate: Told, live: Told) -> None:
        results = [
            {"Id": f"v{place}_{name}", "Values": [value], "Timestamps": [START]}
            for place, version in enumerate((candidate, live))
            for name, value in version.items()
        ]
        self.stubs["cloudwatch"].add_response("get_metric_data", {"MetricDataResults": results})

    def alarms(self, **states: str) -> None:
        """State by name, `_` for `-`."""
        found = [
            {"AlarmName": name.replace("_", "-"), "StateValue": state}
            for name, state in states.items()
        ]
        self.stubs["cloudwatch"].add_response("describe_alarms", {"MetricAlarms": found})

    def alarms_are_well(self) -> None:
        self.alarms(**{name.replace("-", "_"): "OK" for name in ALARMS})

    def is_stopped(self) -> None:
        asked = {"deploymentId": "d-1", "autoRollbackEnabled": True}
        answer = {"status": "Succeeded"}
        self.stubs["codedeploy"].add_response("stop_deployment", answer, asked)

    def is_answered(self, status: str) -> None:
        asked = {"deploymentId": "d-1", "lifecycleEventHookExecutionId": "e-1", "status": status}
        operation = "put_lifecycle_event_hook_execution_status"
        self.stubs["codedeploy"].add_response(operation, {}, asked)

    def tells_what_is_live(self) -> None:
        variables = {"LAMBENT_VERSION": "1", "LAMBENT_DIGEST": "a" * 64}
        answer = {"Version": "7", "Environment": {"Variables": variables}}
        asked = {"FunctionName": "lambent-iris", "Qualifier": "7"}
        self.stubs["lambda"].add_response("get_function_configuration", answer, asked)

    def is_written_down(self, why: Any = ANY) -> None:
        """As the second event, after the release of version 7."""
        release = {
            **{"model": {"S": "iris"}, "sequence": {"N": "1"}, "action": {"S": "release"}},
            **{"target": {"S": "7"}, "model_version": {"S": "1"}, "digest": {"S": "a" * 64}},
            **{"at": {"S": "2030-01-01T10:00:00+00:00"}, "who": {"S": "ada"}, "seal": {"S": "s"}},
        }
        self.stubs["dynamodb"].add_response("query", {"Items": [release]})
        item = {
            "model": {"S": "iris"},
            "sequence": {"N": "2"},
            "action": {"S": "refused"},
            "source": {"S": "8"},
            "target": {"S": "7"},
            "model_version": {"S": "1"},
            "digest": {"S": "a" * 64},
            "at": {"S": self.now.isoformat(timespec="seconds")},
            "who": {"S": "lambent canary judge"},
            "why": why,
            "left": {"S": "b" * 64},
            "seal": ANY,
        }
        asked = {
            "TableName": "history",
            "Item": item,
            "ConditionExpression": ANY,
            "ExpressionAttributeNames": ANY,
        }
        self.stubs["dynamodb"].add_response("put_item", {}, asked)

    def is_told(self) -> None:
        asked = {"TopicArn": TOPIC, "Subject": "Lambent: iris@2 was stopped", "Message": ANY}
        self.stubs["sns"].add_response("publish", {"MessageId": "m"}, asked)

    def is_refused(self) -> None:
        self.is_stopped()
        self.tells_what_is_live()
        self.is_written_down()
        self.is_told()
