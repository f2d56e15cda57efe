"""The key that signs: who has the platform template has no other way in."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="module")
def platform(load_template: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return load_template("infra/platform.yaml")


def test_the_key_that_signs_does_nothing_else_and_outlives_its_stack(
    platform: dict[str, Any],
) -> None:
    key = platform["Resources"]["SigningKey"]
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("Retain", "Retain")
    properties = key["Properties"]
    assert (properties["KeySpec"], properties["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")


def test_who_may_sign_is_decided_by_iam_alone(platform: dict[str, Any]) -> None:
    """Threat ML06: no service and no other account is let in by the key's own policy."""
    (statement,) = platform["Resources"]["SigningKey"]["Properties"]["KeyPolicy"]["Statement"]
    root = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
    assert statement["Principal"] == {"AWS": root}


def test_signatures_are_required_unless_somebody_says_otherwise(platform: dict[str, Any]) -> None:
    assert platform["Parameters"]["RequireSignatures"]["Default"] == "true"
    assert platform["Outputs"]["RequireSignatures"] == {"Value": {"Ref": "RequireSignatures"}}


def test_saying_otherwise_changes_a_resource(platform: dict[str, Any]) -> None:
    """CloudFormation changes no output while no resource changes."""
    tags = platform["Resources"]["SigningKey"]["Properties"]["Tags"]
    assert {"Ref": "RequireSignatures"} in [tag["Value"] for tag in tags]
