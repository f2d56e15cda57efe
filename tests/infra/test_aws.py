"""The seam to AWS: whatever boto3 raises is told as where, what, and the next step."""

from functools import cached_property

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ReadTimeoutError,
)

from infra.aws import Aws, translated
from infra.errors import AwsDenied, AwsFailed, AwsUnavailable, InfraError, NotFound


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
def test_what_a_service_refuses(code: str, status: int, kind: type[InfraError], told: str) -> None:
    with pytest.raises(kind) as caught, translated("alias f:live"):
        raise refusal(code, status)
    assert str(caught.value).startswith("alias f:live: ")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (NoCredentialsError(), AwsDenied, "lambent local up"),
        (NoRegionError(), AwsFailed, "AWS_REGION.*`lambent local up`"),
        (EndpointConnectionError(endpoint_url="http://x"), AwsUnavailable, "AWS_ENDPOINT_URL"),
        (ReadTimeoutError(endpoint_url="http://x"), AwsUnavailable, "the network"),
    ],
)
def test_what_never_reaches_a_service(
    error: BotoCoreError, kind: type[InfraError], told: str
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


def test_a_client_without_a_region_says_how_to_choose_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(AwsFailed, match="AWS_REGION"):
        _ = Aws().lambda_


@pytest.mark.parametrize(
    "client",
    [n for n, v in vars(Aws).items() if isinstance(v, cached_property) and n != "_session"],
)
def test_every_client_can_be_made(client: str) -> None:
    """botocore is told which services there are; one that is missing could not be asked."""
    made = getattr(Aws("http://localhost:1", "us-east-1"), client)
    assert made.meta.service_model.service_name == client.rstrip("_")


def test_the_url_of_an_api_here_and_on_aws() -> None:
    output = "https://abc.execute-api.eu-central-1.amazonaws.com/live"
    assert Aws().api_url("abc", output) == output
    local = Aws("http://localhost:4566").api_url("abc", output)
    assert local == "http://localhost:4566/_aws/execute-api/abc/live"


def test_the_environment_decides_where_aws_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:4566")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    aws = Aws.from_environment()
    assert (aws.endpoint, aws.region, aws.is_local) == (
        "http://localhost:4566",
        "eu-central-1",
        True,
    )
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    assert not Aws.from_environment().is_local
