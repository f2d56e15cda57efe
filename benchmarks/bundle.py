"""How large the function's bundle is, for both architectures (bar P6); in MB of 10^6 bytes.

Of the runtime that a deploy to AWS uses, with its .pyc files. The zip is made as sam makes it:
deflated, at zlib's usual level. What is in it that serving does not import is tested, not timed
(tests/infra/bundle).
"""

import tempfile
import zipfile
from pathlib import Path

from benchmarks.bundles import ARCHITECTURES, lambent_bundle
from benchmarks.rounds import Series
from infra.release.deploy.parameters import Choices


def measure() -> Series:
    found: Series = {}
    for architecture in ARCHITECTURES:
        whole, zipped = sizes(lambent_bundle(architecture, Choices().runtime))
        found[f"{architecture} unzipped"] = [whole / 1e6]
        found[f"{architecture} zipped"] = [zipped / 1e6]
    return found


def sizes(folder: Path) -> tuple[int, int]:
    """Bytes of all files, and of a zip of them."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    with tempfile.TemporaryFile() as target:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
            for file in files:
                packed.write(file, file.relative_to(folder))
        return sum(file.stat().st_size for file in files), target.tell()
