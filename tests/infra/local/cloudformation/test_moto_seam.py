"""A canary on the internals of moto that the embedded CloudFormation stands on."""

import importlib
import inspect
from functools import cache
from importlib.metadata import version
from typing import Any

import boto3
import pytest
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores, method_names_from_class

from infra.local import strict
from infra.local.cloudformation import moto_seam, wire
from infra.local.cloudformation.plan import TYPES
from infra.local.cloudformation.resource_type import Call, ResourceType
from infra.local.codedeploy.api import ACTIONS

PINNED = "5.2.5"
LOOK = "moto changed under infra/local/cloudformation/moto_seam.py"
MOTO_NAMES = {"lambda": "awslambda"}
# Answered under other names there, by way of the URL; test_provisioning.py covers each.
S3_ROUTES_BY_URL = "s3"


def test_moto_is_the_one_this_was_written_against() -> None:
    assert version("moto") == PINNED, f"{LOOK}: run the tests here, then move PINNED"


def test_requests_are_dispatched_by_the_name_of_their_action() -> None:
    assert camelcase_to_underscores("CreateChangeSet") == "create_change_set", LOOK
    for name in ("call_action", "dispatch", "serialized", "_get_param", "_get_action"):
        assert hasattr(BaseResponse, name), f"{LOOK}: BaseResponse.{name} is gone"
    assert {"create_change_set", "execute_change_set"} <= wire.ACTIONS, LOOK
    assert set(method_names_from_class(wire.CloudFormationResponse)) >= wire.ACTIONS, LOOK


def test_the_urls_of_cloudformation_are_ours() -> None:
    from moto.cloudformation import urls

    wire.patch()
    assert urls.url_paths == {"{0}/$": wire.CloudFormationResponse.dispatch}, LOOK


def test_resetting_moto_forgets_stacks() -> None:
    from moto.core.base_backend import BackendDict

    backends = moto_seam.BACKENDS["123456789012"]
    backends["eu-west-3"].stacks.by_id["x"] = None
    assert moto_seam.BACKENDS in BackendDict._instances, LOOK
    backends.reset()
    assert backends["eu-west-3"].stacks.by_id == {}, LOOK


@cache
def api_names(service: str) -> dict[str, str]:
    """Method of boto3 → operation of the API."""
    session: Any = boto3.Session("test", "test", region_name="us-east-1")
    return dict(session.client(service).meta.method_to_api_mapping)


def calls(kind: ResourceType) -> set[str]:
    settings = kind.settings.values()
    optional = [step for setting in settings for step in (setting.put, setting.unset) if step]
    steps = [kind.create, *kind.update, *kind.delete, *optional]
    return {
        step.operation if isinstance(step, Call) else step
        for step in steps
        if isinstance(step, Call | str)
    }


CALLS = {(kind.service, operation) for kind in TYPES.values() for operation in calls(kind)}


@pytest.mark.parametrize(("service", "operation"), sorted(CALLS))
def test_every_call_of_a_resource_type_exists_in_boto3_and_behind_the_endpoint(
    service: str, operation: str
) -> None:
    strict.patch()  # what it adds to moto counts
    mapping = api_names(service)
    assert operation in mapping
    if service == S3_ROUTES_BY_URL:
        return
    if service == "codedeploy":  # not moto's
        assert mapping[operation] in ACTIONS
        return
    module = importlib.import_module(f"moto.{MOTO_NAMES.get(service, service)}.responses")
    classes = [
        item
        for item in vars(module).values()
        if inspect.isclass(item) and issubclass(item, BaseResponse)
    ]
    methods = {name for found in classes for name in method_names_from_class(found)}
    assert camelcase_to_underscores(mapping[operation]) in methods, (
        f"{LOOK}: moto has no {operation}"
    )
