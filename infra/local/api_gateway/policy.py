"""May a caller invoke a method? IAM policies as authorizers return them."""

import enum
import re
from typing import Any

_ACTION = "execute-api:Invoke"
_STATEMENT_KEYS = {"Sid", "Effect", "Action", "Resource"}


class Verdict(enum.Enum):
    ALLOW = "allow"
    EXPLICIT_DENY = "explicit deny"
    IMPLICIT_DENY = "implicit deny"


class PolicyNotUnderstood(Exception):
    """The document has something that is not evaluated here; access is refused."""


def evaluate(document: Any, method_arn: str) -> Verdict:
    """Raises PolicyNotUnderstood, which names the part."""
    statements = document.get("Statement") if isinstance(document, dict) else None
    if statements is None:
        raise PolicyNotUnderstood("policyDocument has no Statement")
    effects = {_effect(s) for s in listed(statements) if _applies(s, method_arn)}
    if "Deny" in effects:
        return Verdict.EXPLICIT_DENY
    return Verdict.ALLOW if "Allow" in effects else Verdict.IMPLICIT_DENY


def _applies(statement: Any, method_arn: str) -> bool:
    if not isinstance(statement, dict):
        raise PolicyNotUnderstood("a statement is not an object")
    unknown = statement.keys() - _STATEMENT_KEYS
    if unknown:
        raise PolicyNotUnderstood(f"{', '.join(sorted(unknown))} in a statement")
    actions = (str(action) for action in listed(statement.get("Action", [])))
    resources = (str(resource) for resource in listed(statement.get("Resource", [])))
    return any(like(action.lower(), _ACTION.lower()) for action in actions) and any(
        like(resource, method_arn) for resource in resources
    )


def _effect(statement: dict[str, Any]) -> str:
    effect = statement.get("Effect")
    if effect not in {"Allow", "Deny"}:
        raise PolicyNotUnderstood(f"Effect {effect}")
    return str(effect)


def like(pattern: str, text: str) -> bool:
    """IAM's wildcards: `*` any run of characters, `?` one."""
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(escaped, text, re.DOTALL) is not None


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
