"""The guard as Lambda runs it: called by an alarm, with the runtime's boto3, on an embedded AWS."""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.local.server import EmbeddedAws
from model_store.history.live import read_alias, read_versions
from model_store.history.table import HistoryTable, Move
from tests.model_store.history.tables import create_table

ROOT = Path(__file__).parents[3]
ACCOUNT, REGION = "123456789012", "us-east-1"
GUARD, MODEL = "lambent-iris_guard", "lambent-iris"
ENV = {
    "LAMBENT_MODEL": "iris",
    "LAMBENT_FUNCTION": MODEL,
    "LAMBENT_HISTORY": "history",
    "LAMBENT_GUARD_HOURS": "24",
    "LAMBENT_ALARM_TOPIC": "",
}


@dataclass
class ManualClock:
    # CloudWatch Logs drops what is far from real time.
    now: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.now


def zipped(*patterns: str, **files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for pattern in patterns:
            for path in ROOT.glob(pattern):
                archive.write(path, path.relative_to(ROOT))
        for name, text in files.items():
            archive.writestr(f"{name}.py", text)
    return buffer.getvalue()


Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="module")
def aws(clock: ManualClock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    settings: dict[str, Any] = {"clock": clock, "code_cache": tmp_path_factory.mktemp("code")}
    with EmbeddedAws(background=False, time_scale=60.0, **settings) as running:
        yield running


@pytest.fixture(scope="module")
def client(aws: EmbeddedAws) -> Client:
    session: Any = boto3.Session("test", "test", region_name=REGION)
    return lambda service: session.client(service, endpoint_url=aws.endpoint)


@pytest.fixture
def released(client: Client) -> HistoryTable:
    """Versions 1 and 2 of a model, released one after the other."""
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    common = {"Role": role, "Runtime": "python3.11", "Timeout": 60, "MemorySize": 256}
    functions = client("lambda")
    functions.create_function(
        FunctionName=MODEL, Handler="app.handler", Code={"ZipFile": zipped(app="")}, **common
    )
    for version in ("1", "2"):
        variables = {"LAMBENT_VERSION": version, "LAMBENT_DIGEST": version * 64}
        functions.update_function_configuration(
            FunctionName=MODEL, Environment={"Variables": variables}
        )
        functions.publish_version(FunctionName=MODEL)
    functions.create_alias(FunctionName=MODEL, Name="live", FunctionVersion="2")
    functions.create_function(
        FunctionName=GUARD,
        Handler="functions.guard.handler.handler",
        Code={
            "ZipFile": zipped(
                "functions/*.py",
                "functions/guard/*.py",
                "functions/operations/*.py",
                "model_store/**/*.py",
            )
        },
        Environment={"Variables": ENV},
        **common,
    )
    functions.add_permission(
        FunctionName=GUARD,
        StatementId="alarms",
        Action="lambda:InvokeFunction",
        Principal="lambda.alarms.cloudwatch.amazonaws.com",
        SourceArn=f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{MODEL}-*",
    )
    create_table(client("dynamodb"), "history")
    # A minute ago: the alarm is lit afterwards.
    long_ago = datetime.fromtimestamp(time.time() - 60, UTC)
    table = HistoryTable(client("dynamodb"), "history", lambda: long_ago)
    versions = read_versions(functions, MODEL)
    table.record("iris", Move("release", None, "ada"), versions["1"])
    table.record("iris", Move("release", "1", "ada"), versions["2"])
    return table


def light(aws: EmbeddedAws, clock: ManualClock, client: Client) -> None:
    watch = client("cloudwatch")
    watch.put_metric_alarm(
        AlarmName=f"{MODEL}-errors",
        Namespace="Test",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{GUARD}"],
    )
    at = datetime.fromtimestamp(clock.now, UTC)
    datum = {"MetricName": "Errors", "Value": 5, "Timestamp": at}
    watch.put_metric_data(Namespace="Test", MetricData=[datum])
    clock.now += 1
    aws.tick()


def test_a_lit_alarm_takes_a_release_back(
    aws: EmbeddedAws, clock: ManualClock, client: Client, released: HistoryTable
) -> None:
    light(aws, clock, client)
    until = time.monotonic() + 30
    while released.events("iris")[-1].action == "release":
        assert time.monotonic() < until, log(client)
        time.sleep(0.1)
    assert read_alias(client("lambda"), MODEL).number == "1"
    event = released.events("iris")[-1]
    assert (event.action, event.source, event.target) == ("automatic rollback", "2", "1")
    lines = [line for line in log(client).splitlines() if line.startswith("{")]
    assert json.loads(lines[-1])["AutomaticRollbacks"] == 1


def log(client: Client) -> str:
    logs = client("logs")
    try:
        far = int((time.time() + 10**6) * 1000)
        found = logs.filter_log_events(logGroupName=f"/aws/lambda/{GUARD}", endTime=far)["events"]
    except logs.exceptions.ResourceNotFoundException:
        return "the guard was not called"
    return "".join(event["message"] for event in found)
