"""AWS's managed policies, loaded once: moto parses all 1,500 anew for every partition and start.

Not stricter, only quicker.
"""

import copy
from typing import Any

from moto.iam.models import IAMBackend

PARTITION = "aws"
_LOADED: dict[str, list[Any]] = {}


def _once(init_aws_policies: Any, backend: Any) -> list[Any]:
    if backend.region_name != PARTITION:
        return []
    if not _LOADED.get(backend.account_id):
        _LOADED[backend.account_id] = init_aws_policies(backend)
    # Copies: a policy counts what it is attached to.
    return [copy.copy(policy) for policy in _LOADED[backend.account_id]]


AROUND = ((IAMBackend, "_init_aws_policies", _once),)
