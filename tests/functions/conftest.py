"""A tiny penguin model, an S3 that misbehaves on demand, and handlers built on both."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.inference.app import create_app
from functions.inference.envelope import Envelope
from functions.inference.function import build_handler, build_service
from functions.inference.lines import Lines
from functions.inference.loading.head_start import head_start
from functions.inference.service import Service
from functions.inference.settings import Limits, read_settings
from functions.inference.telemetry import Telemetry
from model_store.artifact import standby
from model_store.artifact.layout import blob_key
from model_store.artifact.manifest import Manifest
from model_store.session import open_session
from tests.functions.models import classifier, manifest_of
from tests.functions.s3_stand_in import S3StandIn

_services = itertools.count()
ORIGIN = "https://shop.example"
OTHER_ORIGIN = "https://intranet.example"
START = datetime(2026, 3, 1, tzinfo=UTC)
TOP_KEY = "lists/penguins/top.json"


@pytest.fixture
def s3() -> Iterator[S3StandIn]:
    with S3StandIn() as server:
        yield server


@dataclass
class Clock:
    """Monotonic seconds that pass only when told to."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@dataclass
class Context:
    """What Lambda passes beside the event."""

    remaining_ms: int = 15_000
    function_name: str = "lambent-penguins"
    function_version: str = "7"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:lambent-penguins:7"
    aws_request_id: str = "4b2a6f4e-0000-4000-8000-000000000001"

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


@dataclass
class Published:
    """An artifact as it lies in the bucket."""

    manifest: Manifest
    model: bytes
    manifest_key: str
    blob_key: str
    others: dict[str, bytes] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return self.manifest.digest

    def put(self, s3: S3StandIn) -> None:
        s3.objects[self.manifest_key] = self.manifest.to_bytes()
        s3.objects[self.blob_key] = self.model
        for role, file in self.others.items():
            s3.objects[self.key_of(role)] = file

    def key_of(self, role: str) -> str:
        """Of the blob of another model."""
        return blob_key(self.manifest.files[f"{role}.onnx"].sha256)


def publish(
    model: bytes | None = None, others: dict[str, bytes] | None = None, **changes: Any
) -> Published:
    model = classifier() if model is None else model
    manifest = manifest_of(model, others or {}, **changes)
    return Published(
        manifest,
        model,
        f"models/{manifest.name}/{manifest.version}/manifest.json",
        blob_key(manifest.model_file.sha256),
        others or {},
    )


@dataclass
class Deployment:
    """Builds the real handler; each with a log and metric service of its own."""

    s3: S3StandIn
    cache: Path
    clock: Clock
    published: Published
    limits: Limits = field(default_factory=Limits)
    reads_ahead: bool = False

    def environment(self) -> dict[str, str]:
        manifest = self.published.manifest
        return {
            "LAMBENT_MODEL": manifest.name,
            "LAMBENT_VERSION": manifest.version,
            "LAMBENT_DIGEST": self.published.digest,
            "LAMBENT_BUCKET": "artifacts",
            "LAMBENT_STANDBY": standby.pack(manifest, self.published.digest),
            "LAMBENT_CORS_ORIGINS": f"{ORIGIN},{OTHER_ORIGIN}",
            "POWERTOOLS_SERVICE_NAME": f"lambent-test-{next(_services)}",
            "AWS_ENDPOINT_URL": self.s3.url,
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def handler(self, **env: str) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
        environment = {**self.environment(), **env}
        begun = head_start(environment, self.cache, self.limits) if self.reads_ahead else None
        if begun:
            begun.open_with(open_session)
        return build_handler(environment, self.cache, self.limits, self.clock, self.now, begun)

    def deploy(self, model: bytes | None = None, **changes: Any) -> "Function":
        """Publish another artifact and pin it; changes: see `publish`."""
        self.published = publish(model, **changes)
        self.published.put(self.s3)
        return self.function()

    def write_list(self, *items: Any, age: float = 0) -> None:
        """The popular list `top`, which was found out so many seconds ago."""
        updated = (self.now() - timedelta(seconds=age)).isoformat()
        document = {"updated": updated, "items": items}
        self.s3.objects[TOP_KEY] = json.dumps(document).encode()

    def now(self) -> datetime:
        """The time of day goes with the clock."""
        return START + timedelta(seconds=self.clock.now)

    def service(self, **env: str) -> tuple[Service, Telemetry]:
        environment = {**self.environment(), **env}
        settings = read_settings(environment)
        telemetry = Telemetry(Lines(settings.service), settings.pin, self.clock)
        service = build_service(
            settings, environment, self.cache, self.limits, telemetry, self.clock, self.now
        )
        service.start()
        return service, telemetry

    def app(self, **env: str) -> Envelope:
        """The same without Mangum, for clients that speak HTTP or ASGI."""
        return create_app(*self.service(**env), [ORIGIN, OTHER_ORIGIN], self.clock)

    def function(self, **env: str) -> "Function":
        return Function(self.handler(**env))


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)


@dataclass
class Function:
    """A function behind a REST API: what goes in and comes out are raw gateway events."""

    handler: Callable[[dict[str, Any], Any], dict[str, Any]]
    context: Context = field(default_factory=Context)

    def send(self, event: dict[str, Any]) -> Answer:
        answer = self.handler(event, self.context)
        assert answer["isBase64Encoded"] is False
        headers = {k.lower(): v for k, v in answer["headers"].items()}
        return Answer(answer["statusCode"], headers, answer["body"])

    def get(self, path: str, **headers: str) -> Answer:
        return self.send(rest_event("GET", path, headers=headers))

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        text = body if isinstance(body, str) else json.dumps(body)
        return self.send(rest_event("POST", path, text, headers))

    def predict(self, *instances: Any, **options: Any) -> Answer:
        body: dict[str, Any] = {"instances": list(instances)}
        return self.post("/v1/predictions", body | ({"options": options} if options else {}))


def rest_event(
    method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    """A REST API (v1) proxy event."""
    sent = {"Host": "api.example", "Content-Type": "application/json", **(headers or {})}
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": path.lstrip("/")},
        "stageVariables": None,
        "requestContext": {
            "resourcePath": "/{proxy+}",
            "httpMethod": method,
            "path": f"/live{path}",
            "stage": "live",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "identity": {"sourceIp": "127.0.0.1"},
        },
        "body": body,
        "isBase64Encoded": False,
    }


PENGUIN = {
    "island": "Biscoe",
    "bill_length_mm": 46.1,
    "flipper_length_mm": 211,
    "sex": "female",
}


@pytest.fixture
def penguin() -> dict[str, Any]:
    return dict(PENGUIN)


@pytest.fixture
def deployment(s3: S3StandIn, tmp_path: Path, clock: Clock) -> Deployment:
    published = publish()
    published.put(s3)
    return Deployment(s3, tmp_path / "cache", clock, published)


@pytest.fixture
def function(deployment: Deployment) -> Function:
    return deployment.function()


def lines(output: str) -> list[dict[str, Any]]:
    """The JSON lines that a function wrote."""
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def logged(output: str, message: str) -> list[dict[str, Any]]:
    return [line for line in lines(output) if line.get("message") == message]


def metrics(output: str) -> dict[str, float]:
    """Sums of the embedded metrics by name."""
    sums: dict[str, float] = {}
    for line in lines(output):
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
            for metric in directive["Metrics"]:
                sums[metric["Name"]] = sums.get(metric["Name"], 0) + sum(line[metric["Name"]])
    return sums


def only(answer: Answer) -> dict[str, Any]:
    """The one prediction of an answer that must be one."""
    assert answer.status == 200, answer.text
    (prediction,) = answer.body["predictions"]
    return prediction
