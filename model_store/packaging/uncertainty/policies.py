"""A policy may only name what the model has; else the model is not packaged."""

from collections.abc import Iterator
from difflib import get_close_matches

from model_store.packaging.errors import InvalidModel
from model_store.packaging.model import Model
from model_store.packaging.served import Graph
from model_store.policy import Policy, key
from model_store.uncertainty.conformal import Conformal
from model_store.uncertainty.novelty import Novelty

Problem = tuple[str, str]
"""What is wrong, and the way out."""


def check_policy(model: Model, graph: Graph) -> None:
    """What can be told from the graph alone; raises InvalidModel."""
    _refuse([*_labels(model.policy, graph), *_confidence(model.policy, graph)])


def check_doubts(model: Model, conformal: Conformal | None, novelty: Novelty | None) -> None:
    """Whether the doubts that the policy acts on can come up; raises InvalidModel."""
    policy = model.policy
    problems: list[Problem] = []
    if (policy.ambiguous != "answer" or policy.widest is not None) and conformal is None:
        what = "acts on what is ambiguous, and there are neither prediction sets nor intervals"
        problems.append((what, "Pass more rows as calibration=(X, y) or held_out=(X, y)"))
    if policy.novel != "answer" and novelty is None:
        what = "acts on novel rows, and nothing tells them"
        problems.append((what, "Pass train=(X, y) or baseline=X, and false_alarms of Uncertainty"))
    _refuse(problems)


def _labels(policy: Policy, graph: Graph) -> Iterator[Problem]:
    known = [key(label) for label in graph.labels]
    for name in sorted(policy.named_labels() - set(known)):
        if not known:
            yield f"names the label {name!r}, and a regression has none", "Leave it out"
            continue
        close = get_close_matches(name, known, n=1)
        told = f" (did you mean {close[0]!r}?)" if close else ""
        yield f"names the label {name!r}, which the model lacks{told}", f"Use {', '.join(known)}"


def _confidence(policy: Policy, graph: Graph) -> Iterator[Problem]:
    if graph.task == "regression":
        missing, instead = "a regression has no confidence", "Use widest=… and ambiguous=…"
    else:
        missing, instead = "the model gives no probabilities", "Use one with predict_proba"
    if graph.outputs.probabilities is None:
        if policy.least_confidence is not None:
            yield f"has least_confidence, and {missing}", instead
        if policy.costs is not None:
            yield f"has costs, and {missing}", instead
    if policy.widest is not None and graph.task != "regression":
        yield "has widest, and only a regression has intervals", "Use least_confidence=…"
    if graph.task == "regression" and policy.ambiguous != "answer" and policy.widest is None:
        yield "acts on what is ambiguous, and does not say how wide is too wide", "Add widest=…"


def _refuse(problems: list[Problem]) -> None:
    if problems:
        what = "; ".join(problem for problem, _ in problems)
        raise InvalidModel("Policy", what, problems[0][1])
