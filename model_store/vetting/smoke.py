"""One run of a graph in a process of its own, with little memory and little time.

The child is this file (`python -m model_store.vetting.smoke FOLDER`): it loads
`model.onnx`, feeds it `feeds.npz`, and prints one line of JSON.
"""

import json
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from model_store.vetting.errors import SmokeTestFailed

Tensors = Mapping[str, np.ndarray[Any, Any]]
MEMORY_BYTES = 2**30
SECONDS = 30.0


def smoke_test(
    model_bytes: bytes,
    feeds: Tensors,
    *,
    memory_bytes: int = MEMORY_BYTES,
    seconds: float = SECONDS,
) -> None:
    """Load the graph with this environment's onnxruntime and run it once on `feeds`.

    `memory_bytes` is what the run may allocate on top of the loaded runtime. Call
    `inspect_graph` first: it refuses graphs that could read files.

    Raises SmokeTestFailed when it did not load, failed, took too long or too much memory.
    """
    with tempfile.TemporaryDirectory(prefix="lambent-smoke-") as name:
        folder = Path(name)
        (folder / "model.onnx").write_bytes(model_bytes)
        np.savez(folder / "feeds.npz", **{k: _plain(v) for k, v in feeds.items()})  # type: ignore[arg-type]
        try:
            child = subprocess.run(  # noqa: S603
                [sys.executable, "-P", "-m", __name__, name, str(memory_bytes), str(seconds)],
                cwd=name,
                capture_output=True,
                timeout=seconds + 30,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise SmokeTestFailed(_too_slow(seconds)) from error
    _judge(child, memory_bytes, seconds)


def _plain(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Strings as fixed-width unicode, so that the file needs no pickle."""
    return array.astype(np.str_) if array.dtype == object else array


def _judge(child: subprocess.CompletedProcess[bytes], memory_bytes: int, seconds: float) -> None:
    last = child.stdout.decode(errors="replace").strip().rpartition("\n")[2]
    report = json.loads(last) if last.startswith("{") else None
    if report is None and child.returncode == -signal.SIGXCPU:
        raise SmokeTestFailed(_too_slow(seconds))
    if report is None or report["outcome"] == "memory":
        raise SmokeTestFailed(
            f"it needs more than {memory_bytes // 2**20} MiB, or crashed the runtime "
            f"(exit code {child.returncode})"
        )
    if report["outcome"] == "failed":
        raise SmokeTestFailed(report["error"])


def _too_slow(seconds: float) -> str:
    return f"loading and one run took more than {seconds:g} s"


def _child(folder: Path, memory_bytes: int, seconds: float) -> dict[str, str]:
    import onnxruntime as ort  # only the child runs a model

    ort.set_default_logger_severity(4)
    _limit(memory_bytes, seconds)
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        session = ort.InferenceSession(
            (folder / "model.onnx").read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        session.run(None, _feeds(folder))
    except MemoryError:
        return {"outcome": "memory"}
    except Exception as error:  # noqa: BLE001 - whatever onnxruntime raises is the finding
        text = str(error)
        memory = "bad_alloc" in text or "Failed to allocate memory" in text
        return {"outcome": "memory"} if memory else {"outcome": "failed", "error": text[:600]}
    return {"outcome": "ran"}


def _limit(memory_bytes: int, seconds: float) -> None:
    in_use = psutil.Process().memory_info().vms
    resource.setrlimit(resource.RLIMIT_AS, (in_use + memory_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (soft := max(1, round(seconds)), soft + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _feeds(folder: Path) -> dict[str, np.ndarray[Any, Any]]:
    with np.load(folder / "feeds.npz", allow_pickle=False) as stored:
        return {
            name: stored[name].astype(object) if stored[name].dtype.kind == "U" else stored[name]
            for name in stored.files
        }


if __name__ == "__main__":
    print(json.dumps(_child(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))))
