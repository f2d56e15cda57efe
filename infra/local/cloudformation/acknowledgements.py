"""What a caller must have agreed to, or the template itself demands, before anything is planned."""

from collections.abc import Collection

from infra.local.cloudformation.errors import InsufficientCapabilities, InvalidTemplate
from infra.local.cloudformation.intrinsics import Scope
from infra.local.cloudformation.template import Template

ROLE = "AWS::IAM::Role"


def required_capabilities(template: Template) -> list[str]:
    """Of a template after its transform."""
    roles = [item for item in template["Resources"].values() if item.get("Type") == ROLE]
    named = ["RoleName" in (role.get("Properties") or {}) for role in roles]
    return sorted({"CAPABILITY_NAMED_IAM" if has else "CAPABILITY_IAM" for has in named})


def check_capabilities(
    expanded: Template, granted: Collection[str], *, unseen_transform: bool = False
) -> None:
    """A change set shows what a transform made; without one, CAPABILITY_AUTO_EXPAND is needed."""
    if unseen_transform and "CAPABILITY_AUTO_EXPAND" not in granted:
        raise InsufficientCapabilities("CAPABILITY_AUTO_EXPAND")
    for needed in required_capabilities(expanded):
        stronger = "CAPABILITY_NAMED_IAM" in granted and needed == "CAPABILITY_IAM"
        if needed not in granted and not stronger:
            raise InsufficientCapabilities(needed)


def check_rules(template: Template, scope: Scope) -> None:
    """Assertions of the section `Rules`, over parameter values."""
    for name, rule in template.get("Rules", {}).items():
        if "RuleCondition" in rule and not scope.resolve(rule["RuleCondition"]):
            continue
        for assertion in rule["Assertions"]:
            if not scope.resolve(assertion["Assert"]):
                said = assertion.get("AssertDescription", "assertion failed")
                raise InvalidTemplate(f"Template error: rule {name} failed: {said}")
