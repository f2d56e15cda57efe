"""Rules in CEL: what they mean, what is refused, and what a refusal says."""

import sys
from collections.abc import Callable
from math import isfinite
from typing import Any

import celpy
import pytest
from celpy import celtypes
from celpy.evaluation import CELEvalError, base_functions
from hypothesis import given, settings
from hypothesis import strategies as st

from model_store.contract import Contract
from model_store.fallbacks.expression import DEEPEST, evaluate
from model_store.packaging.errors import InvalidModel
from model_store.packaging.fallbacks.rules import compile_rule, sensitive_features

ALLOW = {"policy": "allow"}
CONTRACT = Contract.model_validate(
    {
        "name": "people",
        "version": "1.0",
        "features": [
            {"kind": "number", "name": "age", "missing": ALLOW},
            {"kind": "integer", "name": "visits"},
            {"kind": "boolean", "name": "vip", "missing": ALLOW},
            {"kind": "boolean", "name": "new"},
            {"kind": "category", "name": "island", "categories": ["Biscoe", "Dream"]},
            {
                "kind": "category",
                "name": "sex",
                "categories": ["f", "m"],
                "fold_case": False,
                "sensitive": True,
                "missing": {"policy": "default", "value": "f"},
                "unseen": "flag",
            },
            {"kind": "text", "name": "note", "missing": ALLOW},
            {"kind": "date", "name": "seen", "missing": ALLOW},
            {"kind": "date", "name": "joined"},
        ],
    }
)


def matches(text: str, **row: Any) -> bool:
    return evaluate(compile_rule(CONTRACT, text), row)


# --- the same answers as the library -----------------------------------------------------------


def _texts(features: list[str], literals: list[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(features) | st.sampled_from(literals)


NULLABLE = ["age", "vip", "note", "seen"]
WORDS = ["'Biscoe'", "'Dream'"]
TEXTS = _texts(["note"], ["''", "'a'", "'Dream'", r"'\u00e9\n'", 'r"\\d"'])
DATES = _texts(["seen", "joined"], ["'2024-01-31'", "'1999-12-31'"])
NUMBERS = _texts(["age", "visits"], ["0.0", "3.0", "-2.5", ".5", "7."])
ORDER = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
MISSING = st.builds("{} {} null".format, st.sampled_from(NULLABLE), st.sampled_from(["==", "!="]))
MEMBERSHIP = (
    st.builds("{} in ['Dream', 'Biscoe']".format, st.just("island"))
    | st.builds("{} in ['a', '', 'Dream']".format, TEXTS)
    | st.builds("({}) in [3.0, -2.5, 0.0]".format, NUMBERS)
    | st.builds("{} in [true]".format, st.sampled_from(["vip", "new"]))
)


def _arithmetic(operators: list[str]) -> st.SearchStrategy[str]:
    def wider(number: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pair = st.builds("{} {} {}".format, number, st.sampled_from(operators), number)
        return pair | pair.map("({})".format) | st.builds("-({})".format, number)

    return st.recursive(NUMBERS, wider, max_leaves=4)


def _rules(operators: list[str], *, missing: bool) -> st.SearchStrategy[str]:
    number = _arithmetic(operators)
    leaf = (
        st.sampled_from(["vip", "new", "true", "false"])
        | st.builds("{} {} {}".format, number, ORDER, number)
        | st.builds("{} {} {}".format, TEXTS, ORDER, TEXTS)
        | st.builds("island {} {}".format, ORDER, st.sampled_from(WORDS))
        | st.builds("{} {} joined".format, DATES, ORDER)
        | MEMBERSHIP
    )
    if missing:
        leaf |= MISSING

    def wider(rule: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        joined = st.builds("{} {} {}".format, rule, st.sampled_from(["&&", "||"]), rule)
        same = st.builds("({}) {} ({})".format, rule, st.sampled_from(["==", "!="]), rule)
        return joined | same | joined.map("({})".format) | rule.map("!({})".format)

    return st.recursive(leaf, wider, max_leaves=6).filter(lambda text: len(text) <= 500)


def _rows(numbers: list[float], *, missing: bool) -> st.SearchStrategy[dict[str, Any]]:
    absent = st.none() if missing else st.nothing()
    return st.fixed_dictionaries(
        {
            "age": st.sampled_from(numbers) | absent,
            "visits": st.sampled_from([0, 3, 2**53 - 1]),
            "vip": st.booleans() | absent,
            "new": st.booleans(),
            "island": st.sampled_from(["Biscoe", "Dream"]),
            "note": st.sampled_from(["", "a", "é\n", "Dream"]) | absent,
            "seen": st.sampled_from(["2024-01-31", "2031-01-01"]) | absent,
            "joined": st.sampled_from(["1999-12-31", "2024-01-31"]),
        }
    )


def _as_cel(value: Any) -> Any:
    if isinstance(value, bool):
        return celtypes.BoolType(value)
    if isinstance(value, int | float):
        return celtypes.DoubleType(value)
    return value if value is None else celtypes.StringType(value)


def by_the_library(text: str, row: dict[str, Any], functions: dict[str, Any]) -> bool:
    """What celpy answers when every number is a double; an error is no match."""
    limit = sys.getrecursionlimit()
    try:
        environment = celpy.Environment()  # raises the recursion limit of the process
        program = environment.program(environment.compile(text), functions=functions)
        answer = program.evaluate({name: _as_cel(value) for name, value in row.items()})
    except CELEvalError:
        return False
    finally:
        sys.setrecursionlimit(limit)
    return isinstance(answer, celtypes.BoolType) and bool(answer)


@given(_rules(["+", "-", "*"], missing=False), _rows([0.0, 3.0, -2.5, 0.1], missing=False))
def test_rules_mean_what_the_library_says(text: str, row: dict[str, Any]):
    assert matches(text, **row) == by_the_library(text, row, {})


def _finite(name: str) -> Callable[[Any, Any], Any]:
    """Our deviation: a result that is not finite is an error."""

    def function(a: Any, b: Any) -> Any:
        if name == "_/_" and b == 0.0:
            return CELEvalError("division by zero")
        result = base_functions[name](a, b)
        lost = isinstance(result, float) and not isfinite(result)
        return CELEvalError("not finite") if lost else result

    return function


def _of_booleans(name: str) -> Callable[[Any, Any], Any]:
    """The specification: null beside && or || is an error; celpy hands it on as a value."""

    def checked(value: Any) -> Any:
        return value if isinstance(value, celtypes.BoolType) else CELEvalError("no such overload")

    return lambda a, b: base_functions[name](checked(a), checked(b))


def _with_null(name: str, otherwise: bool) -> Callable[[Any, Any], Any]:
    """The specification: values of two types are unequal; celpy has no number beside null."""

    def function(a: Any, b: Any) -> Any:
        errors = isinstance(a, CELEvalError) or isinstance(b, CELEvalError)
        if not errors and (a is None) != (b is None):
            return celtypes.BoolType(otherwise)
        return base_functions[name](a, b)

    return function


def _in_without_null(item: Any, container: Any) -> Any:
    return celtypes.BoolType(False) if item is None else base_functions["_in_"](item, container)


AS_SPECIFIED: dict[str, Any] = {
    **{name: _finite(name) for name in ("_+_", "_-_", "_*_", "_/_")},
    **{name: _of_booleans(name) for name in ("_&&_", "_||_")},
    "_==_": _with_null("_==_", False),
    "_!=_": _with_null("_!=_", True),
    "_in_": _in_without_null,
}


@settings(max_examples=300)
@given(
    _rules(["+", "-", "*", "/"], missing=True),
    _rows([0.0, 3.0, -2.5, 1e300, -1.7e308], missing=True),
)
def test_missing_values_and_overflow_mean_what_the_specification_says(
    text: str, row: dict[str, Any]
):
    assert matches(text, **row) == by_the_library(text, row, AS_SPECIFIED)


# --- what Lambent reads otherwise, or more closely -----------------------------------------------


def test_whole_numbers_need_no_decimal_point():
    """CEL keeps int and double apart; a contract's numbers are JSON numbers."""
    assert matches("visits / 2 > 1 && age == 3", visits=3, age=3.0)
    assert matches("age in [1, -2, 0x1F] && visits == -age + 34", age=31.0, visits=3)


def test_a_missing_value_is_asked_for_by_null():
    assert matches("age == null || age < 18", age=None)
    assert not matches("age != null && age < 18", age=None)


@pytest.mark.parametrize("text", ["' BISCOE '", "'biscoe'", '"Biscoe"', r"'B\u0069scoe'"])
def test_a_category_is_spelled_as_rows_hold_it(text: str):
    assert matches(f"island == {text} && {text} == island", island="Biscoe")
    assert matches(f"island in ['Dream', {text}]", island="Biscoe")


def test_rules_may_span_lines_and_hold_comments():
    assert matches("age > 3 // grown\n  && new", age=4, new=True)


def test_the_features_that_are_sensitive_are_reported():
    rule = compile_rule(CONTRACT, "sex == 'm' && age > 3")
    assert sensitive_features(CONTRACT, rule) == ("sex",)
    assert sensitive_features(CONTRACT, compile_rule(CONTRACT, "age > 3")) == ()


def test_a_compiled_rule_is_short_json():
    rule = compile_rule(CONTRACT, "!(age < 18) && vip && island in ['dream']")
    assert rule.model_dump(mode="json") == {
        "op": "&&",
        "of": [
            {"op": "!", "a": {"op": "<", "a": {"f": "age"}, "b": {"v": 18}}},
            {"f": "vip"},
            {"op": "in", "a": {"f": "island"}, "of": ["Dream"]},
        ],
    }


# --- what is refused ---------------------------------------------------------------------------

COMPARE = "Compare it with something"
EXAMPLE = "Write it like: age > 18 && country in ['FR', 'IT']"
FIELD = "reads a field, and features have none. Write the name of a feature alone"
FUNCTION = "calls a function, and rules have none. Prepare such a value as a feature of its own"
LIST = "`in` takes a list that is not empty. Write x in ['a', 'b']"
NO_CATEGORY = "is not a declared category of"
NO_DAY = "must be a calendar day, YYYY-MM-DD. Write it like '2024-01-31'"
NO_ESCAPE = "has an escape that is no character. Write the character itself"
NEVER_NULL = "is never null by the contract. Leave this out, or let the feature be missing"
NULL = (
    "null is compared with a feature alone, by == or !=. "
    "Write x == null, and join it to the rest by && or ||"
)
ONE_KIND = "Compare values of one kind"
PREPARE = "Prepare such a value as a feature of its own"
SPLIT = "Split it into several rules"
TOO_LARGE = "is too large to be exact. Write a smaller number"

NOT_CEL = {
    "": ": ends too early. Finish it, and close every ( and [",
    "(new": ": ends too early. Finish it, and close every ( and [",
    "new and vip": ", column 5: is not CEL from 'and' on. CEL writes &&",
    "new or vip": ", column 5: is not CEL from 'or' on. CEL writes ||",
    "age = 3": ", column 5: is not CEL from '=' on. CEL writes ==",
    "new == True": ", column 8: True is not a feature of this model. CEL writes true",
    "age > 3 $ 4": f", column 9: is not CEL from '$' on. {EXAMPLE}",
    "new &&\n  (age > 3 vip)": f", line 2, column 12: is not CEL from 'vip)' on. {EXAMPLE}",
}
NOT_IN_THE_SUBSET = {
    "size(note) > 3": f", column 1: {FUNCTION}",
    "new && .size(note) > 3": f", column 8: {FUNCTION}",
    "note.startsWith('a')": f", column 1: {FUNCTION}",
    "[1].exists(x, x > 0)": f", column 1: {FUNCTION}",
    "has(note.length)": f", column 1: {FUNCTION}",
    "note.length > 3": f", column 1: {FIELD}",
    ".age > 3": f", column 1: {FIELD}",
    "note[0] == 'a'": f", column 1: looks up by [ ], and features are single values. {PREPARE}",
    "people{age: 3} == 3": f", column 1: builds a message, which rules do not have. {PREPARE}",
    "{'a': 1} == 3": f", column 1: builds a map, which rules do not have. {PREPARE}",
    "[1] == [1]": ", column 1: has a list beside something else than `in`. Write x in ['a', 'b']",
    "vip ? new : false": ", column 1: ? : is not supported. Write two rules, one for each case",
    "visits % 2 == 0": ", column 1: % is for whole numbers, and numbers are doubles here. "
    + PREPARE,
    "visits == 3u": ", column 11: has an unsigned number, and numbers are doubles here. "
    "Leave the u away",
    "note == b'a'": ", column 9: has bytes, which no feature holds. "
    "Leave the b before the quotes away",
    "note == '''a'''": ", column 9: has a text in three quotes. Write it in one quote on each side",
    "age in []": f", column 8: {LIST}",
    "age in visits": f", column 8: {LIST}",
    "age in [visits]": ", column 9: a list holds constants alone. Compare it by == instead",
}
NOT_OF_THIS_CONTRACT = {
    "agee > 3": ", column 1: agee is not a feature of this model. Perhaps age is meant",
    "new && zzzz > 3": ", column 8: zzzz is not a feature of this model. Write one of "
    "age, visits, vip, new, island, sex, note, seen, joined",
    "age": f", column 1: age is a number, and a rule takes true or false. {COMPARE}",
    "new || age": f", column 8: age is a number, and || takes true or false. {COMPARE}",
    "!note": f", column 2: note is text, and ! takes true or false. {COMPARE}",
    "null": f", column 1: null is null, and a rule takes true or false. {COMPARE}",
    "-note == 'a'": f", column 2: note is text, and - takes a number. {PREPARE}",
    "note + 'a' == 'b'": f", column 1: note is text, and + takes a number. {PREPARE}",
    "new && note < 3": f", column 8: note is text, 3 is a number. {ONE_KIND}",
    "true == 1": f", column 1: true is true or false, 1 is a number. {ONE_KIND}",
    "seen == note": f", column 1: seen is a date, note is text. {ONE_KIND}",
    "age in [3, 'a']": f", column 1: age is a number, 'a' is text. {ONE_KIND}",
    "1 < age < 3": ", column 1: 1 < age is true or false, 3 is a number. Write 1 < x && x < 5",
    "island == 'Bisco'": f", column 11: 'Bisco' {NO_CATEGORY} island. Perhaps Biscoe is meant",
    "island == ' '": f", column 11: ' ' {NO_CATEGORY} island. Write one of Biscoe, Dream",
    "island in ['Dream', 'x']": f", column 21: 'x' {NO_CATEGORY} island. "
    "Write one of Biscoe, Dream",
    "sex == 'M'": f", column 8: 'M' {NO_CATEGORY} sex. Write one of f, m",
    "sex == ''": f", column 8: '' {NO_CATEGORY} sex. Write one of f, m",
    "seen > '2024-1-31'": f", column 8: '2024-1-31' {NO_DAY}",
    "'2024-02-30' < joined": f", column 1: '2024-02-30' {NO_DAY}",
    "visits == null": f", column 1: visits {NEVER_NULL}: `| None = None`",
    "null != sex": f", column 9: sex {NEVER_NULL}: `| None = None`",
    "age < null": f", column 7: {NULL}",
    "(vip && new) == null": f", column 17: {NULL}",
    "age in [null]": f", column 9: {NULL}",
}
TOO_MUCH = {
    "age < 9007199254740993": f", column 7: 9007199254740993 {TOO_LARGE}",
    "age < 1e309": f", column 7: 1e309 {TOO_LARGE}",
    r"note == '\ud800'": rf", column 9: '\ud800' {NO_ESCAPE}",
    r"note == '\999'": rf", column 9: '\999' {NO_ESCAPE}",
    r"note == '\UFFFFFFFF'": rf", column 9: '\UFFFFFFFF' {NO_ESCAPE}",
    f"note == '{'a' * 201}'": ", column 9: has a text longer than 200 characters. Shorten the text",
    "new || " * 100 + "vip": f": is longer than 500 characters. {SPLIT}",
    "'" + r"\a" * 17: ": has more than 16 backslashes. "
    "Write the characters themselves instead of escapes",
    "!" * DEEPEST + "vip": f", column {DEEPEST + 1}: is nested deeper than {DEEPEST}. {SPLIT}",
    f"visits in [{','.join('1' * 200)}]": f": has 201 parts, and 200 are allowed. {SPLIT}",
}
REFUSED = NOT_CEL | NOT_IN_THE_SUBSET | NOT_OF_THIS_CONTRACT | TOO_MUCH


@pytest.mark.parametrize("text", REFUSED)
def test_a_refusal_says_which_rule_where_what_and_the_way_out(text: str):
    with pytest.raises(InvalidModel) as refused:
        compile_rule(CONTRACT, text)
    shown = text if len(text) <= 80 else f"{text[:80]}…"
    assert str(refused.value) == f"Rule {shown!r}{REFUSED[text]}."


@given(st.text(st.sampled_from("age vip'\"()[]{}<>=!&|+-*/%?:.,0123xu\\\n"), max_size=40))
def test_any_text_is_compiled_or_refused(text: str):
    try:
        rule = compile_rule(CONTRACT, text)
    except InvalidModel:
        return
    assert evaluate(rule, {"age": 3.0, "vip": True}) in (True, False)


def test_parentheses_cost_no_depth():
    assert matches("(" * 200 + "vip" + ")" * 200, vip=True)
