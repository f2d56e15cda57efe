"""S3 objects: checksums verified, conditional writes atomic, keys that are off refused, policies
with conditions not mistaken for policies without."""

import json
import threading
from types import SimpleNamespace
from typing import Any

from moto.kms.models import kms_backends
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response
from moto.s3.utils import compute_checksum

CHECKSUMS = ("SHA256", "SHA1", "CRC32")
_CONDITIONAL_WRITE = threading.Lock()


def _verified(get_checksum: Any, response: Any, response_headers: dict[str, Any]) -> Any:
    body = response.body.encode() if isinstance(response.body, str) else response.body or b""
    for algorithm in CHECKSUMS:
        header = f"x-amz-checksum-{algorithm.lower()}"
        sent = response.headers.get(header)
        if sent is None:
            continue
        if sent != compute_checksum(body, algorithm).decode():
            message = f"The {algorithm} you specified did not match the calculated checksum."
            raise S3ClientError("BadDigest", message)
        response_headers[header] = sent
        return algorithm, sent
    return get_checksum(response, response_headers)


def _one_at_a_time(put_object: Any, response: Any) -> Any:
    rule = (response.backend.get_bucket(response.bucket_name).encryption or {}).get("Rule", {})
    default = rule.get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID")
    sent = response.headers.get("x-amz-server-side-encryption-aws-kms-key-id")
    _check_key(response, sent or default)
    if response.headers.get("If-None-Match") is None:
        return put_object(response)
    with _CONDITIONAL_WRITE:
        return put_object(response)


def _key_usable(get_object: Any, response: Any) -> Any:
    found, _ = response._get_key()
    if found.encryption == "aws:kms":
        _check_key(response, found.kms_key_id)
    return get_object(response)


def _check_key(response: Any, key: str | None) -> None:
    """Keys that nobody made here, such as aws/s3, are always usable."""
    backend = kms_backends[response.current_account][response.region]
    key_id = key and (backend.get_key_id_from_alias(key) or backend.get_key_id(key))
    known = backend.keys.get(key_id)
    if known is None or known.key_state == "Enabled":
        return
    if known.key_state == "Disabled":
        raise S3ClientError("KMS.DisabledException", f"{known.arn} is disabled.")
    raise S3ClientError("KMS.KMSInvalidStateException", f"{known.arn} is {known.key_state}.")


def _unconditional(get_permission: Any, bucket: Any, action: str, resource: str) -> Any:
    """moto reads a conditional statement as an unconditional one; it counts as absent instead."""
    if bucket.policy is None:
        return get_permission(bucket, action, resource)
    document = json.loads(bucket.policy)
    statements = document["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    document["Statement"] = [item for item in listed if not item.get("Condition")]
    # As much of a bucket as moto's policy check looks at.
    seen = SimpleNamespace(policy=json.dumps(document).encode())
    return get_permission(seen, action, resource)


AROUND = (
    (S3Response, "_get_checksum", _verified),
    (S3Response, "put_object", _one_at_a_time),
    (S3Response, "get_object", _key_usable),
    (FakeBucket, "get_permission", _unconditional),
)
