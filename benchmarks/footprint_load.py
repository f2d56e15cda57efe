"""One new process that loads a graph as the function does, and tells what that took.

    python -m benchmarks.footprint_load SMALLEST FILE

What serving imports is there before, and a session of the smallest graph: what is told is the
graph's own, in ms of processor time and in MB at the peak; base_mb is the process before it.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from onnxruntime import InferenceSession, SessionOptions

import functions.inference.function  # noqa: F401 - what a serving process has in memory
from functions.inference.loading.blob_cache import BlobCache
from model_store.canonical import sha256_hex

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
RESET_PEAK = "5"


def load(file: Path, cache: BlobCache) -> InferenceSession:
    """Read, hashed, kept in /tmp, opened."""
    blob = file.read_bytes()
    cache.put(sha256_hex(blob), blob)
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return InferenceSession(blob, options, providers=["CPUExecutionProvider"])


def memory_mb(field: str) -> float:
    lines = STATUS.read_text(encoding="ascii").splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith(f"{field}:"))
    return int(kilobytes) * 1024 / 1e6


def unheard(event: str, digest: str) -> None:
    raise RuntimeError(f"{event} of {digest}")


def main(smallest: Path, file: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cache = BlobCache(Path(folder), unheard)
        kept = [load(smallest, cache)]
        CLEAR.write_text(RESET_PEAK, encoding="ascii")
        base, started = memory_mb("VmRSS"), time.process_time()
        kept.append(load(file, cache))
        took = (time.process_time() - started) * 1000
        told = {"ms": took, "memory_mb": memory_mb("VmHWM") - base, "base_mb": base}
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
