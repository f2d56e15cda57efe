"""A function answers only the APIs that its resource policy lets: AWS::Lambda::Permission."""

import logging

import pytest

OK = "def handler(event, context): return {'statusCode': 200, 'body': 'ok'}"
API = "arn:aws:execute-api:us-east-1:123456789012"


@pytest.fixture
def function(cloud):
    name = cloud.function(OK)
    cloud("lambda").publish_version(FunctionName=name)
    cloud("lambda").create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return name


@pytest.fixture
def api(cloud, function):
    return cloud.rest_api({"/models/{name}": {"post": cloud.bare_proxy(function, "live")}})


def test_without_a_permission_the_caller_gets_500_and_the_log_says_why(api, function, caplog):
    with caplog.at_level(logging.WARNING, "lambent.api_gateway"):
        refused = api("POST", "/models/a")
    assert refused.status == 500
    assert refused.json == {"message": "Internal server error"}
    assert refused.headers["x-amzn-ErrorType"] == "InternalServerErrorException"
    assert "Invalid permissions on Lambda function" in caplog.text
    assert f":function:{function}:live" in caplog.text


def test_a_bug_of_the_gateway_is_answered_as_it_answers_its_own(api, monkeypatch, caplog):
    async def bug(*_):
        raise KeyError("YEAR")

    monkeypatch.setattr("infra.local.api_gateway.app.ApiGateway._answer", bug)
    refused = api("POST", "/models/a")
    assert (refused.status, refused.json) == (500, {"message": "Internal server error"})
    assert refused.headers["x-amzn-RequestId"]
    assert "Unexpected, please report it" in caplog.text
    assert "KeyError: 'YEAR'" in caplog.text


@pytest.mark.parametrize(
    "source", ["*", "live/*", "live/POST/models/*", "*/POST/models/*", "*/*/models/a"]
)
def test_a_permission_for_the_method_on_the_alias_lets_it(cloud, api, function, source):
    cloud.permit(function, "live", SourceArn=f"{API}:{api.id}/{source}")
    assert api("POST", "/models/a").status == 200


@pytest.mark.parametrize(
    "source", ["test/*", "live/GET/models/*", "live/POST/other/*", "authorizers/*"]
)
def test_a_permission_for_something_else_does_not(cloud, api, function, source):
    cloud.permit(function, "live", SourceArn=f"{API}:{api.id}/{source}")
    assert api("POST", "/models/a").status == 500


@pytest.mark.parametrize(
    "other",
    [
        {"SourceArn": f"{API}:another/*"},
        {"SourceAccount": "210987654321"},
        {"Principal": "events.amazonaws.com"},
        {"Action": "lambda:GetFunction"},
    ],
)
def test_a_permission_for_another_caller_does_not(cloud, api, function, other):
    cloud.permit(function, "live", **other)
    assert api("POST", "/models/a").status == 500


def test_a_permission_on_the_function_does_not_reach_its_alias(cloud, api, function):
    cloud.permit(function)
    assert api("POST", "/models/a").status == 500


def test_a_permission_on_the_alias_outlives_the_version_behind_it(cloud, api, function):
    cloud.permit(function, "live")
    number = cloud.release(function, OK.replace("ok", "new"))
    cloud("lambda").update_alias(FunctionName=function, Name="live", FunctionVersion=number)
    assert api("POST", "/models/a").body == b"new"


def test_an_authorizer_needs_its_own(cloud, function):
    scheme = {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authorizer": {
            "type": "token",
            "authorizerUri": cloud.bare_proxy(function)["x-amazon-apigateway-integration"]["uri"],
        },
    }
    api = cloud.rest_api(
        {"/": {"get": cloud.proxy(function, "live", security=[{"Jwt": []}])}},
        components={"securitySchemes": {"Jwt": scheme}},
    )
    assert api("GET", headers={"Authorization": "a"}).status == 500
