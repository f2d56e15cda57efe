"""CloudWatch metrics: what Lambda and API Gateway measure, what log lines carry (EMF), and metric
math, the part that divides one metric by another: + - * /, comparisons, IF, FILL with a number."""

import ast
import json
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_UNITS = dict.fromkeys(("Duration", "Latency", "PostRuntimeExtensionsDuration"), "Milliseconds")
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


@dataclass(frozen=True)
class Datum:
    """Values of one metric at one time. `at` in seconds since 1970."""

    namespace: str
    name: str
    values: tuple[float, ...]
    unit: str
    dimensions: dict[str, str]
    at: float


def of_function(
    name: str, alias: str | None, version: str, values: Mapping[str, float], at: float
) -> list[Datum]:
    """AWS/Lambda, by function, by alias, and by the version behind it. `values` by metric."""
    function = {"FunctionName": name}
    resource = function | {"Resource": f"{name}:{alias}"}
    aliased = [resource, resource | {"ExecutedVersion": version}] if alias else []
    return _each("AWS/Lambda", values, [function, *aliased], at)


def of_request(api: str, stage: str, status: int, latency_ms: float, at: float) -> list[Datum]:
    """AWS/ApiGateway for one HTTP request."""
    values = {
        "Count": 1.0,
        "4XXError": float(400 <= status < 500),
        "5XXError": float(status >= 500),
        "Latency": latency_ms,
    }
    return _each("AWS/ApiGateway", values, [{"ApiName": api}, {"ApiName": api, "Stage": stage}], at)


def _each(
    namespace: str, values: Mapping[str, float], by: list[dict[str, str]], at: float
) -> list[Datum]:
    return [
        Datum(namespace, name, (value,), _UNITS.get(name, "Count"), dimensions, at)
        for dimensions in by
        for name, value in values.items()
    ]


def embedded(line: str) -> list[Datum]:
    """The metrics that a log line carries; none when it is not EMF.

    As in CloudWatch, a directive that names a missing dimension or metric is passed over: the
    log line itself is always kept.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    if '"_aws"' not in line:
        return []
    try:
        document = json.loads(line)
    except ValueError:
        return []
    metadata = document.get("_aws") if isinstance(document, dict) else None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("Timestamp"), int):
        return []
    return [
        datum
        for directive in metadata.get("CloudWatchMetrics", [])
        for datum in _directed(document, directive, metadata["Timestamp"] / 1000)
    ]


def _directed(document: dict[str, Any], directive: dict[str, Any], at: float) -> Iterator[Datum]:
    for names in directive.get("Dimensions") or [[]]:
        if not all(name in document for name in names):
            continue
        dimensions = {name: str(document[name]) for name in names}
        for metric in directive.get("Metrics", []):
            value = document.get(metric["Name"])
            if value is None:
                continue
            values = tuple(value if isinstance(value, list) else [value])
            unit = metric.get("Unit", "None")
            yield Datum(directive["Namespace"], metric["Name"], values, unit, dimensions, at)


class UnsupportedMath(Exception):
    """The expression uses something that is not evaluated here; the message names it."""


def check_math(expression: str, names: Iterable[str]) -> None:
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
