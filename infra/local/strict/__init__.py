"""Where moto is laxer than AWS, or forgets, and a fault could hide behind it: put right.

One module per subject; every change to moto is made here (the modules called `moto_*` read and
serve it). Each `patch()` wraps methods of moto; doing it twice changes nothing.
"""

from infra.local.strict import (
    alarms,
    aliases,
    deployments,
    functions,
    keys,
    log_groups,
    managed_policies,
    objects,
    stages,
)

MODULES = (
    alarms,
    aliases,
    deployments,
    functions,
    keys,
    log_groups,
    managed_policies,
    objects,
    stages,
)


def patch() -> None:
    for module in MODULES:
        module.patch()
