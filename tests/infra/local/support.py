"""What several test modules here need by name."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
SAM = ROOT / ".envs" / "sam" / "bin" / "sam"
Client = Callable[[str], Any]


def zipped(code: str, name: str = "app.py") -> bytes:
    """A package of one file. The same code is the same package: ZipInfo has a fixed date."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr(zipfile.ZipInfo(name), code)
    return buffer.getvalue()
