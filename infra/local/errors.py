"""What can go wrong in the embedded AWS itself, as opposed to in the services it imitates."""

from model_store.errors import LambentError

WHERE = "embedded AWS"


class LocalError(LambentError):
    """The embedded AWS cannot do its part: where, what, and the next step."""


class PortTaken(LocalError):
    def __init__(self, port: int, reason: str) -> None:
        super().__init__(
            WHERE,
            f"port {port} on localhost cannot be used ({reason})",
            f"Stop what listens there, or choose another: lambent local up --port {port + 1}",
        )
        self.port = port


class UnsupportedApi(LocalError):
    """An OpenAPI body asks for something that this gateway does not do."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(
            f"{WHERE}, OpenAPI {where}",
            f"{what} is not supported by the local API Gateway",
            "Leave it out, or deploy to a real account",
        )
