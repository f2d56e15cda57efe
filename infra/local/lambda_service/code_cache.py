"""Code packages, unpacked once per content."""

import hashlib
import os
import shutil
import tempfile
import time
import zipfile
from io import BytesIO
from pathlib import Path, PurePosixPath

from infra.local.lambda_service.errors import UnsafePackage
from infra.local.lambda_service.functions import FunctionVersion

UNUSED_LIMIT_S = 14 * 24 * 3600


class CodeCache:
    """Folders named by the SHA-256 of the zip they came from.

    They outlive the process, with the byte code that Python leaves in them, so that a second
    start of the same code is quick. Several processes may share one.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, function: FunctionVersion) -> Path:
        """Where the version's code lies, unpacked. Raises UnsafePackage."""
        final = self.root / hashlib.sha256(function.code).hexdigest()
        if not final.exists():
            self._unpack(function, final)
        os.utime(final)
        return final

    def prune(self) -> None:
        """Remove what no start has used for two weeks."""
        for folder in self.root.glob("*") if self.root.exists() else ():
            if time.time() - folder.stat().st_mtime > UNUSED_LIMIT_S:
                shutil.rmtree(folder, ignore_errors=True)

    def _unpack(self, function: FunctionVersion, final: Path) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=self.root, prefix=".unpacking-"))
        try:
            with zipfile.ZipFile(BytesIO(function.code)) as package:
                _check_names(function.name, package)
                package.extractall(scratch)
            scratch.chmod(0o755)
            scratch.rename(final)
        except OSError:
            # Another process was first; its copy is the same bytes.
            if not final.exists():
                raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _check_names(function: str, package: zipfile.ZipFile) -> None:
    for name in package.namelist():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise UnsafePackage(function, name)
