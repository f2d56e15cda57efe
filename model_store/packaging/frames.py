"""DataFrames read by the contract: training sees exactly what serving sees."""

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np
import pandas as pd

from model_store.contract import (
    MISSING,
    Contract,
    InvalidRow,
    Row,
    default_tensors,
    encode,
    normalise_training_row,
)
from model_store.packaging.errors import RowsRefused, numbered

SHOWN_PROBLEMS = 3


def prepare(contract: Contract, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame as the model will see it when served: same columns, same values, same order.

    Categories are trimmed and spelled as in the contract, defaults filled in. Numbers, booleans
    and dates (days since 1970-01-01) are float64 with NaN for missing; categories and text are
    objects with NaN for missing, as scikit-learn's encoders and imputers expect. Columns that
    the contract does not name are left out; the index is kept.

    Raises RowsRefused for a feature without a column, and for rows that the contract refuses:
    they could not be served either.
    """
    return frame_of(contract, read_rows(contract, frame), frame.index)


def read_rows(contract: Contract, frame: pd.DataFrame, data: str = "the frame") -> list[Row]:
    """Every record of a DataFrame, normalised; raises RowsRefused for those that cannot be.

    `data` is what messages call the frame: train, held_out or baseline.
    """
    where = f"{data}, read by contract {contract.name}"
    if not isinstance(frame, pd.DataFrame):
        raise RowsRefused(
            where,
            f"X is a {type(frame).__name__}, and features are known by name",
            "Pass a pandas DataFrame with a column per feature",
        )
    _require_columns(contract, frame, where)
    rows: list[Row] = []
    refused: dict[str, list[int]] = {}
    for number, record in enumerate(frame[list(contract.names)].to_dict("records")):
        try:
            rows.append(normalise_training_row(contract, {str(k): v for k, v in record.items()}))
        except InvalidRow as error:
            for violation in error.violations:
                problem = f"{'.'.join(map(str, violation.path))} {violation.message}"
                refused.setdefault(problem, []).append(number)
    if refused:
        raise _refusal(where, refused)
    return rows


def frame_of(
    contract: Contract, rows: Sequence[Row], index: pd.Index | None = None
) -> pd.DataFrame:
    """Normalised rows as the frame that estimators are trained on and compared with."""
    specs = [
        spec if spec.dtype == "string" else spec.model_copy(update={"dtype": "float64"})
        for spec in default_tensors(contract)
    ]
    columns = {name: array[:, 0] for name, array in encode(rows, specs).items()}
    for spec in specs:
        if spec.dtype == "string" and contract.by_name[spec.name].may_be_null:
            text = columns[spec.name]
            columns[spec.name] = np.where(text == MISSING, np.nan, text)
    return pd.DataFrame(
        {name: pd.Series(column, dtype=column.dtype) for name, column in columns.items()}
    ).set_axis(index if index is not None else range(len(rows)))


def _require_columns(contract: Contract, frame: pd.DataFrame, where: str) -> None:
    """Of features that may be missing too: a misspelt one would be missing in every row."""
    absent = [name for name in contract.names if name not in frame.columns]
    twice = sorted(
        {str(n) for n in frame.columns[frame.columns.duplicated()]} & set(contract.names)
    )
    if twice:
        what = f"the data has more than one column {', '.join(twice[:SHOWN_PROBLEMS])}"
        raise RowsRefused(where, what, "Keep one column per feature")
    if not absent:
        return
    others = [str(column) for column in frame.columns if column not in contract.by_name]
    told = [_absent(name, others) for name in absent]
    more = f"; {len(told) - SHOWN_PROBLEMS} more" if len(told) > SHOWN_PROBLEMS else ""
    raise RowsRefused(
        where,
        f"the data has no column {'; '.join(told[:SHOWN_PROBLEMS])}{more}",
        "Spell the contract's feature like the column, or add the column "
        "(of None, if the feature may be missing)",
    )


def _absent(name: str, others: Sequence[str]) -> str:
    close = get_close_matches(name, others, n=1)
    return f"{name} (did you mean {close[0]}?)" if close else name


def _refusal(where: str, refused: dict[str, list[int]]) -> RowsRefused:
    told = [f"{problem} ({numbered(rows, 'row positions')})" for problem, rows in refused.items()]
    more = f"; {len(told) - SHOWN_PROBLEMS} more problems" if len(told) > SHOWN_PROBLEMS else ""
    return RowsRefused(
        where,
        f"rows of the data break it: {'; '.join(told[:SHOWN_PROBLEMS])}{more}",
        "Correct the contract (range, categories, None for what may be missing) or drop the rows",
    )
