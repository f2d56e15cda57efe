"""Running the real `sam`, which lives in an environment of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.errors import ToolFailed
from infra.release.stack.sam_events import COLUMNS, telling

ROOT = Path(__file__).parents[3]
LOGS = Path(".lambent/logs")


@dataclass(frozen=True)
class Sam:
    """`config` is the samconfig file that holds an environment per model, for plain sam."""

    root: Path
    config: Path

    def build(self, environment: str, folder: Path, config: Path) -> None:
        """Build the bundles for the architecture and runtime of that environment of `config`."""
        where = ("--parallel", "--template-file", "template.yaml", "--build-dir", str(folder))
        self._run("build", environment, *where, *_from(config, environment))

    def deploy(self, environment: str, template: Path, config: Path) -> None:
        """Deploy what was built; returns when the stack is complete."""
        where = ("--template-file", str(template))
        self._run("deploy", environment, *where, *_from(config, environment))

    def deploy_template(
        self, template: Path, stack: str, region: str | None, parameters: Mapping[str, str]
    ) -> None:
        """Deploy a template that needs no build."""
        where = ("--region", region) if region else ()
        given = [f"{name}={value}" for name, value in parameters.items()]
        self._run(
            *("deploy", stack, "--template-file", str(template), "--stack-name", stack),
            *("--resolve-s3", "--parameter-overrides", *given),
            *("--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset"),
            *("--no-fail-on-empty-changeset", *where),
        )

    def delete(self, stack: str, region: str | None) -> None:
        where = ("--region", region) if region else ()
        self._run("delete", stack, "--stack-name", stack, "--no-prompts", *where)

    def _run(self, verb: str, subject: str, *arguments: str) -> None:
        """Shows what happens as it happens; every word is kept in a file in LOGS."""
        name = LOGS / f"sam-{verb}-{subject}.log"
        log = self.root / name
        log.parent.mkdir(parents=True, exist_ok=True)
        command = [_find_sam(self.root), verb, *arguments]
        environment = {**os.environ, "SAM_CLI_TELEMETRY": "0", "COLUMNS": str(COLUMNS)}
        with log.open("w") as kept, _start(command, self.root, environment) as process:
            for line in process.stdout or ():
                kept.write(line)
                self._show(line)
        if process.returncode:
            raise ToolFailed(
                f"sam {verb}",
                f"ended with exit code {process.returncode}: {_last_words(log)}",
                f"All that it said is in {name}",
            )

    def _show(self, line: str) -> None:
        shown = telling(line.rstrip("\n"))
        if shown:
            print(shown, file=sys.stderr, flush=True)


def _from(config: Path, environment: str) -> Sequence[str]:
    return ("--config-file", str(config.resolve()), "--config-env", environment)


def _start(
    command: Sequence[str], root: Path, environment: Mapping[str, str]
) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603
        command,
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def _last_words(log: Path) -> str:
    words = [line.strip() for line in log.read_text().splitlines() if line.strip()]
    return " ".join(words[-3:]) or "it said nothing"


def _find_sam(root: Path) -> str:
    own = root / ".envs/sam/bin/sam"
    found = str(own) if own.exists() else shutil.which("sam")
    if found is None:
        raise ToolFailed("sam", "is not installed", "Run `make setup`, or install aws-sam-cli")
    return found
