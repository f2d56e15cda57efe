"""Whether a new version keeps what an old one promised to its callers. Pure."""

from model_store.compatibility.change import Asks, Change, Kind, Mode
from model_store.compatibility.changes import changes

__all__ = ["Asks", "Change", "Kind", "Mode", "changes"]
