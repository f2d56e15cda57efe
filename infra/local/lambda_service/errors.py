"""The errors of Lambda's Invoke API, as its clients know them."""


class InvokeError(Exception):
    """Invoke was refused before the function ran. `status` and `type` are Lambda's own."""

    status = 500
    type = "ServiceException"
    reason: str | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class FunctionNotFound(InvokeError):
    status = 404
    type = "ResourceNotFoundException"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Function not found: {arn}")


class Throttled(InvokeError):
    status = 429
    type = "TooManyRequestsException"

    def __init__(self, reason: str) -> None:
        super().__init__("Rate Exceeded.")
        self.reason = reason


class RequestTooLarge(InvokeError):
    status = 413
    type = "RequestTooLargeException"

    def __init__(self, size: int, limit: int, invocation_type: str) -> None:
        super().__init__(
            f"{size} byte payload is too large for the {invocation_type} invocation type "
            f"(limit {limit} bytes)"
        )


class InvalidRequestContent(InvokeError):
    status = 400
    type = "InvalidRequestContentException"

    def __init__(self, detail: str) -> None:
        super().__init__(f"Could not parse request body into json: {detail}")


class UnsafePackage(InvokeError):
    status = 502
    type = "InvalidZipFileException"

    def __init__(self, function: str, name: str) -> None:
        super().__init__(f"embedded AWS: the package of {function} holds {name}, outside of itself")


class RuntimeMissing(InvokeError):
    def __init__(self, python: object) -> None:
        super().__init__(
            f"embedded AWS: there is no Lambda runtime at {python}. "
            "Create it with `make setup` (a virtual environment that holds awslambdaric)."
        )


class UnsupportedFunction(InvokeError):
    status = 400
    type = "InvalidParameterValueException"

    def __init__(self, function: str, what: str) -> None:
        super().__init__(f"embedded AWS: function {function} uses {what}, which is not supported")
