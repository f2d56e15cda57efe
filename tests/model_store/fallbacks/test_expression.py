"""Rules as Lambda evaluates them: without the CEL library, and never with an error."""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from model_store.fallbacks.expression import (
    DEEPEST,
    MOST_NODES,
    Expression,
    evaluate,
    features_of,
)

EXPRESSION: TypeAdapter[Expression] = TypeAdapter(Expression)
AGE, VIP, NOTE = {"f": "age"}, {"f": "vip"}, {"f": "note"}
UNKNOWN = {"op": "<", "a": {"v": None}, "b": {"v": 1}}  # an error of CEL
YES, NO = {"v": True}, {"v": False}


def matches(rule: Any, **row: Any) -> bool:
    return evaluate(EXPRESSION.validate_python(rule), row)


def compared(op: str, a: Any, b: Any) -> dict[str, Any]:
    return {"op": op, "a": a, "b": b}


CONSTANTS = st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
CONSTANTS |= st.text(max_size=5)
NODES = st.recursive(
    st.fixed_dictionaries({"v": CONSTANTS | st.none()})
    | st.fixed_dictionaries({"f": st.sampled_from(["a", "b", "absent"])}),
    lambda node: (
        st.fixed_dictionaries(
            {
                "op": st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/"]),
                "a": node,
                "b": node,
            }
        )
        | st.fixed_dictionaries({"op": st.sampled_from(["!", "neg"]), "a": node})
        | st.fixed_dictionaries(
            {
                "op": st.just("in"),
                "a": node,
                "of": st.lists(CONSTANTS, min_size=1, max_size=3),
            }
        )
        | st.fixed_dictionaries(
            {
                "op": st.sampled_from(["&&", "||"]),
                "of": st.lists(node, min_size=2, max_size=3),
            }
        )
    ),
    max_leaves=12,
)
VALUES = CONSTANTS | st.none() | st.floats() | st.just(10**400)


@given(NODES, st.dictionaries(st.sampled_from(["a", "b"]), VALUES))
def test_any_valid_expression_has_an_answer_for_any_row(node: Any, row: dict[str, Any]):
    assert evaluate(EXPRESSION.validate_python(node), row) in (True, False)


@given(NODES)
def test_json_and_back_changes_nothing(node: Any):
    expression = EXPRESSION.validate_python(node)
    assert EXPRESSION.validate_json(EXPRESSION.dump_json(expression)) == expression


@given(NODES, st.dictionaries(st.sampled_from(["a", "b"]), VALUES))
def test_not_turns_around_what_has_a_value_and_nothing_else(node: Any, row: dict[str, Any]):
    opposite = {"op": "!", "a": node}
    if matches(node, **row):
        assert not matches(opposite, **row)
    assert matches({"op": "!", "a": opposite}, **row) == matches(node, **row)


@pytest.mark.parametrize(
    ("op", "operands", "expected"),
    [
        ("||", [UNKNOWN, YES], True),
        ("||", [YES, UNKNOWN], True),
        ("||", [UNKNOWN, NO], False),
        ("&&", [UNKNOWN, YES], False),
        ("&&", [YES, YES, YES], True),
        ("||", [NO, NO, YES], True),
    ],
)
def test_an_error_is_absorbed_when_the_other_side_decides(
    op: str, operands: list[Any], expected: bool
):
    assert matches({"op": op, "of": operands}) is expected


def test_a_false_beside_an_error_is_false_and_not_an_error():
    assert matches({"op": "!", "a": {"op": "&&", "of": [UNKNOWN, NO]}})
    assert not matches({"op": "!", "a": {"op": "&&", "of": [UNKNOWN, YES]}})


@pytest.mark.parametrize("op", ["<", "<=", ">", ">="])
def test_null_has_no_order(op: str):
    rule = compared(op, AGE, {"v": 3})
    assert not matches(rule, age=None)
    assert not matches({"op": "!", "a": rule}, age=None)


def test_null_is_equal_to_null_alone():
    assert matches(compared("==", AGE, {"v": None}), age=None)
    assert matches(compared("!=", AGE, {"v": None}), age=0)
    assert matches(compared("!=", AGE, {"v": 3}), age=None)
    assert matches({"op": "!", "a": {"op": "in", "a": AGE, "of": [3]}}, age=None)


def test_true_is_not_one_and_text_is_not_a_number():
    assert not matches(compared("==", VIP, {"v": 1}), vip=True)
    assert not matches({"op": "in", "a": VIP, "of": [1, "true"]}, vip=True)
    assert not matches(compared("<", NOTE, {"v": 5}), note="3")
    assert not matches({"op": "&&", "of": [AGE, YES]}, age=1)
    assert not matches(AGE, age=1)


def test_whole_numbers_and_doubles_mix():
    """The one deviation from CEL's types: every number is a double."""
    assert matches(compared("==", AGE, {"v": 3}), age=3.0)
    assert matches(compared(">", compared("/", AGE, {"v": 2}), {"v": 1}), age=3)
    assert matches({"op": "in", "a": AGE, "of": [3.0]}, age=3)


@pytest.mark.parametrize(
    "number",
    [
        compared("/", {"v": 1}, {"v": 0}),
        compared("/", {"v": 0.0}, {"v": 0.0}),
        compared("*", {"v": 1e308}, {"v": 1e308}),
        compared("-", {"op": "neg", "a": {"v": 1.7e308}}, {"v": 1.7e308}),
        {"v": 10**400},
        AGE,
    ],
)
@pytest.mark.parametrize("op", ["==", "!=", "<", ">="])
def test_what_is_not_finite_matches_nothing(number: Any, op: str):
    for age in (float("nan"), float("inf"), 10**400):
        assert not matches(compared(op, number, {"v": 0}), age=age)
        assert not matches({"op": "!", "a": compared(op, number, {"v": 0})}, age=age)


def test_dates_are_ordered_as_they_are_written():
    rule = compared("<", {"f": "seen"}, {"v": "2024-03-01"})
    assert matches(rule, seen="2024-02-29")
    assert not matches(rule, seen="2024-10-01")


def test_a_feature_that_the_row_does_not_have_is_an_error():
    assert not matches(compared("!=", AGE, {"v": 3}))


def test_the_features_that_are_read_are_named_once_in_order():
    rule = {"op": "&&", "of": [compared("<", AGE, NOTE), {"op": "!", "a": VIP}, VIP]}
    assert features_of(EXPRESSION.validate_python(rule)) == ("age", "note", "vip")


def nested(levels: int) -> str:
    return '{"op":"!","a":' * (levels - 1) + '{"v":true}' + "}" * (levels - 1)


def test_the_deepest_expression_is_accepted_and_one_more_level_is_not():
    assert isinstance(evaluate(EXPRESSION.validate_json(nested(DEEPEST)), {}), bool)
    with pytest.raises(ValidationError, match=f"nested deeper than {DEEPEST}"):
        EXPRESSION.validate_json(nested(DEEPEST + 1))


@pytest.mark.parametrize("levels", [200, 1_000, 100_000])
def test_hostile_nesting_is_refused_and_the_stack_survives(levels: int):
    """Fault row 10: an environment variable or manifest that somebody else wrote."""
    with pytest.raises(ValidationError):
        EXPRESSION.validate_json(nested(levels))
    node: Any = {"v": True}
    for _ in range(levels):
        node = {"op": "!", "a": node}
    with pytest.raises(ValidationError):
        EXPRESSION.validate_python(node)


@pytest.mark.parametrize(
    "rule",
    [
        {"op": "&&", "of": [YES] * MOST_NODES},
        {"op": "in", "a": AGE, "of": list(range(MOST_NODES))},
    ],
)
def test_too_many_parts_are_refused(rule: Any):
    with pytest.raises(ValidationError, match=f"{MOST_NODES} are allowed"):
        EXPRESSION.validate_python(rule)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "null",
        "{}",
        '{"op": "%", "a": {"v": 1}, "b": {"v": 2}}',
        '{"op": ["=="], "a": {"v": 1}, "b": {"v": 2}}',
        '{"op": "==", "a": {"v": 1}}',
        '{"op": "&&", "of": [{"v": true}]}',
        '{"op": "in", "a": {"v": 1}, "of": []}',
        '{"op": "in", "a": {"v": 1}, "of": [null]}',
        '{"v": 1, "f": "age"}',
        '{"v": 1e999}',
        '{"v": [1]}',
        '{"f": 3}',
        json.dumps({"v": "1" * 201}),
        json.dumps({"f": "a" * 65}),
    ],
)
def test_what_is_no_expression_is_refused(text: str):
    with pytest.raises(ValidationError):
        EXPRESSION.validate_json(text)


def test_serving_imports_neither_the_cel_library_nor_its_parser():
    code = (
        "import sys, model_store.fallbacks.expression;"
        "print([n for n in ('celpy', 'lark', 're2', 'pandas', 'sklearn', 'model_store.packaging')"
        " if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
