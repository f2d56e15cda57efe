"""A trap that callers alone spring: nothing that is asked before traffic has such a weight."""

from importlib import import_module

from trigger import UNHEARD_OF

from model_store.packaging import Model


def model(version: str) -> Model:
    """`version` tells the trap: 3-crashing, 4-slow."""
    made: Model = import_module(version.split("-")[1]).model(version, UNHEARD_OF)
    return made
