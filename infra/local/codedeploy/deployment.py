"""One deployment: the AppSpec that it carries out, the steps of a state machine that it takes, and
what ends it. Pure."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from infra.local.codedeploy.groups import CodeDeployError, Group, NotSupported, Traffic

BEFORE, ALLOW, AFTER = "BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"
HOOKS = (BEFORE, AFTER)
HOOK_LIMIT_S = 3600.0
# Functions are not sped up as time is: a hook has at least this long.
LEAST_HOOK_LIMIT_S = 60.0
RUNNING = ("Created", "InProgress")


@dataclass(frozen=True)
class Revision:
    """An alias of a function, on its way from one version to another.

    `hooks`: lifecycle event → function that is asked.
    """

    function: str
    alias: str
    current: str
    target: str
    hooks: Mapping[str, str]

    def reversed(self) -> "Revision":
        """The way back, which no hook is asked about."""
        return Revision(self.function, self.alias, self.target, self.current, {})

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content.encode()).hexdigest()

    @property
    def content(self) -> str:
        """The AppSpec. https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html"""
        properties = {
            "Name": self.function,
            "Alias": self.alias,
            "CurrentVersion": self.current,
            "TargetVersion": self.target,
        }
        resource = {"Type": "AWS::Lambda::Function", "Properties": properties}
        hooks = [{event: function} for event, function in self.hooks.items()]
        return json.dumps({"version": 0.0, "Resources": [{"Function": resource}], "Hooks": hooks})


def read_revision(location: Mapping[str, Any]) -> Revision:
    """From a RevisionLocation. Raises CodeDeployError."""
    if location.get("revisionType") != "AppSpecContent":
        raise NotSupported(f"the revision type {location.get('revisionType')}")
    try:
        document = json.loads(location["appSpecContent"]["content"])
        (resource,) = (item for entry in document["Resources"] for item in entry.values())
        names = ("Name", "Alias", "CurrentVersion", "TargetVersion")
        function, alias, current, target = (str(resource["Properties"][name]) for name in names)
        hooks = {event: name for item in document.get("Hooks", []) for event, name in item.items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"The AppSpec is not one of a single Lambda function, as JSON: {error!r}"
        raise CodeDeployError("InvalidRevisionException", message) from error
    if unknown := sorted(hooks.keys() - set(HOOKS)):
        raise NotSupported(f"the hook {', '.join(unknown)}")
    return Revision(function, alias, current, target, hooks)


class Trouble(NamedTuple):
    """The status that a deployment ends with, AWS's error code, and the message.

    `event` is what a deployment group calls it where it says what is rolled back.
    """

    status: str
    code: str
    message: str
    event: str


def _failed(code: str, message: str) -> Trouble:
    return Trouble("Failed", code, message, "DEPLOYMENT_FAILURE")


def invalid(what: str) -> Trouble:
    return _failed(
        "INVALID_LAMBDA_CONFIGURATION",
        "The deployment failed because the AppSpec file that specifies the AWS Lambda deployment "
        f"configuration is missing or has an invalid configuration. {what}",
    )


def _alarmed(names: Iterable[str]) -> Trouble:
    message = (
        "One or more alarms have been activated according to the Amazon CloudWatch metrics you "
        "selected, and the affected deployments have been stopped. Activated alarms: "
    )
    return Trouble("Stopped", "ALARM_ACTIVE", message + _listed(names), "DEPLOYMENT_STOP_ON_ALARM")


def _unreadable(names: Iterable[str]) -> Trouble:
    message = "The deployment was stopped because these alarms could not be looked at: "
    code = "CODEDEPLOY_RESOURCE_CANNOT_BE_FOUND"
    return Trouble("Stopped", code, message + _listed(names), "DEPLOYMENT_STOP_ON_ALARM")


MOVED = invalid(
    "The Lambda function alias version does not match the current version in AppSpec file."
)
SAME = invalid("The target version is the current version.")
HOOK_FAILED = _failed(
    "HOOK_EXECUTION_FAILURE",
    "The deployment failed because one or more of the lifecycle event validation functions failed.",
)
STOPPED = Trouble(
    "Stopped",
    "MANUAL_STOP",
    "The deployment was stopped by a user request.",
    "DEPLOYMENT_STOP_ON_REQUEST",
)


def _listed(names: Iterable[str]) -> str:
    return " ".join(f"<{name}>" for name in names)


class Position(NamedTuple):
    """Where an alias points: its version, and the weights of others."""

    version: str
    weights: tuple[tuple[str, float], ...] = ()


class Seen(NamedTuple):
    """`position` None: no such alias. `alarms`: state by name, None where there is none."""

    position: Position | None
    alarms: Mapping[str, str | None]


class Invoke(NamedTuple):
    """Ask a hook: its function, and the id under which it answers."""

    function: str
    execution: str


@dataclass
class Event:
    """A lifecycle event. Times in seconds since 1970. `execution`: the id of its hook's run."""

    name: str
    execution: str
    status: str = "Pending"
    started: float | None = None
    ended: float | None = None
    diagnostics: str = ""

    @property
    def over(self) -> bool:
        return self.status not in ("Pending", "InProgress")

    def begin(self, now: float) -> None:
        self.status, self.started = "InProgress", now

    def lasts(self, now: float) -> float:
        return 0.0 if self.started is None else now - self.started

    def end(self, status: str, now: float) -> None:
        self.status, self.ended = status, now


@dataclass
class Deployment:
    """`position` is where the alias was put last; `share` what of its traffic the target has."""

    id: str
    group: Group
    config: str
    traffic: Traffic
    revision: Revision
    created: float
    time_scale: float
    unique: Callable[[], str]
    creator: str = "user"  # also when CloudFormation asks
    status: str = "Created"
    started: float | None = None
    ended: float | None = None
    share: float = 0.0
    trouble: Trouble | None = None
    rollback: dict[str, str] = field(default_factory=dict)  # a RollbackInfo

    def __post_init__(self) -> None:
        self.position = Position(self.revision.current)
        self.events = [Event(name, self.unique()) for name in (BEFORE, ALLOW, AFTER)]

    @property
    def running(self) -> bool:
        return self.status in RUNNING

    @property
    def rolls_back(self) -> bool:
        return self.trouble is not None and self.group.rolls_back_on(self.trouble.event)

    def conflicts(self, other: "Deployment") -> bool:
        """Whether both cannot run at once."""
        ours, theirs = self.revision, other.revision
        same_group = self.group.named(other.group.application, other.group.name)
        return same_group or (ours.function, ours.alias) == (theirs.function, theirs.alias)

    def step(self, now: float, seen: Seen) -> Invoke | Position | None:
        """A hook to ask, or where to put the alias; None when there is nothing to do for now."""
        if self.status == "Created":
            self.status, self.started = "InProgress", now
        if trouble := self._watched(seen):
            self.fail(trouble, now)
            return None
        for event in self.events:
            action = None if event.over else self._proceed(event, now)
            if action or not event.over or not self.running:
                return action
        self.status, self.ended = "Succeeded", now
        return None

    def report(self, execution: str, status: str, now: float) -> None:
        """What a hook found. Raises CodeDeployError when it cannot be that."""
        if status not in ("Succeeded", "Failed"):
            code = "InvalidLifecycleEventHookExecutionStatusException"
            raise CodeDeployError(code, f"{status} is not one of Succeeded, Failed")
        event = next((item for item in self.events if item.execution == execution), None)
        if event is None:
            code = "InvalidLifecycleEventHookExecutionIdException"
            raise CodeDeployError(code, f"{self.id} has no hook execution {execution}")
        if event.status != "InProgress":
            code = "LifecycleEventAlreadyCompletedException"
            raise CodeDeployError(code, f"{event.name} of {self.id} is not in progress")
        event.end(status, now)
        if status == "Failed":
            self.fail(HOOK_FAILED, now)

    def fail(self, trouble: Trouble, now: float) -> None:
        """It ends here. Where the alias is left is for others to mend."""
        self.status, self.ended, self.trouble = trouble.status, now, trouble
        for event in self.events:
            if not event.over:
                event.end("Failed" if event.status == "InProgress" else "Skipped", now)

    def succeed_at_once_for(self, failed: "Deployment", now: float) -> None:
        """This one has rolled back the failed one."""
        self.creator, self.status, self.share = "codeDeployRollback", "Succeeded", 1.0
        self.started = self.ended = now
        for event in self.events:
            event.begin(now)
            event.end("Succeeded", now)
        self.rollback = {
            "rollbackTriggeringDeploymentId": failed.id,
            "rollbackMessage": f"Deployment {self.id} is triggered to roll back deployment "
            f"{failed.id}.",
        }
        failed.share = 0.0
        failed.rollback = {
            "rollbackDeploymentId": self.id,
            "rollbackMessage": f"Deployment {failed.id} terminated. Automatic rollback is "
            f"triggered with a DeploymentId {self.id}.",
        }

    def _watched(self, seen: Seen) -> Trouble | None:
        lit = [name for name, state in seen.alarms.items() if state == "ALARM"]
        if lit:
            return _alarmed(lit)
        unknown = [name for name, state in seen.alarms.items() if state is None]
        if unknown and not self.group.ignores_missing_alarms:
            return _unreadable(unknown)
        if self.revision.current == self.revision.target:
            return SAME
        return MOVED if seen.position != self.position and not self._moved() else None

    def _moved(self) -> bool:
        return any(event.name == ALLOW and event.over for event in self.events)

    def _proceed(self, event: Event, now: float) -> Invoke | Position | None:
        begins = event.status == "Pending"
        if begins:
            event.begin(now)
        if event.name == ALLOW:
            return self._shift(event, now)
        hook = self.revision.hooks.get(event.name)
        if hook is None:
            event.end("Succeeded", now)
            return None
        if begins:
            return Invoke(hook, event.execution)
        self._await(event, now)
        return None

    def _shift(self, event: Event, now: float) -> Position | None:
        share = self.traffic.share(event.lasts(now) * self.time_scale / 60)
        if share == self.share:
            return None
        self.share, self.position = share, Position(self.revision.target)
        if share < 1:
            self.position = Position(self.revision.current, ((self.revision.target, share),))
        else:
            event.end("Succeeded", now)
        return self.position

    def _await(self, event: Event, now: float) -> None:
        limit_s = max(HOOK_LIMIT_S / self.time_scale, LEAST_HOOK_LIMIT_S)
        if event.lasts(now) > limit_s:
            event.diagnostics = f"The hook did not report within {limit_s:g} seconds."
            self.fail(HOOK_FAILED, now)
