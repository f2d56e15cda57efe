"""Whatever boto3 raises is told as where, what, and the next step."""

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    ReadTimeoutError,
)

from model_store.aws import translated
from model_store.errors import AwsDenied, AwsError, AwsFailed, AwsUnavailable, NotFound


def refusal(code: str, status: int) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": "the reason"},
            "ResponseMetadata": {"HTTPStatusCode": status},
        },
        "GetAlias",
    )


@pytest.mark.parametrize(
    ("code", "status", "kind", "told"),
    [
        ("AccessDeniedException", 403, AwsDenied, "permission for GetAlias"),
        ("ExpiredToken", 400, AwsDenied, "aws sso login"),
        ("ResourceNotFoundException", 404, NotFound, "the region"),
        ("ServiceException", 500, AwsUnavailable, "Try again"),
        ("ThrottlingException", 400, AwsUnavailable, "Try again"),
        ("ValidationError", 400, AwsFailed, "the reason"),
    ],
)
def test_what_a_service_refuses(code: str, status: int, kind: type[AwsError], told: str) -> None:
    with pytest.raises(kind) as caught, translated("alias f:live"):
        raise refusal(code, status)
    assert str(caught.value).startswith("alias f:live: ")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (NoCredentialsError(), AwsDenied, "lambent local up"),
        (NoRegionError(), AwsFailed, "AWS_REGION.*`lambent local up`"),
        (ParamValidationError(report="Invalid length for Name"), AwsFailed, "length for Name"),
        (EndpointConnectionError(endpoint_url="http://x"), AwsUnavailable, "AWS_ENDPOINT_URL"),
        (ReadTimeoutError(endpoint_url="http://x"), AwsUnavailable, "the network"),
    ],
)
def test_what_never_reaches_a_service(
    error: BotoCoreError, kind: type[AwsError], told: str
) -> None:
    with pytest.raises(kind, match=told), translated("stack s"):
        raise error


def test_the_code_of_a_service_can_be_told_apart() -> None:
    with pytest.raises(AwsFailed) as caught, translated("alias f:live"):
        raise refusal("PreconditionFailedException", 412)
    assert caught.value.code == "PreconditionFailedException"


def test_other_errors_are_not_touched() -> None:
    with pytest.raises(KeyError), translated("anything"):
        raise KeyError("bug")
