"""What callers get when the model store fails under a deployed model."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.flow.conftest import Api, Shell

BUCKET_OUTPUT = "ArtifactBucket"


@pytest.fixture
def blob(client: Any, shell: Shell) -> Iterator[tuple[Any, dict[str, str]]]:
    """The S3 object that holds the bytes of penguins@2; whole again after the test."""
    s3 = client("s3")
    stack = client("cloudformation").describe_stacks(StackName="lambent-platform")["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    manifest = shell.lambent("show", "penguins@2", "--json").document
    digest = manifest["manifest"]["files"]["model.onnx"]["sha256"]
    where = {"Bucket": outputs[BUCKET_OUTPUT], "Key": f"blobs/sha256/{digest}"}
    whole = s3.get_object(**where)["Body"].read()
    yield s3, where
    s3.put_object(**where, Body=whole)


@pytest.fixture
def start_cold(client: Any) -> Iterator[Callable[[int], None]]:
    """With so much memory: makes a new Lambda version of what is live, whose first request loads
    the model. $LATEST is what was released again after the test."""
    lambda_, function = client("lambda"), {"FunctionName": "lambent-penguins"}
    released: list[int] = []

    def start(memory: int) -> None:
        released.append(lambda_.get_function_configuration(**function)["MemorySize"])
        lambda_.update_function_configuration(**function, MemorySize=memory)
        number = lambda_.publish_version(**function)["Version"]
        lambda_.update_alias(**function, Name="live", FunctionVersion=number)

    yield start
    lambda_.update_function_configuration(**function, MemorySize=released[0])


def test_fault_row_5_corrupt_bytes_are_neither_released_nor_loaded(
    blob: tuple[Any, dict[str, str]],
    penguins: Api,
    shell: Shell,
    start_cold: Callable[[int], None],
    penguin: dict[str, Any],
) -> None:
    """They became so after the release, or were so before it."""
    s3, where = blob
    # Unguarded: the alarm that this lights would take the release back in the midst of later tests.
    shell.lambent("deploy", "penguins@2", "--memory", "896", "--again", "--guard-hours", "0")
    whole = s3.get_object(**where)["Body"].read()
    s3.put_object(**where, Body=whole[:-1] + bytes([whole[-1] ^ 1]))
    start_cold(897)
    status, body, _ = penguins.ask([penguin])
    assert status == 200
    assert body["predictions"][0]["decision"] == "fallback"
    assert body["predictions"][0]["reason"] == "model_corrupt"
    told = shell.refused("deploy", "penguins@2", "--memory", "898", "--again")
    assert "holds other bytes than its name says" in told
