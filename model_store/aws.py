"""What AWS refuses or leaves unanswered, as errors that say what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from model_store.errors import AwsDenied, AwsError, AwsFailed, AwsUnavailable, NotFound

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Forbidden", "403"}
_IDENTITY = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
}
_MISSING = {"ResourceNotFoundException", "NoSuchBucket", "NoSuchKey", "404", "NotFoundException"}
_EMBEDDED = "or, for the embedded AWS, paste the export lines that `lambent local up` prints"
_CHECK_CREDENTIALS = "Sign in again, for example with `aws sso login`, and check AWS_PROFILE"


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Whatever boto3 raises inside becomes an AwsError about `where`."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _refusal(where, error) from error
    except BotoCoreError as error:
        raise _no_answer(where, error) from error


def error_code(error: "ClientError") -> str:
    return error.response.get("Error", {}).get("Code", "")


def _refusal(where: str, error: "ClientError") -> AwsError:
    code = error_code(error)
    message = error.response.get("Error", {}).get("Message", "") or code
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _IDENTITY:
        return AwsDenied(where, f"AWS does not accept the credentials ({code})", _CHECK_CREDENTIALS)
    if code in _DENIED:
        action = f"the permission for {error.operation_name}"
        return AwsDenied(
            where, f"AWS denies {error.operation_name}: {message}", f"Ask for {action}"
        )
    if code in _MISSING:
        return NotFound(where, message, "Check the name, the account and the region")
    if status >= 500 or "Throttl" in code or code in {"TooManyRequestsException", "SlowDown"}:
        return AwsUnavailable(where, f"{error.operation_name} fails: {message}", "Try again soon")
    return AwsFailed(where, f"{error.operation_name}: {message}", "Change what it names", code)


def _no_answer(where: str, error: Exception) -> AwsError:
    from botocore.exceptions import (
        NoCredentialsError,
        NoRegionError,
        ParamValidationError,
        PartialCredentialsError,
        ProfileNotFound,
    )

    if isinstance(error, NoCredentialsError | PartialCredentialsError | ProfileNotFound):
        return AwsDenied(
            where,
            f"no AWS credentials ({error})",
            f"Sign in to AWS; {_EMBEDDED}",
        )
    if isinstance(error, NoRegionError):
        return AwsFailed(
            where,
            "no region is chosen",
            f"Set AWS_REGION, for example to eu-central-1; {_EMBEDDED}",
        )
    if isinstance(error, ParamValidationError):
        return AwsFailed(where, f"not a valid call ({error})", "Change what it names")
    return AwsUnavailable(
        where, f"no answer ({error})", "Check the network, and AWS_ENDPOINT_URL if it is set"
    )
