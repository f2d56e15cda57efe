"""The composition root: from an environment to the judge that Lambda calls."""

from collections.abc import Mapping

from functions.canary.judge import Judge
from functions.canary.settings import read_settings
from functions.operations.clients import make_client
from functions.operations.telling import Teller, write_line
from model_store.history.table import HistoryTable, utc_now


def build_judge(env: Mapping[str, str]) -> Judge:
    """Raises NotConfigured."""
    settings = read_settings(env)
    return Judge(
        settings=settings,
        codedeploy=make_client("codedeploy"),
        cloudwatch=make_client("cloudwatch"),
        lambda_=make_client("lambda"),
        history=HistoryTable(make_client("dynamodb"), settings.history),
        teller=Teller(settings.model, settings.topic, make_client("sns"), write_line),
        now=utc_now,
    )
