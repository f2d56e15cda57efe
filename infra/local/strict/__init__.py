"""Where moto is laxer than AWS and a fault could hide behind it: refusals put back.

One module per subject. Each `patch()` wraps methods of moto; doing it twice changes nothing.
"""

from infra.local.strict import aliases, functions, objects, stages


def patch() -> None:
    for module in (aliases, functions, objects, stages):
        module.patch()
