"""The composition root: from an environment to a Lambda handler."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import boto3
from botocore.config import Config

from functions.guard.alarm import read_alarm
from functions.guard.guard import Guard
from functions.guard.settings import read_settings
from functions.guard.telling import Teller
from model_store.history.table import HistoryTable

Handler = Callable[[Mapping[str, Any], Any], None]
QUICK = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})


def build_handler(env: Mapping[str, str]) -> Handler:
    """Raises GuardNotConfigured."""
    settings = read_settings(env)
    # By any name: there are stubs for some of these services only.
    client: Callable[[str], Any] = partial(boto3.client, config=QUICK)
    guard = Guard(
        settings=settings,
        lambda_=client("lambda"),
        codedeploy=client("codedeploy"),
        history=HistoryTable(client("dynamodb"), settings.history),
        teller=Teller(settings, client("sns"), _log, time.time),
        now=lambda: datetime.now(UTC),
    )

    def handler(event: Mapping[str, Any], context: Any) -> None:  # noqa: ARG001 - Lambda's own
        guard.act(read_alarm(event))

    return handler


def _log(line: str) -> None:
    print(line, flush=True)
