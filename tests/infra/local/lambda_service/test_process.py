"""What a worker's process finds: its code, its environment, and AWS."""

import pytest

from infra.local.server import EmbeddedAws
from tests.infra.local.support import zipped


def test_a_function_sees_lambdas_environment_and_its_own_and_no_more(cloud, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_PARENT", "1")
    name = cloud.function(Environment={"Variables": {"LAMBENT_MODEL": "penguins"}})
    seen = cloud.invoke(name, {"do": "environment"})["body"]
    expected = {
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": cloud.aws.endpoint,
        "TZ": ":UTC",
        "_HANDLER": "app.handler",
        "LAMBENT_MODEL": "penguins",
    }
    assert expected.items() <= seen.items()
    assert "SECRET_OF_THE_PARENT" not in seen


def test_a_function_starts_in_the_root_of_its_code(cloud):
    process = cloud.invoke(cloud.function(), {"do": "process"})["body"]
    assert process["cwd"] == process["root"]


def test_a_function_can_call_the_embedded_aws_back(cloud):
    code = """
import boto3
def handler(event, context):
    return boto3.client("sts").get_caller_identity()["Account"]
"""
    assert cloud.invoke(cloud.function(code, Timeout=30))["body"] == "123456789012"


@pytest.mark.parametrize("outside", ["../../evil.py", "{tmp}/evil.py", "a/../../evil.py"])
def test_a_package_cannot_reach_outside_of_its_own_folder(connect, tmp_path, outside):
    cache = tmp_path / "code"
    with EmbeddedAws(code_cache=cache) as aws:
        cloud = connect(aws)
        package = zipped("", outside.format(tmp=tmp_path))
        cloud.invoke(cloud.function(Code={"ZipFile": package}))
    (found,) = tmp_path.rglob("evil.py")
    (own,) = cache.iterdir()
    assert own in found.parents


def test_nothing_of_a_worker_is_left_when_the_embedded_aws_has_ended(
    connect, tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with EmbeddedAws(code_cache=tmp_path / "code") as aws:
        cloud = connect(aws)
        cloud.invoke(cloud.function())
        assert len(list(tmp_path.glob("lambda-tmp-*"))) == 1
    assert not list(tmp_path.glob("lambda-tmp-*"))
