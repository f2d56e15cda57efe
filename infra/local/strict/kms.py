"""KMS keys: named by ARN wherever by id; one that is off neither signs nor verifies, and a wrong
signature is an error. Only symmetric keys rotate."""

from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.kms.models import KmsBackend

KEY_ACTIONS = ("disable_key", "enable_key", "cancel_key_deletion", "schedule_key_deletion")
SIGNING = ("sign", "get_public_key")


def _refused(code: str, message: str) -> JsonRESTError:
    refusal = JsonRESTError(code, message)
    refusal.code = 400
    return refusal


def _by_arn_too(act: Any, backend: Any, key_id: str, *args: Any, **kwargs: Any) -> Any:
    return act(backend, backend.get_key_id(key_id), *args, **kwargs)


def _while_usable(act: Any, backend: Any, key_id: str, *args: Any, **kwargs: Any) -> Any:
    key = backend.describe_key(key_id)
    if key.key_state == "Disabled":
        raise _refused("DisabledException", f"{key.arn} is disabled.")
    if key.key_state != "Enabled":
        raise _refused("KMSInvalidStateException", f"{key.arn} is {key.key_state}.")
    return act(backend, key_id, *args, **kwargs)


def _valid_or_error(verify: Any, backend: Any, key_id: str, *args: Any, **kwargs: Any) -> Any:
    verdict = _while_usable(verify, backend, key_id, *args, **kwargs)
    _, is_valid, _ = verdict
    if not is_valid:
        raise _refused("KMSInvalidSignatureException", "")
    return verdict


def _symmetric_alone(enable: Any, backend: Any, key_id: str) -> None:
    key = backend.describe_key(key_id)
    if key.key_spec != "SYMMETRIC_DEFAULT":
        raise _refused("UnsupportedOperationException", f"{key.arn} key spec is {key.key_spec}.")
    enable(backend, key_id)


AROUND = (
    *((KmsBackend, name, _by_arn_too) for name in KEY_ACTIONS),
    *((KmsBackend, name, _while_usable) for name in SIGNING),
    (KmsBackend, "verify", _valid_or_error),
    (KmsBackend, "enable_key_rotation", _symmetric_alone),
)
