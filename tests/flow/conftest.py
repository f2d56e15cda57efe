"""One embedded AWS per worker for its flow tests, driven by the commands a user types.

Tests of a file run in order on one worker: some begin where the one before ended.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3

from infra.local.server import EmbeddedAws

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SITE = "http://localhost:3000"
HTTP = urllib3.PoolManager(maxsize=8)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.flow)


@dataclass(frozen=True)
class Said:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.out)
        return parsed


@dataclass(frozen=True)
class Shell:
    """Runs commands from the project's root with an environment that leads to the embedded AWS."""

    environment: dict[str, str]

    def run(self, *command: str | Path, **extra: str) -> Said:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment | extra,
            capture_output=True,
            text=True,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def lambent(self, *arguments: str | Path, **extra: str) -> Said:
        """A command that must succeed."""
        said = self.run(BIN / "lambent", *arguments, **extra)
        assert said.code == 0, said.err + said.out
        return said

    def refused(self, *arguments: str | Path, **extra: str) -> str:
        """A command that must end with exit code 1; what it told the user."""
        said = self.run(BIN / "lambent", *arguments, **extra)
        assert said.code == 1, said.err + said.out
        return said.err


@dataclass(frozen=True)
class Api:
    """A deployed model as its callers see it."""

    url: str
    key: str

    def ask(
        self, instances: list[dict[str, Any]], **headers: str
    ) -> tuple[int, dict[str, Any], urllib3.HTTPHeaderDict]:
        return self.request("POST", "/v1/predictions", {"instances": instances}, **headers)

    def request(
        self, method: str, path: str, body: Any = None, *, key: bool = True, **headers: str
    ) -> tuple[int, dict[str, Any], urllib3.HTTPHeaderDict]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            sent["x-api-key"] = self.key
        answer = HTTP.request(
            method, self.url + path, json=body, headers=sent, timeout=60, retries=False
        )
        return answer.status, answer.json() if answer.data else {}, answer.headers

    def version(self, instance: dict[str, Any]) -> str:
        """Which model version answers this very request."""
        status, body, _ = self.ask([instance])
        assert status == 200, body
        answered: str = body["model"]["version"]
        return answered


@pytest.fixture(scope="package")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(port=0) as aws:
        yield aws


@pytest.fixture(scope="package")
def shell(aws: EmbeddedAws) -> Shell:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return Shell({**os.environ, **aws.environment(), "PATH": path})


@pytest.fixture(scope="package")
def client(aws: EmbeddedAws) -> Any:
    """A boto3 client of the embedded AWS, by service name."""
    credentials = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}

    def make(service: str) -> Any:
        return boto3.client(
            service, endpoint_url=aws.endpoint, region_name="us-east-1", **credentials
        )

    return make


@pytest.fixture(scope="package")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("artifacts")


@pytest.fixture(scope="package")
def release(shell: Shell, artifacts: Path) -> Any:
    """Packages, publishes and deploys a version of an example; gives its API."""

    def release(example: str, model: str, version: str) -> Api:
        source = f"examples/{example}/model.py"
        shell.lambent("package", source, "--version", version, "--out", artifacts)
        shell.lambent("publish", artifacts / model / version)
        shell.lambent("deploy", f"{model}@{version}", "--cors-origin", SITE)
        return find_api(shell, model)

    return release


def find_api(shell: Shell, model: str) -> Api:
    status = shell.lambent("status", model, "--show-key", "--json").document
    return Api(status["api_url"], status["api_key"])


@pytest.fixture(scope="package")
def penguins(release: Any) -> Api:
    """penguins@1, then penguins@2, which is live."""
    release("penguins", "penguins", "1")
    api: Api = release("penguins", "penguins", "2")
    return api


@pytest.fixture
def go_live(shell: Shell, client: Any) -> Callable[[str], None]:
    """Starts a test from a version, by somebody else's hand: the alias moves without lambent."""

    def go_live(version: str) -> None:
        function = "lambent-penguins"
        found = client("lambda").list_versions_by_function(FunctionName=function)["Versions"]
        events = shell.lambent("history", "penguins", "--json").document["events"]
        was_live = {event["target"] for event in events}  # unlike a version that was refused
        pinned = {v["Version"] for v in found if pinned_version(v) == version}
        number = max(map(int, pinned & was_live))
        client("lambda").update_alias(
            FunctionName=function,
            Name="live",
            FunctionVersion=str(number),
            RoutingConfig={"AdditionalVersionWeights": {}},
        )
        shell.lambent("status", "penguins")  # notes the move in the history

    return go_live


@pytest.fixture
def two_after_one(penguins: Api, go_live: Callable[[str], None]) -> Api:
    """Starts a test from penguins@2, and penguins@1 before it: going back leads there, whatever
    other tests have done."""
    go_live("1")
    go_live("2")
    return penguins


def pinned_version(configuration: dict[str, Any]) -> str | None:
    """The version of the model with which it answers, if any."""
    if configuration["Version"] == "$LATEST":
        return None
    variables: dict[str, str] = configuration["Environment"]["Variables"]
    off = variables.get("LAMBENT_FALLBACK_ONLY") == "on"
    shadow = "LAMBENT_SHADOW" in variables or variables["POWERTOOLS_SERVICE_NAME"].endswith(
        "_shadow"
    )
    return None if off or shadow else variables["LAMBENT_VERSION"]


@pytest.fixture
def penguin() -> dict[str, Any]:
    return {
        "island": "Dream",
        "bill_length_mm": 46.5,
        "bill_depth_mm": 17.9,
        "flipper_length_mm": 192,
        "body_mass_g": 3500,
        "sex": "female",
    }
