"""Objects are written once, and what S3 refuses is told with the way out."""

from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError, NoCredentialsError

from model_store.errors import RegistryError
from model_store.registry.bucket import ATTEMPTS, Bucket, checksum
from model_store.registry.errors import RegistryDenied, RegistryUnavailable

from .conftest import KEY_ARN
from .s3_faults import Nothing, inject, s3_error


def test_an_object_is_written_once_and_never_over(bucket: Bucket) -> None:
    assert bucket.create("a", b"first") is True
    assert bucket.create("a", b"second") is False
    assert bucket.read("a") == b"first"


def test_what_is_not_there_is_none(bucket: Bucket) -> None:
    assert bucket.read("a") is None
    assert bucket.sha256("a") is None


@pytest.mark.parametrize("stored", [{"ChecksumAlgorithm": "SHA256"}, {}], ids=["kept", "computed"])
def test_the_checksum_is_known_even_of_an_object_that_came_without_one(
    bucket: Bucket, stored: dict[str, Any]
) -> None:
    bucket.s3.put_object(Bucket="artifacts", Key="a", Body=b"abc", **stored)
    assert bucket.sha256("a") == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
    assert checksum(b"abc") == bucket.sha256("a")


def test_fault_row_36_the_pauses_between_conflicting_writes_double(bucket: Bucket) -> None:
    slept: list[float] = []
    impatient = Bucket(bucket.s3, "artifacts", KEY_ARN, slept.append)
    inject(bucket, "PutObject", *[s3_error(409, "ConditionalRequestConflict")] * ATTEMPTS)
    with pytest.raises(RegistryUnavailable, match="s3://artifacts/a: another writer"):
        impatient.create("a", b"x")
    assert slept == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6])


def test_all_objects_under_a_prefix_are_listed_however_many_pages(bucket: Bucket) -> None:
    for number in range(5):
        bucket.s3.put_object(Bucket="artifacts", Key=f"models/{number}", Body=b"")
    bucket.s3.put_object(Bucket="artifacts", Key="blobs/x", Body=b"")
    pages = inject(bucket, "ListObjectsV2")
    bucket.s3.meta.events.register_first(
        "provide-client-params.s3.ListObjectsV2", lambda params, **_: params | {"MaxKeys": 2}
    )
    found = list(bucket.list("models/"))
    assert [listed.key for listed in found] == [f"models/{number}" for number in range(5)]
    assert len(pages) == 3
    assert all(listed.modified.endswith("+00:00") for listed in found), "ISO 8601, in UTC"


def test_a_refusal_names_the_action_and_the_key(bucket: Bucket) -> None:
    inject(bucket, "PutObject", s3_error(403, "AccessDenied"))
    with pytest.raises(RegistryDenied, match=r"PutObject and the KMS key arn:aws:kms"):
        bucket.create("a", b"x")


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidAccessKeyId", "SignatureDoesNotMatch"])
def test_credentials_that_aws_does_not_accept_are_told_as_that(bucket: Bucket, code: str) -> None:
    called = inject(bucket, "GetObject", s3_error(400, code))
    with pytest.raises(RegistryDenied, match=rf"does not accept the credentials \({code}\)"):
        bucket.read("a")
    assert len(called) == 1


def test_expired_credentials_are_told_from_a_head_without_a_body(bucket: Bucket) -> None:
    inject(bucket, "HeadObject", *[AWSResponse("https://s3", 400, {}, Nothing()) for _ in range(5)])
    with pytest.raises(RegistryDenied, match="Sign in again"):
        bucket.sha256("a")


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (NoCredentialsError(), RegistryDenied, "Sign in again"),
        (EndpointConnectionError(endpoint_url="x"), RegistryUnavailable, "Check the network"),
    ],
    ids=["no credentials", "no network"],
)
def test_what_never_reaches_s3_is_told_apart(
    bucket: Bucket, error: Exception, kind: type[RegistryError], told: str
) -> None:
    def fail(**_: Any) -> None:
        raise error

    bucket.s3.meta.events.register_first("before-send.s3.GetObject", fail)
    with pytest.raises(kind, match=f"s3://artifacts/a: .*{told}"):
        bucket.read("a")


def test_trouble_of_s3_is_told_as_passing(bucket: Bucket) -> None:
    inject(bucket, "GetObject", *[s3_error(503, "SlowDown") for _ in range(9)])
    with pytest.raises(RegistryUnavailable, match=r"S3 fails \(SlowDown.*Try again soon"):
        bucket.read("a")


def test_a_missing_bucket_names_the_command_that_makes_it(bucket: Bucket) -> None:
    with pytest.raises(RegistryUnavailable, match="lambent platform deploy"):
        list(Bucket(bucket.s3, "elsewhere", KEY_ARN).list(""))
