"""S3 objects: checksums verified, conditional writes atomic, keys that are off refused, policies
with conditions not mistaken for policies without. KMS: keys named by ARN wherever by id."""

import json
import threading
from collections.abc import Callable
from typing import Any

from moto.kms.models import KmsBackend, kms_backends
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response
from moto.s3.utils import compute_checksum

Method = Callable[..., Any]
CHECKSUMS = ("SHA256", "SHA1", "CRC32")
_CONDITIONAL_WRITE = threading.Lock()


class BadDigest(S3ClientError):  # type: ignore[misc]
    code = "BadDigest"

    def __init__(self, algorithm: str) -> None:
        super().__init__(f"The {algorithm} you specified did not match the calculated checksum.")


class KeyUnusable(S3ClientError):  # type: ignore[misc]
    """Disabled, or about to be deleted."""

    def __init__(self, arn: str, state: str) -> None:
        code = "KMS.DisabledException" if state == "Disabled" else "KMS.KMSInvalidStateException"
        super().__init__(code, f"{arn} is {'disabled' if state == 'Disabled' else state}.")


def _verified(original: Method) -> Method:
    def _get_checksum(self: Any, response_headers: dict[str, Any]) -> Any:
        body = self.body.encode() if isinstance(self.body, str) else self.body or b""
        for algorithm in CHECKSUMS:
            header = f"x-amz-checksum-{algorithm.lower()}"
            sent = self.headers.get(header)
            if sent is None:
                continue
            if sent != compute_checksum(body, algorithm).decode():
                raise BadDigest(algorithm)
            response_headers[header] = sent
            return algorithm, sent
        return original(self, response_headers)

    return _get_checksum


def _one_at_a_time(original: Method) -> Method:
    def put_object(self: Any) -> Any:
        bucket = self.backend.get_bucket(self.bucket_name)
        default = (
            (bucket.encryption or {}).get("Rule", {}).get("ApplyServerSideEncryptionByDefault", {})
        )
        header = self.headers.get("x-amz-server-side-encryption-aws-kms-key-id")
        _check_key(self, header or default.get("KMSMasterKeyID"))
        if self.headers.get("If-None-Match") is None:
            return original(self)
        with _CONDITIONAL_WRITE:
            return original(self)

    return put_object


def _key_usable(original: Method) -> Method:
    def get_object(self: Any) -> Any:
        found, _ = self._get_key()
        if found.encryption == "aws:kms":
            _check_key(self, found.kms_key_id)
        return original(self)

    return get_object


def _check_key(response: Any, key: str | None) -> None:
    """Keys that nobody made here, such as aws/s3, are always usable."""
    backend = kms_backends[response.current_account][response.region]
    key_id = key and (backend.get_key_id_from_alias(key) or backend.get_key_id(key))
    known = backend.keys.get(key_id)
    if known is not None and known.key_state != "Enabled":
        raise KeyUnusable(known.arn, known.key_state)


def _unconditional(original: Method) -> Method:
    """moto reads a conditional statement as an unconditional one; it counts as absent instead."""

    def get_permission(self: Any, action: str, resource: str) -> Any:
        if self.policy is None:
            return original(self, action, resource)
        whole = self.policy
        document = json.loads(whole)
        statements = document["Statement"]
        listed = statements if isinstance(statements, list) else [statements]
        document["Statement"] = [item for item in listed if not item.get("Condition")]
        return original(_WithPolicy(json.dumps(document).encode()), action, resource)

    return get_permission


class _WithPolicy:
    """As much of a bucket as moto's policy check looks at."""

    def __init__(self, policy: bytes) -> None:
        self.policy = policy


def _by_arn_too(original: Method) -> Method:
    def by_id(self: Any, key_id: str, *args: Any, **kwargs: Any) -> Any:
        return original(self, self.get_key_id(key_id), *args, **kwargs)

    return by_id


_KEY_ACTIONS = ("disable_key", "enable_key", "cancel_key_deletion", "schedule_key_deletion")
WRAPPERS = (
    (S3Response, "_get_checksum", _verified),
    (S3Response, "put_object", _one_at_a_time),
    (S3Response, "get_object", _key_usable),
    (FakeBucket, "get_permission", _unconditional),
    *((KmsBackend, name, _by_arn_too) for name in _KEY_ACTIONS),
)
