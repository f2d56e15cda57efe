"""How far a diabetes will have progressed in a year: a regression on laboratory values."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from model_store.contract import OutOfRange, Sensitive, Unit, freeze
from model_store.packaging import Constant, Model, Policy, Uncertainty

SEED = 7
# The data set calls them by number, and does not tell which sex is which.
COLUMNS = {"bp": "blood_pressure", "s1": "cholesterol", "s2": "ldl", "s3": "hdl", "s6": "glucose"}
SEXES = {1.0: "first", 2.0: "second"}


class Patient(BaseModel):
    """One patient at the first visit (Efron et al., 2004)."""

    age: Annotated[int, Field(ge=18, le=100), Unit("years"), Sensitive()]
    sex: Annotated[Literal["first", "second"], Sensitive()]
    bmi: Annotated[float, Field(ge=10, le=60), Unit("kg/m²"), OutOfRange("flag")]
    blood_pressure: Annotated[float, Field(ge=40, le=180), Unit("mm Hg")]
    cholesterol: Annotated[float, Field(ge=50, le=500), Unit("mg/dl"), OutOfRange("flag")]
    ldl: Annotated[float, Field(ge=10, le=400), Unit("mg/dl"), OutOfRange("flag")]
    hdl: Annotated[float, Field(ge=5, le=150), Unit("mg/dl"), OutOfRange("flag")]
    glucose: Annotated[float, Field(ge=30, le=300), Unit("mg/dl"), OutOfRange("fallback")]


def body_mass() -> Pipeline:
    """Version 1: a straight line through the body mass index."""
    only = ColumnTransformer([("bmi", StandardScaler(), ["bmi"])])
    return make_pipeline(only, LinearRegression())


def every_value() -> Pipeline:
    """Version 2: all values, regularised."""
    numbers = [name for name in Patient.model_fields if name != "sex"]
    columns = ColumnTransformer(
        [("numbers", StandardScaler(), numbers), ("sex", OneHotEncoder(drop="first"), ["sex"])]
    )
    return make_pipeline(columns, RidgeCV())


def model(version: str) -> Model:
    patients, progression = load_diabetes(as_frame=True, scaled=False, return_X_y=True)
    patients = patients.rename(columns=COLUMNS)
    patients["sex"] = patients["sex"].map(SEXES)
    x_train, x_test, y_train, y_test = train_test_split(
        patients, progression, test_size=0.6, random_state=SEED
    )
    return Model(
        name="diabetes",
        version=version,
        title="Diabetes progression",
        description="Predicts a measure of progression one year after the first visit.",
        contract=freeze(Patient, version="1.0"),
        estimator=body_mass() if version == "1" else every_value(),
        train=(x_train, y_train),
        held_out=(x_test, y_test),
        unit="points (25 to 346)",
        uncertainty=Uncertainty(intervals="scaled"),
        policy=Policy(
            widest=220,
            ambiguous="abstain",
            novel="fallback",
            message="Too uncertain to tell: plan by the next visit.",
        ),
        fallback=Constant(value=round(y_train.median(), 1), note="the median of the training data"),
    )
