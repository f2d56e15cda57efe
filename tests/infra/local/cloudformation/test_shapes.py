"""Template values become what each API's own model asks for."""

from typing import Any

import botocore.session
import pytest

from infra.local.cloudformation.errors import ResourceFailed
from infra.local.cloudformation.provision.shapes import conform


def shape(service: str, operation: str) -> Any:
    model = botocore.session.get_session().get_service_model(service)
    return model.operation_model(operation).input_shape


def test_text_becomes_numbers_and_booleans() -> None:
    found = conform(
        {"MemorySize": "1024", "Publish": "false", "Timeout": 3.0},
        shape("lambda", "CreateFunction"),
        "F",
    )
    assert found == {"MemorySize": 1024, "Publish": False, "Timeout": 3}


def test_numbers_and_booleans_become_text_where_text_is_wanted() -> None:
    variables = {"Environment": {"Variables": {"N": 5, "B": True}}}
    found = conform(variables, shape("lambda", "CreateFunction"), "F")
    assert found == {"Environment": {"Variables": {"N": "5", "B": "true"}}}


def test_first_letters_follow_the_api() -> None:
    found = conform(
        {"apiStages": [{"ApiId": "a", "Stage": "live"}], "throttle": {"RateLimit": "5"}},
        shape("apigateway", "CreateUsagePlan"),
        "Plan",
    )
    assert found == {"apiStages": [{"apiId": "a", "stage": "live"}], "throttle": {"rateLimit": 5.0}}


def test_a_member_the_api_lacks_is_refused_by_its_path() -> None:
    with pytest.raises(ResourceFailed, match=r"F\.TracingConfig: extraneous key \[Mood\]"):
        conform({"TracingConfig": {"Mood": "x"}}, shape("lambda", "CreateFunction"), "F")


@pytest.mark.parametrize("value", ["much", "1.5", [1]])
def test_what_is_no_number_is_refused_by_its_path(value: Any) -> None:
    with pytest.raises(ResourceFailed, match=r"F\.MemorySize"):
        conform({"MemorySize": value}, shape("lambda", "CreateFunction"), "F")
