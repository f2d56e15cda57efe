"""Wrapping a method of moto, once."""

import functools
from collections.abc import Callable
from typing import Any

Method = Callable[..., Any]
MARK = "lambent_wrapped_by"


def wrap(owner: type, name: str, wrapper: Callable[[Method], Method]) -> None:
    """Replace `owner.name` by `wrapper(original)`, unless this wrapper is already around it.

    Raises AttributeError where moto no longer has the method.
    """
    original = getattr(owner, name)
    around: frozenset[str] = getattr(original, MARK, frozenset())
    key = f"{wrapper.__module__}.{wrapper.__qualname__}"
    if key in around:
        return
    replacement = functools.wraps(original)(wrapper(original))
    setattr(replacement, MARK, around | {key})
    setattr(owner, name, replacement)
