"""Stacks as CloudFormation tells of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from infra.errors import AwsFailed
from infra.release.stack.stacks import Stack, find_stack
from tests.infra.release.conftest import stack
from tests.infra.release.stubs import stubbed


def described(**more: Any) -> dict[str, Any]:
    told = {"StackName": "lambent-x", "StackStatus": "UPDATE_COMPLETE"}
    return {"Stacks": [{"CreationTime": datetime(2030, 1, 1, tzinfo=UTC), **told, **more}]}


def test_a_stack_has_its_parameters_and_outputs_by_name() -> None:
    aws, stacks = stubbed("cloudformation")
    parameters = [
        {"ParameterKey": "MemorySize", "ParameterValue": "512"},
        {"ParameterKey": "Topic"},
    ]
    outputs = [{"OutputKey": "ApiId", "OutputValue": "abc"}]
    answer = described(Parameters=parameters, Outputs=outputs)
    stacks.add_response("describe_stacks", answer, {"StackName": "lambent-x"})
    found = find_stack(aws, "lambent-x")
    wanted = {"MemorySize": "512", "Topic": ""}
    assert found == Stack("lambent-x", "UPDATE_COMPLETE", wanted, {"ApiId": "abc"})
    assert found.model == "x"


def test_a_stack_under_way_has_neither_yet() -> None:
    aws, stacks = stubbed("cloudformation")
    stacks.add_response("describe_stacks", described())
    found = find_stack(aws, "lambent-x")
    assert found is not None
    assert (found.parameters, found.outputs) == ({}, {})


def test_there_may_be_no_such_stack() -> None:
    aws, stacks = stubbed("cloudformation")
    gone = "Stack with id lambent-x does not exist"
    stacks.add_client_error("describe_stacks", "ValidationError", gone, 400)
    assert find_stack(aws, "lambent-x") is None


def test_another_validation_error_is_not_taken_for_an_absent_stack() -> None:
    aws, stacks = stubbed("cloudformation")
    stacks.add_client_error("describe_stacks", "ValidationError", "name too long", 400)
    with pytest.raises(AwsFailed, match="name too long"):
        find_stack(aws, "lambent-x")


@pytest.mark.parametrize(
    ("status", "busy", "usable"),
    [
        ("CREATE_COMPLETE", False, True),
        ("UPDATE_IN_PROGRESS", True, True),
        ("UPDATE_ROLLBACK_COMPLETE", False, True),
        ("REVIEW_IN_PROGRESS", True, False),
        ("ROLLBACK_COMPLETE", False, False),
        ("ROLLBACK_FAILED", False, False),
    ],
)
def test_a_status_says_whether_to_wait_and_whether_there_is_anything(
    status: str, busy: bool, usable: bool
) -> None:
    found = stack(status=status)
    assert (found.is_busy, found.is_usable) == (busy, usable)
