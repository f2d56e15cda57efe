"""Declared fallbacks become records: data that Lambda answers from."""

from model_store.fallbacks.records import Constant, Fallback, Popular
from model_store.packaging.errors import InvalidModel
from model_store.packaging.model import Model
from model_store.packaging.served import Graph


def declared(model: Model, graph: Graph) -> tuple[Fallback, ...]:
    """The chain of a model, in order; raises InvalidModel."""
    if graph.task != "regression":
        model.check_fallback(graph.labels)
    return tuple(_record(link) for link in model.chain)


def _record(link: object) -> Fallback:
    match link:
        case Constant() | Popular():
            return link
    raise InvalidModel("fallback", f"is a {type(link).__name__}", "Use Constant(value=…)")
