"""Version 1 takes millimetres, version 2 centimetres, and still serves who sends millimetres."""

from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, Field
from sklearn.linear_model import LinearRegression

from model_store.contract import Contract, Fixed, Mapped, Scaled, Unit, Upcast, freeze
from model_store.packaging import Constant, Model

Millimetres = Annotated[float, Field(ge=150, le=260), Unit("mm")]
Centimetres = Annotated[float, Field(ge=15, le=26), Unit("cm")]


class Flipper(BaseModel):
    flipper_mm: Millimetres
    sex: Literal["m", "f"] = "f"


class FlipperInCentimetres(BaseModel):
    flipper_cm: Centimetres
    sex: Literal["male", "female"]
    year: int | None


def model(version: str) -> Model:
    older = freeze(Flipper, version="1.0")
    if version == "1":
        return _model(version, older)
    newer = freeze(FlipperInCentimetres, version="2.0")
    sources = {
        "flipper_cm": Scaled(was="flipper_mm", scale=0.1),
        "sex": Mapped(categories={"m": "male", "f": "female"}),
        "year": Fixed(value=None),
    }
    # Version 3 forgets those who still call version 1's contract.
    accepts = [Upcast(contract=older, features=sources)] if version == "2" else []
    return _model(version, newer, accepts=accepts)


def _model(version: str, contract: Contract, **options: object) -> Model:
    """Fifty grams for each centimetre."""
    flippers = np.linspace(15, 26, 200)
    sexes = contract.by_name["sex"].categories
    frame = pd.DataFrame(
        {
            "flipper_cm": flippers,
            "flipper_mm": flippers * 10,
            "sex": np.where(np.arange(200) % 2, *sexes),
            "year": 2007,
        }
    )[list(contract.names)]
    length = frame.columns[0]
    estimator = LinearRegression().fit(frame[[length]].astype(float), flippers * 50)
    return Model(
        name="flippers",
        version=version,
        contract=contract,
        estimator=estimator,
        held_out=(frame, flippers * 50),
        fallback=Constant(value=1000.0),
        unit="g",
        **options,
    )
