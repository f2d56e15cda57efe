"""Asking a function past the gateway: the request an adapter reads, and failures told as such."""

import json
from io import BytesIO
from typing import Any

import pytest
from botocore.stub import ANY
from mangum import Mangum

from infra.aws import Aws
from infra.errors import AwsFailed, AwsUnavailable, NotFound
from infra.release.deployed.invoke import Answer, ask, check_alive
from model_store.artifact import standby
from model_store.artifact.standby import Standby
from model_store.gateway_event import REHEARSAL
from tests.infra.release.stubs import configuration, stubbed

ROWS = [{"x": 1}]


class Function:
    """A Lambda function that keeps what it was asked."""

    def __init__(self, payload: Any, standby: str = "", **reply: Any) -> None:
        self.payload, self.standby, self.reply = payload, standby, reply
        self.asked: list[dict[str, Any]] = []

    def invoke(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        return {"Payload": BytesIO(json.dumps(self.payload).encode()), **self.reply}

    def get_alias(self, **_: Any) -> dict[str, Any]:
        return {"FunctionVersion": "7", "RevisionId": "r"}

    def get_function_configuration(self, **_: Any) -> dict[str, Any]:
        return {"Version": "7", "Environment": {"Variables": {"LAMBENT_STANDBY": self.standby}}}

    @property
    def event(self) -> Any:
        return json.loads(self.asked[0]["Payload"])


def serving(function: Function) -> Aws:
    aws = Aws("http://localhost:1", "us-east-1")
    aws.__dict__["lambda_"] = function
    return aws


def test_what_is_live_answers_and_says_which_version_it_was() -> None:
    function = Function({"statusCode": 200, "body": '{"predictions": []}'}, ExecutedVersion="7")
    assert ask(serving(function), "scaled", ROWS) == Answer(200, {"predictions": []}, "7")
    assert function.asked[0]["FunctionName"] == "lambent-scaled"
    assert function.asked[0]["Qualifier"] == "live"


def test_the_adapter_that_serves_reads_the_request_as_a_post_of_the_rows() -> None:
    function = Function({"statusCode": 204})
    ask(serving(function), "scaled", ROWS)
    seen: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope, body=(await receive())["body"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    Mangum(app, lifespan="off")(function.event, None)
    assert (seen["method"], seen["path"]) == ("POST", "/v1/predictions")
    assert (b"content-type", b"application/json") in [tuple(h) for h in seen["headers"]]
    assert json.loads(seen["body"]) == {"instances": ROWS}


@pytest.mark.parametrize(("majors", "path"), [((2, 1), "/v2/predictions"), ((), "/v1/predictions")])
def test_rows_are_sent_where_the_newest_contract_of_the_version_is_read(
    majors: tuple[int, ...], path: str
) -> None:
    """A version of before there were several paths has only the first."""
    packed = standby._encode(Standby(name="scaled", version="1", digest="0" * 64, majors=majors))
    function = Function({"statusCode": 200}, packed)
    ask(serving(function), "scaled", ROWS)
    assert function.event["path"] == path


def test_what_one_version_alone_is_asked_lights_no_alarm_of_what_is_live() -> None:
    """Else the guard took a good release back because somebody looked at a bad one."""
    one, live = Function({"statusCode": 200}), Function({"statusCode": 200})
    check_alive(serving(one), "scaled", "7")
    ask(serving(live), "scaled", ROWS)
    stages = [function.event["requestContext"]["stage"] for function in (one, live)]
    assert stages == [REHEARSAL, "live"]


def test_a_refusal_of_the_model_is_an_answer() -> None:
    function = Function({"statusCode": 422, "body": '{"title": "no"}'})
    assert ask(serving(function), "scaled", ROWS) == Answer(422, {"title": "no"}, "live")


def test_a_function_that_fails_is_an_error_that_leads_to_the_logs() -> None:
    function = Function({"errorMessage": "out of memory"}, FunctionError="Unhandled")
    with pytest.raises(
        AwsFailed, match=r"lambent-scaled:live: failed: out of memory.*lambent logs"
    ):
        ask(serving(function), "scaled", ROWS)


def test_a_version_is_asked_by_its_own_number() -> None:
    aws, functions = stubbed("lambda_")
    versions = [configuration("1", "a"), configuration("2", "b")]
    functions.add_response("list_versions_by_function", {"Versions": versions})
    functions.add_response("get_alias", {"FunctionVersion": "2", "RevisionId": "r"})
    functions.add_client_error(
        "invoke",
        "ServiceException",
        http_status_code=500,
        expected_params={"FunctionName": "lambent-scaled", "Qualifier": "1", "Payload": ANY},
    )
    with pytest.raises(AwsUnavailable, match="function lambent-scaled:1"):
        ask(aws, "scaled", ROWS, "a")


def test_a_model_that_is_not_deployed_is_said() -> None:
    aws, functions = stubbed("lambda_")
    functions.add_client_error("get_alias", "ResourceNotFoundException", "no function", 404)
    with pytest.raises(NotFound, match="lambent deploy scaled"):
        ask(aws, "scaled", ROWS)
