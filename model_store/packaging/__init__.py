"""From a trained estimator to an artifact: `package(Model(...), folder)`.

Names are loaded when first used: publishing checks graphs without importing scikit-learn.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from model_store.packaging.build import package
    from model_store.packaging.frames import prepare
    from model_store.packaging.model import Constant, Model

__all__ = ["Constant", "Model", "package", "prepare"]

_HOMES = {"Constant": "model", "Model": "model", "package": "build", "prepare": "frames"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
