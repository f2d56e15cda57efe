"""What an S3 error answer means: which permission, which key, or try again."""

import re

from functions.inference.loading.errors import (
    AccessRefused,
    KeyUnusable,
    LoadError,
    ObjectMissing,
    StoreRefused,
    StoreUnavailable,
)

_CODE = re.compile(r"<Code>([\w.]{1,80})</Code>")
_ACTION = re.compile(r"\bto perform: ([a-z0-9-]+:\w+)")
_KMS_KEY = re.compile(r"arn:[\w-]+:kms:[\w:/-]+")


def read_refusal(status: int, body: str, where: str) -> LoadError:
    """The error that an answer other than 200 stands for. where: the object, as s3://…"""
    code = found.group(1) if (found := _CODE.search(body)) else f"HTTP {status}"
    if status >= 500 or status == 429 or code in ("SlowDown", "RequestTimeout"):
        return StoreUnavailable(where, f"S3 answered {code}", "Is there an S3 incident?")
    if status == 404:
        next_step = "Publish this version again, or roll back with `lambent rollback`"
        return ObjectMissing(where, f"S3 answered {code}", next_step)
    if code.startswith("KMS.") or _KMS_KEY.search(body):
        return _key_unusable(code, body, where)
    if status == 403:
        return _access_refused(code, body, where)
    return StoreRefused(where, f"S3 answered {code}", "Check the bucket's region and the endpoint")


def _key_unusable(code: str, body: str, where: str) -> KeyUnusable:
    key = found.group(0) if (found := _KMS_KEY.search(body)) else "of the bucket"
    action = found.group(1) if (found := _ACTION.search(body)) else "kms:Decrypt"
    next_step = f"Enable the key, or allow the role of the function {action} on it"
    return KeyUnusable(where, f"KMS key {key} is not usable ({code})", next_step)


def _access_refused(code: str, body: str, where: str) -> AccessRefused:
    if code not in ("AccessDenied", "HTTP 403"):
        return AccessRefused(where, f"S3 answered {code}", "Check the credentials and the clock")
    action = found.group(1) if (found := _ACTION.search(body)) else "s3:GetObject"
    return AccessRefused(
        where,
        f"the role of the function lacks {action}",
        "Allow it. Without s3:ListBucket S3 also answers 403 for an object that does not exist",
    )
