"""Deployments of one region: created, stopped, reported on, and carried on as time passes."""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.codedeploy.deployment import (
    STOPPED,
    Deployment,
    Invoke,
    Position,
    Revision,
    Seen,
    invalid,
    read_revision,
)
from infra.local.codedeploy.groups import (
    Applications,
    CodeDeployError,
    Group,
    Missing,
    configuration,
)


class CodeDeploy:
    """`client`: service name → boto3 client; `clock` in seconds since 1970; `unique` makes ids.

    Traffic moves in `tick`, and back also in `stop` and `report`. Whoever calls anything but
    `tick` holds `lock`, so that nobody sees a failure whose alias is not back yet.
    """

    def __init__(
        self,
        client: Callable[[str], Any],
        clock: Callable[[], float],
        time_scale: float,
        unique: Callable[[], str],
    ) -> None:
        self._client, self._clock, self._unique = client, clock, unique
        self.time_scale = time_scale
        self.applications = Applications()
        self._deployments: dict[str, Deployment] = {}
        self.lock = threading.Lock()

    def deployments(self) -> list[Deployment]:
        """Newest first."""
        return list(reversed(self._deployments.values()))

    def deployment(self, deployment_id: str) -> Deployment:
        if deployment_id not in self._deployments:
            raise Missing("Deployment", deployment_id)
        return self._deployments[deployment_id]

    def create(self, group: Group, location: Mapping[str, Any], config: str | None) -> Deployment:
        """It begins with the next tick. One at a time per group, and per alias."""
        deployment = self._new(group, read_revision(location), config or group.config)
        for other in self._running():
            if other.conflicts(deployment):
                message = f"A conflicting deployment is in progress: {other.id}"
                raise CodeDeployError("DeploymentLimitExceededException", message)
        self._deployments[deployment.id] = deployment
        return deployment

    def stop(self, deployment_id: str, rolls_back: bool | None) -> None:
        """At once. `rolls_back` None: as its group says."""
        deployment = self.deployment(deployment_id)
        if not deployment.running:
            message = f"The deployment {deployment_id} has already completed."
            raise CodeDeployError("DeploymentAlreadyCompletedException", message)
        deployment.fail(STOPPED, self._clock())
        self._roll_back(deployment, rolls_back)

    def report(self, deployment_id: str, execution: str, status: str) -> None:
        """What a hook found: Succeeded or Failed."""
        deployment = self.deployment(deployment_id)
        deployment.report(execution, status, self._clock())
        self._roll_back(deployment)

    def tick(self) -> None:
        """Every deployment goes as far as it can by now."""
        with self.lock:
            for deployment in self._running():
                self._advance(deployment)
                self._roll_back(deployment)

    def _running(self) -> list[Deployment]:
        return [found for found in self._deployments.values() if found.running]

    def _new(self, group: Group, spec: Revision, config: str) -> Deployment:
        return Deployment(
            id=f"d-{self._unique()[:9].upper()}",
            group=group,
            config=config,
            traffic=configuration(config),
            revision=spec,
            created=self._clock(),
            time_scale=self.time_scale,
            unique=self._unique,
        )

    def _advance(self, deployment: Deployment) -> None:
        try:
            while deployment.running:
                position, revision_id = self._look(deployment.revision)
                seen = Seen(position, self._alarms(deployment.group))
                match deployment.step(self._clock(), seen):
                    case Position() as wanted:
                        self._move(deployment.revision, wanted, revision_id)
                    case Invoke() as hook:
                        self._ask(deployment, hook)
                    case None:
                        return
        except (ClientError, BotoCoreError) as error:
            deployment.fail(invalid(str(error)), self._clock())

    def _roll_back(self, deployment: Deployment, wanted: bool | None = None) -> None:
        """Put back the alias of a deployment that failed, unless somebody else has moved it."""
        if deployment.trouble is None or not (deployment.rolls_back if wanted is None else wanted):
            return
        back = self._new(deployment.group, deployment.revision.reversed(), deployment.config)
        try:
            position, revision_id = self._look(deployment.revision)
            if position != deployment.position:
                deployment.rollback = {"rollbackMessage": "The alias was moved by somebody else."}
                return
            self._move(deployment.revision, Position(deployment.revision.current), revision_id)
        except (ClientError, BotoCoreError) as error:
            deployment.rollback = {"rollbackMessage": f"The alias could not be moved: {error}"}
            return
        back.succeed_at_once_for(deployment, self._clock())
        self._deployments[back.id] = back

    def _look(self, spec: Revision) -> tuple[Position | None, str]:
        """Where the alias points now, and its RevisionId."""
        client = self._client("lambda")
        try:
            found = client.get_alias(FunctionName=spec.function, Name=spec.alias)
        except client.exceptions.ResourceNotFoundException:
            return None, ""
        weights = found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        return Position(found["FunctionVersion"], tuple(weights.items())), found["RevisionId"]

    def _move(self, spec: Revision, wanted: Position, revision_id: str) -> None:
        """Refused by Lambda when the alias is no longer as it was looked at."""
        self._client("lambda").update_alias(
            FunctionName=spec.function,
            Name=spec.alias,
            FunctionVersion=wanted.version,
            RoutingConfig={"AdditionalVersionWeights": dict(wanted.weights)},
            RevisionId=revision_id,
        )

    def _alarms(self, group: Group) -> dict[str, str | None]:
        if not group.alarms:
            return {}
        found = self._client("cloudwatch").describe_alarms(AlarmNames=group.alarms)["MetricAlarms"]
        states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in found}
        return {name: states.get(name) for name in group.alarms}

    def _ask(self, deployment: Deployment, hook: Invoke) -> None:
        event = {"DeploymentId": deployment.id, "LifecycleEventHookExecutionId": hook.execution}
        try:
            self._client("lambda").invoke(
                FunctionName=hook.function, InvocationType="Event", Payload=json.dumps(event)
            )
        except ClientError:
            deployment.report(hook.execution, "Failed", self._clock())
