"""`lambent local up`, as a user types it."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
import urllib3

LAMBENT = Path(sys.executable).parent / "lambent"


@pytest.fixture
def up():
    """Starts `lambent local up` with these options."""
    running = []

    def start(*options):
        command = [LAMBENT, "local", "up", *options]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def test_it_says_how_to_reach_it_and_ctrl_c_ends_it_well(up):
    process = up("--port", "0")
    lines = []
    while "Ctrl-C" not in "".join(lines):
        line = process.stdout.readline()
        assert line, process.stderr.read()
        lines.append(line)
    told = "".join(lines)
    endpoint = next(word for word in told.split() if word.startswith("http://localhost:"))
    assert f"export AWS_ENDPOINT_URL={endpoint}" in told
    assert "export AWS_ACCESS_KEY_ID=test" in told
    assert urllib3.request("GET", f"{endpoint}/_lambent/health", timeout=5).status == 200
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Stopped" in out
    assert "Traceback" not in err


def test_programs_read_one_line_of_json(up):
    process = up("--port", "0", "--json")
    told = json.loads(process.stdout.readline())
    assert told["environment"]["AWS_ENDPOINT_URL"] == told["endpoint"]
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")


def test_its_minutes_can_be_shorter(up):
    process = up("--port", "0", "--json", "--time-scale", "60")
    endpoint = json.loads(process.stdout.readline())["endpoint"]
    codedeploy = boto3.client(
        "codedeploy",
        region_name="us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    name = "CodeDeployDefault.LambdaCanary10Percent10Minutes"
    found = codedeploy.get_deployment_config(deploymentConfigName=name)["deploymentConfigInfo"]
    assert found["trafficRoutingConfig"]["timeBasedCanary"]["canaryInterval"] == 10 / 60


def test_a_taken_port_is_one_clean_line_and_exit_code_1(up):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = up("--port", str(port))
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"port {port}" in err
    assert f"--port {port + 1}" in err
    assert "Traceback" not in err
