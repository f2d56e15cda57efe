"""AWS's managed policies, loaded once: moto parses all 1,500 anew for every partition and start.

Not stricter, only quicker.
"""

import copy
from collections.abc import Callable
from typing import Any

from moto.iam.models import IAMBackend

PARTITION = "aws"


def _once(original: Callable[..., Any]) -> Callable[..., Any]:
    loaded: dict[str, list[Any]] = {}

    def init_aws_policies(self: Any) -> list[Any]:
        if self.region_name != PARTITION:
            return []
        if not loaded.get(self.account_id):
            loaded[self.account_id] = original(self)
        # Copies: a policy counts what it is attached to.
        return [copy.copy(policy) for policy in loaded[self.account_id]]

    return init_aws_policies


WRAPPERS = ((IAMBackend, "_init_aws_policies", _once),)
