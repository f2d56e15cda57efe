"""IAM policies as authorizers return them."""

import pytest

from infra.local.api_gateway.policy import PolicyNotUnderstood, Verdict, evaluate

API = "arn:aws:execute-api:us-east-1:123456789012:abc/live"


def statement(resource, effect="Allow", action="execute-api:Invoke"):
    return {"Effect": effect, "Action": action, "Resource": resource}


def verdict(*statements, arn=f"{API}/GET/v1/models"):
    return evaluate({"Statement": list(statements)}, arn)


@pytest.mark.parametrize(
    "resource",
    [
        f"{API}/GET/v1/models",
        f"{API}/GET/*",
        f"{API}/*",
        f"{API}/?ET/v1/*",
        "*",
        [f"{API}/POST/x", f"{API}/GET/v1/models"],
    ],
)
def test_a_matching_resource_is_allowed(resource):
    assert verdict(statement(resource)) is Verdict.ALLOW


@pytest.mark.parametrize("resource", [f"{API}/POST/*", f"{API}/GET/v1", f"{API}/GET/v1/models/x"])
def test_another_resource_is_not(resource):
    assert verdict(statement(resource)) is Verdict.IMPLICIT_DENY


@pytest.mark.parametrize("action", ["execute-api:*", "*", "EXECUTE-API:invoke", ["a:b", "*"]])
def test_actions_match_without_case_and_with_wildcards(action):
    assert verdict(statement("*", action=action)) is Verdict.ALLOW


def test_another_action_is_not_allowed():
    assert verdict(statement("*", action="s3:GetObject")) is Verdict.IMPLICIT_DENY


def test_a_deny_wins_wherever_it_stands():
    deny = statement(f"{API}/GET/*", effect="Deny")
    assert verdict(deny, statement("*")) is Verdict.EXPLICIT_DENY
    assert verdict(statement("*"), deny) is Verdict.EXPLICIT_DENY


def test_nothing_said_is_a_denial():
    assert verdict() is Verdict.IMPLICIT_DENY


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
    with pytest.raises(PolicyNotUnderstood):
        evaluate(document, f"{API}/GET/x")
