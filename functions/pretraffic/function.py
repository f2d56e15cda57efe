"""The composition root: from an environment to the hook that Lambda calls."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from functions.pretraffic.hook import Hook
from functions.pretraffic.rehearsal import LONGEST_REQUEST, Clients
from functions.pretraffic.settings import read_settings

MakeClient = Callable[[str], Any]
"""From the name of a service to its boto3 client: stubs are not installed for all of them."""


def build_hook(env: Mapping[str, str], client: MakeClient) -> Hook:
    """Raises HookNotConfigured if the environment does not say what to try."""
    return Hook(
        settings=read_settings(env),
        clients=Clients(client("lambda"), client("s3"), client("cloudwatch"), client("kms")),
        dynamodb=client("dynamodb"),
        codedeploy=client("codedeploy"),
        sns=client("sns"),
        sleep=time.sleep,
        write=print,
    )


def bounded_clients() -> MakeClient:
    """No call outlives the function. A request to the model is sent once: it would only be slow
    again, and what is throttled the hook itself sends again."""
    from botocore.config import Config  # the Lambda runtime's own
    from botocore.session import get_session

    session = get_session()

    def make(service: str) -> Any:
        asks = service == "lambda"
        config = Config(
            connect_timeout=2,
            read_timeout=LONGEST_REQUEST if asks else 4,
            retries={"mode": "standard", "total_max_attempts": 1 if asks else 2},
        )
        return session.create_client(service, config=config)

    return make
