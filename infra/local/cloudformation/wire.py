"""CloudFormation's API as requests come in: one method per action."""

import logging
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import unquote, urlparse

import boto3
from botocore.config import Config

from infra.local.cloudformation import changesets, moto_seam, operations, views
from infra.local.cloudformation.changesets import NO_CHANGES
from infra.local.cloudformation.errors import CloudFormationError, NotSupported
from infra.local.cloudformation.moto_seam import (
    ActionResult,
    BaseResponse,
    EmptyResult,
    WireError,
)
from infra.local.cloudformation.records import ChangeSet, Deployed, Stack
from infra.local.cloudformation.requests import read
from infra.local.cloudformation.stacks import Stacks
from infra.local.cloudformation.template import parse


class CloudFormationResponse(BaseResponse):  # type: ignore[misc]
    """moto finds a method by its action: CreateChangeSet → create_change_set."""

    def __init__(self) -> None:
        super().__init__(service_name="cloudformation")
        self.automated_parameter_parsing = True

    def call_action(self) -> Any:
        try:
            self._check_supported()
            return super().call_action()
        except CloudFormationError as error:
            return self.serialized(ActionResult(WireError(error.code, str(error))))

    # Change sets

    def create_change_set(self) -> ActionResult:
        change_set = self._plan(self._text("ChangeSetType", "UPDATE"), self._text("ChangeSetName"))
        return ActionResult({"Id": change_set.arn, "StackId": change_set.stack_id})

    def describe_change_set(self) -> ActionResult:
        found = self._change_set()
        return ActionResult(views.change_set(found, self._stacks.by_id[found.stack_id]))

    def execute_change_set(self) -> ActionResult:
        keep_failed = bool(self._get_bool_param("DisableRollback"))
        operations.execute(self._stacks, self._change_set(), self._client, keep_failed=keep_failed)
        return EmptyResult()

    def delete_change_set(self) -> ActionResult:
        found = self._change_set()
        self._stacks.by_id[found.stack_id].change_sets.pop(found.name)
        return EmptyResult()

    def list_change_sets(self) -> ActionResult:
        stack = self._stack()
        summaries = [views.change_set_summary(item, stack) for item in stack.change_sets.values()]
        return ActionResult({"Summaries": summaries})

    # Stacks

    def create_stack(self) -> ActionResult:
        keep_failed = self._get_bool_param("DisableRollback") or (
            self._text("OnFailure") == "DO_NOTHING"
        )
        return self._directly("CREATE", keep_failed=bool(keep_failed))

    def update_stack(self) -> ActionResult:
        return self._directly("UPDATE", keep_failed=bool(self._get_bool_param("DisableRollback")))

    def delete_stack(self) -> ActionResult:
        try:
            stack = self._stack()
        except CloudFormationError:
            return EmptyResult()  # as AWS: deleting what is not there succeeds
        operations.delete(self._stacks, stack, self._client)
        return EmptyResult()

    def describe_stacks(self) -> ActionResult:
        stacks = [self._stack()] if self._text("StackName") else self._stacks.living()
        return ActionResult({"Stacks": [views.stack(item) for item in stacks]})

    def list_stacks(self) -> ActionResult:
        wanted = self._get_param("StackStatusFilter", [])
        stacks = self._stacks.by_id.values()
        summaries = [views.summary(s) for s in stacks if not wanted or s.status in wanted]
        return ActionResult({"StackSummaries": summaries})

    def describe_stack_events(self) -> ActionResult:
        stack = self._stack()
        events = [views.event(item, stack) for item in reversed(stack.events)]
        return ActionResult({"StackEvents": events})

    def describe_stack_resource(self) -> ActionResult:
        stack = self._stack()
        found = _resources(stack, self._text("LogicalResourceId"))[0]
        return ActionResult({"StackResourceDetail": views.resource(found, stack)})

    def describe_stack_resources(self) -> ActionResult:
        stack = self._stack()
        found = _resources(stack, self._text("LogicalResourceId"))
        return ActionResult({"StackResources": [views.resource(item, stack) for item in found]})

    def list_stack_resources(self) -> ActionResult:
        found = self._stack().resources.values()
        return ActionResult(
            {"StackResourceSummaries": [views.resource_summary(item) for item in found]}
        )

    # Templates

    def get_template(self) -> ActionResult:
        stage = self._text("TemplateStage", "Original")
        if name := self._text("ChangeSetName"):
            release = self._stacks.change_set(name, self._text("StackName")).release
        else:
            release = self._stack().release
        return ActionResult(views.template(release, stage))

    def get_template_summary(self) -> ActionResult:
        body = self._stack().release.original if self._text("StackName") else self._body()
        return ActionResult(views.template_summary(parse(body or "")))

    def validate_template(self) -> ActionResult:
        return ActionResult(views.template_summary(parse(self._body() or "")))

    # Exports

    def list_exports(self) -> ActionResult:
        return ActionResult({"Exports": views.exports(self._stacks)})

    def list_imports(self) -> ActionResult:
        name = self._text("ExportName")
        users = [stack.name for stack in self._stacks.importers(name)]
        if not users:
            raise CloudFormationError(f"Export '{name}' is not imported by any stack.")
        return ActionResult({"Imports": users})

    # Within

    def _check_supported(self) -> None:
        if moto_seam.method_of(self._get_action()) not in ACTIONS:
            raise NotSupported(
                "CloudFormation",
                f"the action {self._get_action()}",
                "Add a method to infra/local/cloudformation/wire.py.",
            )

    def _directly(self, kind: str, *, keep_failed: bool) -> ActionResult:
        change_set = self._plan(kind, f"direct-{kind.lower()}", direct=True)
        stack = self._stacks.by_id[change_set.stack_id]
        if change_set.reason == NO_CHANGES:
            stack.change_sets.pop(change_set.name)
            raise CloudFormationError("No updates are to be performed.")
        operations.execute(self._stacks, change_set, self._client, keep_failed=keep_failed)
        return ActionResult({"StackId": stack.stack_id})

    def _plan(self, kind: str, name: str, *, direct: bool = False) -> ChangeSet:
        request = read(self._get_params(), self._body(), kind, name, direct=direct)
        return changesets.create(self._stacks, request, lambda: self._client("iam"))

    def _body(self) -> str | None:
        url = self._text("TemplateURL")
        if not url:
            return self._text("TemplateBody") or None
        bucket, _, key = unquote(urlparse(url).path).lstrip("/").partition("/")
        body = moto_seam.object_text(self.current_account, bucket, key)
        if body is None:
            raise CloudFormationError(f"S3 error: no template at {url}; use a path-style URL")
        return body

    def _text(self, name: str, default: str = "") -> str:
        return str(self._get_param(name) or default)

    def _stack(self) -> Stack:
        return self._stacks.stack(self._text("StackName"))

    def _change_set(self) -> ChangeSet:
        return self._stacks.change_set(self._text("ChangeSetName"), self._text("StackName"))

    @property
    def _stacks(self) -> Stacks:
        return moto_seam.stacks_of(self.current_account, self.region)

    @property
    def _client(self) -> Callable[[str], Any]:
        port, region = moto_seam.port_of(self.normalized_request), self.region
        return lambda service: _boto3_client(service, region, port)


ACTIONS = moto_seam.public_methods(CloudFormationResponse) - {"call_action"}


def _resources(stack: Stack, logical_id: str) -> list[Deployed]:
    """All, or the one that is named."""
    if not logical_id:
        return list(stack.resources.values())
    if logical_id not in stack.resources:
        raise CloudFormationError(f"Resource {logical_id} does not exist for stack {stack.name}")
    return [stack.resources[logical_id]]


@cache
def _boto3_client(service: str, region: str, port: int) -> Any:
    """A client of the embedded AWS itself, whatever the environment says."""
    session: Any = boto3.Session("test", "test", region_name=region)
    return session.client(
        service,
        endpoint_url=f"http://localhost:{port}",
        config=Config(retries={"total_max_attempts": 1}),
    )


def patch() -> None:
    """Answer CloudFormation's URLs of every moto server started from now on."""
    # It warns at every expansion of what only concerns AWS's own service.
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    moto_seam.install(CloudFormationResponse.dispatch)
