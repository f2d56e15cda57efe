"""From a trained estimator to an artifact: `package(Model(...), folder)`."""

from model_store.artifact.facts import Fallback
from model_store.packaging.build import package
from model_store.packaging.frames import prepare
from model_store.packaging.model import Model

__all__ = ["Fallback", "Model", "package", "prepare"]
