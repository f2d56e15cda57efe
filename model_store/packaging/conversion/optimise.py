"""A proven graph made smaller and quicker to load, and proven again."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from model_store.artifact.facts import Optimisation, Parity
from model_store.contract import Row
from model_store.errors import PredictionError
from model_store.packaging.answers import Answers
from model_store.packaging.conversion.parity import difference
from model_store.packaging.conversion.trees.forest import NotExpressible
from model_store.packaging.conversion.trees.rewrite import with_tree_ensembles
from model_store.packaging.model import Model
from model_store.packaging.served import Graph, served


def optimised(
    model: Model,
    graph: Graph,
    parity: Parity,
    rows: Sequence[Row],
    expected: Answers,
    progress: Callable[[str], None],
) -> tuple[Graph, Parity]:
    """The graph with TreeEnsemble nodes and its proof, or both as they were.

    The new graph is taken if it is smaller and answers `rows` within the tolerance as the old one
    does and as `expected`, the estimator: by nothing that is timed, for the same inputs give the
    same bytes. `progress` hears why not.
    """
    if not model.optimise:
        return graph, parity
    try:
        smaller = replace(graph, model=with_tree_ensembles(graph.model))
    except NotExpressible as reason:
        progress(f"the graph stays as it is: {reason}")
        return graph, parity
    before, after = len(graph.model), len(smaller.model)
    if smaller == graph:
        return graph, parity
    if after >= before:
        progress(f"the graph stays as it is: {after:,} bytes instead of {before:,}")
        return graph, parity
    return _proven(model, graph, smaller, parity, rows, expected, progress)


def _proven(
    model: Model,
    graph: Graph,
    smaller: Graph,
    parity: Parity,
    rows: Sequence[Row],
    expected: Answers,
    progress: Callable[[str], None],
) -> tuple[Graph, Parity]:
    old = served(model, graph).answers(rows)
    try:
        new = served(model, smaller).answers(rows)
    except PredictionError as error:
        progress(f"the graph stays as it is: the smaller one {error.what}")
        return graph, parity
    beside = difference(old, new, model.tolerance)
    proof = difference(expected, new, model.tolerance)
    if not (beside.passed and proof.passed):
        progress(f"the graph stays as it is: the smaller one has {beside}; {proof}")
        return graph, parity
    taken = Optimisation(
        step="tree ensembles",
        before=len(graph.model),
        after=len(smaller.model),
        max_difference=beside.largest,
    )
    progress(f"tree ensembles written anew: {taken.before:,} → {taken.after:,} bytes")
    found = {"optimisations": (taken,), "max_difference": proof.largest}
    return smaller, parity.model_copy(update=found)
