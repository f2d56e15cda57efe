"""CloudFormation's API as requests come in: one method per action.

moto parses the requests and writes the answers, whose members it picks from the records.
"""

import json
import logging
from typing import Any
from urllib.parse import unquote, urlparse

from infra.local.calls import own_client
from infra.local.cloudformation import changesets, execute, moto_seam
from infra.local.cloudformation.changesets import NO_CHANGES
from infra.local.cloudformation.engine import Engine
from infra.local.cloudformation.errors import CloudFormationError, NotSupported
from infra.local.cloudformation.moto_seam import (
    ActionResult,
    BaseResponse,
    EmptyResult,
    WireError,
    camelcase_to_underscores,
)
from infra.local.cloudformation.stacks import ChangeSet, Deployed, Stack, Stacks
from infra.local.cloudformation.template import parse

READ = (
    "Capabilities ChangeSetName ChangeSetType Description LogicalResourceId Parameters "
    "StackName Tags TemplateBody TemplateStage TemplateURL "
    "UsePreviousTemplate"
)
IGNORED = (
    "ClientRequestToken ClientToken IncludeNestedStacks IncludePropertyValues NextToken "
    "NotificationARNs OnStackFailure RoleARN TimeoutInMinutes"
)
NEXT_STEP = "Leave it out, or add it to infra/local/cloudformation/wire.py."


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

    def create_change_set(self) -> ActionResult:
        change_set = self._plan(self._text("ChangeSetType", "UPDATE"), self._text("ChangeSetName"))
        return ActionResult({"Id": change_set.change_set_id, "StackId": change_set.stack_id})

    def describe_change_set(self) -> ActionResult:
        return ActionResult(self._change_set())

    def execute_change_set(self) -> ActionResult:
        self._execute(self._change_set())
        return EmptyResult()

    def delete_change_set(self) -> ActionResult:
        found = self._change_set()
        self._stacks.by_id[found.stack_id].change_sets.pop(found.change_set_name)
        return EmptyResult()

    def list_change_sets(self) -> ActionResult:
        return ActionResult({"Summaries": list(self._stack().change_sets.values())})

    def create_stack(self) -> ActionResult:
        return self._directly("CREATE")

    def update_stack(self) -> ActionResult:
        return self._directly("UPDATE")

    def delete_stack(self) -> ActionResult:
        try:
            stack = self._stack()
        except CloudFormationError:
            return EmptyResult()  # as AWS: deleting what is not there succeeds
        execute.delete(self._stacks, stack, self._engine)
        return EmptyResult()

    def describe_stacks(self) -> ActionResult:
        stacks = [self._stack()] if self._text("StackName") else self._stacks.living()
        return ActionResult({"Stacks": stacks})

    def describe_stack_events(self) -> ActionResult:
        return ActionResult({"StackEvents": list(reversed(self._stack().events))})

    def describe_stack_resources(self) -> ActionResult:
        return ActionResult({"StackResources": self._resources()})

    def list_stack_resources(self) -> ActionResult:
        return ActionResult({"StackResourceSummaries": self._resources()})

    def get_template(self) -> ActionResult:
        release = self._change_set().release if self._text("ChangeSetName") else None
        release = release or self._stack().release
        processed = self._text("TemplateStage") == "Processed"
        body = json.dumps(release.template, default=str) if processed else release.original
        return ActionResult({"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]})

    def get_template_summary(self) -> ActionResult:
        body = self._stack().release.original if self._text("StackName") else self._body()
        names = parse(body or "").get("Parameters", {})
        return ActionResult({"Parameters": [{"ParameterKey": name} for name in names]})

    def _check_supported(self) -> None:
        action, members = self._get_action(), self._get_params()
        if camelcase_to_underscores(action) not in ACTIONS:
            raise NotSupported("CloudFormation", f"the action {action}", NEXT_STEP)
        said = {name for name, value in members.items() if value}
        if unknown := sorted(said - {*READ.split(), *IGNORED.split()}):
            raise NotSupported("CloudFormation", f"the member {', '.join(unknown)}", NEXT_STEP)

    def _directly(self, kind: str) -> ActionResult:
        change_set = self._plan(kind, f"direct-{kind.lower()}")
        if change_set.status_reason == NO_CHANGES:
            stack = self._stacks.by_id[change_set.stack_id]
            stack.change_sets.pop(change_set.change_set_name)
            raise CloudFormationError("No updates are to be performed.")
        self._execute(change_set)
        return ActionResult({"StackId": change_set.stack_id})

    def _execute(self, change_set: ChangeSet) -> None:
        """Answered when it is done, or when it begins to wait for CodeDeploy."""
        stacks, engine = self._stacks, self._engine  # of this request, not of the thread
        execute.start(lambda pause: execute.execute(stacks, change_set, engine, pause))

    def _plan(self, kind: str, name: str) -> ChangeSet:
        body = None if self._get_param("UsePreviousTemplate") else self._body()
        client = self._engine.client
        return changesets.create(
            self._stacks, kind, name, self._get_params(), body, lambda: client("iam")
        )

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

    def _resources(self) -> list[Deployed]:
        """All of a stack, or the one that is named."""
        stack, name = self._stack(), self._text("LogicalResourceId")
        if name and name not in stack.resources:
            raise CloudFormationError(
                f"Resource {name} does not exist for stack {stack.stack_name}"
            )
        return [stack.resources[name]] if name else list(stack.resources.values())

    @property
    def _stacks(self) -> Stacks:
        return moto_seam.stacks_of(self.current_account, self.region)

    @property
    def _engine(self) -> Engine:
        # The port the request came in on: the Host header is the caller's to choose, this is not.
        port, region = int(self.normalized_request.environ["SERVER_PORT"]), self.region
        return Engine(lambda service: own_client(service, region, port))


ACTIONS = {name for name in vars(CloudFormationResponse) if not name.startswith("_")} - {
    "call_action"
}


def patch() -> None:
    """Answer CloudFormation's URLs of every moto server started from now on."""
    # It warns at every expansion of what only concerns AWS's own service.
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    moto_seam.install(CloudFormationResponse.dispatch)
