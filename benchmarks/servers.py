"""The servers of the HTTP bench: how each is started, each with one worker."""

import contextlib
import json
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil

from benchmarks.cast import Cast
from benchmarks.contender import Contender
from benchmarks.load import send
from benchmarks.places import CONTENDERS, python_of

STARTS_WITHIN_S = 90.0
UVICORN = ["--loop", "uvloop", "--http", "httptools", "--log-level", "warning"]

Server = tuple[list[str], Contender]


def servers_of(cast: Cast, scratch: Path) -> dict[str, Server]:
    """The command without its port, and the environment it runs in."""
    plain = scratch / "plain.onnx"
    plain.write_bytes(cast.subject.plain)
    naive = cast.documentation()
    untraced = replace(naive, variables={**naive.variables, "POWERTOOLS_TRACE_DISABLED": "true"})
    file = cast.columns() | {"BENCH_FILE": str(plain)}
    uvicorn = [str(python_of("uvicorn")), "-m", "uvicorn", *UVICORN]
    bentoml = [str(python_of("bentoml")), "-m", "bentoml", "serve", "bentoml_service:Model"]
    mlserver = [str(python_of("mlserver").with_name("mlserver")), "start", str(scratch)]
    return {
        "lambent by FastAPI": ([*uvicorn, "lambent_app:app"], cast.lambent()),
        "lambent": ([*uvicorn, "lambent_asgi:app"], cast.lambent()),
        "documentation": ([*uvicorn, "documentation:app"], untraced),
        "BentoML": (bentoml, Contender("", [CONTENDERS], file)),
        "MLServer": (mlserver, Contender("", [CONTENDERS], file)),
    }


@contextlib.contextmanager
def listening(
    command: list[str], contender: Contender, scratch: Path, first: bytes
) -> Iterator[int]:
    """Its port, once it has answered `first`."""
    port = _free_port()
    with contextlib.ExitStack() as open_:
        tmp = open_.enter_context(tempfile.TemporaryDirectory())
        if "mlserver" in command[0]:
            _configure_mlserver(scratch, port)
        else:
            command = [*command, "--port", str(port)]
        errors = open_.enter_context(Path(tmp, "stderr").open("wb+"))
        process = subprocess.Popen(  # noqa: S603
            command,
            env=contender.environment(tmp) | {"HOME": tmp, "BENTOML_DO_NOT_TRACK": "true"},
            cwd=CONTENDERS,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        try:
            if not _answers(port, first, process):
                errors.seek(0)
                told = errors.read().decode(errors="replace")[-2000:]
                raise RuntimeError(f"no answer from {' '.join(command)}:\n{told}")
            yield port
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """With its workers: BentoML's are in a session of their own and would outlive it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for worker in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                worker.kill()
    process.kill()
    process.wait()


def _configure_mlserver(folder: Path, port: int) -> None:
    """Without its pool of processes, which makes single rows slower."""
    settings = {
        "host": "127.0.0.1",
        "http_port": port,
        "grpc_port": _free_port(),
        "metrics_port": _free_port(),
        "parallel_workers": 0,
        "debug": False,
    }
    model = {"name": "bench", "implementation": "mlserver_model.Onnx"}
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "model-settings.json").write_text(json.dumps(model), encoding="utf-8")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _answers(port: int, first: bytes, process: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError, RuntimeError):
            send(port, [first], 1, 1)
            return True
        time.sleep(0.1)
    return False
