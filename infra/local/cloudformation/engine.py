"""Makes, changes and deletes resources as their types say; here provisioning meets boto3.

CloudFormation passes numbers and booleans as text, and differs from the APIs in upper and lower
case and in how tags and policies are written. What an API does not know, botocore refuses by name.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.cloudformation.errors import ResourceFailed
from infra.local.cloudformation.parameters import text
from infra.local.cloudformation.resource_type import Call, Resource, Setting, Source, Step

GONE = ("NotFound", "NoSuch", "NonExistent")


@dataclass(frozen=True)
class Engine:
    """`client`: service name → boto3 client of the embedded AWS."""

    client: Callable[[str], Any]

    def create(self, resource: Resource) -> Resource:
        """All or nothing: a resource that was made but not completed is deleted again."""
        kind = resource.kind
        resource = replace(resource, answer=self.run(resource, kind.create))
        resource = replace(resource, physical_id=str(resource.value(kind.id or kind.name_property)))
        try:
            for name, setting in kind.settings.items():
                if setting.at_creation and resource.get(name) is not None:
                    self.run(resource, setting.put)
        except ResourceFailed:
            self.delete(resource)
            raise
        return resource

    def update(self, resource: Resource) -> None:
        kind, changed = resource.kind, resource.changed()
        if changed - kind.settings.keys():
            for step in kind.update:
                self.run(resource, step)
        for name in sorted(changed & kind.settings.keys()):
            setting = kind.settings[name]
            wanted = setting.put if resource.get(name) is not None else setting.unset
            if wanted is None:
                raise ResourceFailed(f"the embedded AWS cannot take {name} from {kind.name} again")
            self.run(resource, wanted)

    def delete(self, resource: Resource) -> None:
        """Deleting what is already gone is no failure."""
        for step in resource.kind.delete:
            try:
                self._step(resource, step)
            except ClientError as error:
                if not _already_gone(error):
                    raise ResourceFailed(_reason(error)) from error

    def run(self, resource: Resource, step: Step) -> Any:
        """One step of a resource. Raises ResourceFailed with what the service said."""
        try:
            return self._step(resource, step)
        except (ClientError, BotoCoreError) as error:
            raise ResourceFailed(_reason(error)) from error

    def _step(self, resource: Resource, step: Step) -> Any:
        client = self.client(resource.kind.service)
        if isinstance(step, str):
            return call(client, resource, step)
        if isinstance(step, Call):
            return call(client, resource, step.operation, step.arguments)
        return step(resource, client)


def call(
    client: Any, resource: Resource, operation: str, arguments: Mapping[str, Source] | None = None
) -> Any:
    """One call. Arguments that come out as None are left out."""
    shape = client.meta.service_model.operation_model(
        client.meta.method_to_api_mapping[operation]
    ).input_shape
    sources = {**_same_names(resource, shape.members), **resource.kind.arguments}
    sources |= arguments or {}
    values = {name: resource.value(sources[name]) for name in shape.members if name in sources}
    given = {name: value for name, value in values.items() if value is not None}
    return getattr(client, operation)(**conform(given, shape))


def _same_names(resource: Resource, members: Iterable[str]) -> dict[str, Source]:
    """Members of a call that are called as properties are, but for upper and lower case."""
    properties = {name.lower(): name for name in resource.properties}
    return {name: properties[name.lower()] for name in members if name.lower() in properties}


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


def conform(value: Any, shape: Any) -> Any:
    """The value as the botocore shape wants it; as it is where that cannot be."""
    match shape.type_name:
        case "structure" if isinstance(value, dict) and not shape.is_document_type:
            return dict(_member(name, item, shape) for name, item in value.items())
        case "list":
            items = value if isinstance(value, list) else [value]
            return [conform(item, shape.member) for item in items]
        case "map":
            pairs = tag_map(value) if isinstance(value, list) else value
            return {text(key): conform(item, shape.value) for key, item in pairs.items()}
        case "string" if isinstance(value, dict):
            return policy_text(value) if "Statement" in value else value
        case "string" if not isinstance(value, list):
            return text(value)
        case "boolean":
            return {"true": True, "false": False}.get(text(value).lower(), value)
        case "integer" | "long" | "float" | "double":
            return _number(value, shape.type_name in ("integer", "long"))
    return value


def _member(name: str, value: Any, shape: Any) -> tuple[str, Any]:
    members = {member.lower(): member for member in shape.members}
    # KMS calls a tag's members TagKey and TagValue.
    member = members.get(name.lower()) or members.get(f"tag{name.lower()}")
    return (member, conform(value, shape.members[member])) if member else (name, value)


def _number(value: Any, whole: bool) -> Any:
    try:
        number = float(text(value))
    except ValueError:
        return value
    if whole:
        return int(number) if number.is_integer() else value
    return number


def policy_text(document: dict[str, Any]) -> str:
    """Policies are text to the APIs; SAM's leave out the version, which moto insists on."""
    return json.dumps({"Version": "2012-10-17", **document}, default=str)


def tag_map(tags: Any) -> dict[str, str]:
    """Tags as a map, from either of the shapes that CloudFormation uses."""
    pairs = tags.items() if isinstance(tags, dict) else ((t["Key"], t["Value"]) for t in tags or [])
    return {text(key): text(value) for key, value in pairs}


def tagging(what: str) -> Setting:
    """By the service's operations tag_… and untag_…; creating the resource takes tags itself."""

    def retag(resource: Resource, client: Any) -> None:
        now, before = tag_map(resource.get("Tags")), tag_map(resource.previous.get("Tags"))
        if gone := sorted(before.keys() - now.keys()):
            call(client, resource, f"untag_{what}", dict.fromkeys(TAG_KEYS, lambda _: gone))
        if now:
            call(client, resource, f"tag_{what}")

    return Setting(retag, retag, at_creation=False)


TAG_KEYS = ("TagKeys", "tagKeys")
TAGS = tagging("resource")
