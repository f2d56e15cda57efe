"""Where moto is laxer than AWS, or forgets, and a fault could hide behind it: put right.

One module per subject; every change to moto is made here (the modules called `moto_*` read and
serve it). Each has a table WRAPPERS of (class, method, wrapper), where a wrapper takes the method
and gives what replaces it.
"""

import functools

from infra.local.strict import aliases, cloudwatch, functions, iam, objects, rest_apis

MODULES = (aliases, cloudwatch, functions, iam, objects, rest_apis)
MARK = "lambent_wrapped"


def patch() -> None:
    """Wrap moto's methods; twice changes nothing.

    Raises AttributeError where moto no longer has a method.
    """
    for module in MODULES:
        for owner, name, wrapper in module.WRAPPERS:
            original = getattr(owner, name)
            if not hasattr(original, MARK):
                replacement = functools.wraps(original)(wrapper(original))
                setattr(replacement, MARK, True)
                setattr(owner, name, replacement)
    cloudwatch.add_key_actions()
