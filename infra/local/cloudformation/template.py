"""Template text → dict, with its SAM resources replaced, and what needs no parameter values."""

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import yaml
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.translator import Translator
from samtranslator.utils.py27hash_fix import (
    to_py27_compatible_template,
    undo_mark_unicode_str_in_template,
)
from samtranslator.yaml_helper import yaml_parse

from infra.local.cloudformation.errors import InvalidTemplate, NotSupported

Template = dict[str, Any]

SERVERLESS = "AWS::Serverless-2016-10-31"
SECTIONS = (
    "AWSTemplateFormatVersion Conditions Description Globals Metadata Outputs Parameters "
    "Resources Transform"
)
RESOURCE_ATTRIBUTES = (
    "Condition DeletionPolicy DependsOn Metadata Properties Type UpdatePolicy UpdateReplacePolicy"
)
# Resource type → what its UpdatePolicy may hold.
UPDATE_POLICIES = {
    "AWS::Lambda::Alias": (
        "CodeDeployLambdaAliasUpdate",
        "AfterAllowTrafficHook ApplicationName BeforeAllowTrafficHook DeploymentGroupName",
    )
}
DELETION_POLICIES = ("Delete", "Retain")
NEXT_STEP = "Leave it out, or add it to infra/local/cloudformation/template.py."


def parse(text: str) -> Template:
    """Of YAML with CloudFormation's short tags, or JSON."""
    try:
        template = json.loads(text) if text.lstrip().startswith("{") else yaml_parse(text)
    except (ValueError, yaml.YAMLError) as error:
        raise InvalidTemplate(f"Template format error: not well-formed. ({error})") from error
    if not isinstance(template, dict) or not template.get("Resources"):
        raise InvalidTemplate(
            "Template format error: At least one Resources member must be defined."
        )
    if unknown := sorted(template.keys() - set(SECTIONS.split())):
        raise NotSupported("template", f"the section {', '.join(unknown)}", NEXT_STEP)
    return dict(template)


def check_resources(template: Template) -> None:
    """Refuse resource attributes and deletion policies that would be ignored."""
    for name, resource in template["Resources"].items():
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            raise InvalidTemplate(f"Template format error: Resources/{name} has no Type")
        if unknown := sorted(resource.keys() - set(RESOURCE_ATTRIBUTES.split())):
            what = f"the attribute {', '.join(unknown)}"
            raise NotSupported(f"Resources/{name}", what, NEXT_STEP)
        _check_update_policy(name, resource)
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if resource.get(policy, "Delete") not in DELETION_POLICIES:
                what = f"{policy} {resource[policy]}"
                raise NotSupported(f"Resources/{name}", what, "Use Delete or Retain.")


def _check_update_policy(name: str, resource: Mapping[str, Any]) -> None:
    if "UpdatePolicy" not in resource:
        return
    kind, members = UPDATE_POLICIES.get(resource["Type"], ("", ""))
    policy = resource["UpdatePolicy"]
    unknown = policy.keys() - {kind} | policy.get(kind, {}).keys() - set(members.split())
    if unknown or not kind:
        what = f"UpdatePolicy {', '.join(sorted(unknown))} of {resource['Type']}"
        raise NotSupported(f"Resources/{name}", what, NEXT_STEP)


def transforms(template: Template) -> list[str]:
    named = template.get("Transform", [])
    return named if isinstance(named, list) else [named]


def expand(
    template: Template,
    parameters: Mapping[str, Any],
    region: str,
    iam_client: Callable[[], Any],
) -> Template:
    """The template after its transform, by the translator that AWS itself runs."""
    if not transforms(template):
        return template
    if transforms(template) != [SERVERLESS]:
        what = str(transforms(template))
        raise NotSupported("Transform", what, f"Only {SERVERLESS} is expanded.")
    try:
        return _translated(copy.deepcopy(template), dict(parameters), region, iam_client)
    except InvalidDocumentException as error:
        causes = " ".join(str(cause.message) for cause in error.causes)
        raise InvalidTemplate(
            f"Transform {SERVERLESS} failed with: {error.message} {causes}"
        ) from error


def _translated(
    source: Template, values: dict[str, Any], region: str, iam_client: Callable[[], Any]
) -> Template:
    to_py27_compatible_template(source, values)  # logical ids hash as they do on AWS
    expanded = Translator({}, Parser(), boto_session=boto3.Session(region_name=region)).translate(
        source,
        parameter_values=values,
        get_managed_policy_map=ManagedPolicyLoader(iam_client()).load,
    )
    result: Template = undo_mark_unicode_str_in_template(expanded)
    return result
