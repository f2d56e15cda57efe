"""The composition root: from an environment to the hook that Lambda calls."""

import time
from collections.abc import Mapping
from typing import Any

from functions.operations.clients import MakeClient, make_client
from functions.operations.telling import Teller, write_line
from functions.pretraffic.hook import Hook
from functions.pretraffic.rehearsal import LONGEST_REQUEST, Clients
from functions.pretraffic.settings import read_settings
from model_store.history.table import HistoryTable


def bounded_client(service: str) -> Any:
    """No call outlives the function. A request to the model is sent once: it would only be slow
    again, and what is throttled the hook itself sends again."""
    if service == "lambda":
        return make_client(service, seconds=LONGEST_REQUEST, attempts=1)
    return make_client(service, seconds=4, attempts=2)


def build_hook(env: Mapping[str, str], client: MakeClient = bounded_client) -> Hook:
    """Raises NotConfigured."""
    settings = read_settings(env)
    return Hook(
        settings=settings,
        clients=Clients(client("lambda"), client("s3"), client("cloudwatch"), client("kms")),
        codedeploy=client("codedeploy"),
        history=HistoryTable(client("dynamodb"), settings.history),
        teller=Teller(settings.reference.name, settings.topic, client("sns"), write_line),
        sleep=time.sleep,
    )
