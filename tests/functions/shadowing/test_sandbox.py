"""Shadowing in the embedded Lambda, with its real runtime: callers before copies, whatever
becomes of these."""

import json
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.server import EmbeddedAws
from tests.functions.conftest import metrics, rest_event
from tests.infra.local.conftest import Cloud

ROOT = Path(__file__).parents[3]
CODE = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, {sysconfig.get_path("purelib")!r}]
import json, os, time
from pathlib import Path
from functions.inference.settings import Shadow
from functions.inference.shadowing import shadow

shadow.LONGEST = float(os.environ["LONGEST"])
IS_LIVE = "SHADOW" in os.environ

def value(body):
    if IS_LIVE or body["do"] == "agree":
        return "same"
    if body["do"] == "crash":
        os._exit(1)
    until = time.monotonic() + 25
    while not Path(body["marker"]).exists():
        if time.monotonic() > until:
            return "the caller had no answer"
        time.sleep(0.01)
    return "same"

def handler(event, context):
    found = {{"decision": "model", "value": value(json.loads(event["body"])), "confidence": 0.5}}
    return {{"statusCode": 200, "body": json.dumps({{"predictions": [found]}})}}

if IS_LIVE:
    copied = Shadow(os.environ["SHADOW"], 1.0)
    handler = shadow.shadowed(handler, copied, "lambent-copied", os.environ, None)
"""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with EmbeddedAws(code_cache=tmp_path_factory.mktemp("code")) as aws:
        yield Cloud(aws)


@pytest.fixture
def live(cloud: Cloud) -> Callable[..., str]:
    """A function whose version 1 gets copies of what $LATEST is asked."""

    def live(longest: float = 30.0, **settings: Any) -> str:
        variables = {"LONGEST": str(longest)}
        name = cloud.function(CODE, Environment={"Variables": variables}, Timeout=60, **settings)
        cloud("lambda").publish_version(FunctionName=name)
        cloud.invoke(name, asked("agree"), Qualifier="1")  # so that the copy finds it started
        cloud("lambda").update_function_configuration(
            FunctionName=name, Environment={"Variables": variables | {"SHADOW": "1"}}
        )
        return name

    return live


def asked(do: str, **body: str) -> dict[str, Any]:
    return rest_event("POST", "/v1/predictions", json.dumps({"do": do, **body}))


def answer(cloud: Cloud, function: str, event: dict[str, Any]) -> str:
    told = cloud.invoke(function, event)
    assert "FunctionError" not in told
    found: str = json.loads(told["body"]["body"])["predictions"][0]["value"]
    return found


def counted(cloud: Cloud, function: str) -> dict[str, float]:
    return metrics(cloud.log(function))


def test_the_caller_has_the_answer_while_the_shadow_is_still_asked(
    cloud: Cloud, live: Callable[..., str], tmp_path: Path, eventually: Any
) -> None:
    """The shadow waits for a mark that is made when the caller has been answered, and answers
    differently if it never comes."""
    function, marker = live(), tmp_path / "answered"
    assert answer(cloud, function, asked("wait", marker=str(marker))) == "same"
    assert "ShadowRequests" not in counted(cloud, function)
    marker.touch()
    eventually(lambda: "ShadowRequests" in counted(cloud, function))
    assert counted(cloud, function)["ShadowPredictions"] == 1
    assert counted(cloud, function)["ShadowDisagreements"] == 0


@pytest.mark.parametrize(("do", "longest", "kind"), [("crash", 30, "failed"), ("wait", 1, "late")])
def test_fault_row_53_a_shadow_that_crashes_or_hangs_is_a_count(
    cloud: Cloud,
    live: Callable[..., str],
    tmp_path: Path,
    eventually: Any,
    do: str,
    longest: float,
    kind: str,
) -> None:
    function, marker = live(longest), tmp_path / "never"
    assert answer(cloud, function, asked(do, marker=str(marker))) == "same"
    eventually(lambda: counted(cloud, function).get("ShadowErrors") == 1)
    assert f'"shadow_error":"{kind}"' in cloud.log(function)
    assert answer(cloud, function, asked("agree")) == "same"
    marker.touch()


def test_fault_row_34_a_shadow_that_finds_no_place_is_a_count_and_not_asked_again(
    cloud: Cloud, live: Callable[..., str], eventually: Any
) -> None:
    """The sandbox that copies holds the only place there is."""
    function = live()
    cloud("lambda").put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=1)
    assert answer(cloud, function, asked("agree")) == "same"
    eventually(lambda: counted(cloud, function).get("ShadowErrors") == 1)
    assert '"shadow_error":"throttled"' in cloud.log(function)
    assert answer(cloud, function, asked("agree")) == "same"
