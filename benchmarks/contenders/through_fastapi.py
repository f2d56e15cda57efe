"""Lambent's handler with the direct path off: every prediction is FastAPI's and Mangum's."""

from functions.inference import direct
from functions.inference.handler import handler

direct.call_of = lambda _: None
__all__ = ["handler"]
