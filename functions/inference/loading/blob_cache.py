"""Bytes kept in /tmp by their digest: a restarted runtime finds them without S3."""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from model_store.canonical import sha256_hex


@dataclass(frozen=True, slots=True)
class BlobCache:
    """`report(event, digest)` hears of what went wrong; nothing here fails a load."""

    folder: Path
    report: Callable[[str, str], None]

    def get(self, digest: str) -> bytes | None:
        """The bytes, hashed again: what was altered is dropped (fault row 15)."""
        path = self.folder / digest
        try:
            found = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            self.report("cache_unreadable", digest)
            return None
        if sha256_hex(found) == digest:
            return found
        self.report("cache_altered", digest)
        with contextlib.suppress(OSError):  # overwritten by the next put in any case
            path.unlink()
        return None

    def put(self, digest: str, blob: bytes) -> None:
        """Keep them if there is room; a full /tmp costs only the next start (fault row 14)."""
        partial = self.folder / f"{digest}.{os.getpid()}.partial"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial.write_bytes(blob)
            partial.replace(self.folder / digest)
        except OSError:
            self.report("cache_not_written", digest)
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
