"""Situations to plan from, and a Lambda service stricter than moto."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session, get_session

from infra.aws import Aws
from infra.errors import ToolFailed
from infra.local import moto_server
from infra.local.server import EmbeddedAws
from infra.release.deploy.parameters import Choices
from infra.release.deploy.situation import Situation
from infra.release.deployed.live import FALLBACK_ONLY, LambdaVersion, Live
from infra.release.stack.sam import Sam
from infra.release.stack.samconfig import SamConfig
from infra.release.stack.stacks import Stack, find_stack
from model_store.artifact.manifest import (
    FileEntry,
    Manifest,
    OutputNames,
    Parity,
    Provenance,
)
from model_store.contract import Contract, default_tensors
from model_store.fallbacks.records import Constant
from model_store.history.event import Event


def manifest(version: str = "1", **changes: Any) -> Manifest:
    contract = changes.get("contract") or Contract.model_validate(
        {"name": "numbers", "version": "1.0", "features": [{"kind": "number", "name": "x"}]}
    )
    fields: dict[str, Any] = {
        "name": "scaled",
        "version": version,
        "task": "regression",
        "files": {"model.onnx": FileEntry(sha256="0" * 64, size=1)},
        "contract": contract,
        "inputs": default_tensors(contract),
        "outputs": OutputNames(value="value"),
        "fallbacks": (Constant(value=0.0),),
        "parity": Parity(status="skipped"),
        "provenance": Provenance(python="3.11", libraries={}, opset={}, ir_version=9),
    }
    return Manifest(**fields | changes)


def digest_of(version: str) -> str:
    return manifest(version).digest


def lambda_version(number: int, version: str) -> LambdaVersion:
    return LambdaVersion(str(number), version, digest_of(version), f"standby-{version}")


def live_at(number: int, version: str, weights: dict[str, float] | None = None) -> Live:
    return Live(lambda_version(number, version), weights or {}, "revision-1")


def event(sequence: int, action: str, source: int | None, target: int, version: str) -> Event:
    at = f"2030-01-01T00:00:{sequence:02}+00:00"
    came_from = str(source) if source else None
    return Event(
        sequence,
        action,
        came_from,
        str(target),
        version,
        digest_of(version),
        at,
        "ada",
        "worse" if action == "rollback" else "",
    )


@pytest.fixture
def situation() -> Callable[..., Situation]:
    """A first deploy of scaled@1, nothing built; `changes` says what else is so."""

    def make(version: str = "1", **changes: Any) -> Situation:
        fields: dict[str, Any] = {
            "manifest": manifest(version),
            "digest": digest_of(version),
            "choices": Choices(),
            "code": "c0de",
            "is_built": False,
            "is_local": False,
            "stack": None,
            "live": None,
            "events": (),
        }
        return Situation(**fields | changes)

    return make


def stack(
    parameters: dict[str, str] | None = None, status: str = "UPDATE_COMPLETE", put: int = 1
) -> Stack:
    """`put`: the Lambda version that it made live."""
    return Stack("lambent-scaled", status, parameters or {}, {"LambdaVersion": str(put)})


class StrictLambda:
    """An alias as AWS keeps it: moto ignores RevisionId and takes a weight of 1.5.

    `meanwhile` runs once before the next update, as somebody faster would. `broken` are the
    versions that do not answer.
    """

    def __init__(self, versions: list[LambdaVersion], live: str) -> None:
        self.versions, self.live = versions, live
        self.weights: dict[str, float] = {}
        self.revision = 1
        self.calls: list[str] = []
        self.meanwhile: Callable[[], None] | None = None
        self.broken: set[str] = set()

    def get_alias(self, FunctionName: str, Name: str) -> dict[str, Any]:
        self._called("GetAlias")
        if not self.live:
            raise client_error("ResourceNotFoundException", "Function not found", 404)
        routing = {"AdditionalVersionWeights": self.weights} if self.weights else {}
        return {
            "FunctionVersion": self.live,
            "RevisionId": str(self.revision),
            **({"RoutingConfig": routing} if routing else {}),
        }

    def update_alias(
        self,
        FunctionName: str,
        Name: str,
        FunctionVersion: str,
        RevisionId: str,
        RoutingConfig: dict[str, dict[str, float]] | None = None,
    ) -> None:
        if self.meanwhile:
            hurry, self.meanwhile = self.meanwhile, None
            hurry()
        self._called("UpdateAlias")
        if RevisionId != str(self.revision):
            raise client_error("PreconditionFailedException", "The RevisionId is stale", 412)
        if RoutingConfig is not None:  # AWS keeps the weights when the update names none
            self.weights = dict(RoutingConfig["AdditionalVersionWeights"])
        self.live = FunctionVersion
        self.revision += 1

    def invoke(self, FunctionName: str, Payload: bytes, Qualifier: str = "") -> dict[str, Any]:
        self._called("Invoke")
        if FunctionName != "lambent-scaled":
            raise client_error("ResourceNotFoundException", f"no function {FunctionName}", 404)
        answer: dict[str, Any] = {"statusCode": 500 if Qualifier in self.broken else 200}
        if json.loads(Payload)["path"] == "/openapi.json":
            version = next(v.model_version for v in self.versions if v.number == self.live)
            described = {"info": {"version": version}, "paths": {}, "components": {"schemas": {}}}
            answer["body"] = json.dumps(described)
        return {"Payload": BytesIO(json.dumps(answer).encode()), "ExecutedVersion": Qualifier}

    def get_account_settings(self) -> dict[str, Any]:
        return {"AccountLimit": {"UnreservedConcurrentExecutions": 1000}}

    def get_function_configuration(self, FunctionName: str, Qualifier: str) -> dict[str, Any]:
        self._called("GetFunctionConfiguration")
        for version in self.versions:
            if version.number == Qualifier:
                return configuration(version)
        raise client_error("ResourceNotFoundException", f"no version {Qualifier}", 404)

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_versions_by_function"
        self._called("ListVersionsByFunction")
        latest = {"Version": "$LATEST"}
        pages = [{"Versions": [latest, *map(configuration, self.versions)]}]
        return type("Pages", (), {"paginate": lambda *_, **__: pages})()

    def _called(self, operation: str) -> None:
        self.calls.append(operation)


def configuration(version: LambdaVersion) -> dict[str, Any]:
    variables = {
        "LAMBENT_VERSION": version.model_version,
        "LAMBENT_DIGEST": version.digest,
        "LAMBENT_STANDBY": version.standby,
        **version.environment,
    }
    settings = {"MemorySize": int(version.settings.get("MemorySize", 1024))}
    return {"Version": version.number, "Environment": {"Variables": variables}, **settings}


def client_error(code: str, message: str, status: int) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status},
        },
        "UpdateAlias",
    )


class FakeSam(Sam):
    """Notes what sam was asked to do. A deploy does what CloudFormation would: a new Lambda
    version from the parameters in samconfig, the alias on it, and the stack complete. One of a
    digest in `refuses` ends as after a refusal: the version is there, the alias where it was."""

    @classmethod
    def over(cls, aws: Aws, folder: Path) -> "FakeSam":
        sam = cls(folder, folder / "samconfig.toml")
        sam.__dict__.update(aws=aws, ran=[], deployed=[], refuses=set())
        return sam

    def build(self, environment: str, folder: Path, config: Path) -> None:
        self.__dict__["ran"].append("build")
        folder.mkdir(parents=True)
        (folder / "template.yaml").write_text("Resources: {}")

    def deploy(self, environment: str, template: Path, config: Path | None = None) -> None:
        """Without `config`, as plain sam does."""
        assert template.read_text() == '{"Resources": {}}'
        self.ran.append("deploy")
        aws: Aws = self.__dict__["aws"]
        parameters = SamConfig(config or self.config).parameters(environment)
        self.deployed.append(parameters)
        functions: StrictLambda = aws.__dict__["lambda_"]
        if parameters["ModelDigest"] in self.refuses and parameters["Gate"] == "true":
            publish_version(functions, parameters)
            raise ToolFailed("sam deploy", "ended with exit code 1", "See the log")
        release(functions, parameters)
        put_stack(aws, environment, parameters, functions.live)

    @property
    def ran(self) -> list[str]:
        ran: list[str] = self.__dict__["ran"]
        return ran

    @property
    def deployed(self) -> list[dict[str, str]]:
        """The parameters of each deploy."""
        deployed: list[dict[str, str]] = self.__dict__["deployed"]
        return deployed

    @property
    def refuses(self) -> set[str]:
        refuses: set[str] = self.__dict__["refuses"]
        return refuses


def release(functions: StrictLambda, parameters: dict[str, str]) -> None:
    """A new version of the function, live at once."""
    functions.live, functions.weights = publish_version(functions, parameters), {}
    functions.revision += 1


def publish_version(functions: StrictLambda, parameters: dict[str, str]) -> str:
    number = str(len(functions.versions) + 1)
    model, digest = parameters["ModelVersion"], parameters["ModelDigest"]
    only = FALLBACK_ONLY if parameters["FallbackOnly"] == "on" else {}
    functions.versions.append(
        LambdaVersion(number, model, digest, parameters["Standby"], parameters, only)
    )
    return number


def put_stack(aws: Aws, model: str, parameters: dict[str, str], live: str) -> None:
    pinned = [{"Key": "pinned", "Value": {"Fn::Sub": "${ModelDigest} ${ReleaseDigest}"}}]
    template = {
        "Parameters": {name: {"Type": "String"} for name in parameters},
        "Resources": {"Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"Tags": pinned}}},
        "Outputs": {
            "ApiId": {"Value": "abc123"},
            "ApiUrl": {"Value": "https://abc123.execute-api.us-east-1.amazonaws.com/live"},
            "LambdaVersion": {"Value": live},
        },
    }
    given: Any = [{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()]
    call: dict[str, Any] = {
        "StackName": f"lambent-{model}",
        "TemplateBody": json.dumps(template),
        "Parameters": given,
    }
    if find_stack(aws, f"lambent-{model}"):
        aws.cloudformation.update_stack(**call)
    else:
        aws.cloudformation.create_stack(**call)


@pytest.fixture(scope="session")
def botocore_session() -> Session:
    """Shared, because it keeps the models of the services, which are slow to read."""
    return get_session()


@pytest.fixture
def aws(
    embedded_aws: EmbeddedAws, botocore_session: Session, monkeypatch: pytest.MonkeyPatch
) -> Aws:
    """An empty embedded AWS, taken for the real one, with the platform's table and stack outputs
    and a strict Lambda with scaled at versions 1, 2, 3 (model versions alike), the last one live.
    """
    moto_server.reset()
    for name, value in embedded_aws.environment().items():
        monkeypatch.setenv(name, value)
    aws = Aws(region="us-east-1")
    aws.__dict__["_session"] = botocore_session
    aws.s3.create_bucket(Bucket="artifacts")
    aws.cloudformation.create_stack(StackName="lambent-platform", TemplateBody=json.dumps(PLATFORM))
    aws.__dict__["lambda_"] = StrictLambda([lambda_version(n, str(n)) for n in (1, 2, 3)], "3")
    return aws


PLATFORM = {
    "Resources": {
        "HistoryTable": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": "lambent-platform-history",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [
                    {"AttributeName": "model", "AttributeType": "S"},
                    {"AttributeName": "sequence", "AttributeType": "N"},
                ],
                "KeySchema": [
                    {"AttributeName": "model", "KeyType": "HASH"},
                    {"AttributeName": "sequence", "KeyType": "RANGE"},
                ],
            },
        },
        "SigningKey": {
            "Type": "AWS::KMS::Key",
            "Properties": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
        },
    },
    "Outputs": {
        "ArtifactBucket": {"Value": "artifacts"},
        "ArtifactKeyArn": {"Value": "arn:aws:kms:us-east-1:123456789012:key/1"},
        "SigningKeyArn": {"Value": {"Fn::GetAtt": ["SigningKey", "Arn"]}},
        "RequireSignatures": {"Value": "false"},
    },
}
