"""Lambda authorizers and the IAM policies that they return; token buckets and quotas."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from infra.local.api_gateway.access import Policy, Quotas, TokenBuckets
from infra.local.api_gateway.errors import (
    ACCESS_DENIED,
    EXPLICIT_DENY,
    GatewayError,
)

STAGE = "arn:aws:execute-api:us-east-1:123456789012:abc/live"
AUTHORIZER = """
import json
def handler(event, context):
    token = event["authorizationToken"]
    print("asked about", token)
    if token == "nobody":
        raise Exception("Unauthorized")
    if token == "broken":
        raise ValueError("bug")
    if token == "odd":
        return {"principalId": "x"}
    stage = event["methodArn"].rsplit("/", 2)[0]
    effect = "Deny" if token == "denied" else "Allow"
    resource = stage + "/GET/other" if token == "elsewhere" else event["methodArn"]
    if token == "everywhere":
        resource = event["methodArn"].split("/")[0] + "/*"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    if token == "conditional":
        statement["Condition"] = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    return {
        "principalId": "user-" + token,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"tier": "gold", "limit": 3, "trial": True, "kind": event["type"]},
        "usageIdentifierKey": "key-of-" + token,
    }
"""
RETURN_AUTHORIZER = """
import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event["requestContext"])}
"""


@pytest.fixture(scope="module")
def authorizer(cloud):
    return cloud.function(AUTHORIZER)


@pytest.fixture(scope="module")
def make_api(cloud, authorizer):
    backend = cloud.function(RETURN_AUTHORIZER)

    def make(ttl=300, security=None, **body):
        scheme = {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "custom",
            "x-amazon-apigateway-authorizer": {
                "type": "token",
                "authorizerUri": uri(cloud, authorizer),
                "authorizerResultTtlInSeconds": ttl,
                "identitySource": "method.request.header.Authorization",
            },
        }
        key = {"type": "apiKey", "name": "x-api-key", "in": "header"}
        method = cloud.proxy(backend, security=security or [{"Jwt": []}])
        return cloud.rest_api(
            {"/a": {"get": method}, "/b": {"get": method}},
            components={"securitySchemes": {"Jwt": scheme, "api_key": key}},
            **body,
        )

    return make


def uri(cloud, name):
    return cloud.proxy(name)["x-amazon-apigateway-integration"]["uri"]


@pytest.fixture(scope="module")
def api(make_api):
    return make_api()


def ask(api, token, path="/a"):
    return api("GET", path, headers={"Authorization": token} if token else {})


def test_who_is_allowed_reaches_the_function_with_a_name_and_context(api):
    answer = ask(api, "alice")
    assert answer.status == 200
    seen = answer.json["authorizer"]
    assert seen["principalId"] == "user-alice"
    assert (seen["tier"], seen["limit"], seen["trial"]) == ("gold", "3", "true")


@pytest.mark.parametrize(
    ("token", "status", "message"),
    [
        (None, 401, "Unauthorized"),
        ("nobody", 401, "Unauthorized"),
        ("denied", 403, "User is not authorized to access this resource with an explicit deny"),
        ("elsewhere", 403, "User is not authorized to access this resource"),
        ("broken", 500, "Internal server error"),
        ("odd", 500, "Internal server error"),
        ("conditional", 500, "Internal server error"),
    ],
)
def test_who_is_not_allowed_is_told_as_api_gateway_does(api, token, status, message):
    answer = ask(api, token)
    assert (answer.status, answer.json) == (status, {"message": message})


def test_without_identity_the_authorizer_is_not_even_asked(cloud, authorizer, api):
    before = cloud.log(authorizer).count("asked about")
    ask(api, None)
    assert cloud.log(authorizer).count("asked about") == before


def test_an_answer_is_remembered_for_its_time_and_judged_per_method(
    cloud, authorizer, make_api, clock
):
    api = make_api(ttl=60)
    before = cloud.log(authorizer).count("asked about bob")
    assert [ask(api, "bob").status, ask(api, "bob").status] == [200, 200]
    # The remembered policy allows /a alone.
    assert ask(api, "bob", "/b").status == 403
    assert cloud.log(authorizer).count("asked about bob") == before + 1
    clock.ahead_s += 61
    assert ask(api, "bob", "/b").status == 200
    assert cloud.log(authorizer).count("asked about bob") == before + 2


def test_a_time_of_zero_remembers_nothing(cloud, authorizer, make_api):
    api = make_api(ttl=0)
    before = cloud.log(authorizer).count("asked about carol")
    ask(api, "carol")
    ask(api, "carol")
    assert cloud.log(authorizer).count("asked about carol") == before + 2


def test_a_policy_with_wildcards_covers_every_method(make_api):
    api = make_api(ttl=60)
    assert [ask(api, "everywhere").status, ask(api, "everywhere", "/b").status] == [200, 200]


def test_the_authorizer_can_name_the_api_key(cloud, make_api):
    """threat API4: a browser logs in by token; its key never leaves the server."""
    api = make_api(
        security=[{"Jwt": []}, {"api_key": []}],
        **{"x-amazon-apigateway-api-key-source": "AUTHORIZER"},
    )
    gateway = cloud("apigateway")
    plan = gateway.create_usage_plan(
        name="plan",
        apiStages=[{"apiId": api.id, "stage": "live"}],
        throttle={"rateLimit": 0.001, "burstLimit": 1},
    )
    key = gateway.create_api_key(name="dave", enabled=True, value="key-of-dave-and-padding")
    gateway.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    assert ask(api, "dave-and-padding").json["identity"]["apiKeyId"] == key["id"]
    assert ask(api, "dave-and-padding").status == 429
    assert ask(api, "erin").status == 403
    by_header = api("GET", "/a", headers={"Authorization": "erin", "x-api-key": key["value"]})
    assert by_header.status == 403


def statement(resource, effect="Allow", action="execute-api:Invoke"):
    return {"Effect": effect, "Action": action, "Resource": resource}


def verdict(*statements):
    try:
        Policy(Statement=list(statements)).check(f"{STAGE}/GET/v1/models")
    except GatewayError as refused:
        return refused.kind
    return "allowed"


@pytest.mark.parametrize(
    "resource",
    [
        f"{STAGE}/GET/v1/models",
        f"{STAGE}/GET/*",
        f"{STAGE}/*",
        f"{STAGE}/?ET/v1/*",
        "*",
        [f"{STAGE}/POST/x", f"{STAGE}/GET/v1/models"],
    ],
)
def test_a_matching_resource_is_allowed(resource):
    assert verdict(statement(resource)) == "allowed"


@pytest.mark.parametrize(
    "resource", [f"{STAGE}/POST/*", f"{STAGE}/GET/v1", f"{STAGE}/GET/v1/models/x"]
)
def test_another_resource_is_not(resource):
    assert verdict(statement(resource)) is ACCESS_DENIED


@pytest.mark.parametrize("action", ["execute-api:*", "*", "EXECUTE-API:invoke", ["a:b", "*"]])
def test_actions_match_without_case_and_with_wildcards(action):
    assert verdict(statement("*", action=action)) == "allowed"


def test_another_action_is_not_allowed():
    assert verdict(statement("*", action="s3:GetObject")) is ACCESS_DENIED


def test_a_deny_wins_wherever_it_stands():
    deny = statement(f"{STAGE}/GET/*", effect="Deny")
    assert verdict(deny, statement("*")) is EXPLICIT_DENY
    assert verdict(statement("*"), deny) is EXPLICIT_DENY


def test_nothing_said_is_a_denial():
    assert verdict() is ACCESS_DENIED


@pytest.mark.parametrize(
    "document",
    [
        {},
        "not an object",
        {"Statement": ["not an object"]},
        {"Statement": [{**statement("*"), "Condition": {}}]},
        {"Statement": [{"Effect": "Allow", "NotAction": "a", "Resource": "*"}]},
        {"Statement": [{**statement("*"), "Effect": "Maybe"}]},
    ],
)
def test_what_is_not_understood_grants_nothing(document):
    with pytest.raises(ValidationError):
        Policy.model_validate(document)


class Hand:
    """A clock moved by hand."""

    def __init__(self, now=1_700_000_000.0):
        self.now = now

    def __call__(self):
        return self.now


def test_a_burst_passes_at_once_and_no_more():
    buckets = TokenBuckets(Hand())
    assert [buckets.take("key", 1, 3) for _ in range(5)] == [True, True, True, False, False]


def test_tokens_come_back_at_the_rate_and_never_above_the_burst():
    clock = Hand()
    buckets = TokenBuckets(clock)
    for _ in range(2):
        buckets.take("key", 2, 2)
    clock.now += 0.5
    assert [buckets.take("key", 2, 2) for _ in range(2)] == [True, False]
    clock.now += 3600
    assert [buckets.take("key", 2, 2) for _ in range(3)] == [True, True, False]


@given(
    rate=st.floats(0.1, 50),
    burst=st.integers(1, 20),
    pauses=st.lists(st.floats(0, 5), max_size=60),
)
def test_no_sequence_of_calls_gets_more_than_rate_and_burst(rate, burst, pauses):
    """threat API4."""
    clock = Hand(0.0)
    buckets = TokenBuckets(clock)
    passed = 0
    for pause in pauses:
        clock.now += pause
        passed += buckets.take("key", rate, burst)
    assert passed <= burst + rate * clock.now + 1e-6


@pytest.mark.parametrize(
    ("period", "inside", "after"),
    [
        ("DAY", "2026-03-04T23:59:59+00:00", "2026-03-05T00:00:00+00:00"),
        ("WEEK", "2026-03-08T23:59:59+00:00", "2026-03-09T00:00:00+00:00"),
        ("MONTH", "2026-03-31T23:59:59+00:00", "2026-04-01T00:00:00+00:00"),
    ],
)
def test_a_quota_ends_with_its_calendar_period(period, inside, after):
    clock = Hand(datetime.fromisoformat("2026-03-04T12:00:00+00:00").timestamp())
    quotas = Quotas(clock)
    assert quotas.take("key", 1, period)
    clock.now = datetime.fromisoformat(inside).timestamp()
    assert not quotas.take("key", 1, period)
    assert quotas.take("other", 1, period)
    clock.now = datetime.fromisoformat(after).timestamp()
    assert quotas.take("key", 1, period)
