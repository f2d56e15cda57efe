"""An older contract that is served beside the manifest's own."""

from model_store.artifact.facts import GoldenExample
from model_store.contract import Upcast


class Accepted(Upcast):
    """golden: rows of the older contract, made up from it alone, with what is answered to them."""

    golden: tuple[GoldenExample, ...] = ()
