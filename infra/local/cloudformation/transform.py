"""The transform AWS::Serverless-2016-10-31, by the translator that AWS itself runs."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.translator import Translator
from samtranslator.utils.py27hash_fix import (
    to_py27_compatible_template,
    undo_mark_unicode_str_in_template,
)

from infra.local.cloudformation.errors import InvalidTemplate, NotSupported
from infra.local.cloudformation.template import Template

SERVERLESS = "AWS::Serverless-2016-10-31"


def declared(template: Template) -> list[str]:
    named = template.get("Transform", [])
    return named if isinstance(named, list) else [named]


def expand(
    template: Template,
    parameters: Mapping[str, Any],
    region: str,
    iam_client: Callable[[], Any],
) -> Template:
    """The template with its SAM resources replaced; unchanged when it declares no transform."""
    transforms = declared(template)
    if not transforms:
        return template
    if transforms != [SERVERLESS]:
        raise NotSupported("Transform", str(transforms), f"Only {SERVERLESS} is expanded.")
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
