"""KMS: a key may be named by its ARN wherever by its id, which moto forgets here and there."""

from typing import Any

from moto.kms.models import KmsBackend

from infra.local.strict.wrapping import Method, wrap


def patch() -> None:
    for name in ("disable_key", "enable_key", "cancel_key_deletion", "schedule_key_deletion"):
        wrap(KmsBackend, name, _by_arn_too)


def _by_arn_too(original: Method) -> Method:
    def by_id(self: Any, key_id: str, *args: Any, **kwargs: Any) -> Any:
        return original(self, self.get_key_id(key_id), *args, **kwargs)

    return by_id
