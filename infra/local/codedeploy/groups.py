"""What a deployment goes by: its application and deployment group, and a deployment configuration;
and the error codes of CodeDeploy, in which all here is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

STYLE = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
MOST_ALARMS = 10


class CodeDeployError(Exception):
    """Sent to the caller under `code`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Missing(CodeDeployError):
    """`what` as the code spells it: Application, DeploymentGroup, Deployment, …"""

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"{what}DoesNotExistException", f"No {what} found for name: {name}")


class NotSupported(CodeDeployError):
    def __init__(self, what: str) -> None:
        super().__init__(
            "NotImplementedException",
            f"CodeDeploy: the embedded AWS does not support {what}. "
            "Leave it out, or add it to infra/local/codedeploy/.",
        )


@dataclass(frozen=True)
class Group:
    """`settings` as CreateDeploymentGroup takes them."""

    application: str
    name: str
    settings: Mapping[str, Any]

    def named(self, application: str | None, name: str) -> bool:
        return (self.application, self.name) == (application, name)

    @property
    def config(self) -> str:
        return str(self.settings["deploymentConfigName"])

    @property
    def alarms(self) -> list[str]:
        """The names of those that are watched."""
        watched = self._setting("alarmConfiguration")
        return [alarm["name"] for alarm in watched.get("alarms", []) if watched.get("enabled")]

    @property
    def ignores_missing_alarms(self) -> bool:
        return bool(self._setting("alarmConfiguration").get("ignorePollAlarmFailure"))

    def rolls_back_on(self, event: str) -> bool:
        wish = self._setting("autoRollbackConfiguration")
        return bool(wish.get("enabled")) and event in wish.get("events", [])

    def _setting(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.settings.get(name) or {}
        return found


@dataclass
class Applications:
    """All of a region: name → deployment groups by name."""

    by_name: dict[str, dict[str, Group]] = field(default_factory=dict)

    def create(self, name: str, platform: str | None) -> None:
        if platform != "Lambda":
            raise NotSupported(f"the compute platform {platform}")
        if name in self.by_name:
            message = f"Application already exists: {name}"
            raise CodeDeployError("ApplicationAlreadyExistsException", message)
        self.by_name[name] = {}

    def groups(self, application: str) -> dict[str, Group]:
        if application not in self.by_name:
            raise Missing("Application", application)
        return self.by_name[application]

    def group(self, application: str, name: str) -> Group:
        groups = self.groups(application)
        if name not in groups:
            raise Missing("DeploymentGroup", name)
        return groups[name]

    def add(self, group: Group) -> None:
        if group.name in self.groups(group.application):
            message = f"Deployment group name already exists: {group.name}"
            raise CodeDeployError("DeploymentGroupAlreadyExistsException", message)
        self.put(group)

    def put(self, group: Group) -> None:
        """Checked as CodeDeploy checks a group of the Lambda platform."""
        configuration(group.config)
        if group.settings.get("deploymentStyle") != STYLE:
            message = "For Lambda, the deployment style is BLUE_GREEN, WITH_TRAFFIC_CONTROL"
            raise CodeDeployError("InvalidDeploymentStyleException", message)
        if len(group.alarms) > MOST_ALARMS:
            message = f"A deployment group watches at most {MOST_ALARMS} alarms"
            raise CodeDeployError("AlarmsLimitExceededException", message)
        self.groups(group.application)[group.name] = group


@dataclass(frozen=True)
class Traffic:
    """A deployment configuration: how fast an alias's traffic moves.

    `percent` moves at the start; after `minutes` all the rest (canary), or as much again, and so
    on (linear).
    https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
    """

    kind: Literal["AllAtOnce", "TimeBasedCanary", "TimeBasedLinear"]
    percent: int = 100
    minutes: int = 0

    def share(self, elapsed_min: float) -> float:
        """Of the new version, 0 to 1, so many minutes after its first request."""
        if self.kind == "AllAtOnce":
            return 1.0
        passed = int(elapsed_min // self.minutes)
        if self.kind == "TimeBasedCanary":
            return 1.0 if passed else self.percent / 100
        return min(self.percent * (passed + 1), 100) / 100

    def told(self, time_scale: float) -> dict[str, Any]:
        """A TrafficRoutingConfig. Its minutes are as short as they are here."""
        if self.kind == "AllAtOnce":
            return {"type": self.kind}
        noun = self.kind.removeprefix("TimeBased").lower()
        values = {f"{noun}Percentage": self.percent, f"{noun}Interval": self.minutes / time_scale}
        return {"type": self.kind, self.kind.replace("T", "t", 1): values}


PREFIX = "CodeDeployDefault.Lambda"
PREDEFINED = {
    f"{PREFIX}AllAtOnce": Traffic("AllAtOnce"),
    **{
        f"{PREFIX}Canary10Percent{minutes}Minutes": Traffic("TimeBasedCanary", 10, minutes)
        for minutes in (5, 10, 15, 30)
    },
    **{
        f"{PREFIX}Linear10PercentEvery{minutes}Minute{'s' if minutes > 1 else ''}": Traffic(
            "TimeBasedLinear", 10, minutes
        )
        for minutes in (1, 2, 3, 10)
    },
}


def configuration(name: str) -> Traffic:
    """A predefined one."""
    if name not in PREDEFINED:
        raise Missing("DeploymentConfig", name)
    return PREDEFINED[name]
