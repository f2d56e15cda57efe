"""The kill switch under a deployed model: its callers never wait for it, and S3 plays no part."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend

from tests.flow.conftest import Api, Shell

NOWHERE = "http://127.0.0.1:9"
FUNCTION = {"FunctionName": "lambent-penguins"}
GoLive = Callable[[str], None]


@pytest.fixture
def asked_of_s3(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """From now on S3 fails whoever asks for an object; which ones that were."""
    keys: list[str] = []

    def down(_: S3Backend, bucket: str, key: str, *args: Any, **options: Any) -> None:
        keys.append(key)
        raise S3ClientError("ServiceUnavailable", "Please reduce your request rate.")

    for operation in ("get_object", "head_object"):
        monkeypatch.setattr(S3Backend, operation, down)
    return keys


def decided(api: Api, penguin: dict[str, Any]) -> tuple[str, str | None]:
    """Who answers this very request, and why."""
    status, body, _ = api.ask([penguin])
    assert status == 200, body
    (prediction,) = body["predictions"]
    return prediction["decision"], prediction.get("reason")


def test_fault_row_43_the_next_answer_is_the_fallback_while_s3_and_kms_fail(
    shell: Shell,
    penguins: Api,
    go_live: GoLive,
    client: Any,
    penguin: dict[str, Any],
    asked_of_s3: list[str],
) -> None:
    """As a rollback: neither the command nor the function asks S3, and so nobody asks KMS."""
    go_live("2")
    draft = client("lambda").get_function_configuration(**FUNCTION)["Environment"]
    switch = ("fallback", "penguins", "on", "--why", "odd answers", "--json")
    outcome = shell.lambent(*switch, AWS_ENDPOINT_URL_S3=NOWHERE).document
    assert outcome["outcome"] == "switched on"
    assert decided(penguins, penguin) == ("fallback", "switched_off")
    with ThreadPoolExecutor(4) as callers:  # more at once than there are warm workers
        answers = callers.map(lambda _: decided(penguins, penguin), range(8))
        assert set(answers) == {("fallback", "switched_off")}
    assert client("lambda").get_function_configuration(**FUNCTION)["Environment"] == draft
    shell.lambent("fallback", "penguins", "off", AWS_ENDPOINT_URL_S3=NOWHERE)
    assert asked_of_s3 == []
    with pytest.raises(ClientError, match="reduce your request rate"):
        client("s3").get_object(Bucket="any", Key="one")


def test_off_brings_the_model_back_and_a_second_on_needs_no_new_version(
    shell: Shell, penguins: Api, go_live: GoLive, penguin: dict[str, Any]
) -> None:
    go_live("2")
    first = shell.lambent("fallback", "penguins", "on", "--json").document
    off = shell.lambent("fallback", "penguins", "off", "--json").document
    assert off["to"] == first["from"]
    assert decided(penguins, penguin) == ("model", None)
    assert penguins.version(penguin) == "2"
    second = shell.lambent("fallback", "penguins", "on", "--json").document
    assert second["to"] == first["to"]
    assert decided(penguins, penguin) == ("fallback", "switched_off")
    again = shell.lambent("fallback", "penguins", "on", "--json").document
    assert again["outcome"] == "already on"
    shell.lambent("fallback", "penguins", "off")


@pytest.mark.usefixtures("two_after_one")
def test_status_shows_it_and_a_rollback_goes_to_the_model_before(
    shell: Shell, penguins: Api, penguin: dict[str, Any]
) -> None:
    shell.lambent("fallback", "penguins", "on", "--why", "odd answers")
    told = shell.lambent("status", "penguins").out
    assert "FALLBACK ONLY since" in told
    assert "odd answers; was penguins@2" in told
    assert "odd answers" not in shell.lambent("rollback", "penguins").out
    assert penguins.version(penguin) == "1"
    assert "FALLBACK ONLY" not in shell.lambent("status", "penguins").out


def test_a_deploy_ends_it_only_if_it_names_the_version(
    shell: Shell, penguins: Api, go_live: GoLive, penguin: dict[str, Any]
) -> None:
    go_live("2")
    shell.lambent("fallback", "penguins", "on")
    assert "lambent fallback penguins off" in shell.refused("deploy", "penguins")
    assert decided(penguins, penguin) == ("fallback", "switched_off")
    deployed = shell.lambent("deploy", "penguins@2", "--json").document
    assert deployed["changed"] is True
    assert decided(penguins, penguin) == ("model", None)
    go_live("1")  # what tests after this one go back to
