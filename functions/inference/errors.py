"""What can go wrong while serving. Domain terms only; `problems.py` maps them to HTTP."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from model_store.errors import LambentError

if TYPE_CHECKING:
    from model_store.contract import Violation  # reading begins before the contract is imported


class ServingError(LambentError):
    """Base of what the inference function itself raises. Never carries an input value."""


class ConfigurationError(ServingError):
    """The environment of the function does not say what to serve."""


class BodyNotDecodable(ServingError):
    """The gateway handed over a body that is not the base64 it claims to be (fault row 20)."""

    def __init__(self) -> None:
        super().__init__("body", "is not valid base64", "Encode the body again and resend it")


class BodyNotJson(ServingError):
    """The body is not JSON that has one meaning (fault rows 18 and 19)."""

    def __init__(self, what: str) -> None:
        super().__init__("body", what, "Send one JSON object in UTF-8 (RFC 8259)")


class BodyTooLarge(ServingError):
    """The body is larger than is read (fault row 21)."""

    def __init__(self, limit: int) -> None:
        super().__init__("body", f"is larger than {limit} bytes", "Split it into smaller requests")


class TooManyRows(ServingError):
    """More rows than one request may hold (fault row 21)."""

    def __init__(self, rows: int, limit: int) -> None:
        what = f"holds {rows} rows, and {limit} are the most per request"
        super().__init__("body", what, "Split it into smaller requests")


class AnswerTooLarge(ServingError):
    """What the model answers does not fit into one response of Lambda."""

    def __init__(self, limit: int) -> None:
        what = f"to these rows would be larger than {limit} bytes"
        super().__init__("answer", what, "Send fewer rows in one request")


class NoTensorForAnswer(ServingError):
    """There is no answer to a row, and the tensor that was asked for cannot say so."""

    def __init__(self, datatype: str) -> None:
        super().__init__(
            "outputs",
            f"hold a row without an answer, and `value`, of type {datatype}, has no way to say so",
            "Ask for predictions (GET /openapi.json says where), or name other outputs: decision, "
            "reason, needs_review",
        )


class UnsupportedMediaType(ServingError):
    """The body is labelled as something else than JSON."""

    def __init__(self) -> None:
        next_step = "Send the header Content-Type: application/json"
        super().__init__("Content-Type", "is not application/json", next_step)


class InvalidRequest(ServingError):
    """Well-formed JSON that breaks the contract or the protocol; `violations` says where."""

    def __init__(self, violations: "Sequence[Violation]") -> None:
        self.violations = tuple(violations)
        super().__init__("body", "does not fit the contract", "Correct these fields and resend it")


class TensorRefused(ServingError):
    """A request that breaks the Open Inference Protocol, or uses a part that is not served."""


class NoSuchModel(ServingError):
    """Another model or version is asked for than the one this function serves."""

    def __init__(self, serves: str) -> None:
        super().__init__("path", "names another model or version", f"This function serves {serves}")


class NoSuchContract(ServingError):
    """The path names a major version of the contract that is not served; paths: those that are."""

    def __init__(self, paths: Sequence[str]) -> None:
        served = ", ".join(paths) or "not known right now"
        next_step = f"Served: {served}. GET /openapi.json describes them"
        super().__init__("path", "names no major version that is served", next_step)


class ModelNotReady(ServingError):
    """The model is not loaded, and what is asked for needs it."""

    def __init__(self, why: str) -> None:
        super().__init__("model", f"is not loaded: {why}", "Try again later")
