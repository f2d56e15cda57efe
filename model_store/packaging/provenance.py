"""Where an artifact comes from: versions, commit, data, estimator. No time, no machine."""

import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from model_store.artifact.facts import Provenance
from model_store.canonical import canonical_json, sha256_hex
from model_store.contract import Row
from model_store.vetting.graph import GraphReport

ALWAYS = ("numpy", "onnx", "onnxruntime")
CONVERTING = ("pandas", "scikit-learn", "skl2onnx")
BOOSTING = {"lightgbm": ("lightgbm", "onnxmltools"), "xgboost": ("xgboost-cpu", "onnxmltools")}


def provenance_of(
    estimator: BaseEstimator | None,
    report: GraphReport,
    data_sha256: str | None,
    source: Path,
) -> Provenance:
    """`source`: the file that defines the model, or the folder of the notebook."""
    names = (*ALWAYS, *(() if estimator is None else (*CONVERTING, *_boosting(estimator))))
    return Provenance(
        python=platform.python_version(),
        libraries={name: found for name in names if (found := _version(name))},
        opset={domain or "ai.onnx": number for domain, number in report.opsets.items()},
        ir_version=report.ir_version,
        git_commit=git_commit(source),
        data_sha256=data_sha256,
        estimator=None if estimator is None else describe(estimator),
        source="onnx" if estimator is None else "estimator",
        trees=dict(report.trees),
    )


def describe(estimator: BaseEstimator) -> str:
    """E.g. "ColumnTransformer → sklearn.linear_model.LogisticRegression"."""
    if isinstance(estimator, Pipeline):
        *before, last = [step for _, step in estimator.steps if not isinstance(step, str)]
        return " → ".join([*(type(step).__name__ for step in before), describe(last)])
    public = ".".join(p for p in type(estimator).__module__.split(".") if not p.startswith("_"))
    return f"{public}.{type(estimator).__name__}"


def hash_data(parts: Iterable[tuple[Iterable[Row], Iterable[Any]]]) -> str:
    """SHA-256 (hex) of normalised rows and targets, in order."""
    lines = [
        canonical_json([row.values, target])
        for rows, targets in parts
        for row, target in zip(rows, targets, strict=True)
    ]
    return sha256_hex(b"\n".join(lines))


def git_commit(source: Path) -> str | None:
    """The last commit that changed `source`, "+changes" if it was edited since; else None."""
    folder = source if source.is_dir() else source.parent
    commit = _git(folder, "log", "-1", "--format=%H", "--", str(source.resolve()))
    if not commit:
        return None
    changed = _git(folder, "status", "--porcelain", "--", str(source.resolve()))
    return f"{commit}+changes" if changed else commit


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None  # no git here: the commit is simply not known
    return done.stdout.strip() if done.returncode == 0 else None


def _boosting(estimator: BaseEstimator) -> tuple[str, ...]:
    steps = (
        [step for _, step in estimator.steps] if isinstance(estimator, Pipeline) else [estimator]
    )
    return BOOSTING.get(type(steps[-1]).__module__.partition(".")[0], ())


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None  # an extra that is not installed was not used either
