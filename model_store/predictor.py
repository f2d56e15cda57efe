"""Runs the model, and checks what it is given and what it gives."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import onnxruntime as ort

from model_store.artifact.manifest import Manifest
from model_store.contract import TensorType
from model_store.errors import DeadlineExceeded, ModelFailed, ModelNotLoadable, PredictionError
from model_store.outputs import OutputReader, Outputs
from model_store.session import ORT_ERRORS, ROLL_BACK, SILENT, open_session
from model_store.watchdog import Watchdog, process_watchdog

GRAPH_TYPES: dict[TensorType, str] = {
    "float32": "tensor(float)",
    "float64": "tensor(double)",
    "int64": "tensor(int64)",
    "string": "tensor(string)",
    "bool": "tensor(bool)",
}
ROWS_AT_ONCE = 250
"""A node keeps what it computes for all rows that it is given: more rows take more memory, and no
less time."""


class Predictor:
    """One model in one ONNX Runtime session. Safe to use from several threads at once."""

    def __init__(
        self,
        model: bytes,
        manifest: Manifest,
        watchdog: Watchdog | None = None,
        session: Any = None,
    ) -> None:
        """Raises ModelNotLoadable. `model` must have been verified against the manifest.

        session: of this model, if there is one already.
        """
        self._where = f"model {manifest.reference}"
        self._session = session or open_session(self._where, model)
        _check_graph(self._where, self._session, manifest)
        self._wanted = list(manifest.outputs.named)
        self._reader = OutputReader(manifest)
        self._watchdog = watchdog or process_watchdog()

    def predict(self, tensors: Mapping[str, np.ndarray], deadline_s: float | None) -> Outputs:
        """Answer all rows of the tensors (see `contract.encode`) within `deadline_s` seconds.

        None sets no deadline. The model is stopped between two graph nodes, so one long node
        still runs to its end, over ROWS_AT_ONCE rows at most. Raises DeadlineExceeded, ModelFailed
        or ModelOutputInvalid, none of which carries an input value.
        """
        if deadline_s is not None and deadline_s <= 0:
            raise self._too_late(0)
        raw = self._run(tensors, deadline_s)
        rows = len(next(iter(tensors.values())))
        return self._reader.read(dict(zip(self._wanted, raw, strict=True)), rows)

    def _run(self, tensors: Mapping[str, np.ndarray], deadline_s: float | None) -> list[Any]:
        # Options of its own for every call: stopping one can never touch another.
        options = ort.RunOptions()
        options.log_severity_level = SILENT
        if deadline_s is None:
            return self._attempt(tensors, options)
        with self._watchdog.watch(deadline_s, lambda: _terminate(options)) as watch:
            try:
                return self._attempt(tensors, options)
            except ModelFailed:
                if not watch.expired:
                    raise
        raise self._too_late(deadline_s)

    def _attempt(self, tensors: Mapping[str, np.ndarray], options: Any) -> list[Any]:
        try:
            runs = [self._session.run(self._wanted, part, options) for part in _parts(tensors)]
            return runs[0] if len(runs) == 1 else list(map(np.concatenate, zip(*runs, strict=True)))
        except ORT_ERRORS as error:
            failure = type(error).__name__
        # Raised out here so that the original, which may quote inputs, is not its context.
        raise ModelFailed(self._where, f"failed in ONNX Runtime ({failure})", ROLL_BACK)

    def _too_late(self, deadline_s: float) -> PredictionError:
        return DeadlineExceeded(
            self._where,
            f"did not answer within {deadline_s:.3g} s",
            "Send fewer rows at once, or give the function more memory or time",
        )


def _parts(tensors: Mapping[str, np.ndarray]) -> Iterator[Mapping[str, np.ndarray]]:
    """The same rows, in order, at most ROWS_AT_ONCE of them in each."""
    rows = len(next(iter(tensors.values())))
    if rows <= ROWS_AT_ONCE:
        yield tensors
        return
    for start in range(0, rows, ROWS_AT_ONCE):
        yield {name: every[start : start + ROWS_AT_ONCE] for name, every in tensors.items()}


def _terminate(options: Any) -> None:
    options.terminate = True


def _check_graph(where: str, session: Any, manifest: Manifest) -> None:
    takes = {found.name: found.type for found in session.get_inputs()}
    sends = {spec.name: GRAPH_TYPES[spec.dtype] for spec in manifest.inputs}
    if takes != sends:
        differ = sorted(name for name, _ in takes.items() ^ sends.items())
        what = f"graph and manifest differ in the inputs {', '.join(dict.fromkeys(differ))}"
        raise ModelNotLoadable(where, what, ROLL_BACK)
    gives = {found.name: found.type for found in session.get_outputs()}
    for name in manifest.outputs.named:
        if not gives.get(name, "").startswith("tensor("):
            what = f"the graph gives no tensor called {name}"
            raise ModelNotLoadable(where, what, "Convert with zipmap=False, then package again")
