"""The declared chain: what is refused before anything is converted, and what it becomes."""

from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression

from model_store.contract import Contract, Row
from model_store.fallbacks import records
from model_store.fallbacks.chain import NoSources, fall_back
from model_store.packaging import (
    Baseline,
    Constant,
    Model,
    Policy,
    Popular,
    Rules,
    package,
)
from model_store.packaging.errors import InvalidModel
from model_store.packaging.fallbacks.declared import chain_of, check_chain
from model_store.packaging.served import Graph
from model_store.predictions import Reason
from tests.model_store.packaging.birds import model_of, pipeline

SPECIES = ("Adelie", "Chinstrap", "Gentoo")
LAST = Constant(value="Adelie")


def never_converted(**changes: Any) -> Model:
    return model_of(pipeline(LogisticRegression()), **changes)


def chain(*links: Any, labels: tuple[Any, ...] = SPECIES) -> tuple[records.Fallback, ...]:
    graph: Any = Graph(b"", "multiclass" if labels else "regression", (), None, labels)
    return chain_of(never_converted(fallback=links), graph, [], lambda _: None).fallbacks


def contract_that_falls_back() -> Contract:
    return Contract.model_validate(
        {
            "name": "birds",
            "version": "1.0",
            "features": [
                {"kind": "category", "name": "island", "categories": ["A"], "unseen": "fallback"}
            ],
        }
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"fallback": [LAST, Popular(list="top", max_age=60)]}, "'Adelie' always answers"),
        ({"fallback": [LAST, LAST]}, "'Adelie' always answers"),
        (
            {"fallback": [Baseline(LogisticRegression()), Baseline(LogisticRegression()), LAST]},
            "Baseline twice",
        ),
        ({"fallback": "Adelie"}, "'Adelie' is no fallback"),
        ({"fallback": [{"island == 'Dream'": "Adelie"}]}, "is no fallback"),
        ({"fallback": Rules({})}, "Declare 1 to 50 rules"),
        ({"fallback": Rules({f"body_mass_g > {n}": "Adelie" for n in range(51)})}, "1 to 50"),
        ({"fallback": Rules({"island = 'Dream'": "Adelie"})}, "Rule \"island = 'Dream'\""),
        ({"fallback": Rules({"mass > 3": "Adelie"})}, "mass is not a feature"),
        ({"fallback": None, "policy": Policy(novel="fallback")}, "the policy sends rows"),
        ({"fallback": (), "contract": contract_that_falls_back()}, "the contract sends rows"),
    ],
)
def test_a_chain_that_cannot_be_meant_is_refused_before_anything_is_read(
    changes: dict[str, Any], told: str
) -> None:
    steps: list[str] = []
    with pytest.raises(InvalidModel) as refusal:
        package(never_converted(**changes), "unused", progress=steps.append)
    assert told in str(refusal.value)
    assert refusal.value.next_step
    assert steps == []


@pytest.mark.parametrize(
    ("link", "told"),
    [
        (Constant(value="STAY"), "the fallback 'STAY' is none of its labels"),
        (
            Rules({"body_mass_g > 3": "Adelie", "body_mass_g > 5": "Gento"}),
            "rule 'body_mass_g > 5': the fallback 'Gento' is none of its labels",
        ),
        (Rules({"body_mass_g > 3": True}), "the fallback True is none of its labels"),
    ],
)
def test_an_answer_that_is_no_label_is_refused_before_anything_is_converted(
    link: Any, told: str
) -> None:
    steps: list[str] = []
    with pytest.raises(InvalidModel) as refusal:
        package(never_converted(fallback=[link]), "unused", progress=steps.append)
    assert told in str(refusal.value)
    assert steps == ["reading the data by the contract"]


@pytest.mark.parametrize("link", [Constant(value="much"), Rules({"body_mass_g > 3": "much"})])
def test_an_answer_of_a_regression_is_a_number(link: Any) -> None:
    with pytest.raises(InvalidModel, match="'much' is no number"):
        never_converted(fallback=link).check_fallback(())


def test_a_popular_list_is_nothing_for_a_regression() -> None:
    model = never_converted(fallback=[Popular(list="top", max_age=60)])
    model.check_fallback(SPECIES)
    with pytest.raises(InvalidModel, match="list 'top': holds labels"):
        model.check_fallback(())


def test_an_answer_that_is_not_finite_names_its_rule() -> None:
    with pytest.raises(InvalidModel, match="Rule 'body_mass_g > 3'"):
        check_chain(never_converted(fallback=Rules({"body_mass_g > 3": float("nan")})))


def test_constants_and_lists_pass_as_they_are() -> None:
    declared = (Popular(list="top", max_age=60), Constant(value="Gentoo", note="safe"))
    assert chain(*declared) == declared


def test_rules_keep_their_order_and_their_text_and_answer_as_data() -> None:
    texts = {"flipper_length_mm > 205 && island != 'Dream'": "Gentoo", "body_mass_g > 3": "Adelie"}
    (rules,) = chain(Rules(texts))
    assert isinstance(rules, records.Rules)
    assert {rule.when: rule.value for rule in rules.rules} == texts
    read_again = records.Rules.model_validate_json(rules.model_dump_json())
    rows = [
        Row({"flipper_length_mm": 210.0, "island": "Biscoe", "body_mass_g": 5000.0}),
        Row({"flipper_length_mm": 210.0, "island": "Dream", "body_mass_g": 5000.0}),
        Row({"flipper_length_mm": None, "island": "Dream", "body_mass_g": None}),
    ]
    answers = fall_back([read_again], rows, [Reason.NOVEL] * 3, NoSources())
    assert [answer and answer.value for answer in answers] == ["Gentoo", "Adelie", None]


def test_numbers_answer_for_a_regression() -> None:
    (rules, last) = chain(Rules({"body_mass_g > 3": 2.5}), Constant(value=1), labels=())
    assert records.values_of(rules) + records.values_of(last) == (2.5, 1)


def test_a_rule_that_decides_by_a_sensitive_feature_is_said_while_packaging() -> None:
    told: list[str] = []
    model = never_converted(
        fallback=Rules({"sex == 'male'": "Adelie", "body_mass_g > 1": "Gentoo"})
    )
    graph: Any = Graph(b"", "multiclass", (), None, SPECIES)
    chain_of(model, graph, [], told.append)
    assert told == ["rule \"sex == 'male'\" decides by what is sensitive: sex"]
