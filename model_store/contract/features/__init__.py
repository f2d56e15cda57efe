"""The kinds of feature. A new kind is one class and one entry in `Feature`."""

from typing import Annotated

from pydantic import Field

from model_store.contract.features.base import (
    Allow,
    Default,
    FeatureBase,
    Flag,
    FlagReason,
    Missing,
    Required,
    Scalar,
)
from model_store.contract.features.date import Date, days_since_epoch
from model_store.contract.features.numeric import Boolean, Integer, Number
from model_store.contract.features.strings import CategoryFeature, Text

Feature = Annotated[
    Number | Integer | Boolean | CategoryFeature | Text | Date, Field(discriminator="kind")
]

__all__ = [
    "Allow",
    "Boolean",
    "CategoryFeature",
    "Date",
    "Default",
    "Feature",
    "FeatureBase",
    "Flag",
    "FlagReason",
    "Integer",
    "Missing",
    "Number",
    "Required",
    "Scalar",
    "Text",
    "days_since_epoch",
]
