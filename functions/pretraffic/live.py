"""Which version callers meet today."""

from typing import TYPE_CHECKING

from model_store.aws import translated
from model_store.errors import NotFound
from model_store.history.live import Version, read_alias, version_of

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


def read_live(client: "LambdaClient", function: str) -> Version | None:
    """None when there is no alias yet; raises AwsError."""
    try:
        number = read_alias(client, function).number
    except NotFound:
        return None
    with translated(f"{function} version {number}"):
        return version_of(
            client.get_function_configuration(FunctionName=function, Qualifier=number)
        )
