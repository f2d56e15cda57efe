"""What callers get when the model store fails under a deployed model."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.flow.conftest import Api, Shell

BUCKET_OUTPUT = "ArtifactBucket"


@pytest.fixture
def blob(client: Any, shell: Shell) -> Iterator[tuple[Any, dict[str, str]]]:
    """The S3 object that holds the bytes of penguins@1; whole again after the test."""
    s3 = client("s3")
    stack = client("cloudformation").describe_stacks(StackName="lambent-platform")["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    manifest = shell.lambent("show", "penguins@1", "--json").document
    digest = manifest["manifest"]["files"]["model.onnx"]["sha256"]
    where = {"Bucket": outputs[BUCKET_OUTPUT], "Key": f"blobs/sha256/{digest}"}
    whole = s3.get_object(**where)["Body"].read()
    yield s3, where
    s3.put_object(**where, Body=whole)


def release_anew(shell: Shell, version: str, memory: int) -> None:
    """A new Lambda version, whose first request starts cold."""
    shell.lambent("deploy", f"penguins@{version}", "--memory", str(memory), "--again")


def test_fault_row_5_corrupt_bytes_are_never_loaded(
    blob: tuple[Any, dict[str, str]], penguins: Api, shell: Shell, penguin: dict[str, Any]
) -> None:
    s3, where = blob
    whole = s3.get_object(**where)["Body"].read()
    s3.put_object(**where, Body=whole[:-1] + bytes([whole[-1] ^ 1]))
    release_anew(shell, "1", 896)
    status, body, _ = penguins.ask([penguin])
    assert status == 200
    assert body["predictions"][0]["decision"] == "fallback"
    assert body["predictions"][0]["reason"] == "model_corrupt"
