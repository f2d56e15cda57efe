"""What is said of a release that was taken back: in the log, as a metric, to people. Pure."""

from datetime import datetime
from typing import Any

from functions.guard.decision import RollBack
from functions.operations.telling import Message


def facts(done: RollBack) -> dict[str, Any]:
    numbers = {"from": done.source, "to": done.target}
    versions = {
        name: {"version": version.model_version, "lambda_version": version.number}
        for name, version in numbers.items()
    }
    return {**versions, "why": done.why}


def metric(function: str, now: datetime) -> dict[str, Any]:
    """One more automatic rollback: CloudWatch reads it out of the line (Embedded Metric Format)."""
    described = {
        "Namespace": "Lambent",
        "Dimensions": [["service"]],
        "Metrics": [{"Name": "AutomaticRollbacks", "Unit": "Count"}],
    }
    about = {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [described]}
    return {"_aws": about, "service": function, "AutomaticRollbacks": 1}


def message(model: str, done: RollBack) -> Message:
    source, target = done.source, done.target
    text = (
        f"{model}: live is {target.model_version} again (Lambda version {target.number}), "
        f"not {source.model_version} (Lambda version {source.number}).\n"
        f"Why: {done.why}\n"
        f"Look: lambent status {model}; lambent logs {model}\n"
        f"Was the release not to blame? lambent deploy {model}@{source.model_version} --again\n"
    )
    return Message(f"Lambent: {model} was rolled back", text)
