"""Declared fallbacks become data: records, and graphs of those that are models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from model_store.artifact.manifest import ModelFile
from model_store.contract import Contract, Row, Scalar
from model_store.contract.record import explain
from model_store.fallbacks import records
from model_store.fallbacks.records import Constant, Fallback, Popular
from model_store.packaging.errors import InvalidModel
from model_store.packaging.fallbacks.other_models import Progress, baseline, previous, read_previous
from model_store.packaging.fallbacks.rules import compile_rule, sensitive_features
from model_store.packaging.model import Baseline, Model, Previous, Rules
from model_store.packaging.served import Graph


@dataclass(frozen=True)
class Chain:
    """The fallbacks in order, and the ONNX bytes of those that are models."""

    fallbacks: tuple[Fallback, ...] = ()
    models: Mapping[ModelFile, bytes] = field(default_factory=dict)


def check_chain(model: Model) -> None:
    """All that can be told before anything is converted; raises InvalidModel or ArtifactError."""
    if not model.chain:
        _check_not_needed(model)
    for place, link in enumerate(model.chain):
        _check_place(model, place)
        match link:
            case Constant() | Popular() | Baseline():
                pass
            case Rules():
                _rules(model.contract, link)
            case Previous():
                read_previous(model, link)
            case _:
                what = f"{link!r:.80} is no fallback"
                raise _refused(model, what, "Declare fallback=Constant(value=…)")


def chain_of(model: Model, graph: Graph, held_out: Sequence[Row], progress: Progress) -> Chain:
    """The chain as it is served: other models proven and tried out as `graph` was.

    Raises InvalidModel, and what converting or trying out a model raises.
    """
    fallbacks: list[Fallback] = []
    models: dict[ModelFile, bytes] = {}
    for link in model.chain:
        match link:
            case Constant() | Popular():
                fallbacks.append(link)
            case Rules():
                rules = _rules(model.contract, link)
                _tell_sensitive(model.contract, rules, progress)
                fallbacks.append(rules)
            case Baseline():
                other, models["baseline.onnx"] = baseline(model, link, graph, held_out, progress)
                fallbacks.append(other)
            case Previous():
                other, models["previous.onnx"] = previous(model, link, graph, held_out, progress)
                fallbacks.append(other)
    return Chain(tuple(fallbacks), models)


def _check_not_needed(model: Model) -> None:
    for asks, who in ((model.contract, "contract"), (model.policy, "policy")):
        if asks.may_fall_back:
            what = f"the {who} sends rows to a fallback, and none is declared"
            raise _refused(model, what, "Declare one: fallback=Constant(value=…)")


def _check_place(model: Model, place: int) -> None:
    link, before = model.chain[place], model.chain[:place]
    if before and isinstance(before[-1], Constant):
        what = f"the constant {before[-1].value!r} always answers: what follows it is never asked"
        raise _refused(model, what, "Put the constant last")
    if isinstance(link, Baseline | Previous) and any(type(b) is type(link) for b in before):
        what = f"declares {type(link).__name__} twice, and an artifact holds one"
        raise _refused(model, what, "Keep one of them")


def _refused(model: Model, what: str, way_out: str) -> InvalidModel:
    return InvalidModel(f"Model {model.name!r}", what, way_out)


def _rules(contract: Contract, link: Rules) -> records.Rules:
    rules = tuple(_rule(contract, text, answer) for text, answer in link.rules.items())
    try:
        return records.Rules(rules=rules)
    except ValidationError as error:
        raise InvalidModel("Rules(…)", explain(error), "Declare 1 to 50 rules") from None


def _rule(contract: Contract, text: str, answer: Scalar) -> records.Rule:
    condition = compile_rule(contract, text)
    try:
        return records.Rule(when=text, condition=condition, value=answer)
    except ValidationError as error:
        where, what = f"Rule {text!r}", f"has an answer that nobody can be given: {explain(error)}"
        raise InvalidModel(where, what, "Answer with a label, or a finite number") from None


def _tell_sensitive(contract: Contract, link: records.Rules, progress: Progress) -> None:
    for rule in link.rules:
        if names := sensitive_features(contract, rule.condition):
            progress(f"rule {rule.when!r} decides by what is sensitive: {', '.join(names)}")
