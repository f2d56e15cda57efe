"""The embedded AWS: one process, one port, loopback only."""

import contextlib
import logging
import random
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Any

import uvicorn
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.local import loopback, moto_server, strict
from infra.local.api_gateway.app import PREFIX as GATEWAY_PREFIX
from infra.local.api_gateway.app import ApiGateway
from infra.local.calls import own_client
from infra.local.cloudwatch.alarms import AlarmWatch
from infra.local.codedeploy.api import TARGET as CODEDEPLOY_TARGET
from infra.local.codedeploy.api import CodeDeployApi
from infra.local.eventbridge import Schedules
from infra.local.lambda_service.invoke_api import PATH as INVOKE_PATH
from infra.local.lambda_service.invoke_api import InvokeApi, refused
from infra.local.lambda_service.service import LambdaOptions, LambdaService
from infra.local.lambda_service.triggers import Triggers

REGION = "us-east-1"
ACCOUNT = "123456789012"
HEALTH = "/_lambent/health"
PROJECT = Path(__file__).parents[2]
INVOKE_THREADS = 256
TICK_S = 0.5
KEEP_ALIVE_S = 600
_LOG = logging.getLogger("lambent.local")


class EmbeddedAws:
    """moto's services, Lambda and a REST API gateway behind one endpoint.

    Usable as a context manager. `port` 0 takes a free one. State lives in memory and starts
    empty: one embedded AWS at a time per process. With `time_scale` 60 the minutes of alarms,
    schedules and traffic shifts pass in seconds; without `background` they pass in `tick` alone.
    `options` override fields of LambdaOptions.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        time_scale: float = 1.0,
        background: bool = True,
        **options: Any,
    ) -> None:
        self._wanted_port = port
        self._time_scale = time_scale
        self._background = background
        self._tasks: list[Callable[[], None]] = []
        self._options = options
        self._running = contextlib.ExitStack()
        self.port = 0

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
            "SAM_CLI_POLL_DELAY": "0.5",  # seconds; it would look every 5, as at AWS
            **loopback.past_proxies(),
        }

    def start(self) -> "EmbeddedAws":
        """Bind, forget earlier state, serve. Returns once requests are answered.

        Raises PortTaken.
        """
        listening = loopback.listen(self._wanted_port)
        self.port = listening[0].getsockname()[1]
        moto_server.reset()
        strict.patch()
        with contextlib.ExitStack() as starting:
            # Left in reverse: ending the workers is what lets their threads finish.
            threads = starting.enter_context(ThreadPoolExecutor(INVOKE_THREADS, "invoke"))
            service = starting.enter_context(contextlib.closing(self._lambda_service()))
            invoke = Triggers(service, threads, ACCOUNT)
            watch = AlarmWatch(ACCOUNT, service.clock, self._time_scale, invoke)
            schedules = Schedules(ACCOUNT, service.clock, self._time_scale, invoke)
            deployments = self._codedeploy(service, threads)
            application = self._application(service, deployments, threads)
            starting.enter_context(_serving(application, listening))
            self._tasks = [service.reap, watch.tick, schedules.tick, deployments.tick]
            if self._background:
                starting.enter_context(_ticking(self.tick))
            self._running = starting.pop_all()
        return self

    def tick(self) -> None:
        """Do what is due by now: alarms, schedules, traffic shifts. Twice does no harm."""
        for task in self._tasks:
            try:
                task()
            except Exception:  # noqa: BLE001 - one failed task must not end all others
                _LOG.exception("embedded AWS: a background task failed")

    def stop(self) -> None:
        """Finish what runs, end every worker. Stopping twice is harmless."""
        self._running.close()

    def __enter__(self) -> "EmbeddedAws":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _lambda_service(self) -> LambdaService:
        defaults: dict[str, Any] = {
            "runtime_python": PROJECT / ".envs" / "runtime" / "bin" / "python",
            "code_cache": PROJECT / ".lambent" / "local" / "code",
            "account": ACCOUNT,
            "random": random.SystemRandom(),
        }
        return LambdaService(self.endpoint, LambdaOptions(**(defaults | self._options)))

    def _codedeploy(self, service: LambdaService, threads: ThreadPoolExecutor) -> CodeDeployApi:
        def client(name: str, region: str) -> Any:
            return own_client(name, region, self.port)

        return CodeDeployApi(client, service.clock, self._time_scale, threads, REGION)

    def _application(
        self, service: LambdaService, deployments: CodeDeployApi, threads: ThreadPoolExecutor
    ) -> ASGIApp:
        moto = moto_server.application()
        invoke = InvokeApi(service, threads, REGION)
        gateway = ApiGateway(service, threads, ACCOUNT, service.clock)
        foreign_host = JSONResponse({"message": loopback.FOREIGN_HOST}, 403)
        foreign_page = JSONResponse({"message": loopback.FOREIGN_PAGE}, 403)

        def chosen(scope: Scope) -> ASGIApp:
            if not loopback.is_addressed(scope):
                return foreign_host
            if scope["path"] == HEALTH:
                return JSONResponse({"status": "ok"})
            if scope["path"].startswith(GATEWAY_PREFIX):
                return gateway
            if loopback.is_from_elsewhere(scope):
                return foreign_page
            if Headers(scope=scope).get("x-amz-target", "").startswith(CODEDEPLOY_TARGET):
                return deployments
            path = scope["raw_path"].decode("latin-1")
            return refused(path) or (invoke if INVOKE_PATH.fullmatch(path) else moto)

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            await chosen(scope)(scope, receive, send)

        return application


@contextlib.contextmanager
def _serving(application: ASGIApp, listening: list[socket.socket]) -> Iterator[None]:
    config = uvicorn.Config(
        application,
        lifespan="off",
        log_level="error",
        access_log=False,
        timeout_graceful_shutdown=2,
        # Longer than anybody waits to use a connection again: one that is closed just then fails.
        timeout_keep_alive=KEEP_ALIVE_S,
        server_header=False,
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, args=[listening], name="embedded-aws", daemon=True)
    thread.start()
    waiting = Event()
    while not server.started and thread.is_alive():
        waiting.wait(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def _ticking(tick: Callable[[], None]) -> Iterator[None]:
    stopped = Event()

    def run() -> None:
        while not stopped.wait(TICK_S):
            tick()

    thread = Thread(target=run, name="tick", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
