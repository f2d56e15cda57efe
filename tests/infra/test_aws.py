"""The seam to AWS: typed clients, each made when first used."""

from functools import cached_property

import pytest

from infra.aws import Aws
from infra.errors import AwsFailed


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
