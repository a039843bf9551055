"""The lock beside a cassette, which allows one recorder only."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from chatgptfree_mock.errors import CassetteError


class FileLock:
    """
    The lock of the file at *path*, which is being recorded to.

    Raises:
        CassetteError: another recorder has it, or there can be no file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(f".{path.name}.lock")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as exc:
            raise CassetteError(f"can't be recorded to: {exc.strerror}", file=str(path)) from exc
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            owner = os.read(self._handle, 20).decode("ascii", "replace").strip()
            os.close(self._handle)
            raise CassetteError(
                f"another recorder writes to it (process {owner})",
                file=str(path),
                repair="stop it or name another --out",
            ) from exc
        os.truncate(self._handle, 0)
        os.write(self._handle, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let another recorder have the file."""
        with suppress(FileNotFoundError):
            self._path.unlink()
        os.close(self._handle)
