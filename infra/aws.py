"""The one seam to AWS: typed clients, and errors that say what to do."""

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from model_store.aws import translated

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sts import STSClient

__all__ = ["Aws", "translated"]

SERVICES = [
    "apigateway",
    "cloudformation",
    "cloudwatch",
    "codedeploy",
    "dynamodb",
    "kms",
    "lambda",
    "logs",
    "s3",
    "sts",
]


class Aws:
    """Clients, each made when first used. `endpoint` is set for the embedded AWS alone."""

    def __init__(self, endpoint: str | None = None, region: str | None = None) -> None:
        self.endpoint, self.region = endpoint, region

    @classmethod
    def from_environment(cls) -> "Aws":
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        return cls(os.environ.get("AWS_ENDPOINT_URL"), region)

    @property
    def is_local(self) -> bool:
        return self.endpoint is not None

    def api_url(self, api_id: str, stack_output: str) -> str:
        """Where the stage `live` answers: the stack's output, or the embedded gateway."""
        if self.endpoint is None:
            return stack_output
        return f"{self.endpoint.rstrip('/')}/_aws/execute-api/{api_id}/live"

    @cached_property
    def s3(self) -> "S3Client":
        client: S3Client = self._client("s3")
        return client

    @cached_property
    def lambda_(self) -> "LambdaClient":
        client: LambdaClient = self._client("lambda")
        return client

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        client: CloudFormationClient = self._client("cloudformation")
        return client

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        client: DynamoDBClient = self._client("dynamodb")
        return client

    @cached_property
    def cloudwatch(self) -> "CloudWatchClient":
        client: CloudWatchClient = self._client("cloudwatch")
        return client

    @cached_property
    def kms(self) -> "KMSClient":
        client: KMSClient = self._client("kms")
        return client

    @cached_property
    def codedeploy(self) -> Any:
        """Any: the pinned stubs have none for it (see model_store.history.shift). Impatient: a
        rollback asks it, and goes on without an answer where no traffic is shared."""
        return self._client("codedeploy", connect_timeout=2, read_timeout=5)

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        client: CloudWatchLogsClient = self._client("logs")
        return client

    @cached_property
    def apigateway(self) -> "APIGatewayClient":
        client: APIGatewayClient = self._client("apigateway")
        return client

    @cached_property
    def sts(self) -> "STSClient":
        client: STSClient = self._client("sts")
        return client

    @cached_property
    def _session(self) -> Any:
        # botocore alone: boto3's resources and transfers cost a rollback a tenth of a second.
        from botocore.loaders import Loader
        from botocore.session import get_session

        class Models(Loader):
            """Before it reads one, botocore's own looks for the models of all 400 services."""

            def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002
                return SERVICES

        session = get_session()
        session.register_component("data_loader", Models())
        return session

    def _client(self, service: str, connect_timeout: int = 3, read_timeout: int = 60) -> Any:
        from botocore.config import Config

        config = Config(
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            retries={"mode": "standard", "max_attempts": 3},
        )
        with translated(f"AWS client for {service}"):
            return self._session.create_client(
                service, region_name=self.region, endpoint_url=self.endpoint, config=config
            )
