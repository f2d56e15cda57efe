"""The artifact bucket: objects are written once, but for lists, and S3's errors made plain."""

import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
)

from model_store.errors import RegistryError
from model_store.registry.errors import RegistryDenied, RegistryUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ATTEMPTS = 5
_ABSENT = {"404", "NoSuchKey", "NotFound"}
# A HEAD has no body that could name the code: expired credentials are a bare 400.
_IDENTITY = {
    "400",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
}
_SIGN_IN = "Sign in again, for example with `aws sso login`, and check AWS_PROFILE"
_DENIED = {"403", "AccessDenied", "KMS.AccessDeniedException", "KMS.DisabledException"}


@dataclass(frozen=True)
class Listed:
    """One object as S3 lists it; `modified` is an ISO 8601 time in UTC."""

    key: str
    modified: str


@dataclass(frozen=True)
class Bucket:
    """`key_arn` is the KMS key that every object is encrypted with."""

    s3: "S3Client"
    name: str
    key_arn: str
    sleep: Callable[[float], None] = time.sleep

    def create(self, key: str, data: bytes) -> bool:
        """Write a new object; False when one is there already (nothing is overwritten).

        Two writers at the same instant get 409 from S3, which asks for another attempt.
        """
        for attempt in range(ATTEMPTS):
            try:
                with self._translated(key):
                    return self._put_new(key, data)
            except _WriteConflict:
                self.sleep(0.1 * 2**attempt)
        raise RegistryUnavailable(
            self._where(key), "another writer keeps getting in the way", "Run the command again"
        )

    def replace(self, key: str, data: bytes) -> None:
        """Write an object over what is there; the bucket denies it for blobs and manifests."""
        with self._translated(key):
            self._put(key, data)

    def read(self, key: str) -> bytes | None:
        """The whole object; None when it is not there."""
        try:
            with self._translated(key):
                return self.s3.get_object(Bucket=self.name, Key=key)["Body"].read()
        except _Absent:
            return None

    def sha256(self, key: str) -> str | None:
        """The SHA-256 of an object, in base64; None when it is absent.

        What S3 checked on upload; an object that came without a checksum is read to tell.
        """
        try:
            with self._translated(key):
                head = self.s3.head_object(Bucket=self.name, Key=key, ChecksumMode="ENABLED")
        except _Absent:
            return None
        return head.get("ChecksumSHA256") or checksum(self.read(key) or b"")

    def list(self, prefix: str) -> Iterator[Listed]:
        with self._translated(prefix):
            pages = self.s3.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.name, Prefix=prefix):
                for entry in page.get("Contents", []):
                    yield Listed(entry["Key"], entry["LastModified"].isoformat())

    def _put_new(self, key: str, data: bytes) -> bool:
        try:
            self._put(key, data, IfNoneMatch="*")
        except ClientError as error:
            if _code(error) == "PreconditionFailed":
                return False
            raise
        return True

    def _put(self, key: str, data: bytes, **condition: Any) -> None:
        self.s3.put_object(
            Bucket=self.name,
            Key=key,
            Body=data,
            ChecksumSHA256=checksum(data),
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self.key_arn,
            BucketKeyEnabled=True,
            **condition,
        )

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            raise self._refusal(key, error) from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise RegistryDenied(self._where(key), str(error), _SIGN_IN) from error
        except BotoCoreError as error:
            raise RegistryUnavailable(
                self._where(key), f"S3 does not answer ({error})", "Check the network, then rerun"
            ) from error

    def _refusal(self, key: str, error: ClientError) -> RegistryError:
        where, code = self._where(key), _code(error)
        if code == "ConditionalRequestConflict":
            return _WriteConflict(where, code, "Run the command again")
        if code in _ABSENT:
            return _Absent(where, "is not there", "Publish it")
        if code == "NoSuchBucket":
            return RegistryUnavailable(where, "no such bucket", "Run `lambent platform deploy`")
        if code in _IDENTITY:
            return RegistryDenied(where, f"AWS does not accept the credentials ({code})", _SIGN_IN)
        if code in _DENIED:
            action = f"{error.operation_name} and the KMS key {self.key_arn}"
            return RegistryDenied(where, f"AWS denies it ({code})", f"Ask for access to {action}")
        return RegistryUnavailable(where, f"S3 fails ({code}: {error})", "Try again soon")

    def _where(self, key: str) -> str:
        return f"s3://{self.name}/{key}"


def checksum(data: bytes) -> str:
    """SHA-256 as S3 spells it."""
    return b64encode(sha256(data).digest()).decode()


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


class _WriteConflict(RegistryError):
    """Never leaves this file: 409 ConditionalRequestConflict."""


class _Absent(RegistryError):
    """Never leaves this file: the object is not there."""
