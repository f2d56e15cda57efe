"""The embedded AWS: one process, one port, loopback only."""

import json
import threading
from importlib.metadata import version
from types import TracebackType
from typing import Any

import uvicorn

from infra.local import moto_server, sockets

REGION = "us-east-1"
ACCOUNT = "123456789012"
START_LIMIT_S = 30


class EmbeddedAws:
    """moto's services and a REST API gateway behind one endpoint.

    Usable as a context manager. `port` 0 takes a free one. State lives in memory and starts
    empty: one embedded AWS at a time per process.
    """

    def __init__(self, port: int = 0) -> None:
        self._wanted_port = port
        self.port = 0
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def endpoint(self) -> str:
        """Spelled "localhost": moto's CloudFormation takes no other loopback name."""
        return f"http://localhost:{self.port}"

    def environment(self) -> dict[str, str]:
        """What a client (boto3, sam, lambent) needs in its environment to come here."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
        }

    def start(self) -> "EmbeddedAws":
        """Bind, forget earlier state, serve. Returns once requests are answered."""
        listening = sockets.listen(self._wanted_port)
        self.port = listening[0].getsockname()[1]
        moto_server.reset()
        config = uvicorn.Config(
            self._application(),
            lifespan="off",
            log_level="error",
            access_log=False,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=[listening], name="embedded-aws", daemon=True
        )
        self._thread.start()
        self._wait_until_started()
        return self

    def stop(self) -> None:
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> "EmbeddedAws":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def info(self) -> dict[str, Any]:
        return {
            "endpoint": self.endpoint,
            "account": ACCOUNT,
            "region": REGION,
            "moto": version("moto"),
        }

    def _wait_until_started(self) -> None:
        assert self._server is not None
        waiting = threading.Event()
        for _ in range(START_LIMIT_S * 100):
            if self._server.started:
                return
            waiting.wait(0.01)
        raise TimeoutError("embedded AWS: uvicorn did not start")

    def _application(self) -> Any:
        moto = moto_server.application()

        async def application(scope: Any, receive: Any, send: Any) -> None:
            if scope["path"].startswith("/_lambent/"):
                await _send_json(send, 200, self.info())
            else:
                await moto(scope, receive, send)

        return application


async def _send_json(send: Any, status: int, body: Any) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
