"""Why a model was not packaged: the estimator or file, the reason, and the way out."""

from __future__ import annotations

from collections.abc import Sequence

from model_store.errors import ArtifactError, ConversionError

SHOWN_ROWS = 10


class UnsafeGraph(ArtifactError):
    """A graph that could read files, exhaust memory, or run unknown code."""

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__("model.onnx", what, next_step)


class RuntimeTooOld(ArtifactError):
    """A graph made for a newer onnxruntime than the one that serves (fault row 13)."""

    def __init__(self, what: str, found: int, newest: int) -> None:
        super().__init__(
            "model.onnx",
            f"{what} is {found}; the pinned onnxruntime loads up to {newest}",
            f"Export with {what} {newest} or lower (target_opset=…), "
            "or convert down with onnx.version_converter",
        )


class SmokeTestFailed(ArtifactError):
    """The graph did not survive one run in a limited process (fault row 28)."""

    def __init__(self, what: str) -> None:
        super().__init__(
            "model.onnx",
            f"the smoke test failed: {what}",
            "Load the file with the pinned onnxruntime and run one row to see the cause",
        )


class InvalidModel(ConversionError):
    """What `Model(...)` was given cannot be packaged, whatever the estimator."""


class ConversionRefused(ConversionError):
    """A part of the estimator has no ONNX form."""


class ParityFailed(ConversionError):
    """The graph answers differently from the estimator, whatever was tried."""


class RowsRefused(ConversionError):
    """Rows of the data break the contract. Names rows and features, never values."""


def numbered(rows: Sequence[int]) -> str:
    """'rows 3, 17 and 12 more', never longer than a line."""
    shown = ", ".join(str(row) for row in rows[:SHOWN_ROWS])
    more = len(rows) - SHOWN_ROWS
    return f"rows {shown} and {more} more" if more > 0 else f"rows {shown}"


def shortened(text: str, longest: int = 200) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"
