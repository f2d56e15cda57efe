"""Why a model was not packaged: the estimator or file, the reason, and the way out."""

from collections.abc import Sequence

from model_store.errors import ConversionError

SHOWN_ROWS = 10


class InvalidModel(ConversionError):
    """What `Model(...)` was given cannot be packaged, whatever the estimator."""


class ConversionRefused(ConversionError):
    """A part of the estimator has no ONNX form."""


class PartRefused(ConversionRefused):
    """The same whatever is tried. Names the part."""


class ParityFailed(ConversionError):
    """The graph answers differently from the estimator, whatever was tried."""


class RowsRefused(ConversionError):
    """Rows of the data break the contract. Names rows and features, never values."""


def numbered(rows: Sequence[int], called: str = "rows") -> str:
    """'rows 3, 17 and 12 more', never longer than a line."""
    shown = ", ".join(str(row) for row in rows[:SHOWN_ROWS])
    more = len(rows) - SHOWN_ROWS
    return f"{called} {shown} and {more} more" if more > 0 else f"{called} {shown}"


def shortened(text: str, longest: int = 200) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"
