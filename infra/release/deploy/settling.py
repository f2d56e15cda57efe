"""The deploy before a deploy: the stack follows the alias to where something else moved it. Pure.

CodeDeploy moves an alias only from the version that CloudFormation knows, and after a rollback, a
switch or a guard that is another. So the model that is live is deployed once more, without
CodeDeploy; then the stack knows what is live.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.release.deploy.digest import model_parameters, release_digest
from infra.release.deploy.parameters import Choices
from infra.release.deployed.live import Live
from infra.release.stack.stacks import Stack
from model_store.history.event import Event
from model_store.history.timeline import count_detours

GATED, UNGATED = {"Gate": "true"}, {"Gate": "false"}
_SAYS_NOTHING = {"Gate", "ReleaseDigest"}


@dataclass(frozen=True)
class Run:
    """One run of sam: the parameters of template.yaml, and the choices among them."""

    parameters: dict[str, str]
    choices: Choices


def is_settled(stack: Stack | None, live: Live | None) -> bool:
    """Whether the alias is where the stack put it, without weights; so is what is not there yet."""
    if stack is None or live is None:
        return True
    return stack.outputs.get("LambdaVersion") == live.version.number and not live.weights


def settling(
    stack: Stack, live: Live, code: str, events: Sequence[Event], otherwise: Choices
) -> Run:
    """Deploy what is live as it is: its model, or its fallback alone, and the choices of the stack.

    `otherwise`: for what a stack of an older template does not say.
    """
    version = live.version
    choices = Choices.from_parameters(stack.parameters, otherwise)
    parameters = (
        model_parameters(stack.model, version.model_version, version.digest, version.standby)
        | choices.as_parameters()
        | {"RequireSignature": stack.parameters.get("RequireSignature", "true")}
        | {"FallbackOnly": "on" if version.is_fallback_only else "off"}
        | UNGATED
    )
    digest = release_digest(code, count_detours(events), parameters)
    if digest == stack.parameters.get("ReleaseDigest"):  # then nothing would be published
        digest = release_digest(f"{code} {len(events)}", count_detours(events), parameters)
    return Run(parameters | {"ReleaseDigest": digest}, choices)


def is_alike(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether both release the same, by whatever way."""
    return _said(one) == _said(other)


def _said(parameters: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if name not in _SAYS_NOTHING}
