"""Rules that a person writes, in CEL (https://cel.dev), checked and compiled for serving.

`body_mass_g > 4000 && island in ["Biscoe", "Dream"]`: features, constants, comparisons, `in`,
`&&`, `||`, `!`, and arithmetic on numbers. `model_store.fallbacks.expression` says what they
mean, and where that differs from CEL. What else CEL has is refused, and so is what cannot mean
what its author meant: values of two kinds, a category that is not declared, null for a feature
that is never missing.
"""

from typing import Any, cast

from celpy.evaluation import celstr
from lark import Token

from model_store.contract import Contract
from model_store.fallbacks.expression import (
    DEEPEST,
    LONGEST_TEXT,
    Arithmetic,
    Comparison,
    Expression,
    FeatureOf,
    Logic,
    Membership,
    Negation,
    Not,
    Value,
    bounded,
    features_of,
)
from model_store.packaging.fallbacks import cel
from model_store.packaging.fallbacks.cel import Ast, RuleText
from model_store.packaging.fallbacks.rule_kinds import Fitting, Kind, Part, closest, kind_of

LARGEST_INTEGER = 2**53  # above it, doubles skip whole numbers
LARGEST_DOUBLE = 1.7976931348623157e308


def compile_rule(contract: Contract, text: str) -> Expression:
    """The rule as data that is evaluated without this module and without the CEL library.

    Raises InvalidModel for what is not CEL, not in the subset, or does not fit the contract.
    """
    rule = RuleText(text)
    compiler = _Compiler(contract, rule)
    whole = compiler.read(rule.parse(), 1)
    compiler.expect(whole, "true or false", "a rule")
    try:
        return bounded(whole.node)
    except ValueError as error:
        raise rule.error(str(error), cel.SPLIT) from None


def sensitive_features(contract: Contract, expression: Expression) -> tuple[str, ...]:
    """The features that a rule reads and that the contract marks as sensitive."""
    return tuple(name for name in features_of(expression) if contract.by_name[name].sensitive)


class _Compiler:
    def __init__(self, contract: Contract, rule: RuleText) -> None:
        self._features, self._rule = contract.by_name, rule
        self._fitting = Fitting(contract, rule)

    def read(self, ast: Ast, depth: int) -> Part:
        """One piece and what is inside it. `depth` keeps Python's stack from running out."""
        ast = cel.unwrapped(ast)
        if depth > DEEPEST:
            raise self._rule.refused(ast, f"is nested deeper than {DEEPEST}", cel.SPLIT)
        match len(ast.children), str(ast.data):
            case 2, "conditionalor" | "conditionaland":
                return self._logic(ast, depth + 1)
            case 2, "relation":
                return self._relation(ast, depth + 1)
            case 2, "addition" | "multiplication":
                return self._arithmetic(ast, depth + 1)
            case 2, "unary":
                return self._unary(ast, depth + 1)
            case 1, "ident":
                return self._feature(ast)
            case 1, "literal":
                return self._literal(ast, cast(Token, ast.children[0]))
        raise self._rule.refused(ast, *cel.UNSUPPORTED[str(ast.data)])

    def expect(self, part: Part, kind: Kind, by: str) -> None:
        if part.kind != kind:
            what = f"{self._rule.source(part.ast)} is {part.kind}, and {by} takes {kind}"
            way_out = "Compare it with something" if kind == "true or false" else cel.INSTEAD
            raise self._rule.refused(part.ast, what, way_out)

    def _logic(self, ast: Ast, depth: int) -> Part:
        op: Any = "||" if ast.data == "conditionalor" else "&&"
        parts = [self.read(operand, depth) for operand in cel.operands(ast)]
        for part in parts:
            self.expect(part, "true or false", op)
        return Part(Logic(op=op, of=tuple(part.node for part in parts)), "true or false", ast)

    def _relation(self, ast: Ast, depth: int) -> Part:
        op, left, right = cel.binary(ast)
        if op == "in":
            return self._membership(ast, left, right, depth)
        a, b = self._fitting.alike(op, self.read(left, depth), self.read(right, depth))
        return Part(Comparison(op=op, a=a.node, b=b.node), "true or false", ast)

    def _membership(self, ast: Ast, left: Ast, right: Ast, depth: int) -> Part:
        items = cel.items(cel.unwrapped(right))
        if not items:
            what = "`in` takes a list that is not empty"
            raise self._rule.refused(right, what, "Write x in ['a', 'b']")
        sought = self.read(left, depth)
        constants = [
            self._constant(self._fitting.alike("in", sought, self.read(item, depth))[1])
            for item in items
        ]
        return Part(Membership(a=sought.node, of=tuple(constants)), "true or false", ast)

    def _constant(self, item: Part) -> Any:
        if isinstance(item.node, Value):
            return item.node.v
        raise self._rule.refused(
            item.ast, "a list holds constants alone", "Compare it by == instead"
        )

    def _arithmetic(self, ast: Ast, depth: int) -> Part:
        op, left, right = cel.binary(ast)
        if op == "%":
            raise self._rule.refused(ast, *cel.UNSUPPORTED["multiplication_mod"])
        a, b = self.read(left, depth), self.read(right, depth)
        for part in (a, b):
            self.expect(part, "a number", op)
        return Part(Arithmetic(op=op, a=a.node, b=b.node), "a number", ast)

    def _unary(self, ast: Ast, depth: int) -> Part:
        sign, operand = cel.subtrees(ast)
        part = self.read(operand, depth)
        if sign.data == "unary_not":
            self.expect(part, "true or false", "!")
            return Part(Not(a=part.node), "true or false", ast)
        self.expect(part, "a number", "-")
        if isinstance(part.node, Value):
            return Part(Value(v=-cast(float, part.node.v)), "a number", ast)
        return Part(Negation(a=part.node), "a number", ast)

    def _feature(self, ast: Ast) -> Part:
        name = str(ast.children[0])
        if name not in self._features:
            way_out = cel.spelled_in_cel(name) or closest(name, tuple(self._features))
            raise self._rule.refused(ast, f"{name[:64]} is not a feature of this model", way_out)
        return Part(FeatureOf(f=name), kind_of(self._features[name]), ast)

    def _literal(self, ast: Ast, token: Token) -> Part:
        match token.type:
            case "INT_LIT":
                return self._number(ast, int(token, 16 if "x" in token else 10), LARGEST_INTEGER)
            case "FLOAT_LIT":
                return self._number(ast, float(token), LARGEST_DOUBLE)
            case "STRING_LIT":
                return self._string(ast, token)
            case "BOOL_LIT":
                return Part(Value(v=str(token) == "true"), "true or false", ast)
            case "NULL_LIT":
                return Part(Value(v=None), "null", ast)
        raise self._rule.refused(ast, *cel.UNSUPPORTED[token.type])

    def _number(self, ast: Ast, number: float, largest: float) -> Part:
        if abs(number) > largest:
            what = f"{self._rule.source(ast)} is too large to be exact"
            raise self._rule.refused(ast, what, "Write a smaller number")
        return Part(Value(v=number), "a number", ast)

    def _string(self, ast: Ast, token: Token) -> Part:
        try:
            text = str(celstr(token))
            text.encode()
        except (ValueError, OverflowError):  # UnicodeEncodeError is a ValueError
            what = f"{self._rule.source(ast)} has an escape that is no character"
            raise self._rule.refused(ast, what, "Write the character itself") from None
        if len(text) > LONGEST_TEXT:
            what = f"has a text longer than {LONGEST_TEXT} characters"
            raise self._rule.refused(ast, what, "Shorten the text")
        return Part(Value(v=text), "text", ast)
