"""`$LATEST`, the draft that versions are published from: changed for a moment, then put back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from infra.aws import Aws, translated
from infra.errors import AwsFailed, AwsUnavailable, Conflict
from infra.release.deployed.live import (
    DRAFT,
    LambdaVersion,
    read_function,
    read_version,
    version_from,
)
from infra.release.stack.stacks import function_name
from model_store.errors import LambentError

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef

PAUSE = 1.0
ATTEMPTS = 60
TAKEN = {"PreconditionFailedException", "ResourceConflictException"}

Sleep = Callable[[float], None]
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Draft:
    """`now` as it was observed; `usual` as it should be when nobody switches."""

    now: LambdaVersion
    usual: LambdaVersion

    @classmethod
    def of(cls, now: LambdaVersion, versions: Sequence[LambdaVersion]) -> "Draft":
        """A switch that was cut short leaves its variables in the draft. It was then what was
        published last by a release: sam publishes whatever it changes."""
        if not now.is_switched:
            return cls(now, now)
        models = (version for version in reversed(versions) if not version.is_switched)
        return cls(now, next(models, now))

    @property
    def is_cut_short(self) -> bool:
        return self.now is not self.usual


def read_draft(aws: Aws, model: str) -> Draft | None:
    """None when the model has no function."""
    now, versions = read_function(aws, model)
    return Draft.of(now, versions) if now else None


def publish(
    aws: Aws,
    model: str,
    draft: Draft,
    environment: Mapping[str, str],
    about: str,
    *,
    sleep: Sleep,
    tell: Tell,
) -> LambdaVersion:
    """A version with the code of the draft and this environment; the draft is put back after it.

    Without a snapshot: that would take minutes. Raises Conflict when somebody else changes the
    draft at the same time.
    """
    settings = dict(draft.now.settings)
    if "SnapStart" in settings:
        settings["SnapStart"] = "Off"
    _write(aws, model, replace(draft.now, environment=environment, settings=settings))
    try:
        ready = settled(aws, model, DRAFT, sleep)
        if ready.environment != environment or ready.code != draft.now.code:
            raise _taken(model)
        number = _publish(aws, model, ready, about)
    finally:
        put_back(aws, model, draft.usual, tell)
    return settled(aws, model, number, sleep)


def put_back(aws: Aws, model: str, usual: LambdaVersion, tell: Tell) -> None:
    """Raises nothing that AWS does: a switch goes on without it, and `tell` hears why."""
    try:
        now = read_version(aws, model, DRAFT)
        if now.is_switched:  # else somebody has released meanwhile
            _write(aws, model, replace(usual, revision=now.revision))
    except LambentError as error:
        tell(
            f"{function_name(model)} {DRAFT} is still as the switch left it ({error}). "
            "What is live is unaffected; the next lambent fallback, shadow or deploy mends it."
        )


def mend(aws: Aws, model: str, draft: Draft, sleep: Sleep) -> None:
    """Undo what a switch that was cut short left behind; nothing otherwise."""
    if draft.is_cut_short:
        _write(aws, model, replace(draft.usual, revision=draft.now.revision))
        settled(aws, model, DRAFT, sleep)


def settled(aws: Aws, model: str, number: str, sleep: Sleep) -> LambdaVersion:
    """The version, once Lambda is done with changing it; raises AwsFailed when it cannot."""
    function = function_name(model)
    where = f"{function} version {number}"
    for _ in range(ATTEMPTS):
        with translated(where):
            found = aws.lambda_.get_function_configuration(FunctionName=function, Qualifier=number)
        if "Failed" in _states(found):
            why = found.get("LastUpdateStatusReason") or found.get("StateReason") or "no reason"
            raise AwsFailed(where, f"was not changed: {why}", "Mend that, then run it again")
        if not {"Pending", "InProgress"} & _states(found):
            return version_from(found)
        sleep(PAUSE)
    raise AwsUnavailable(where, "is still being changed", "Run the command again")


def _states(found: "FunctionConfigurationResponseTypeDef") -> set[str]:
    return {found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")}


def _write(aws: Aws, model: str, wanted: LambdaVersion) -> None:
    """Over the revision that `wanted` names, if it names one."""
    asked: dict[str, Any] = {"Environment": {"Variables": dict(wanted.environment)}}
    if snapshots := wanted.settings.get("SnapStart"):
        asked["SnapStart"] = {"ApplyOn": "PublishedVersions" if snapshots == "On" else "None"}
    if wanted.revision:
        asked["RevisionId"] = wanted.revision
    _unless_taken(
        model,
        lambda: aws.lambda_.update_function_configuration(
            FunctionName=function_name(model), **asked
        ),
    )


def _publish(aws: Aws, model: str, ready: LambdaVersion, about: str) -> str:
    asked: dict[str, Any] = {"RevisionId": ready.revision} if ready.revision else {}
    if ready.code:
        asked["CodeSha256"] = ready.code
    published = _unless_taken(
        model,
        lambda: aws.lambda_.publish_version(
            FunctionName=function_name(model), Description=about, **asked
        ),
    )
    return str(published["Version"])


def _unless_taken(model: str, call: Callable[[], Any]) -> Any:
    try:
        with translated(f"{function_name(model)} {DRAFT}"):
            return call()
    except AwsFailed as error:
        if error.code in TAKEN:
            raise _taken(model) from error
        raise


def _taken(model: str) -> Conflict:
    return Conflict(
        f"{function_name(model)} {DRAFT}",
        "is being changed by somebody else at this moment; what is live was not touched",
        f"Look at `lambent status {model}`, then run the command again",
    )
