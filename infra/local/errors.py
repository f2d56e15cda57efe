"""What can go wrong in the embedded AWS itself, as opposed to in the services it imitates."""

from model_store.errors import LambentError


class LocalError(LambentError):
    """Where, what, and the next step."""


class PortTaken(LocalError):
    def __init__(self, port: int, reason: str) -> None:
        super().__init__(
            f"embedded AWS: port {port} on localhost cannot be used ({reason}). "
            f"Stop what listens there, or choose another: lambent local up --port {port + 1}"
        )
        self.port = port
