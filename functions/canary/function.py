"""The composition root: from an environment to a Lambda handler."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import boto3
from botocore.config import Config

from functions.canary.judge import Judge
from functions.canary.settings import read_settings
from functions.canary.telling import Teller
from model_store.history.table import HistoryTable

Handler = Callable[[Mapping[str, Any], Any], None]
QUICK = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})


def build_handler(env: Mapping[str, str]) -> Handler:
    """Raises JudgeNotConfigured."""
    settings = read_settings(env)
    # By any name: there are stubs for some of these services only.
    client: Callable[[str], Any] = partial(boto3.client, config=QUICK)
    judge = Judge(
        settings=settings,
        codedeploy=client("codedeploy"),
        cloudwatch=client("cloudwatch"),
        lambda_=client("lambda"),
        history=HistoryTable(client("dynamodb"), settings.history),
        teller=Teller(settings, client("sns"), _log),
        now=lambda: datetime.now(UTC),
    )

    def handler(event: Mapping[str, Any], context: Any) -> None:  # noqa: ARG001 - Lambda's own
        judge.look()

    return handler


def _log(line: str) -> None:
    print(line, flush=True)
