"""Runs the calls of a resource type; the only place where provisioning meets boto3."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.cloudformation.errors import ResourceFailed
from infra.local.cloudformation.provision.record import Call, Resource, ResourceType, Step
from infra.local.cloudformation.provision.shapes import conform

GONE = ("NotFound", "NoSuch", "NonExistent")


@dataclass(frozen=True)
class Provisioned:
    physical_id: str
    attributes: dict[str, Any]


@dataclass(frozen=True)
class Engine:
    """`client`: service name → boto3 client of the embedded AWS."""

    client: Callable[[str], Any]

    def create(self, kind: ResourceType, resource: Resource) -> Provisioned:
        """All or nothing: a resource that was made but not completed is deleted again."""
        made, *others = kind.create
        resource = self._run(kind, resource, [made])
        resource = replace(resource, physical_id=kind.physical_id(resource))
        try:
            return self._describe(kind, self._run(kind, resource, others))
        except ResourceFailed:
            self.delete(kind, resource)
            raise

    def update(self, kind: ResourceType, resource: Resource) -> Provisioned:
        return self._describe(kind, self._run(kind, resource, kind.update))

    def delete(self, kind: ResourceType, resource: Resource) -> None:
        """Deleting what is already gone is no failure."""
        for step in kind.delete:
            try:
                self._step(kind, resource, step)
            except ClientError as error:
                if not _already_gone(error):
                    raise ResourceFailed(_reason(error)) from error

    def _describe(self, kind: ResourceType, resource: Resource) -> Provisioned:
        if kind.read is not None:
            resource = self._run(kind, resource, [kind.read])
        return Provisioned(
            resource.physical_id,
            {name: source(resource) for name, source in kind.attributes.items()},
        )

    def _run(self, kind: ResourceType, resource: Resource, steps: Iterable[Step]) -> Resource:
        for step in steps:
            try:
                resource = resource.with_answer(step.operation, self._step(kind, resource, step))
            except (ClientError, BotoCoreError) as error:
                raise ResourceFailed(_reason(error)) from error
        return resource

    def _step(self, kind: ResourceType, resource: Resource, step: Step) -> Any:
        if not step.when(resource):
            return None
        client = self.client(kind.service)
        if not isinstance(step, Call):
            return step.run(resource, client)
        if step.each is None:
            return self._call(client, step, resource)
        return [self._call(client, step, resource.with_item(item)) for item in step.each(resource)]

    def _call(self, client: Any, call: Call, resource: Resource) -> Any:
        operation = client.meta.method_to_api_mapping[call.operation]
        shape = client.meta.service_model.operation_model(operation).input_shape
        arguments = conform(call.kwargs(resource), shape, resource.logical_id)
        return getattr(client, call.operation)(**arguments)


def _already_gone(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status == 404 or any(mark in code for mark in GONE)


def _reason(error: Exception) -> str:
    """As CloudFormation words it: what the service said, and which service."""
    if not isinstance(error, ClientError):
        return str(error)
    details, meta = error.response["Error"], error.response["ResponseMetadata"]
    return (
        f"{details.get('Message') or details['Code']} (Service: {error.operation_name}, "
        f"Status Code: {meta['HTTPStatusCode']}, Error Code: {details['Code']})"
    )
