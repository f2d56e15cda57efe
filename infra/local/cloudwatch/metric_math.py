"""CloudWatch metric math, the part that divides one metric by another: + - * /, comparisons, IF,
FILL with a number."""

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Values = Mapping[str, float | None]
_OPERATORS: dict[type, Callable[[float, float], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class UnsupportedMath(Exception):
    """The expression uses something that is not evaluated here; the message names it."""


def check(expression: str, names: Iterable[str]) -> None:
    """`names` are those that the expression may use. Raises UnsupportedMath."""
    evaluate(expression, dict.fromkeys(names, 1.0))


def evaluate(expression: str, values: Values) -> float | None:
    """The expression for one period; None when what it needs is missing, or it divides by zero.

    Every part is looked at, whether it decides or not. Raises UnsupportedMath.
    """
    try:
        tree = ast.parse(expression, mode="eval")
    except SyntaxError as error:
        raise UnsupportedMath(f"metric math {expression!r}") from error
    return _value(tree.body, values)


def _value(node: ast.AST, values: Values) -> float | None:
    match node:
        case ast.Constant(int() | float() as number):
            return float(number)
        case ast.Name(name) if name in values:
            return values[name]
        case ast.UnaryOp(ast.USub(), operand):
            return _applied(operator.sub, 0.0, _value(operand, values))
        case ast.BinOp(left, sign, right) | ast.Compare(left, [sign], [right]) if (
            type(sign) in _OPERATORS
        ):
            return _applied(_OPERATORS[type(sign)], _value(left, values), _value(right, values))
        case ast.Call(ast.Name("FILL"), [series, filler], []):
            found, other = _value(series, values), _value(filler, values)
            return other if found is None else found
        case ast.Call(ast.Name("IF"), [_, _, _] as arguments, []):
            holds, then, otherwise = (_value(argument, values) for argument in arguments)
            return None if holds is None else then if holds else otherwise
    raise UnsupportedMath(f"metric math {ast.unparse(node)}")


def _applied(
    sign: Callable[[float, float], Any], one: float | None, other: float | None
) -> float | None:
    if one is None or other is None:
        return None
    try:
        return float(sign(one, other))
    except ZeroDivisionError:
        return None
