"""Expressions over the features of one row: what a rule of CEL is compiled to.

Evaluated as CEL defines it (https://github.com/google/cel-spec, doc/langdef.md), with two
deviations: every number is a double, so that `age > 3` needs no `3.0`; and a result that is not
finite (a division by zero, an overflow) is an error. An error anywhere is "does not match",
unless the other side of `||` or `&&` decides.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    Tag,
)

from model_store.contract.features.base import Scalar
from model_store.contract.record import Record

DEEPEST = 32
MOST_NODES = 200
LONGEST_TEXT = 200

Row: TypeAlias = Mapping[str, Scalar | None]
Plain: TypeAlias = bool | float | str | None
Constant: TypeAlias = (
    StrictBool | StrictInt | StrictFloat | Annotated[StrictStr, Field(max_length=LONGEST_TEXT)]
)
ComparisonOp = Literal["==", "!=", "<", "<=", ">", ">="]
ArithmeticOp = Literal["+", "-", "*", "/"]


class NoValue(Exception):
    """CEL's error value."""


class Value(Record):
    """{"v": 3}: a number, a text, true, false or null."""

    v: Constant | None

    def value(self, row: Row) -> Plain:  # noqa: ARG002
        return _plain(self.v)


class FeatureOf(Record):
    """{"f": "age"}: the value of a feature, null when it is missing."""

    f: Annotated[str, Field(max_length=64)]

    def value(self, row: Row) -> Plain:
        if self.f not in row:
            raise NoValue
        return _plain(row[self.f])


class Comparison(Record):
    """{"op": "<", "a": …, "b": …}. Values of two kinds are unequal and have no order."""

    op: ComparisonOp
    a: "Node"
    b: "Node"

    def value(self, row: Row) -> Plain:
        left, right = self.a.value(row), self.b.value(row)
        if self.op == "==":
            return _equal(left, right)
        if self.op == "!=":
            return not _equal(left, right)
        if left is None or type(left) is not type(right):
            raise NoValue
        ordered: bool = _ORDER[self.op](left, right)
        return ordered


class Logic(Record):
    """{"op": "&&", "of": […]}. One false (true for `||`) decides, whatever the others are."""

    op: Literal["&&", "||"]
    of: Annotated[tuple["Node", ...], Field(min_length=2)]

    def value(self, row: Row) -> Plain:
        decides, undecided = self.op == "||", False
        for operand in self.of:
            try:
                if _boolean(operand.value(row)) is decides:
                    return decides
            except NoValue:
                undecided = True
        if undecided:
            raise NoValue
        return not decides


class Not(Record):
    """{"op": "!", "a": …}: the other of true and false."""

    op: Literal["!"] = "!"
    a: "Node"

    def value(self, row: Row) -> Plain:
        return not _boolean(self.a.value(row))


class Membership(Record):
    """{"op": "in", "a": …, "of": ["Biscoe", "Dream"]}: equal to one of these."""

    op: Literal["in"] = "in"
    a: "Node"
    of: Annotated[tuple[Constant, ...], Field(min_length=1)]

    def value(self, row: Row) -> Plain:
        value = self.a.value(row)
        return any(_equal(value, _plain(item)) for item in self.of)


class Arithmetic(Record):
    """{"op": "*", "a": …, "b": …}: of two numbers."""

    op: ArithmeticOp
    a: "Node"
    b: "Node"

    def value(self, row: Row) -> Plain:
        left, right = _number(self.a.value(row)), _number(self.b.value(row))
        try:
            return _plain(_ARITHMETIC[self.op](left, right))
        except ZeroDivisionError:
            raise NoValue from None


class Negation(Record):
    """{"op": "neg", "a": …}: the number with the other sign."""

    op: Literal["neg"] = "neg"
    a: "Node"

    def value(self, row: Row) -> Plain:
        return -_number(self.a.value(row))


def _tag(node: object) -> str | None:
    """Which record a node is: by its own key `v` or `f`, else by its operator."""
    if isinstance(node, Record):
        return type(node).__name__
    if not isinstance(node, Mapping):
        return None
    if "op" not in node:
        return "Value" if "v" in node else "FeatureOf"
    op = node["op"]
    return _BY_OPERATOR.get(op) if isinstance(op, str) else None


Node: TypeAlias = Annotated[
    Annotated[Value, Tag("Value")]
    | Annotated[FeatureOf, Tag("FeatureOf")]
    | Annotated[Comparison, Tag("Comparison")]
    | Annotated[Logic, Tag("Logic")]
    | Annotated[Not, Tag("Not")]
    | Annotated[Membership, Tag("Membership")]
    | Annotated[Arithmetic, Tag("Arithmetic")]
    | Annotated[Negation, Tag("Negation")],
    Discriminator(_tag),
]


def evaluate(expression: Node, values: Row) -> bool:
    """Whether a row matches. Never raises: what has no value does not match."""
    try:
        return expression.value(values) is True
    except NoValue:
        return False


def features_of(expression: Node) -> tuple[str, ...]:
    """The names of the features that are read, each once, in order."""
    names = [node.f for node, _ in _walk(expression) if isinstance(node, FeatureOf)]
    return tuple(dict.fromkeys(names))


def bounded(expression: Node) -> Node:
    """Raises ValueError for what is too deep or too large to be evaluated for each row."""
    nodes = list(_walk(expression))
    if max(depth for _, depth in nodes) > DEEPEST:
        raise ValueError(f"is nested deeper than {DEEPEST}")
    size = sum(len(node.of) if isinstance(node, Membership) else 1 for node, _ in nodes)
    if size > MOST_NODES:
        raise ValueError(f"has {size} parts, and {MOST_NODES} are allowed")
    return expression


Expression: TypeAlias = Annotated[Node, AfterValidator(bounded)]


def _walk(expression: Node) -> Iterator[tuple[Node, int]]:
    """Every node and its depth, from 1."""
    left: list[tuple[Node, int]] = [(expression, 1)]
    while left:
        node, depth = left.pop()
        yield node, depth
        left.extend((child, depth + 1) for child in reversed(_children(node)))


def _children(node: Node) -> tuple[Node, ...]:
    match node:
        case Logic():
            return node.of
        case Comparison() | Arithmetic():
            return (node.a, node.b)
        case Not() | Membership() | Negation():
            return (node.a,)
        case Value() | FeatureOf():
            return ()


def _plain(value: Scalar | None) -> Plain:
    if value is None or isinstance(value, bool | str):
        return value
    try:
        number = float(value)
    except OverflowError:
        raise NoValue from None
    if not isfinite(number):
        raise NoValue
    return number


def _boolean(value: Plain) -> bool:
    if not isinstance(value, bool):
        raise NoValue
    return value


def _number(value: Plain) -> float:
    if not isinstance(value, float):
        raise NoValue
    return value


def _equal(left: Plain, right: Plain) -> bool:
    return type(left) is type(right) and left == right


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_BY_OPERATOR = {
    **dict.fromkeys(("==", "!=", *_ORDER), "Comparison"),
    **dict.fromkeys(_ARITHMETIC, "Arithmetic"),
    **dict.fromkeys(("&&", "||"), "Logic"),
    "!": "Not",
    "in": "Membership",
    "neg": "Negation",
}
