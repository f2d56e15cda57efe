"""Why a graph is not believed: the file, the reason, and the way out."""

from model_store.errors import ArtifactError


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
