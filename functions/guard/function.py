"""The composition root: from an environment to the guard that Lambda calls."""

from collections.abc import Mapping

from functions.guard.guard import Guard
from functions.guard.settings import read_settings
from functions.operations.clients import make_client
from functions.operations.telling import Teller, write_line
from model_store.history.table import HistoryTable, utc_now


def build_guard(env: Mapping[str, str]) -> Guard:
    """Raises NotConfigured."""
    settings = read_settings(env)
    return Guard(
        settings=settings,
        lambda_=make_client("lambda"),
        codedeploy=make_client("codedeploy"),
        history=HistoryTable(make_client("dynamodb"), settings.history),
        teller=Teller(settings.model, settings.topic, make_client("sns"), write_line),
        now=utc_now,
    )
