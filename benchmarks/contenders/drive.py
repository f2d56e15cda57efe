"""Runs a Lambda handler in a process of its own: `python -P drive.py MODULE EVENTS`.

Answers the first event of EVENTS, one JSON document per line, and prints the answer. Then for each
line of stdin: `time N` prints the nanoseconds of each of N further events, `peak` the most memory
so far in bytes. What the handler prints goes nowhere, like a log that nobody reads.
"""

import json
import os
import sys
from importlib import import_module


class Context:
    function_name = "bench"
    function_version = "1"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:bench:1"
    aws_request_id = "4b2a6f4e-0000-4000-8000-000000000001"

    def get_remaining_time_in_millis(self):
        return 15_000


def main(module, path):
    told = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    handler, context = import_module(module).handler, Context()
    with open(path) as lines:  # noqa: PTH123 - pathlib would be part of the cold start
        told.write(json.dumps(handler(json.loads(lines.readline()), context)) + "\n")
        events = list(lines)
    answer(handler, context, events, told)


def answer(handler, context, events, told):
    from itertools import cycle
    from time import perf_counter_ns

    upcoming = cycle(events)
    for command in sys.stdin:
        if command.strip() == "peak":
            told.write(f"{peak()}\n")
            continue
        taken = []
        for _ in range(int(command.removeprefix("time "))):
            event = json.loads(next(upcoming))
            began = perf_counter_ns()
            handler(event, context)
            taken.append(perf_counter_ns() - began)
        told.write(f"{json.dumps(taken)}\n")


def peak():
    """Linux only: what getrusage tells there includes the process that started this one."""
    with open("/proc/self/status") as status:  # noqa: PTH123 - as above
        found = next(line for line in status if line.startswith("VmHWM:"))
    return int(found.split()[1]) * 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
