"""Running the real `sam`, which lives in an environment of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.errors import ToolFailed

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Sam:
    """`config` is the samconfig file that holds an environment per model."""

    root: Path
    config: Path

    def build(self, environment: str, folder: Path) -> None:
        """Build the bundle for the architecture and runtime of that samconfig environment."""
        where = ("--template-file", "template.yaml", "--build-dir", str(folder))
        self._run("build", *where, *self._config(environment))

    def deploy(self, environment: str, template: Path) -> None:
        """Deploy what was built; returns when the stack is complete."""
        self._run("deploy", "--template-file", str(template), *self._config(environment))

    def deploy_template(self, template: Path, stack: str, region: str | None) -> None:
        """Deploy a template that needs no build."""
        where = ("--region", region) if region else ()
        self._run(
            *("deploy", "--template-file", str(template), "--stack-name", stack, "--resolve-s3"),
            *("--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset"),
            *("--no-fail-on-empty-changeset", *where),
        )

    def delete(self, stack: str, region: str | None) -> None:
        where = ("--region", region) if region else ()
        self._run("delete", "--stack-name", stack, "--no-prompts", *where)

    def _config(self, environment: str) -> Sequence[str]:
        return ("--config-file", str(self.config.resolve()), "--config-env", environment)

    def _run(self, *arguments: str) -> None:
        """sam's own words go to stderr as they come: they are the progress of a deploy."""
        program = _find_sam(self.root)
        command = [program, *arguments]
        environment = {**os.environ, "SAM_CLI_TELEMETRY": "0"}
        done = subprocess.run(  # noqa: S603
            command, cwd=self.root, env=environment, stdout=sys.stderr, check=False
        )
        if done.returncode:
            raise ToolFailed(
                f"sam {arguments[0]}",
                f"ended with exit code {done.returncode}",
                "Its own words are above",
            )


def _find_sam(root: Path) -> str:
    own = root / ".envs/sam/bin/sam"
    found = str(own) if own.exists() else shutil.which("sam")
    if found is None:
        raise ToolFailed("sam", "is not installed", "Run `make setup`, or install aws-sam-cli")
    return found
