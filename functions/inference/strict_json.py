"""JSON that has one meaning: no duplicate names, no absurd depth, no absurd integers."""

import json
from itertools import accumulate
from typing import Any

from functions.inference.errors import BodyNotJson

LONGEST_INTEGER = 40
"""Digits; still far inside what a float64 can hold, so that no conversion overflows."""
DEEPEST = 100
"""Levels of arrays and objects, however much of the stack is left: no route needs ten."""


def parse(body: bytes) -> object:
    """Decode a request body; raises BodyNotJson, whose words never repeat the body.

    NaN, Infinity and 1e999 pass as the floats they become: the contract refuses them by field.
    """
    if body.count(b"[") + body.count(b"{") > DEEPEST and _depth(body) > DEEPEST:
        raise BodyNotJson("is nested too deeply")
    try:
        return _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise BodyNotJson("is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise BodyNotJson(f"is not JSON (line {error.lineno}, column {error.colno})") from None


def _depth(body: bytes) -> int:
    """By whole passes over the bytes: an object per string of six megabytes would take ten times
    their memory."""
    unescaped = body.replace(rb"\\", b"").replace(rb"\"", b"")
    # Two quotes in a row can go: whatever else is inside a string, or outside, stays so.
    marks = unescaped.translate(None, _NO_MARKS).replace(b'""', b"")
    outside = b"".join(marks.split(b'"')[::2])
    return max(accumulate(map(_STEP.__getitem__, outside)), default=0)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BodyNotJson("names the same field twice in one object")
    return found


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > LONGEST_INTEGER:
        raise BodyNotJson(f"holds an integer of more than {LONGEST_INTEGER} digits")
    return int(digits)


_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_MARKS = bytes(set(range(256)) - set(_STEP) - set(b'"'))
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer)
