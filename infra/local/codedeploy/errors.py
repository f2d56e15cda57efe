"""Refusals of CodeDeploy, with the error codes that AWS sends."""


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
