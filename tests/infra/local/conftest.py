"""An embedded AWS per module, functions of a few lines in it, and REST APIs in front of them."""

import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import boto3
import pytest
import urllib3

from infra.local.api_gateway.stages import BODIES
from infra.local.server import EmbeddedAws
from tests.infra.local.support import Client, zipped

REGION, ACCOUNT = "us-east-1", "123456789012"
ACTIONS = """
import base64, json, os, sys, time

STARTED = time.time()
print("loaded")

def handler(event, context):
    do = event.get("do")
    if do == "raise":
        raise ValueError("no such island")
    if do == "exit":
        sys.exit(3)
    if do == "crash":
        os._exit(1)
    if do == "hog":
        held = []
        while True:
            held.append(bytearray(10_000_000))
    if do == "sleep":
        time.sleep(event["seconds"])
    if do == "big":
        return "x" * event["size"]
    if do == "print":
        print(event["line"])
    if do == "environment":
        return dict(os.environ)
    if do == "context":
        return {
            "request_id": context.aws_request_id,
            "arn": context.invoked_function_arn,
            "version": context.function_version,
            "memory": context.memory_limit_in_mb,
            "left_ms": context.get_remaining_time_in_millis(),
            "log_stream": context.log_stream_name,
            "client": context.client_context and context.client_context.custom,
            "trace": os.environ.get("_X_AMZN_TRACE_ID"),
        }
    if do == "process":
        return {"pid": os.getpid(), "cwd": os.getcwd(), "root": os.environ["LAMBDA_TASK_ROOT"]}
    return {"echo": event, "pid": os.getpid(), "version": context.function_version}
"""


@dataclass
class ShiftedClock:
    """Real time, moved on at will."""

    ahead_s: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


@dataclass
class FixedDraw(random.Random):
    """A random source that always draws `value`."""

    value: float = 0.5

    def random(self) -> float:
        return self.value


@dataclass
class Answer:
    status: int
    headers: urllib3.HTTPHeaderDict
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class RestApi:
    """A deployed REST API; call it with a method and a path."""

    id: str
    url: str
    pool: urllib3.PoolManager = field(repr=False)

    def __call__(
        self,
        method: str,
        path: str = "/",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        response = self.pool.request(
            method, self.url + path, body=body, headers=headers, retries=False, timeout=40
        )
        return Answer(response.status, response.headers, response.data)


def function_uri(name: str, qualifier: str | None = None) -> str:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    arn += f":{qualifier}" if qualifier else ""
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"


class Cloud:
    """What the tests do to the embedded AWS, by boto3."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws
        self._session = boto3.Session("test", "test", region_name=REGION)
        self._clients: dict[str, Any] = {}
        self._pool = urllib3.PoolManager(maxsize=32)
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        role = self("iam").create_role(RoleName="function", AssumeRolePolicyDocument=trust)
        self.role: str = role["Role"]["Arn"]

    def __call__(self, service: str) -> Any:
        if service not in self._clients:
            client = self._session.client(service, endpoint_url=self.aws.endpoint)
            self._clients[service] = client
        return self._clients[service]

    def function(self, code: str = ACTIONS, **settings: Any) -> str:
        """A new function; its handler is `app.handler`."""
        name = f"function-{uuid4().hex[:8]}"
        self("lambda").create_function(
            **{
                "FunctionName": name,
                "Role": self.role,
                "Handler": "app.handler",
                "Runtime": "python3.11",
                "Timeout": 5,
                "MemorySize": 256,
                "Code": {"ZipFile": zipped(code)},
                **settings,
            }
        )
        return name

    def release(self, name: str, code: str = ACTIONS) -> str:
        """Publish another version with this code; gives its number."""
        client = self("lambda")
        client.update_function_code(FunctionName=name, ZipFile=zipped(code))
        version: str = client.publish_version(FunctionName=name)["Version"]
        return version

    def invoke(self, name: str, event: Any = None, **options: Any) -> dict[str, Any]:
        """The response of Invoke, with its payload as `body`."""
        payload = json.dumps(event or {}).encode()
        response: dict[str, Any] = self("lambda").invoke(
            **{"FunctionName": name, "Payload": payload, **options}
        )
        raw = response["Payload"].read()
        return {**response, "body": json.loads(raw) if raw else None}

    def log(self, name: str) -> str:
        """What a function's log group holds; nothing when it has not run yet."""
        return "".join(self.messages(f"/aws/lambda/{name}"))

    def messages(self, group: str) -> list[str]:
        client = self("logs")
        far = int((time.time() + 10**7) * 1000)
        try:
            events = client.filter_log_events(logGroupName=group, endTime=far)["events"]
        except client.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for event in events]

    def rest_api(
        self, paths: dict[str, Any], stage: dict[str, Any] | None = None, **body: Any
    ) -> RestApi:
        """A REST API of this OpenAPI body, deployed to stage `live`."""
        gateway = self("apigateway")
        api_id: str = gateway.create_rest_api(name=f"api-{uuid4().hex[:8]}")["id"]
        self.write(api_id, {"openapi": "3.0.1", "paths": paths, **body})
        deployment = gateway.create_deployment(restApiId=api_id)["id"]
        gateway.create_stage(
            restApiId=api_id, stageName="live", deploymentId=deployment, **(stage or {})
        )
        return RestApi(api_id, f"{self.aws.endpoint}/_aws/execute-api/{api_id}/live", self._pool)

    def write(self, api_id: str, body: dict[str, Any]) -> None:
        """Change the body of an API, without deploying it."""
        BODIES.rest_api_body[REGION, api_id] = body

    def proxy(self, name: str, qualifier: str | None = None, **operation: Any) -> dict[str, Any]:
        """An OpenAPI operation that hands its requests to a function, which lets every API."""
        self.permit(name, qualifier)
        return self.bare_proxy(name, qualifier, **operation)

    def bare_proxy(
        self, name: str, qualifier: str | None = None, **operation: Any
    ) -> dict[str, Any]:
        """The operation without the permission."""
        integration = {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": function_uri(name, qualifier),
        }
        return {"x-amazon-apigateway-integration": integration, **operation}

    def permit(self, name: str, qualifier: str | None = None, **conditions: str) -> None:
        """Let API Gateway invoke a function; `conditions` such as SourceArn."""
        self("lambda").add_permission(
            **{
                "FunctionName": name,
                "StatementId": uuid4().hex,
                "Action": "lambda:InvokeFunction",
                "Principal": "apigateway.amazonaws.com",
                **({"Qualifier": qualifier} if qualifier else {}),
                **conditions,
            }
        )


@pytest.fixture(scope="module")
def client(embedded_aws: EmbeddedAws) -> Client:
    """Service → boto3 client of the module's embedded AWS."""
    session: Any = boto3.Session("test", "test", region_name=REGION)
    return lambda service: session.client(service, endpoint_url=embedded_aws.endpoint)


@pytest.fixture
def name() -> str:
    return f"test-{uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def clock() -> ShiftedClock:
    return ShiftedClock()


@pytest.fixture(scope="module")
def draw() -> FixedDraw:
    """What decides between the versions of a weighted alias."""
    return FixedDraw()


@pytest.fixture(scope="module")
def cloud(
    clock: ShiftedClock, draw: FixedDraw, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("code")
    with EmbeddedAws(clock=clock, random=draw, code_cache=folder, time_scale=60.0) as aws:
        yield Cloud(aws)


@pytest.fixture(scope="session")
def connect() -> Callable[[EmbeddedAws], Cloud]:
    """For tests that start an embedded AWS of their own."""
    return Cloud


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Wait for what happens in the background; fail after ten seconds."""

    def wait(holds: Callable[[], bool]) -> None:
        until = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < until, "it did not happen"
            time.sleep(0.05)

    return wait
