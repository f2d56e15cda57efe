"""The text of a rule, read by the CEL library: its tree, and errors that show the place."""

import re
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias, cast

from lark import Lark, Token, Tree, UnexpectedInput, UnexpectedToken

from model_store.packaging.errors import InvalidModel, shortened

LONGEST_RULE = 500
MOST_BACKSLASHES = 16  # the parser's time doubles with each in a string that is not closed

Ast: TypeAlias = "Tree[Token]"


class RuleText:
    """One rule as it was written."""

    def __init__(self, text: str) -> None:
        self._text = text

    def parse(self) -> Ast:
        """Raises InvalidModel for what is not CEL."""
        self._check_size()
        try:
            return _parser().parse(self._text)
        except UnexpectedInput as error:
            raise self._not_cel(error) from None

    def source(self, ast: Ast) -> str:
        """How a piece is written."""
        return shortened(self._text[ast.meta.start_pos : ast.meta.end_pos], 40)

    def refused(self, ast: Ast, what: str, way_out: str) -> InvalidModel:
        """An error that shows where the piece begins."""
        return self.error(what, way_out, (ast.meta.line, ast.meta.column))

    def error(self, what: str, way_out: str, place: tuple[int, int] | None = None) -> InvalidModel:
        """`place` is a line and a column, from 1."""
        where = f"Rule {shortened(self._text, 80)!r}"
        if place:
            line, column = place
            where += f", line {line}, column {column}" if line > 1 else f", column {column}"
        return InvalidModel(where, what, way_out)

    def _check_size(self) -> None:
        if len(self._text) > LONGEST_RULE:
            raise self.error(f"is longer than {LONGEST_RULE} characters", SPLIT)
        if self._text.count("\\") > MOST_BACKSLASHES:
            what = f"has more than {MOST_BACKSLASHES} backslashes"
            raise self.error(what, "Write the characters themselves instead of escapes")

    def _not_cel(self, error: UnexpectedInput) -> InvalidModel:
        """At which word the parser stopped, and how CEL writes what was perhaps meant."""
        if isinstance(error, UnexpectedToken) and error.token.type == "$END":
            return self.error("ends too early", "Finish it, and close every ( and [")
        rest = self._text[error.pos_in_stream or 0 :]
        word = next(iter(rest.split()), "")
        way_out = spelled_in_cel(word) or "Write it like: age > 18 && country in ['FR', 'IT']"
        return self.error(f"is not CEL from {word[:40]!r} on", way_out, (error.line, error.column))


@cache
def _parser() -> Lark:
    """The library's grammar. Its own parser loses where `true` and `false` are written."""
    return Lark(
        (files("celpy") / "cel.lark").read_text(),
        parser="lalr",
        start="expr",
        g_regex_flags=re.MULTILINE,
        lexer_callbacks={"IDENT": _name_or_boolean},
        propagate_positions=True,
        maybe_placeholders=False,
        priority="invert",
    )


def _name_or_boolean(token: Token) -> Token:
    kind = "BOOL_LIT" if token.value in ("true", "false") else token.type
    return Token.new_borrow_pos(kind, token.value, token)


def spelled_in_cel(word: str) -> str | None:
    """How CEL writes what other languages call `word`."""
    return f"CEL writes {_OTHER_LANGUAGES[word]}" if word in _OTHER_LANGUAGES else None


def unwrapped(ast: Ast) -> Ast:
    """Without the levels of the grammar, and the parentheses, that hold one thing only."""
    while ast.data in _WRAPPERS and len(ast.children) == 1:
        ast = subtrees(ast)[0]
    return ast


def subtrees(ast: Ast) -> list[Ast]:
    return [child for child in ast.children if isinstance(child, Tree)]


def operands(ast: Ast) -> list[Ast]:
    """Of `a && b && c`, which the grammar nests to the left, all three."""
    data, last = ast.data, []
    while ast.data == data:
        left, right = subtrees(ast)
        last.append(right)
        ast = unwrapped(left)
    return [ast, *reversed(last)]


def binary(ast: Ast) -> tuple[Any, Ast, Ast]:
    """The operator and both sides."""
    marked, right = subtrees(ast)
    return OPERATORS[str(marked.data)], subtrees(marked)[0], right


def items(ast: Ast) -> list[Ast]:
    """Of a list; empty for all else."""
    if ast.data != "list_lit" or not ast.children:
        return []
    return subtrees(cast(Ast, ast.children[0]))


SPLIT = "Split it into several rules"
INSTEAD = "Prepare such a value as a feature of its own"
_FUNCTION = ("calls a function, and rules have none", INSTEAD)
_FIELD = ("reads a field, and features have none", "Write the name of a feature alone")
UNSUPPORTED = {
    "expr": ("? : is not supported", "Write two rules, one for each case"),
    "ident_arg": _FUNCTION,
    "dot_ident_arg": _FUNCTION,
    "member_dot_arg": _FUNCTION,
    "dot_ident": _FIELD,
    "member_dot": _FIELD,
    "member_index": ("looks up by [ ], and features are single values", INSTEAD),
    "member_object": ("builds a message, which rules do not have", INSTEAD),
    "map_lit": ("builds a map, which rules do not have", INSTEAD),
    "list_lit": ("has a list beside something else than `in`", "Write x in ['a', 'b']"),
    "multiplication_mod": ("% is for whole numbers, and numbers are doubles here", INSTEAD),
    "UINT_LIT": ("has an unsigned number, and numbers are doubles here", "Leave the u away"),
    "BYTES_LIT": ("has bytes, which no feature holds", "Leave the b before the quotes away"),
    "MLSTRING_LIT": ("has a text in three quotes", "Write it in one quote on each side"),
}
OPERATORS = {
    "relation_lt": "<",
    "relation_le": "<=",
    "relation_gt": ">",
    "relation_ge": ">=",
    "relation_eq": "==",
    "relation_ne": "!=",
    "relation_in": "in",
    "addition_add": "+",
    "addition_sub": "-",
    "multiplication_mul": "*",
    "multiplication_div": "/",
    "multiplication_mod": "%",
}
_WRAPPERS = {
    "expr",
    "conditionalor",
    "conditionaland",
    "relation",
    "addition",
    "multiplication",
    "unary",
    "member",
    "primary",
    "paren_expr",
}
_OTHER_LANGUAGES = {
    "and": "&&",
    "&": "&&",
    "or": "||",
    "|": "||",
    "not": "!",
    "=": "==",
    "is": "==",
    "<>": "!=",
    "True": "true",
    "False": "false",
    "None": "null",
}
