"""Where moto is laxer than AWS, or forgets, and a fault could hide behind it: put right.

One module per service; every change to moto is made here (the modules called `moto_*` read and
serve it). Each has a table AROUND of (class, method, replacement): a replacement is called with
moto's own method and then as that would be.
"""

import functools
from typing import Any

from infra.local.strict import api_gateway, cloudwatch, events, iam, kms, lambda_, s3

SERVICES = (api_gateway, cloudwatch, events, iam, kms, lambda_, s3)
MARK = "lambent_wrapped"


def patch() -> None:
    """Wrap moto's methods; twice changes nothing.

    Raises AttributeError where moto no longer has a method.
    """
    for service in SERVICES:
        for owner, name, replacement in service.AROUND:
            _wrap(owner, name, replacement)
    cloudwatch.add_key_actions()


def _wrap(owner: type, name: str, replacement: Any) -> None:
    original = getattr(owner, name)
    if hasattr(original, MARK):
        return

    @functools.wraps(original)
    def around(*args: Any, **kwargs: Any) -> Any:
        return replacement(original, *args, **kwargs)

    setattr(around, MARK, True)
    setattr(owner, name, around)
