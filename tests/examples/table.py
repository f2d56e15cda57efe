"""The table of docs/uncertainty.md: `python -m tests.examples.table` packages every example and
prints it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from model_store.artifact.manifest import Manifest
from model_store.artifact.outcomes import Outcomes, Score
from model_store.packaging import package
from model_store.packaging.model_file import load_model
from model_store.reporting.scores import by_model, merged, quality, told

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = ("penguins", "breast_cancer", "flights", "diabetes")
HEADER = (
    "Example",
    "rows",
    "fallback alone",
    "cost",
    "model alone",
    "cost",
    "model answers",
    "of these",
    "fallback answers",
    "no answer",
    "a person looks",
    "every answer",
    "cost",
)


def table(manifests: Iterable[Manifest]) -> str:
    """Markdown, one row per manifest."""
    cells = [HEADER, ("---",) * len(HEADER), *map(_row, manifests)]
    return "".join(f"| {' | '.join(row)} |\n" for row in cells).replace(" --- ", "---")


def _row(manifest: Manifest) -> tuple[str, ...]:
    found = manifest.outcomes
    assert found is not None
    return (str(manifest.reference), str(found.rows), *_cells(found))


def _cells(found: Outcomes) -> Iterator[str]:
    answered, given = by_model(found), merged(found.decisions)
    for score in (found.switched_off, found.alone):
        yield from (_quality(score), _cost(score))
    yield from (_share(found, "model"), _quality(answered))
    yield from (_share(found, "fallback"), _share(found, "abstain"))
    yield f"{sum(one.rows for one in found.decisions if one.needs_review) / found.rows:.1%}"
    yield from (_quality(given), _cost(given))


def _share(found: Outcomes, decision: str) -> str:
    return f"{sum(d.rows for d in found.decisions if d.decision == decision) / found.rows:.1%}"


def _quality(score: Score) -> str:
    return told(quality(score), score)


def _cost(score: Score) -> str:
    """Where none is declared, an error costs 1."""
    if score.right is None:
        return "-"
    return f"{1 - score.right / score.rows if score.cost is None else score.cost:.3f}"


def main() -> None:
    with TemporaryDirectory() as folder:
        manifests = [
            package(
                load_model(EXAMPLES / name / "model.py", version), Path(folder, name, version)
            ).manifest
            for name in NAMES
            for version in ("1", "2")
        ]
    print(table(manifests), end="")


if __name__ == "__main__":
    main()
