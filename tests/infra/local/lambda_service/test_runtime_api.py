"""The Runtime API, as the runtime client of a worker calls it."""

import json
import threading

import pytest
import urllib3

from infra.local.lambda_service.runtime_api import MAX_RESPONSE_BYTES, Event, Invocation, RuntimeApi

BASE = "/2018-06-01/runtime"


@pytest.fixture
def api():
    running = RuntimeApi()
    yield running
    running.close()


def call(api, method, path, body=None):
    return urllib3.request(method, f"http://{api.address}{BASE}{path}", body=body, timeout=10)


def test_next_waits_for_an_event_and_says_everything_about_it(api):
    answers = []
    asking = threading.Thread(
        target=lambda: answers.append(call(api, "GET", "/invocation/next")), daemon=True
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
    assert call(api, "POST", path, b'{"b": 2}').status == 202
    assert api.events.get(timeout=10) == Event(kind, b'{"b": 2}')


def test_a_response_over_the_limit_is_refused_and_its_size_is_known(api):
    size = MAX_RESPONSE_BYTES + 1
    assert call(api, "POST", "/invocation/id-1/response", b"x" * size).status == 413
    assert api.events.get(timeout=10) == Event("too large", number=size)


def test_there_is_nothing_else(api):
    assert call(api, "GET", "/invocation/other").status == 404
    assert call(api, "POST", "/restore/next").status == 404
