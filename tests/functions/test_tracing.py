"""X-Ray, when it is asked for."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from tests.functions.conftest import Deployment, rest_event


def test_tracing_on_sends_a_subsegment_that_holds_neither_request_nor_answer(
    deployment: Deployment, penguin: dict
) -> None:
    """In a process of its own: the X-Ray library looks for Lambda when it is imported."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(20)
        invoke = (
            "import sys, json; from functions.inference.handler import handler;"
            "from tests.functions.conftest import Context;"
            "answer = handler(json.load(sys.stdin), Context());"
            "assert answer['statusCode'] == 200 and 'Gentoo' in answer['body'], answer"
        )
        event = rest_event(
            "POST", "/v1/predictions", json.dumps({"instances": [penguin | {"bill_length_mm": 77}]})
        )
        subprocess.run(
            [sys.executable, "-c", invoke],
            input=json.dumps(event),
            text=True,
            cwd=Path(__file__).parents[2],
            check=True,
            capture_output=True,
            env={
                **os.environ,
                **deployment.environment(),
                "LAMBENT_TRACING": "on",
                "LAMBDA_TASK_ROOT": "/var/task",
                "AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{daemon.getsockname()[1]}",
                "_X_AMZN_TRACE_ID": (
                    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1"
                ),
            },
        )
        subsegment = daemon.recv(65536).decode()
    assert "## handler" in subsegment
    assert "bill_length_mm" not in subsegment
    assert "Gentoo" not in subsegment
