"""
Read and write whole files; only `files` and `folder` beside it look at the disk.

A file is read completely or refused.  It is written next to its place and moved there when it is complete and on the
disk, so that nobody reads half a cassette and a full disk destroys no older file.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from chatgptfree_mock.errors import CassetteError, UnreadableFileError

MAX_BYTES: Final = 64 * 1024 * 1024
"""The largest cassette that is loaded, unless another limit is given."""
HAR_BYTES: Final = 256 * 1024 * 1024
"""The largest HAR that is read or unpacked; it holds images and fonts as text."""
_TAKEN: Final = "there is a file of this name already"


def read_bytes(path: Path | str, *, limit: int = MAX_BYTES) -> bytes:
    """
    Return the contents of a regular file of at most *limit* bytes.

    Raises:
        UnreadableFileError: it does not exist, is larger, is not a regular file, or cannot be read.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableFileError("not a regular file", file=str(path))
            if status.st_size > limit:
                raise UnreadableFileError(
                    f"{status.st_size:,} bytes are more than the limit of {limit:,}",
                    file=str(path),
                    repair="split the file",
                )
            return file.read(limit)
    except IsADirectoryError as exc:
        raise UnreadableFileError("a directory, not a file", file=str(path), repair="name one file in it") from exc
    except (OSError, ValueError) as exc:
        raise UnreadableFileError(_reason(exc), file=str(path)) from exc


def _without_waiting(path: str, flags: int) -> int:
    """Open without waiting for a writer if it is a pipe (open(2), O_NONBLOCK, which Windows lacks)."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def write_text(
    path: Path | str, text: str, *, overwrite: bool = True, ready: Callable[[], bool] = lambda: True
) -> bool:
    """
    Write *text* to *path* as a whole or not at all; return whether it was written.

    Args:
        path: the file.
        text: its new contents.
        overwrite: whether an existing file may be replaced (default).
        ready: called when the text is on the disk, just before it replaces the file; if it returns false, the file
            stays as it is.

    Raises:
        CassetteError: it cannot be written, or the file exists and *overwrite* is false.
    """
    target = Path(path)
    try:
        target = resolved(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:80]}.", suffix=".part", dir=target.parent)
    except (OSError, ValueError) as exc:
        raise CassetteError(f"can't write: {_reason(exc)}", file=str(path)) from exc
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as part:
            part.write(text)
            part.flush()
            os.fsync(part.fileno())
        Path(name).chmod(_mode(target))
        if not ready():
            return False
        _put(Path(name), target, overwrite)
    except OSError as exc:
        raise CassetteError(f"can't write: {_reason(exc)}", file=str(path)) from exc
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()
    return True


def check_free(*paths: Path) -> None:
    """
    Check that no file of *paths* exists, as `write_text` does without *overwrite*.

    Raises:
        CassetteError: one of them exists.
    """
    for path in paths:
        if path.exists():
            raise CassetteError(f"can't write: {_TAKEN}", file=str(path))


def resolved(path: Path) -> Path:
    """
    Return *path* with all symbolic links followed; the last part need not exist.

    Raises:
        OSError: links lead in a circle.
        ValueError: the path cannot be one, as it has a NUL.
    """
    try:
        found = path.resolve()
    except RuntimeError as exc:  # before Python 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from exc
    if found.is_symlink():  # since Python 3.13, a circle is returned as it is
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return found


def _put(part: Path, target: Path, overwrite: bool) -> None:
    if overwrite:
        part.replace(target)
    else:
        target.hardlink_to(part)  # fails if the target is there: no race between looking and writing
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _mode(target: Path) -> int:
    with suppress(OSError):
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _reason(exc: OSError | ValueError) -> str:
    if isinstance(exc, FileExistsError) or getattr(exc, "errno", None) == errno.EEXIST:
        return _TAKEN
    if getattr(exc, "errno", None) == errno.ENXIO:  # what opening a socket gives
        return "not a regular file"
    words = getattr(exc, "strerror", None) or str(exc)
    return words[:1].lower() + words[1:]
