"""A CodeDeploy that is moving the alias of a StrictLambda, or has just failed to."""

from datetime import UTC, datetime
from typing import Any

from .conftest import StrictLambda, client_error

SINCE = datetime(2030, 1, 1, tzinfo=UTC)


class Shifting:
    """One deployment of lambent-scaled:live from `source` to `target`.

    It stops `after` looks at it, which puts the alias back; None: it never stops. `ends` is what
    a stop finds: "Stopped", or "Succeeded" where it was too late. `denies`: to be stopped.
    """

    denies = False

    def __init__(
        self, functions: StrictLambda, source: str, target: str, after: int | None = 1
    ) -> None:
        self.functions, self.source, self.target, self.after = functions, source, target, after
        self.status, self.ends, self.calls = "InProgress", "Stopped", list[str]()
        self.error: dict[str, str] = {}
        self.share: float = functions.weights.get(target, 0.0)

    def fail(self, code: str, message: str) -> None:
        self.status, self.error = "Failed", {"code": code, "message": message}

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_deployments"
        return type("Pages", (), {"paginate": lambda _, **asked: [self._list(**asked)]})()

    def list_deployment_targets(self, deploymentId: str) -> dict[str, Any]:
        return {"targetIds": ["target"]}

    def batch_get_deployment_targets(
        self, deploymentId: str, targetIds: list[str]
    ) -> dict[str, Any]:
        moved = {
            "functionName": "lambent-scaled",
            "functionAlias": "live",
            "currentVersion": self.source,
            "targetVersion": self.target,
            "targetVersionWeight": self.share,
        }
        events = [{"lifecycleEventName": "AllowTraffic", "startTime": SINCE}] if self.share else []
        described = {"lambdaFunctionInfo": moved, "lifecycleEvents": events}
        target = {"deploymentId": deploymentId, **described}
        return {"deploymentTargets": [{"lambdaTarget": target}]}

    def stop_deployment(self, deploymentId: str, autoRollbackEnabled: bool) -> None:
        assert autoRollbackEnabled
        self.calls.append("StopDeployment")
        if self.denies:
            raise client_error("AccessDeniedException", "codedeploy:StopDeployment", 400)
        if self.status != "InProgress":
            raise client_error("DeploymentAlreadyCompletedException", "it is over", 400)
        self.status = "Stopping"

    def get_deployment(self, deploymentId: str) -> dict[str, Any]:
        name = "CodeDeployDefault.LambdaCanary10Percent5Minutes"
        return {
            "deploymentInfo": {
                "status": self.status,
                "deploymentConfigName": name,
                **({"errorInformation": self.error} if self.error else {}),
            }
        }

    def get_deployment_config(self, deploymentConfigName: str) -> dict[str, Any]:
        canary = {"canaryPercentage": 10, "canaryInterval": 5}
        routing = {"type": "TimeBasedCanary", "timeBasedCanary": canary}
        return {"deploymentConfigInfo": {"trafficRoutingConfig": routing}}

    def _list(self, includeOnlyStatuses: list[str], **_: Any) -> dict[str, Any]:
        self.calls.append("ListDeployments")
        if self.status == "Stopping" and self.after is not None:
            self.after -= 1
            if self.after <= 0:
                self._end()
        shown = "InProgress" if self.status == "Stopping" else self.status
        return {"deployments": ["d-1"] if shown in includeOnlyStatuses else []}

    def _end(self) -> None:
        self.status = self.ends
        self.functions.weights = {}
        self.functions.live = self.source if self.ends == "Stopped" else self.target
        self.functions.revision += 1
