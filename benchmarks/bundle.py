"""How large the function's bundle is, for both architectures (bar P6); in MB of 10^6 bytes.

Of this Python, so that the .pyc files of every source are in it. The zip is made as sam makes it:
deflated, at zlib's usual level. What is in it that serving does not import is tested, not timed
(tests/infra/bundle).
"""

import tempfile
import zipfile
from pathlib import Path

from benchmarks.bundles import ARCHITECTURES, lambent_bundle
from benchmarks.rounds import Series


def measure() -> Series:
    found: Series = {}
    for architecture in ARCHITECTURES:
        whole, zipped = sizes(lambent_bundle(architecture))
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
