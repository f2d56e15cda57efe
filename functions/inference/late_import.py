"""FastAPI is imported late, if ever, and then somebody waits for it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel


@contextmanager
def without_delay() -> Iterator[None]:
    """What is imported meanwhile builds its pydantic schemas when they are first used, and no
    garbage is looked for: FastAPI has schemas for all of OpenAPI, a third of its import.

    Not for what is started ahead: there nobody waits, and the first caller would."""
    was_collecting = gc.isenabled()
    gc.disable()
    BaseModel.model_config["defer_build"] = True
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()
        BaseModel.model_config.pop("defer_build", None)
