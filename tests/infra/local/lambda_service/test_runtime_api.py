"""The Runtime API as the runtime client of a worker calls it, and the Extensions API.

An extension is a thread of the function that works on after the caller has its answer.
"""

import contextlib
import json
import threading

import pytest
import urllib3
from botocore.exceptions import ClientError

from infra.local.lambda_service.runtime_api import MAX_RESPONSE_BYTES, Event, Invocation, RuntimeApi

RUNTIME, EXTENSION = "/2018-06-01/runtime", "/2020-01-01/extension"
EXTENDED = """
import os, threading, time, urllib.request, json
from pathlib import Path

API = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2020-01-01/extension"

def ask(path, body=None, **headers):
    asked = urllib.request.Request(API + path, body, headers)
    return urllib.request.urlopen(asked)

registered = ask("/register", b'{"events": ["INVOKE"]}', **{"Lambda-Extension-Name": "after"})
IDENTIFIER = {"Lambda-Extension-Identifier": registered.headers["Lambda-Extension-Identifier"]}

def work():
    while True:
        event = json.load(ask("/event/next", **IDENTIFIER))
        while not Path(GATE).exists():
            time.sleep(0.01)
        print("afterwards", event["eventType"], event["requestId"])

threading.Thread(target=work, daemon=True).start()

def handler(event, context):
    return {"pid": os.getpid()}
"""


@pytest.fixture
def api():
    running = RuntimeApi()
    yield running
    running.close()


def call(api, method, path, body=None, **headers):
    sent = {f"Lambda-Extension-{name.title()}": value for name, value in headers.items()}
    url = f"http://{api.address}{path}"
    return urllib3.request(method, url, body=body, headers=sent, timeout=10, retries=False)


def test_next_waits_for_an_event_and_says_everything_about_it(api):
    answers = []
    asking = threading.Thread(
        target=lambda: answers.append(call(api, "GET", f"{RUNTIME}/invocation/next")), daemon=True
    )
    asking.start()
    assert api.events.get(timeout=10) == Event("ready")
    invocation = Invocation("id-1", b'{"a": 1}', 1_700_000_000_000, "arn:of:it", "Root=1-2", "{}")
    assert not invocation.taken.is_set()
    api.send(invocation)
    asking.join(10)
    assert invocation.taken.is_set()
    assert json.loads(answers[0].data) == {"a": 1}
    said = {name.lower(): value for name, value in answers[0].headers.items()}
    assert said["lambda-runtime-aws-request-id"] == "id-1"
    assert said["lambda-runtime-deadline-ms"] == "1700000000000"
    assert said["lambda-runtime-invoked-function-arn"] == "arn:of:it"
    assert said["lambda-runtime-trace-id"] == "Root=1-2"
    assert said["lambda-runtime-client-context"] == "{}"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/invocation/id-1/response", "responded"),
        ("/invocation/id-1/error", "failed"),
        ("/init/error", "init failed"),
    ],
)
def test_what_the_worker_reports_is_an_event(api, path, kind):
    assert call(api, "POST", f"{RUNTIME}{path}", b'{"b": 2}').status == 202
    assert api.events.get(timeout=10) == Event(kind, b'{"b": 2}')


def test_a_response_over_the_limit_is_refused_and_its_size_is_known(api):
    size = MAX_RESPONSE_BYTES + 1
    assert call(api, "POST", f"{RUNTIME}/invocation/id-1/response", b"x" * size).status == 413
    assert api.events.get(timeout=10) == Event("too large", number=size)


def test_there_is_nothing_else(api):
    assert call(api, "GET", f"{RUNTIME}/invocation/other").status == 404
    assert call(api, "POST", f"{RUNTIME}/restore/next").status == 404


def register(api, events=("INVOKE",)):
    body = json.dumps({"events": events}).encode()
    return call(api, "POST", f"{EXTENSION}/register", body, name="after")


def in_background(api, path, **headers):
    answers = []

    def ask():
        with contextlib.suppress(urllib3.exceptions.ProtocolError):  # the worker is let go
            answers.append(call(api, "GET", path, **headers))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    return asking, answers


def test_an_extension_hears_of_each_invocation_and_the_worker_is_idle_when_both_have_asked(api):
    identifier = register(api).headers["Lambda-Extension-Identifier"]
    asking, answers = in_background(api, f"{EXTENSION}/event/next", identifier=identifier)
    in_background(api, f"{RUNTIME}/invocation/next")
    assert api.events.get(timeout=10) == Event("ready")
    api.send(Invocation("id-1", b'{"secret": 1}', 1_700_000_000_000, "arn:of:it", "Root=1-2"))
    asking.join(10)
    assert json.loads(answers[0].data) == {
        "eventType": "INVOKE",
        "deadlineMs": 1_700_000_000_000,
        "requestId": "id-1",
        "invokedFunctionArn": "arn:of:it",
        "tracing": {"type": "X-Amzn-Trace-Id", "value": "Root=1-2"},
    }
    in_background(api, f"{RUNTIME}/invocation/next")
    call(api, "POST", f"{RUNTIME}/invocation/id-1/response", b"{}")
    assert api.events.get(timeout=10) == Event("responded", b"{}")
    assert api.events.empty()
    in_background(api, f"{EXTENSION}/event/next", identifier=identifier)
    assert api.events.get(timeout=10) == Event("ready")


def test_an_internal_extension_registers_for_invoke_alone_and_only_while_the_worker_starts(api):
    refused = register(api, ["INVOKE", "SHUTDOWN"])
    assert refused.status == 403
    assert refused.json()["errorType"] == "ShutdownEventNotSupportedForInternalExtension"
    assert call(api, "POST", f"{EXTENSION}/register", b"[", name="after").status == 403
    in_background(api, f"{RUNTIME}/invocation/next")
    assert api.events.get(timeout=10) == Event("ready")
    assert register(api).json()["errorType"] == "Extension.RegistrationClosed"


def test_nobody_else_hears_of_events(api):
    answer = call(api, "GET", f"{EXTENSION}/event/next", identifier="forged")
    assert answer.status == 403
    assert answer.json()["errorType"] == "Extension.UnknownExtensionIdentifier"


def test_the_caller_does_not_wait_for_an_extension_but_the_next_request_takes_another_worker(
    cloud, tmp_path, eventually
):
    """The gate is opened only after the answers: whoever waited for the extension would fail."""
    gate = tmp_path / "gate"
    function = cloud.function(f"GATE = {str(gate)!r}\n{EXTENDED}", Timeout=20)
    first, second = cloud.invoke(function), cloud.invoke(function)
    assert first["body"]["pid"] != second["body"]["pid"]
    assert "afterwards" not in cloud.log(function)
    gate.touch()
    eventually(lambda: cloud.log(function).count("REPORT") == 2)
    assert cloud.log(function).count("afterwards INVOKE") == 2
    assert cloud.invoke(function)["body"]["pid"] in (first["body"]["pid"], second["body"]["pid"])


def test_until_then_the_place_of_the_request_is_taken(cloud, tmp_path, eventually):
    gate = tmp_path / "gate"
    function = cloud.function(f"GATE = {str(gate)!r}\n{EXTENDED}", Timeout=20)
    cloud("lambda").put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=1)
    cloud.invoke(function)
    with pytest.raises(ClientError, match="Rate Exceeded"):
        cloud.invoke(function)
    gate.touch()
    eventually(lambda: "REPORT" in cloud.log(function))
    assert cloud.invoke(function)["StatusCode"] == 200


def test_an_extension_that_never_ends_is_ended_at_the_time_limit_of_the_function(
    cloud, tmp_path, eventually
):
    function = cloud.function(f"GATE = {str(tmp_path / 'never')!r}\n{EXTENDED}", Timeout=1)
    first = cloud.invoke(function)
    assert "FunctionError" not in first
    eventually(lambda: "Status: timeout" in cloud.log(function))
    assert cloud.invoke(function)["body"]["pid"] != first["body"]["pid"]
