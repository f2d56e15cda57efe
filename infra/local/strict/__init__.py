"""Where moto is laxer than AWS, or forgets, and a fault could hide behind it: put right.

One module per subject. Each `patch()` wraps methods of moto; doing it twice changes nothing.
"""

from infra.local.strict import aliases, functions, keys, log_groups, objects, stages


def patch() -> None:
    for module in (aliases, functions, keys, log_groups, objects, stages):
        module.patch()
