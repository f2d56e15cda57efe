"""Every check of the project, in one run: linters first (they fail fast), then the tests."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
CHECKS = {
    "format": ["ruff", "format", "--check", "--quiet", "."],
    "lint": ["ruff", "check", "--quiet", "."],
    "types": ["mypy"],
    "imports": ["lint-imports"],
    "tests": ["pytest", "-n2", "--dist=loadfile", "--no-loadscope-reorder", "--durations=12"],
}


def run(name: str, command: list[str]) -> bool:
    print(f"── {name}: {' '.join(command)}", flush=True)
    started = time.monotonic()
    passed = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, check=False).returncode == 0
    print(f"── {name}: {'ok' if passed else 'FAILED'} ({time.monotonic() - started:.0f} s)\n")
    return passed


def main() -> int:
    failed = [name for name, command in CHECKS.items() if not run(name, command)]
    if failed:
        print(f"Failed: {', '.join(failed)}. Each runs alone from .envs/lambent/bin.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
