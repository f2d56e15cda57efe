"""One process, one port, loopback only."""

import socket
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection

import psutil
import pytest
from botocore.exceptions import ClientError

from infra.local.server import HEALTH, EmbeddedAws

PARENT = """
import io, json, threading, time, zipfile
import boto3, psutil
from pathlib import Path
from infra.local.server import EmbeddedAws

aws = EmbeddedAws(code_cache=Path({code!r})).start()
client = lambda name: boto3.client(
    name, region_name="us-east-1", endpoint_url=aws.endpoint,
    aws_access_key_id="test", aws_secret_access_key="test",
)
role = client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{{}}")["Role"]["Arn"]
package = io.BytesIO()
with zipfile.ZipFile(package, "w") as z:
    z.writestr("app.py", "import time\\ndef handler(e, c): time.sleep(60)")
client("lambda").create_function(
    FunctionName="busy", Role=role, Handler="app.handler", Runtime="python3.11", Timeout=60,
    Code={{"ZipFile": package.getvalue()}},
)
client("lambda").invoke(FunctionName="busy", InvocationType="Event")
while not psutil.Process().children():
    time.sleep(0.05)
time.sleep(0.5)
print(psutil.Process().children()[0].pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def aws():
    with EmbeddedAws() as running:
        yield running


def test_its_environment_leads_boto3_and_sam_to_it(aws):
    environment = aws.environment()
    assert environment["AWS_ENDPOINT_URL"] == f"http://localhost:{aws.port}"
    assert environment["AWS_DEFAULT_REGION"] == "us-east-1"
    assert environment["AWS_ACCESS_KEY_ID"]


def test_a_task_that_fails_does_not_keep_the_others_from_their_turn(monkeypatch, caplog):
    def fails(_watch):
        raise RuntimeError("no alarms today")

    done = []
    monkeypatch.setattr("infra.local.cloudwatch.alarms.AlarmWatch.tick", fails)
    monkeypatch.setattr(
        "infra.local.codedeploy.api.CodeDeployApi.tick", lambda _: done.append(True)
    )
    with EmbeddedAws(background=False) as aws:
        aws.tick()
    assert (done, "no alarms today" in caplog.text) == ([True], True)


def test_the_next_start_knows_nothing_of_the_last(connect):
    with EmbeddedAws() as first:
        connect(first)("s3").create_bucket(Bucket="of-the-first")
    with EmbeddedAws() as second:
        assert connect(second)("s3").list_buckets()["Buckets"] == []


def test_after_stop_the_port_is_free():
    aws = EmbeddedAws().start()
    aws.stop()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", aws.port)) != 0


def test_a_connection_is_not_closed_under_who_uses_it_now_and_then(aws):
    """A server that closes it just as the next request comes fails that request."""
    with closing(HTTPConnection("localhost", aws.port)) as connection:
        connection.request("GET", HEALTH)
        connection.getresponse().read()
        time.sleep(5.5)  # uvicorn closes after five, if it is told nothing else
        connection.request("GET", HEALTH)
        assert connection.getresponse().status == 200


def test_an_s3_key_survives_the_way_through_the_server(aws, connect):
    s3 = connect(aws)("s3")
    s3.create_bucket(Bucket="keys")
    key = "models/a b%2Fc/ü+1/manifest.json"
    s3.put_object(Bucket="keys", Key=key, Body=b"x" * 3_000_000, Metadata={"sha256": "1"})
    assert s3.list_objects_v2(Bucket="keys")["Contents"][0]["Key"] == key
    found = s3.get_object(Bucket="keys", Key=key)
    assert len(found["Body"].read()) == 3_000_000
    assert found["Metadata"] == {"sha256": "1"}


def test_workers_end_with_the_embedded_aws(connect, tmp_path, eventually):
    with EmbeddedAws(code_cache=tmp_path) as aws:
        cloud = connect(aws)
        pid = cloud.invoke(cloud.function(), {"do": "process"})["body"]["pid"]
        assert psutil.pid_exists(pid)
    eventually(lambda: not psutil.pid_exists(pid))


def test_workers_end_with_the_process_however_it_ends(tmp_path, eventually):
    """Even a busy one: killing the parent leaves no process behind."""
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(code=str(tmp_path / "code")))
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    assert psutil.pid_exists(worker)
    parent.kill()
    parent.communicate()
    eventually(lambda: not psutil.pid_exists(worker))


def test_stopping_does_not_wait_for_a_slow_function(connect, tmp_path, eventually):
    with EmbeddedAws(code_cache=tmp_path) as aws:
        cloud = connect(aws)
        name = cloud.function(Timeout=900)
        cloud.invoke(name, {"do": "sleep", "seconds": 600}, InvocationType="Event")
        eventually(lambda: "START" in cloud.log(name))
    # Reaching this line is the proof: pytest's time limit is far below the function's.


def test_a_missing_runtime_is_named_with_the_way_out(connect, tmp_path):
    with EmbeddedAws(runtime_python=tmp_path / "python", code_cache=tmp_path) as aws:
        cloud = connect(aws)
        with pytest.raises(ClientError, match="make setup"):
            cloud.invoke(cloud.function())
