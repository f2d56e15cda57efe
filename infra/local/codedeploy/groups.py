"""Applications and their deployment groups: which alarms are watched, and what is rolled back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.codedeploy.errors import CodeDeployError, Missing, NotSupported
from infra.local.codedeploy.traffic import PREDEFINED, Traffic

STYLE = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
MOST_ALARMS = 10


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


def configuration(name: str) -> Traffic:
    """A predefined one."""
    if name not in PREDEFINED:
        raise Missing("DeploymentConfig", name)
    return PREDEFINED[name]
