"""The whole journey on the embedded AWS, by the commands a user types. `make demo` runs it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
import urllib3

from infra.cli.wiring import LOCAL_PORT
from infra.local.errors import LocalError
from infra.local.server import EmbeddedAws

ROOT = Path(__file__).parents[1]
LAMBENT = Path(sys.executable).parent / "lambent"
ARTIFACTS = ".lambent/artifacts"
SITE = "http://localhost:3000"
PENGUIN = {
    "island": "Dream",
    "bill_length_mm": 46.5,
    "bill_depth_mm": 17.9,
    "flipper_length_mm": 192,
    "body_mass_g": 3500,
    "sex": "female",
}


class Demo:
    """Runs `lambent` against one embedded AWS and says what each step means."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self._environment = {**os.environ, **aws.environment()}
        self._steps = 0
        self.url = self.api_key = ""

    @contextmanager
    def step(self, meaning: str) -> Iterator[None]:
        self._steps += 1
        typer.secho(f"\n{self._steps}. {meaning}", bold=True)
        started = time.monotonic()
        yield
        typer.secho(f"   ({time.monotonic() - started:.1f} s)", dim=True)

    def lambent(self, *arguments: str) -> None:
        typer.secho(f"$ lambent {' '.join(arguments)}", fg="cyan")
        self._run(arguments)

    def fails(self, *arguments: str) -> None:
        """A command that must be refused; its words are shown."""
        typer.secho(f"$ lambent {' '.join(arguments)}", fg="cyan")
        if self._run(arguments, check=False).returncode != 1:
            raise SystemExit(f"demo: `lambent {arguments[0]}` should have been refused")

    def find_the_api(self) -> None:
        told = self._run(["status", "penguins", "--show-key", "--json"], stdout=subprocess.PIPE)
        status = json.loads(told.stdout)
        self.url, self.api_key = status["api_url"], status["api_key"]

    def _run(
        self, arguments: Sequence[str], stdout: int | None = None, *, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603
            [str(LAMBENT), *arguments],
            cwd=ROOT,
            env=self._environment,
            check=check,
            stdout=stdout,
            text=True,
        )

    def answer(self, instance: dict[str, Any]) -> urllib3.BaseHTTPResponse:
        return urllib3.request(
            "POST",
            f"{self.url}/v1/predictions",
            json={"instances": [instance]},
            headers={"x-api-key": self.api_key},
            timeout=30,
        )

    def ask(self, instance: dict[str, Any]) -> dict[str, Any]:
        """One prediction over HTTP, shown as the caller sees it."""
        answer = self.answer(instance)
        body: dict[str, Any] = answer.json()
        typer.secho(f"POST {self.url}/v1/predictions", fg="cyan")
        typer.echo(json.dumps({"instances": [instance]}))
        typer.secho(f"→ {answer.status}", fg="cyan")
        typer.echo(json.dumps(body, indent=2))
        return body

    def curl_lines(self) -> list[str]:
        key = f"-H 'x-api-key: {self.api_key}'"
        body = json.dumps({"instances": [PENGUIN]})
        return [
            f"curl {self.url}/v1/predictions {key} -H 'content-type: application/json' -d '{body}'",
            f"curl {self.url}/v1/model {key}",
            f"curl {self.url}/health/ready",
        ]


def release(demo: Demo, version: str) -> None:
    artifact = f"{ARTIFACTS}/penguins/{version}"
    with demo.step(f"Package version {version}: train, convert to ONNX, prove that both agree"):
        demo.lambent(
            *("package", "examples/penguins/model.py", "--version", version),
            *("--out", ARTIFACTS, "--replace"),
        )
    with demo.step("Publish: write-once into the model store, an S3 bucket under a KMS key"):
        demo.lambent("publish", artifact)
    with demo.step("Deploy: sam build, sam deploy; the alias live moves to the new version"):
        demo.lambent("deploy", f"penguins@{version}", "--cors-origin", SITE)


def require_version(answer: dict[str, Any], version: str) -> None:
    """The demo proves what it tells: another version's answer ends it."""
    answered = answer["model"]["version"]
    if answered != version:
        raise SystemExit(f"demo: version {version} should have answered, {answered} did")


def require(answer: dict[str, Any], decision: str) -> None:
    decided = answer["predictions"][0]["decision"]
    if decided != decision:
        raise SystemExit(f"demo: the decision should have been {decision}, it was {decided}")


def journey(demo: Demo) -> None:
    release(demo, "1")
    demo.find_the_api()
    with demo.step("Ask: version 1 never saw a bill, and says between which two it cannot tell"):
        require_version(demo.ask(PENGUIN), "1")
    with demo.step("Ask wrongly: the contract refuses, names the field, repeats no value"):
        demo.ask({**PENGUIN, "body_mass_g": "heavy"})
    release(demo, "2")
    with demo.step(
        "Ask again: version 2 sees the bill, and is sure; every answer names its version"
    ):
        require_version(demo.ask(PENGUIN), "2")
    with demo.step("Switch the model off: its declared fallback answers, without S3 or the model"):
        demo.lambent("fallback", "penguins", "on", "--why", "the demo says so")
        require(demo.ask(PENGUIN), "fallback")
    with demo.step("Switch it on again"):
        demo.lambent("fallback", "penguins", "off")
        require(demo.ask(PENGUIN), "model")
    with demo.step("Roll back: the alias is repointed; no build, no S3"):
        demo.lambent("rollback", "penguins", "--why", "the demo says so")
    with demo.step("Ask once more: the very next answer is version 1's"):
        require_version(demo.ask(PENGUIN), "1")
    with demo.step("Look: what is live, what came before, what drifted"):
        demo.lambent("status", "penguins")


def stay(demo: Demo, aws: EmbeddedAws) -> None:
    """Keep serving until Ctrl-C."""
    typer.secho(f"\nOpen {demo.url}/docs, or paste into another terminal:\n", bold=True)
    for line in [*demo.curl_lines(), ""]:
        typer.echo(line)
    typer.echo("To use lambent, sam or the AWS CLI there:")
    for name, value in aws.environment().items():
        typer.echo(f"export {name}={value}")
    typer.secho("\nCtrl-C ends it; nothing is kept.", bold=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        typer.echo()


def show(
    journey: Callable[[Demo], None], port: int, farewell: str, *, once: bool, time_scale: float = 1
) -> None:
    """The journey on an embedded AWS of its own, which then serves on unless `once`."""
    try:
        with EmbeddedAws(port=0 if once else port, time_scale=time_scale) as aws:
            typer.echo(f"The embedded AWS answers at {aws.endpoint}")
            demo = Demo(aws)
            journey(demo)
            if not once:
                stay(demo, aws)
        typer.echo(f"The embedded AWS has stopped. Next: {farewell}")
    except LocalError as error:
        raise SystemExit(f"demo: {error}") from error
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"demo: `lambent {error.cmd[1]}` failed; its words are above") from error


Once = Annotated[bool, typer.Option("--once", help="Exit after the journey.")]
Port = Annotated[int, typer.Option(help="0 takes a free one.")]


def main(once: Once = False, port: Port = LOCAL_PORT) -> None:
    """Train, package, publish, deploy, predict, deploy a second version, roll back."""
    show(journey, port, "your own model, in README.md.", once=once)


if __name__ == "__main__":
    typer.run(main)
