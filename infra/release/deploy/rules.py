"""What CloudFormation and sam accept although it cannot work."""

from collections.abc import Iterator

from infra.errors import Refused
from infra.release.deploy.parameters import ALL_AT_ONCE, Choices

NO_SNAPSTART = {"python3.11"}
ARCHITECTURES = ("arm64", "x86_64")
RUNTIMES = ("python3.11", "python3.12", "python3.13", "python3.14")
TRAFFICS = (
    ALL_AT_ONCE,
    *(f"Canary10Percent{minutes}Minutes" for minutes in (5, 10, 15, 30)),
    "Linear10PercentEvery1Minute",
    *(f"Linear10PercentEvery{minutes}Minutes" for minutes in (2, 3, 10)),
)
"""As CodeDeploy calls its configurations for Lambda."""
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827)
# Amazon Linux 2 (glibc 2.26); onnxruntime's wheels need glibc 2.28.
TOO_OLD_FOR_AWS = {"python3.11"}
ENVIRONMENT, OTHERS = 4096, 800
"""Bytes that Lambda takes, and what template.yaml needs beside the two that vary most."""


def check_choices(choices: Choices, *, local: bool) -> None:
    """Raises Refused with everything that is wrong."""
    if problems := list(_problems(choices, local=local)):
        raise Refused(
            "parameters",
            "; ".join(what for what, _ in problems),
            "; ".join(dict.fromkeys(way_out for _, way_out in problems)),
        )


def check_environment(standby: str, choices: Choices) -> None:
    """AWS would refuse it after the build. standby: as template.yaml takes it."""
    origins = sum(len(origin.encode()) + 1 for origin in choices.cors_origins)
    if (room := ENVIRONMENT - OTHERS - len(standby)) < origins:
        what = f"{len(choices.cors_origins)} CORS origins take {origins} bytes, and {room} are left"
        next_step = "Name fewer, or serve these sites by an origin of your own that passes on"
        raise Refused("parameters", f"{what} in a function's environment", next_step)


def _problems(choices: Choices, *, local: bool) -> Iterator[tuple[str, str]]:
    if choices.snapstart and choices.runtime in NO_SNAPSTART:
        yield (
            f"SnapStart does not work with {choices.runtime}, although sam accepts it",
            "Use --runtime python3.13",
        )
    if not local and choices.runtime in TOO_OLD_FOR_AWS:
        yield (
            f"{choices.runtime} on AWS is too old a system for onnxruntime",
            "Use --runtime python3.13",
        )
    if choices.log_retention_days not in RETENTIONS:
        yield (
            f"CloudWatch keeps no logs for {choices.log_retention_days} days",
            f"Use --log-retention-days {', '.join(map(str, RETENTIONS[:-1]))} or {RETENTIONS[-1]}",
        )
    for value, allowed in (
        (choices.architecture, ARCHITECTURES),
        (choices.runtime, RUNTIMES),
        (choices.log_level, LOG_LEVELS),
        (choices.traffic, TRAFFICS),
    ):
        if value not in allowed:
            yield f"{value} is none of {', '.join(allowed)}", "Use one of them"
    if any("*" in origin for origin in choices.cors_origins):
        yield "a CORS origin holds *, which lets every site in", "Name each origin in full"
    if choices.throttle_burst < choices.throttle_rate:
        yield (
            f"the burst ({choices.throttle_burst}) is below the rate ({choices.throttle_rate}), "
            "so the rate is never reached",
            "Raise --throttle-burst",
        )
