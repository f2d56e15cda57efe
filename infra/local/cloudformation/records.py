"""What CloudFormation remembers: stacks, their resources and events, change sets.

Attributes are called as the members of the API's answers, in snake case: moto's serializer picks
them by these names. Events, outputs and changes are kept as the API tells them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from infra.local.cloudformation import parameters
from infra.local.cloudformation.template import Template

Told = dict[str, Any]


@dataclass(frozen=True)
class Policies:
    """What becomes of a resource: when it leaves the template, and when it is replaced."""

    deletion: str
    update_replace: str


@dataclass(frozen=True)
class Deployed:
    """A resource that exists, with the resolved properties it was last given."""

    logical_resource_id: str
    physical_resource_id: str
    resource_type: str
    resource_status: str
    timestamp: datetime
    properties: dict[str, Any]
    attributes: dict[str, Any]
    policies: Policies

    @property
    def last_updated_timestamp(self) -> datetime:
        return self.timestamp


@dataclass(frozen=True)
class Release:
    """What a change set would make of a stack: its whole description, without resources."""

    original: str
    template: Template  # after the transform
    values: dict[str, str]  # of the parameters
    stack_tags: dict[str, str]
    capabilities: list[str]

    @property
    def definitions(self) -> dict[str, Any]:
        """Of the parameters."""
        found: dict[str, Any] = self.template.get("Parameters", {})
        return found


class Released:
    """What stacks and change sets tell of their release."""

    release: Release

    @property
    def parameters(self) -> list[Told]:
        return parameters.shown(self.release.definitions, self.release.values)

    @property
    def tags(self) -> list[Told]:
        return [{"Key": key, "Value": value} for key, value in self.release.stack_tags.items()]

    @property
    def capabilities(self) -> list[str]:
        return self.release.capabilities


@dataclass
class ChangeSet(Released):
    """`order` names the release's resources, each after those it refers to."""

    change_set_name: str
    change_set_id: str
    stack_id: str
    stack_name: str
    change_set_type: str  # CREATE or UPDATE
    release: Release
    changes: list[Told]
    order: list[str]
    creation_time: datetime
    description: str | None = None
    status: str = "CREATE_COMPLETE"
    execution_status: str = "AVAILABLE"
    status_reason: str | None = None


@dataclass
class Stack(Released):
    enable_termination_protection: ClassVar = False  # sam looks
    stack_name: str
    stack_id: str
    creation_time: datetime
    release: Release
    stack_status: str = "REVIEW_IN_PROGRESS"
    stack_status_reason: str | None = None
    last_updated_time: datetime | None = None
    deletion_time: datetime | None = None
    resources: dict[str, Deployed] = field(default_factory=dict)  # each after what it refers to
    outputs: list[Told] = field(default_factory=list)
    imports: frozenset[str] = frozenset()
    events: list[Told] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)

    @property
    def description(self) -> str | None:
        return self.release.template.get("Description")

    @property
    def exports(self) -> dict[str, str]:
        return exported(self.outputs)

    @property
    def gone(self) -> bool:
        return self.stack_status == "DELETE_COMPLETE"

    @property
    def unborn(self) -> bool:
        """Only a change set would make it."""
        return self.stack_status == "REVIEW_IN_PROGRESS"

    @property
    def busy(self) -> bool:
        return self.stack_status.endswith("_IN_PROGRESS") and not self.unborn


def exported(outputs: list[Told]) -> dict[str, str]:
    return {out["ExportName"]: out["OutputValue"] for out in outputs if out["ExportName"]}
