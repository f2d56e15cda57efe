"""From a trained estimator to an artifact: `package(Model(...), folder)`."""

from model_store.fallbacks.records import Constant, Popular
from model_store.packaging.build import package
from model_store.packaging.frames import prepare
from model_store.packaging.model import Baseline, Model, Previous, Rules, Uncertainty
from model_store.policy import Policy

__all__ = [
    "Baseline",
    "Constant",
    "Model",
    "Policy",
    "Popular",
    "Previous",
    "Rules",
    "Uncertainty",
    "package",
    "prepare",
]
