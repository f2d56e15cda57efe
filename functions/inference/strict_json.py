"""JSON that has one meaning: no duplicate names, no absurd depth, no absurd integers."""

import json
from typing import Any

from functions.inference.errors import BodyNotJson

LONGEST_INTEGER = 40
"""Digits; still far inside what a float64 can hold, so that no conversion overflows."""


def parse(body: bytes) -> object:
    """Decode a request body; raises BodyNotJson, whose words never repeat the body.

    NaN, Infinity and 1e999 pass as the floats they become: the contract refuses them by field.
    """
    try:
        return _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise BodyNotJson("is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise BodyNotJson(f"is not JSON (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise BodyNotJson("is nested too deeply") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BodyNotJson("names the same field twice in one object")
    return found


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > LONGEST_INTEGER:
        raise BodyNotJson(f"holds an integer of more than {LONGEST_INTEGER} digits")
    return int(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer)
