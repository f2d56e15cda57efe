"""Template values become what each API's own model asks for, or are refused by botocore."""

import json
from datetime import date
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from infra.local.cloudformation.engine import conform


def shape(service: str, operation: str) -> Any:
    model = botocore.session.get_session().get_service_model(service)
    return model.operation_model(operation).input_shape


def test_text_becomes_numbers_and_booleans() -> None:
    found = conform(
        {"MemorySize": "1024", "Publish": "false", "Timeout": 3.0},
        shape("lambda", "CreateFunction"),
    )
    assert found == {"MemorySize": 1024, "Publish": False, "Timeout": 3}


def test_numbers_and_booleans_become_text_where_text_is_wanted() -> None:
    variables = {"Environment": {"Variables": {"N": 5, "B": True}}}
    found = conform(variables, shape("lambda", "CreateFunction"))
    assert found == {"Environment": {"Variables": {"N": "5", "B": "true"}}}


def test_first_letters_follow_the_api() -> None:
    found = conform(
        {"apiStages": [{"ApiId": "a", "Stage": "live"}], "throttle": {"RateLimit": "5"}},
        shape("apigateway", "CreateUsagePlan"),
    )
    assert found == {"apiStages": [{"apiId": "a", "stage": "live"}], "throttle": {"rateLimit": 5.0}}


def test_tags_and_policies_are_written_as_the_api_wants_them() -> None:
    tags = [{"Key": "team", "Value": "risk"}]
    assert conform({"Tags": tags}, shape("lambda", "TagResource")) == {"Tags": {"team": "risk"}}
    assert conform({"Tags": tags}, shape("kms", "TagResource")) == {
        "Tags": [{"TagKey": "team", "TagValue": "risk"}]
    }
    policy = conform(
        {"Policy": {"Version": date(2012, 10, 17), "Statement": []}}, shape("s3", "PutBucketPolicy")
    )["Policy"]
    assert json.loads(policy) == {"Version": "2012-10-17", "Statement": []}


@pytest.mark.parametrize(
    "given",
    [
        {"TracingConfig": {"Mood": "x"}},
        {"MemorySize": "much"},
        {"MemorySize": "1.5"},
        {"MemorySize": [1]},
        {"Publish": "perhaps"},
        {"Handler": {"a": 1}},
    ],
)
def test_what_the_api_does_not_take_is_left_for_botocore_to_refuse_by_name(
    given: dict[str, Any],
) -> None:
    wanted = shape("lambda", "CreateFunction")
    report = ParamValidator().validate(conform(given, wanted), wanted).generate_report()
    assert next(iter(given)) in report
