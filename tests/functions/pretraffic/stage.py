"""An AWS in which versions of the inference function answer for real, and the hook that asks them.

botocore checks every call; moto keeps tables, objects, alarms and topics; Lambda and CodeDeploy
are played here, in front of the handlers that would run there.
"""

import base64
import io
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import Mock

from botocore.session import Session, get_session

from functions.inference.function import build_handler
from functions.pretraffic.function import build_hook
from functions.pretraffic.hook import Hook
from model_store.artifact.layout import blob_key, manifest_key
from model_store.artifact.manifest import Manifest
from model_store.history.event import Event
from model_store.history.table import HistoryTable
from tests.functions.conftest import Context
from tests.functions.s3_stand_in import S3StandIn
from tests.model_store.history.tables import create_table

CODEDEPLOY = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "e-1"}
FUNCTION, BUCKET, TABLE = "lambent-penguins", "artifacts", "lambent-platform-history"
REGION = "eu-central-1"
_services = itertools.count()
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@cache
def _session() -> Session:
    """Reads the description of a service once."""
    session = get_session()
    session.set_credentials("test", "test")
    return session


@dataclass
class Deployed:
    """One Lambda version. milliseconds: what Lambda reports for a request of so many rows."""

    environment: dict[str, str]
    handler: Handler
    milliseconds: Callable[[list[Any]], float] = lambda rows: 5.0
    started: bool = False


@dataclass
class Stage:
    """versions by number; `live` is where the alias points, None for no alias.

    asked: (version, event) of each request. refusing: by operation, the error codes that its next
    calls end with. denied: a version that may not be asked. told: what CodeDeploy heard. lines:
    what the hook logged. reports: whether Lambda tells how long a request took.
    """

    s3_stand_in: S3StandIn
    folder: Path
    versions: dict[str, Deployed] = field(default_factory=dict)
    live: str | None = None
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    context: Context = field(default_factory=lambda: Context(remaining_ms=600_000))
    refusing: dict[str, list[str]] = field(default_factory=dict)
    denied: str = ""
    reports: bool = True

    def __post_init__(self) -> None:
        self._clients: dict[str, Any] = {}
        s3, dynamodb = self.client("s3"), self.client("dynamodb")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        create_table(dynamodb, TABLE)
        self.topic = self.client("sns").create_topic(Name="alarms")["TopicArn"]

    def client(self, service: str) -> Any:
        """One per service, kept, so that a test can lay hands on it."""
        if service not in self._clients:
            made = _session().create_client(service, region_name=REGION)
            made.meta.events.register(f"before-call.{service}", self._answer)
            self._clients[service] = made
        return self._clients[service]

    def publish(self, manifest: Manifest, models: Mapping[str, bytes]) -> None:
        objects = {manifest_key(manifest.reference): manifest.to_bytes()}
        for name, model in models.items():
            objects[blob_key(manifest.files[name].sha256)] = model
        for key, data in objects.items():
            self.s3_stand_in.objects[key] = data
            self.client("s3").put_object(Bucket=BUCKET, Key=key, Body=data)

    def deploy(
        self, number: str, manifest: Manifest, models: Mapping[str, bytes], **variables: str
    ) -> Deployed:
        """Publish the model and a Lambda version that pins it."""
        self.publish(manifest, models)
        environment = {
            "LAMBENT_MODEL": manifest.name,
            "LAMBENT_VERSION": manifest.version,
            "LAMBENT_DIGEST": manifest.digest,
            "LAMBENT_BUCKET": BUCKET,
            "POWERTOOLS_SERVICE_NAME": f"lambent-test-stage-{next(_services)}",
            "AWS_ENDPOINT_URL": self.s3_stand_in.url,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            **variables,
        }
        handler = build_handler(environment, self.folder / number)
        self.versions[number] = Deployed(environment, handler)
        return self.versions[number]

    def watch(self, *names: str, **changes: Any) -> None:
        """Alarms on the candidate, as the template makes them."""
        given = {
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [
                {"Name": "FunctionName", "Value": FUNCTION},
                {"Name": "ExecutedVersion", "Value": "7"},
            ],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        }
        for name in names:
            self.client("cloudwatch").put_metric_alarm(AlarmName=name, **{**given, **changes})

    def hook(self, **env: str) -> Hook:
        """For the version 7, which is about to go live."""
        candidate = self.versions["7"].environment
        environment = {
            **{name: candidate[name] for name in ("LAMBENT_MODEL", "LAMBENT_VERSION")},
            "LAMBENT_DIGEST": candidate["LAMBENT_DIGEST"],
            "LAMBENT_CANDIDATE": "7",
            "LAMBENT_FUNCTION": FUNCTION,
            "LAMBENT_BUCKET": BUCKET,
            "LAMBENT_HISTORY": TABLE,
            "LAMBENT_LATENCY_MS": "200",
            "LAMBENT_CHURN_PERCENT": "30",
            "LAMBENT_TOLERANCE_PERCENT": "5",
            "LAMBENT_CANARY_ALARMS": "lambent-penguins-canary-errors-7",
            "LAMBENT_TRAFFIC": "Canary10Percent5Minutes",
            "LAMBENT_ALARM_TOPIC": self.topic,
            "LAMBENT_REQUIRE_SIGNATURE": "false",
            **env,
        }
        hook = build_hook(environment, self.client)
        teller = replace(hook.teller, write=lambda line: self.lines.append(json.loads(line)))
        return replace(hook, sleep=self.slept.append, teller=teller)

    def release(self, **env: str) -> dict[str, Any]:
        """What the hook reports when CodeDeploy asks it."""
        return self.hook(**env)(CODEDEPLOY, self.context)

    @property
    def verdict(self) -> str:
        """What CodeDeploy was told, which it must be once."""
        (told,) = self.told
        assert told["deploymentId"] == "d-1"
        assert told["lifecycleEventHookExecutionId"] == "e-1"
        status: str = told["status"]
        return status

    @property
    def events(self) -> tuple[Event, ...]:
        return HistoryTable(self.client("dynamodb"), TABLE).events("penguins")

    def asked_of(self, number: str) -> int:
        return sum(version == number for version, _ in self.asked)

    def _answer(self, model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, Any] | None:
        code = self._refusal(model.name, params)
        if code:
            error = {"Code": code, "Message": f"{model.name} is refused"}
            status = 500 if code == "ServiceException" else 400
            metadata = {"HTTPStatusCode": status}
            return Mock(status_code=status), {"Error": error, "ResponseMetadata": metadata}
        played = getattr(self, f"_{model.service_model.service_name}_{model.name}", None)
        if played is None:
            return None  # moto answers
        return Mock(status_code=200), {**played(params), "ResponseMetadata": {}}

    def _refusal(self, operation: str, params: dict[str, Any]) -> str | None:
        if operation == "Invoke" and params["query_string"]["Qualifier"] == self.denied:
            return "AccessDeniedException"
        if operation == "GetAlias" and self.live is None:
            return "ResourceNotFoundException"
        codes = self.refusing.get(operation)
        return codes.pop(0) if codes else None

    def _lambda_GetAlias(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"FunctionVersion": self.live, "RevisionId": "r"}

    def _lambda_GetFunctionConfiguration(self, params: dict[str, Any]) -> dict[str, Any]:
        number = params["query_string"]["Qualifier"]
        variables = self.versions[number].environment
        modified = "2026-03-01T00:00:00.000+0000"
        environment = {"Variables": variables}
        return {"Version": number, "Environment": environment, "LastModified": modified}

    def _lambda_Invoke(self, params: dict[str, Any]) -> dict[str, Any]:
        number = params["query_string"]["Qualifier"]
        event = json.loads(params["body"])
        self.asked.append((number, event))
        version = self.versions[number]
        rows = json.loads(event["body"] or "{}").get("instances", [])
        init = "" if version.started else "\tInit Duration: 800.00 ms"
        version.started = True
        took = version.milliseconds(rows)
        report = f"noise\nREPORT RequestId: r\tDuration: {took:.2f} ms\tBilled Duration: 9 ms{init}"
        answer: dict[str, Any] = {"StatusCode": 200}
        if self.reports:
            answer["LogResult"] = base64.b64encode(report.encode()).decode()
        try:
            payload = version.handler(event, Context())
        except Exception as error:  # noqa: BLE001 - what awslambdaric answers
            answer["FunctionError"] = "Unhandled"
            payload = {"errorType": type(error).__name__, "errorMessage": str(error)}
        return answer | {"Payload": io.BytesIO(json.dumps(payload).encode())}

    def _codedeploy_PutLifecycleEventHookExecutionStatus(
        self, params: dict[str, Any]
    ) -> dict[str, Any]:
        self.told.append(json.loads(params["body"]))
        return {}
