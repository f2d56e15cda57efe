"""Which species a penguin is: three classes, strings, missing values, a sensitive feature."""

from typing import Annotated, Literal

from palmerpenguins import load_penguins
from pydantic import BaseModel, Field
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from model_store.contract import Category, OutOfRange, Sensitive, Unit, freeze
from model_store.packaging import Constant, Model, Policy, Rules

SEED = 20


class Penguin(BaseModel):
    """One penguin, measured by a field team of the Palmer Archipelago."""

    island: Annotated[
        Literal["Biscoe", "Dream", "Torgersen"],
        Field(description="Where it was seen"),
        Category(unseen="flag"),
    ]
    bill_length_mm: Annotated[float | None, Field(ge=25, le=70), Unit("mm"), OutOfRange("flag")] = (
        None
    )
    bill_depth_mm: Annotated[float | None, Field(ge=10, le=25), Unit("mm"), OutOfRange("flag")] = (
        None
    )
    flipper_length_mm: Annotated[float | None, Field(ge=150, le=250), Unit("mm")] = None
    body_mass_g: Annotated[float | None, Field(ge=2000, le=7500), Unit("g")] = None
    sex: Annotated[Literal["female", "male"] | None, Sensitive()] = None


BODY = ["flipper_length_mm", "body_mass_g"]
BILL = ["bill_length_mm", "bill_depth_mm"]
CATEGORIES = ["island", "sex"]


def body_only() -> Pipeline:
    """Version 1: size and place, as seen from afar."""
    return make_pipeline(_columns(BODY), LogisticRegression(max_iter=1000))


def whole_bird() -> Pipeline:
    """Version 2: the bill too, and a forest."""
    forest = RandomForestClassifier(n_estimators=60, random_state=SEED)
    return make_pipeline(_columns(BODY + BILL), forest)


def _columns(numbers: list[str]) -> ColumnTransformer:
    scaled = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    spelled = OneHotEncoder(handle_unknown="ignore")
    return ColumnTransformer([("numbers", scaled, numbers), ("strings", spelled, CATEGORIES)])


def model(version: str) -> Model:
    contract = freeze(Penguin, version="1.0")
    birds = load_penguins()
    train, held_out = train_test_split(
        birds, test_size=0.3, random_state=SEED, stratify=birds["species"]
    )
    return Model(
        name="penguins",
        version=version,
        title="Penguin species",
        description="Tells Adelie, Chinstrap and Gentoo penguins apart.",
        contract=contract,
        estimator=body_only() if version == "1" else whole_bird(),
        train=(train, train["species"]),
        held_out=(held_out, held_out["species"]),
        policy=Policy(
            least_confidence=0.7, message="Measure the bill too, or let a person look at a photo."
        ),
        fallback=[
            Rules({"flipper_length_mm > 205.0": "Gentoo"}),
            Constant(value="Adelie", note="the most common species in the data"),
        ],
    )
