"""What the gateway refuses by itself, and how a refusal looks."""

from datetime import UTC, datetime

import pytest

OK = "def handler(event, context): return {'statusCode': 200, 'body': 'ok'}"
GATEWAY_RESPONSES = {
    "DEFAULT_4XX": {
        "responseParameters": {
            "gatewayresponse.header.Access-Control-Allow-Origin": "'https://shop.example'",
            "gatewayresponse.header.X-Asked-From": "method.request.header.Origin",
            "gatewayresponse.header.Content-Type": "'application/problem+json'",
        }
    },
    "INVALID_API_KEY": {
        "statusCode": 401,
        "responseTemplates": {
            "application/problem+json": '{"title":$context.error.messageString,'
            '"id":"$context.requestId"}'
        },
    },
}


@pytest.fixture(scope="module")
def function(cloud):
    return cloud.function(OK)


@pytest.fixture(scope="module")
def api(cloud, function):
    return cloud.rest_api(
        {
            "/open": {"get": cloud.proxy(function)},
            "/keyed": {"get": cloud.proxy(function, security=[{"api_key": []}])},
        },
        components={
            "securitySchemes": {"api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}
        },
        **{"x-amazon-apigateway-gateway-responses": GATEWAY_RESPONSES},
    )


@pytest.fixture
def key(cloud, api):
    """Creates API keys on usage plans of their own: key(throttle=…, quota=…) → value."""

    def create(**plan):
        gateway = cloud("apigateway")
        stages = [{"apiId": api.id, "stage": "live"}]
        made = gateway.create_usage_plan(name="plan", apiStages=stages, **plan)
        key = gateway.create_api_key(name="client", enabled=True)
        gateway.create_usage_plan_key(usagePlanId=made["id"], keyId=key["id"], keyType="API_KEY")
        return key

    return create


def call(api, key=None, path="/keyed", **headers):
    return api("GET", path, headers={**({"x-api-key": key} if key else {}), **headers})


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("POST", "/open"), ("GET", "/")])
def test_an_unknown_route_is_a_403(api, method, path):
    answer = api(method, path)
    assert answer.status == 403
    assert answer.json == {"message": "Missing Authentication Token"}
    assert answer.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"
    assert answer.headers["x-amzn-RequestId"]


@pytest.mark.parametrize("where", ["/_aws/execute-api/nosuchapi/live/", "{api}/nostage/open"])
def test_an_unknown_api_or_stage_is_a_403(cloud, api, where):
    other = where.format(api=f"/_aws/execute-api/{api.id}")
    answer = type(api)(api.id, cloud.aws.endpoint + other, api.pool)("GET", "")
    assert answer.status == 403
    assert answer.json == {"message": "Forbidden"}


@pytest.mark.parametrize("sent", [None, "wrong"])
def test_without_a_valid_key_the_declared_answer_is_given(api, sent):
    answer = call(api, sent)
    assert answer.status == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json == {"title": "Forbidden", "id": answer.headers["x-amzn-RequestId"]}


def test_a_valid_key_is_let_in_and_named_to_the_function(api, key):
    assert call(api, key()["value"]).status == 200


def test_a_key_without_a_plan_for_the_stage_or_disabled_is_refused(cloud, api, key):
    without_plan = cloud("apigateway").create_api_key(name="alone", enabled=True)["value"]
    assert call(api, without_plan).status == 401
    disabled = key()
    cloud("apigateway").update_api_key(
        apiKey=disabled["id"],
        patchOperations=[{"op": "replace", "path": "/enabled", "value": "false"}],
    )
    assert call(api, disabled["value"]).status == 401


def test_errors_carry_the_cors_headers_of_the_gateway_responses(api):
    answer = call(api, path="/nowhere", Origin="https://a.example")
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert answer.headers["X-Asked-From"] == "https://a.example"
    assert answer.headers.getlist("Content-Type") == ["application/problem+json"]
    assert "X-Asked-From" not in call(api, path="/nowhere").headers


def test_the_status_of_a_default_is_that_of_every_type_without_its_own(cloud, function):
    responses = {
        "DEFAULT_4XX": {
            "statusCode": 400,
            "responseTemplates": {"application/json": '{"of":"$context.error.responseType"}'},
        },
        "INVALID_API_KEY": {"statusCode": 403},
    }
    schemes = {"api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}
    api = cloud.rest_api(
        {"/keyed": {"get": cloud.proxy(function, security=[{"api_key": []}])}},
        components={"securitySchemes": schemes},
        **{"x-amazon-apigateway-gateway-responses": responses},
    )
    unknown = call(api, path="/nowhere")
    assert (unknown.status, unknown.json) == (400, {"of": "MISSING_AUTHENTICATION_TOKEN"})
    assert call(api).status == 403


def test_over_its_rate_a_client_is_throttled_and_let_in_again(api, key, clock):
    """fault row 34 / threat API4: 429 over the plan's rate; it passes by itself."""
    value = key(throttle={"rateLimit": 1, "burstLimit": 2})["value"]
    statuses = [call(api, value).status for _ in range(3)]
    assert statuses[:2] == [200, 200]
    refused = call(api, value)
    assert refused.status == 429
    assert refused.json == {"message": "Too Many Requests"}
    assert refused.headers["x-amzn-ErrorType"] == "TooManyRequestsException"
    clock.ahead_s += 1
    assert call(api, value).status == 200


def test_one_clients_rate_is_not_anothers(api, key):
    slow = key(throttle={"rateLimit": 0.001, "burstLimit": 1})["value"]
    other = key(throttle={"rateLimit": 0.001, "burstLimit": 1})["value"]
    assert [call(api, slow).status, call(api, slow).status] == [200, 429]
    assert call(api, other).status == 200


def test_a_quota_ends_with_its_day(api, key, clock):
    """threat API4: a quota per client."""
    value = key(quota={"limit": 2, "period": "DAY"})["value"]
    assert [call(api, value).status for _ in range(2)] == [200, 200]
    refused = call(api, value)
    assert refused.status == 429
    assert refused.json == {"message": "Limit Exceeded"}
    assert refused.headers["x-amzn-ErrorType"] == "LimitExceededException"
    today = datetime.fromtimestamp(clock(), UTC)
    clock.ahead_s += 24 * 3600 - (today.hour * 3600 + today.minute * 60 + today.second) + 1
    assert call(api, value).status == 200


def test_the_stage_has_a_throttle_of_its_own(cloud, function):
    api = cloud.rest_api(
        {"/a": {"get": cloud.proxy(function)}, "/b": {"get": cloud.proxy(function)}}
    )
    settings = {
        "/*/*/throttling/rateLimit": "0.001",
        "/*/*/throttling/burstLimit": "2",
        "/~1a/GET/throttling/rateLimit": "0.001",
        "/~1a/GET/throttling/burstLimit": "1",
    }
    cloud("apigateway").update_stage(
        restApiId=api.id,
        stageName="live",
        patchOperations=[
            {"op": "replace", "path": path, "value": value} for path, value in settings.items()
        ],
    )
    assert [api("GET", "/a").status for _ in range(2)] == [200, 429]
    assert [api("GET", "/b").status for _ in range(3)] == [200, 200, 429]


def test_a_function_that_is_gone_is_a_500(cloud):
    api = cloud.rest_api({"/": {"get": cloud.bare_proxy("never-created", "live")}})
    answer = api("GET")
    assert answer.status == 500
    assert answer.json == {"message": "Internal server error"}
