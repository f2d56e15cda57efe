"""The penguins, small enough to convert many times."""

from typing import Annotated, Any, Literal

import pandas as pd
from palmerpenguins import load_penguins
from pydantic import BaseModel, Field
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from model_store.contract import Category, OutOfRange, Sensitive, Unit, freeze
from model_store.packaging import Constant, Model

NUMBERS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
STRINGS = ["island", "sex"]


class Penguin(BaseModel):
    """Measurements of one penguin."""

    island: Annotated[Literal["Biscoe", "Dream", "Torgersen"], Category(unseen="flag")]
    bill_length_mm: Annotated[float | None, Field(ge=20, le=80), Unit("mm"), OutOfRange("flag")] = (
        None
    )
    bill_depth_mm: Annotated[float | None, Field(ge=10, le=30)] = None
    flipper_length_mm: Annotated[float | None, Field(ge=150, le=260)] = None
    body_mass_g: Annotated[float | None, Field(ge=2000, le=8000)] = None
    sex: Annotated[Literal["male", "female"] | None, Sensitive()] = None


CONTRACT = freeze(Penguin, version="1.0")


def birds() -> pd.DataFrame:
    return load_penguins()


def scaled() -> Pipeline:
    return make_pipeline(SimpleImputer(strategy="median"), StandardScaler())


def pipeline(model: Any, numbers: Any = None, strings: Any = None) -> Pipeline:
    columns = [
        ("numbers", numbers or scaled(), NUMBERS),
        ("strings", strings or OneHotEncoder(handle_unknown="ignore"), STRINGS),
    ]
    return make_pipeline(ColumnTransformer(columns), clone(model))


def model_of(estimator: Any, **changes: Any) -> Model:
    """A model of the species, not fitted yet."""
    train, held_out = train_test_split(birds(), random_state=0, stratify=birds()["species"])
    arguments: dict[str, Any] = {
        "name": "penguins",
        "version": "1",
        "contract": CONTRACT,
        "estimator": estimator,
        "train": (train, train["species"]),
        "held_out": (held_out, held_out["species"]),
        "fallback": Constant(value="Adelie"),
    }
    return Model(**arguments | changes)
