"""S3 refuses what S3 refuses: wrong checksums, lost races, keys that are off."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.infra.local.support import Client


@pytest.fixture
def s3(client: Client) -> Any:
    return client("s3")


@pytest.fixture
def bucket(s3: Any, name: str) -> str:
    s3.create_bucket(Bucket=name)
    return name


def sha256(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def test_a_wrong_checksum_stores_nothing(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="k", Body=b"model", ChecksumSHA256=sha256(b"other"))
    assert refused.value.response["Error"]["Code"] == "BadDigest"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.parametrize("content", [b"model", b"", "größer".encode(), bytes(range(256))])
def test_a_right_checksum_is_kept(s3: Any, bucket: str, content: bytes) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=content, ChecksumSHA256=sha256(content))
    found = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert found["Body"].read() == content
    assert found["ChecksumSHA256"] == sha256(content)


def test_write_once_is_honoured(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"first", IfNoneMatch="*")
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="k", Body=b"second", IfNoneMatch="*")
    assert refused.value.response["Error"]["Code"] == "PreconditionFailed"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"first"


def test_of_many_first_writers_one_wins(s3: Any, bucket: str) -> None:
    stored: list[bytes] = []
    refused: list[str] = []
    together = threading.Barrier(8)

    def write(content: bytes) -> None:
        together.wait()
        try:
            s3.put_object(Bucket=bucket, Key="k", Body=content, IfNoneMatch="*")
        except ClientError as error:
            refused.append(error.response["Error"]["Code"])
        else:
            stored.append(content)

    threads = [threading.Thread(target=write, args=[bytes([n])]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["PreconditionFailed"] * 7
    assert stored == [s3.get_object(Bucket=bucket, Key="k")["Body"].read()]


@pytest.fixture
def keyed(client: Client, s3: Any, bucket: str) -> str:
    """The id of the key that the bucket encrypts with by default."""
    arn = client("kms").create_key()["KeyMetadata"]["Arn"]
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": default}]
        },
    )
    return str(arn)


def test_objects_under_a_disabled_key_are_neither_read_nor_written(
    client: Client, s3: Any, bucket: str, keyed: str
) -> None:
    """What fault row 9 rests on."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"model")
    client("kms").disable_key(KeyId=keyed)
    attempts: tuple[Callable[[], Any], ...] = (
        lambda: s3.get_object(Bucket=bucket, Key="k"),
        lambda: s3.put_object(Bucket=bucket, Key="l", Body=b"x"),
    )
    for attempt in attempts:
        with pytest.raises(ClientError, match=keyed) as refused:
            attempt()
        assert refused.value.response["Error"]["Code"] == "KMS.DisabledException"
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    client("kms").enable_key(KeyId=keyed)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"model"


def test_a_key_that_is_to_be_deleted_is_as_good_as_gone(
    client: Client, s3: Any, bucket: str, keyed: str
) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"model")
    client("kms").schedule_key_deletion(KeyId=keyed)
    with pytest.raises(ClientError, match=r"KMS\.KMSInvalidStateException"):
        s3.get_object(Bucket=bucket, Key="k")


def test_objects_outside_kms_do_not_care(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def statement(bucket: str, **more: Any) -> dict[str, Any]:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        **more,
    }


def test_only_statements_without_conditions_are_enforced(s3: Any, bucket: str) -> None:
    insecure = statement(bucket, Condition={"Bool": {"aws:SecureTransport": "false"}})
    document = {"Version": "2012-10-17", "Statement": [insecure]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == document
    document["Statement"] = [insecure, statement(bucket, Action="s3:PutObject")]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    with pytest.raises(ClientError, match="403"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"y")
