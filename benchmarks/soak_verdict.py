"""Whether a soak is passed: no request lost, and nothing that is watched grows."""

from collections.abc import Mapping

from benchmarks.soak_growth import Growth, growth, warmed_up
from benchmarks.soak_result import Soak
from benchmarks.soak_workers import Usage

WORKER_MB, WORKER_FILES = 10.0, 1.0
"""Per hour. AWS's runtime client alone costs about 7 MB at this load: it puts the trace id of every
request into the environment, and glibc's setenv frees none of them (150 bytes each)."""
AWS_MB, AWS_FILES = 2.0, 1.0
"""Per round of the operator. Without callers a round leaves 1.5 MB behind, as AWS would: 11
versions of functions, a deployment of the API, 100 records, 700 log lines and metric values."""
WORKER, AWS = "the worker that is left alone", "the embedded AWS"


def passed(soak: Soak) -> bool:
    return not soak.lost and not grown(soak)


def grown(soak: Soak) -> list[str]:
    """What grows, or may; of a worker that ended nobody knows."""
    ended = [] if _survived(soak) else [f"{WORKER}, which ended"]
    return ended + [what for what, found in growths(soak).items() if not found.within]


def growths(soak: Soak) -> dict[str, Growth]:
    worker = {each.second: each.alone for each in soak.samples if each.alone}
    aws = {each.second: each.aws for each in soak.samples}
    rounds = soak.rounds_per_hour
    return {
        **_growths(WORKER, worker, WORKER_MB, WORKER_FILES),
        **_growths(AWS, aws, AWS_MB * rounds, AWS_FILES * rounds),
    }


def _growths(whose: str, used: Mapping[float, Usage], mb: float, files: float) -> dict[str, Growth]:
    memory = [each.memory_mb for each in used.values()]
    opened = [each.files for each in used.values()]
    return {
        f"memory of {whose} (MB)": growth(list(used), memory, mb),
        f"open files of {whose}": growth(list(used), opened, files),
    }


def _survived(soak: Soak) -> bool:
    """One process answered all the time; before it there may have been one that tried the model."""
    used = warmed_up([each.alone for each in soak.samples])
    return all(used) and len({each.process for each in used if each}) == 1
