"""CloudWatch metric math, the part that divides one metric by another: + - * /, comparisons, IF,
FILL with a number."""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

Values = Mapping[str, float | None]
_BINARY: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARE: dict[type, Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ARGUMENTS = {"IF": 3, "FILL": 2}


class UnsupportedMath(Exception):
    """The expression uses something that is not evaluated here; the message names it."""


def check(expression: str) -> None:
    """Raises UnsupportedMath."""
    for node in ast.walk(_tree(expression)):
        _check(node)


def evaluate(expression: str, values: Values) -> float | None:
    """The expression for one period; None when what it needs is missing, or it divides by zero."""
    return _value(_tree(expression).body, values)


def _tree(expression: str) -> ast.Expression:
    try:
        return ast.parse(expression, mode="eval")
    except SyntaxError as error:
        raise UnsupportedMath(f"metric math {expression!r}") from error


def _check(node: ast.AST) -> None:
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", None)
        if _ARGUMENTS.get(str(name)) != len(node.args) or node.keywords:
            raise UnsupportedMath(f"metric math function {ast.unparse(node)}")
    elif isinstance(node, ast.Constant) and not isinstance(node.value, int | float):
        raise UnsupportedMath(f"metric math constant {node.value!r}")
    elif isinstance(node, ast.Compare) and len(node.ops) != 1:
        raise UnsupportedMath(f"metric math comparison {ast.unparse(node)}")
    elif not isinstance(node, _NODES):
        raise UnsupportedMath(f"metric math {type(node).__name__}")


_NODES = (
    ast.Expression,
    ast.Call,
    ast.Constant,
    ast.Compare,
    ast.Name,
    ast.Load,
    ast.BinOp,
    ast.UnaryOp,
    ast.USub,
    *_BINARY,
    *_COMPARE,
)


def _value(node: ast.AST, values: Values) -> float | None:
    match node:
        case ast.Constant(value):
            return float(value)  # type: ignore[arg-type]
        case ast.Name(name):
            return values[name]
        case ast.UnaryOp(_, operand):
            inner = _value(operand, values)
            return None if inner is None else -inner
        case ast.BinOp(left, kind, right):
            return _both(_BINARY[type(kind)], left, right, values)
        case ast.Compare(left, [kind], [right]):
            return _both(_COMPARE[type(kind)], left, right, values)
        case ast.Call(ast.Name("FILL"), [series, filler]):
            found = _value(series, values)
            return _value(filler, values) if found is None else found
        case ast.Call(ast.Name("IF"), [condition, then, otherwise]):
            holds = _value(condition, values)
            return None if holds is None else _value(then if holds else otherwise, values)
        case _:
            raise UnsupportedMath(f"metric math {ast.dump(node)}")


def _both(
    apply: Callable[[float, float], Any], left: ast.AST, right: ast.AST, values: Values
) -> float | None:
    one, other = _value(left, values), _value(right, values)
    if one is None or other is None:
        return None
    try:
        return float(apply(one, other))
    except ZeroDivisionError:
        return None
