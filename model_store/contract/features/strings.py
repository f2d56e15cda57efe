"""Strings: of a closed list, or free text."""

from functools import cached_property
from typing import Annotated, Any, Literal, Self
from unicodedata import normalize

from pydantic import Field, model_validator

from model_store.contract.features.base import FeatureBase, Flag, Reading, Required
from model_store.contract.markers import Treatment
from model_store.contract.violations import Code, Refusal

# Composing characters takes time in the square of the length: see `_is_missing` too.
LONGEST_CATEGORY = 200
LONGEST_TEXT = 100_000
SHOWN_CATEGORIES = 10


class CategoryFeature(FeatureBase):
    """One of a closed list of strings, in the spelling of the list after reading."""

    kind: Literal["category"] = "category"
    categories: Annotated[tuple[str, ...], Field(min_length=1)]
    unseen: Treatment = "reject"
    fold_case: bool = True
    trim: bool = True

    @property
    def may_fall_back(self) -> bool:
        return self.unseen == "fallback"

    @cached_property
    def _canonical(self) -> dict[str, str]:
        return {self._key(self._clean(category)): category for category in self.categories}

    @model_validator(mode="after")
    def _categories_are_distinct(self) -> Self:
        for category in self.categories:
            _check_text(category, LONGEST_CATEGORY)
            if not category or self._clean(category) != category:
                raise ValueError("a category is empty, has spaces around it, or is not in NFC")
        if len(self._canonical) < len(self.categories):
            raise ValueError("two categories read the same; write Category(fold_case=False)")
        return self

    def _is_missing(self, value: object) -> bool:
        if type(value) is str:
            return len(value) <= LONGEST_CATEGORY and not self._clean(value)
        return value is None

    def _read(self, value: object) -> Reading:
        if type(value) is not str:
            raise Refusal(Code.WRONG_TYPE, "must be a string")
        _check_text(value, LONGEST_CATEGORY)
        cleaned = self._clean(value)
        _check_text(cleaned, LONGEST_CATEGORY)  # composing makes some characters three
        known = self._canonical.get(self._key(cleaned))
        if known is not None:
            return known, None
        if self.unseen == "reject":
            raise Refusal(Code.UNSEEN_CATEGORY, f"must be one of {self._listing()}")
        return cleaned, Flag(self.name, "unseen_category", self.unseen)

    def _clean(self, value: str) -> str:
        composed = value if value.isascii() else normalize("NFC", value)
        return composed.strip() if self.trim else composed

    def _key(self, cleaned: str) -> str:
        return cleaned.casefold() if self.fold_case else cleaned

    def _listing(self) -> str:
        shown = ", ".join(self.categories[:SHOWN_CATEGORIES])
        more = len(self.categories) - SHOWN_CATEGORIES
        return f"{shown} and {more} more" if more > 0 else shown

    def _notes(self) -> list[str]:
        ignored = [("case", self.fold_case), ("surrounding spaces", self.trim)]
        names = " and ".join(name for name, on in ignored if on)
        notes = [f"Differences in {names} are ignored"] if names else []
        if self.unseen != "reject":
            notes.append(f"Known: {self._listing()}; others are answered with a {self.unseen}")
        return notes

    def _value_schema(self) -> dict[str, Any]:
        if self.unseen == "reject":
            return {"type": "string", "enum": list(self.categories)}
        schema: dict[str, Any] = {"type": "string", "maxLength": LONGEST_CATEGORY}
        if isinstance(self.missing, Required):
            schema |= {"minLength": 1, "pattern": r"\S"}
        examples = list(self.categories)
        return schema | {"examples": examples[:SHOWN_CATEGORIES], "x-categories": examples}


class Text(FeatureBase):
    """Free text, passed on as it is. Its length is counted in characters."""

    kind: Literal["text"] = "text"
    max_length: Annotated[int, Field(ge=1, le=LONGEST_TEXT)] = 1000

    def _read(self, value: object) -> Reading:
        if type(value) is not str:
            raise Refusal(Code.WRONG_TYPE, "must be a string")
        _check_text(value, self.max_length)
        return value, None

    def _value_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.max_length}


def _check_text(value: str, longest: int) -> None:
    if len(value) > longest:
        raise Refusal(Code.TOO_LONG, f"must have at most {longest} characters")
    if not value.isascii() and _has_lone_surrogate(value):
        raise Refusal(Code.INVALID_TEXT, "must be valid Unicode, without lone surrogates")


def _has_lone_surrogate(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False
