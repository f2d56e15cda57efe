"""Asking another version by Invoke: what is sent, and every way in which it fails."""

import json
import socket
import threading

import pytest

from functions.inference.shadowing.asking import NotAnswered, OtherVersion
from tests.functions.shadowing.stand_ins import LambdaStandIn

KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"}


def other(lambda_: LambdaStandIn, **changes: str) -> OtherVersion:
    env = {
        "AWS_ENDPOINT_URL_LAMBDA": f"http://{lambda_.address}",
        "AWS_REGION": "eu-central-1",
        "AWS_LAMBDA_FUNCTION_NAME": "lambent-penguins",
    }
    return OtherVersion("7", env | KEYS | changes)


def why(version: OtherVersion, seconds: float = 10.0) -> str:
    with pytest.raises(NotAnswered) as failed:
        version.ask({}, seconds)
    return failed.value.kind


def test_the_version_is_invoked_and_its_answer_read(lambda_: LambdaStandIn) -> None:
    lambda_.answer = lambda: (200, {}, b'{"statusCode": 200}')
    assert other(lambda_).ask({"body": "{}"}, 10) == {"statusCode": 200}
    ((path, headers, body),) = lambda_.invoked
    assert path == "/2015-03-31/functions/lambent-penguins/invocations?Qualifier=7"
    assert body == {"body": "{}"}
    assert "/eu-central-1/lambda/aws4_request" in headers["authorization"]


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind"),
    [
        (429, {}, b"{}", "throttled"),
        (500, {}, b"{}", "unreachable"),
        (403, {}, b"{}", "refused"),
        (404, {}, b"{}", "refused"),
        (302, {"Location": "http://127.0.0.1:1/"}, b"", "refused"),
        (200, {"X-Amz-Function-Error": "Unhandled"}, b'{"errorType": "E"}', "failed"),
        (200, {}, b"{", "failed"),
        (200, {}, b"[]", "failed"),
        (200, {}, json.dumps({"x": "y" * 3_000_000}).encode(), "failed"),
    ],
)
def test_fault_row_34_every_failure_has_a_name_and_none_is_tried_again(
    lambda_: LambdaStandIn, status: int, headers: dict[str, str], body: bytes, kind: str
) -> None:
    lambda_.answer = lambda: (status, headers, body)
    assert why(other(lambda_)) == kind
    assert len(lambda_.invoked) == 1


def test_one_that_hangs_is_left_when_the_time_is_over(lambda_: LambdaStandIn) -> None:
    gate = threading.Event()

    def hang() -> tuple[int, dict[str, str], bytes]:
        gate.wait(30)
        return 200, {}, b"{}"

    lambda_.answer = hang
    assert why(other(lambda_), seconds=0.2) == "late"
    gate.set()


def test_nobody_listens_and_no_credentials(lambda_: LambdaStandIn) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert why(other(lambda_, AWS_ENDPOINT_URL_LAMBDA=nowhere)) == "unreachable"
    assert why(other(lambda_, AWS_ACCESS_KEY_ID="")) == "refused"


def test_without_an_endpoint_of_ones_own_it_is_the_one_of_the_region() -> None:
    env = {"AWS_REGION": "eu-west-1", "AWS_LAMBDA_FUNCTION_NAME": "f"}
    assert OtherVersion("1", env).url == (
        "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/f/invocations?Qualifier=1"
    )
    assert "amazonaws.com.cn/" in OtherVersion("1", env | {"AWS_REGION": "cn-north-1"}).url
