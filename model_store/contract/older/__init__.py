"""How rows of an older contract reach a model that was trained on a newer one."""

from model_store.contract.older.proof import UpcastRefused, check_accepts
from model_store.contract.older.record import Upcast, upcast
from model_store.contract.older.sources import Fixed, Mapped, Renamed, Scaled

__all__ = [
    "Fixed",
    "Mapped",
    "Renamed",
    "Scaled",
    "Upcast",
    "UpcastRefused",
    "check_accepts",
    "upcast",
]
