"""Whether a model can start in the function that is going to have it. Pure."""

from collections.abc import Iterator

from infra.capacity.footprint import footprints_of
from infra.capacity.size import Size, size, ways_out
from infra.errors import Refused
from infra.release.deploy.parameters import Choices
from model_store.artifact.manifest import Manifest


def size_of(manifest: Manifest, choices: Choices) -> Size:
    return size(footprints_of(manifest), choices.memory, snapstart=choices.snapstart)


def check_size(manifest: Manifest, choices: Choices) -> None:
    """Raises Refused for what cannot start even if the estimate is far too high."""
    found = size_of(manifest, choices)
    if found.verdict == "cannot start":
        raise Refused(
            str(manifest.reference),
            f"cannot start with {found.memory_mb} MB: {'; '.join(found.problems())}",
            ways_out(footprints_of(manifest), found),
        )


def size_notes(manifest: Manifest, choices: Choices) -> Iterator[str]:
    found = size_of(manifest, choices)
    if found.verdict == "tight":
        told = "; ".join(found.problems())
        way_out = ways_out(footprints_of(manifest), found)
        yield f"With {found.memory_mb} MB it may not start: {told}. {way_out}."
