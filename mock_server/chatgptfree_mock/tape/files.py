"""
Read and write cassettes on the disk; no other module of the tape does.

A file is read completely or refused.  It is written next to its place and moved there when it is complete and on the
disk, so that nobody reads half a cassette and a full disk destroys no older file.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from glob import glob, has_magic
from pathlib import Path
from typing import Final, NamedTuple

from msgspec.structs import replace

from chatgptfree_mock.errors import CassetteError, UnreadableFileError
from chatgptfree_mock.tape.folder import visible_files
from chatgptfree_mock.tape.har.file import begins_har
from chatgptfree_mock.tape.har.importing import MAX_BYTES as HAR_BYTES
from chatgptfree_mock.tape.har.importing import from_har
from chatgptfree_mock.tape.model import Cassette, Interaction, LeftOut
from chatgptfree_mock.tape.yaml.reading import read
from chatgptfree_mock.tape.yaml.writing import write, write_json

MAX_BYTES: Final = 64 * 1024 * 1024
"""The largest cassette that is loaded, unless another limit is given."""


_TAKEN: Final = "there is a file of this name already"
MAX_PARTS: Final = 99_999
"""The highest number of a file that a cassette is split into."""
SUFFIXES: Final = (".yaml", ".yml", ".json")
"""The file name endings of cassettes."""
HAR_SUFFIXES: Final = (".har", ".har.gz", ".har.zip", ".harp")
"""The file name endings of HAR files; a `.zip` of another name must be named itself, as folders skip it."""


class CassetteLibrary(NamedTuple):
    """What was found at some paths: cassettes, and the files and interactions that could not be used."""

    cassettes: tuple[Cassette, ...]
    left_out: tuple[LeftOut, ...]


def load(path: Path | str, *, limit: int = MAX_BYTES, strict: bool = False) -> Cassette:
    """
    Load a cassette: a file of vcrpy's format 1, betamax's, Ruby VCR's or cassetter's.

    An interaction that cannot be read is left out and listed in `Cassette.left_out`; with *strict* it is an error.

    Raises:
        CassetteError: there is no such file, it is larger than *limit* bytes, it is not a cassette, or none of its
            interactions can be read.
    """
    return read(read_bytes(path, limit=limit), file=str(path), refuse=strict)


def load_recording(path: Path | str, *, strict: bool = False) -> Cassette:
    """
    Load a cassette, or a HAR as `import` reads it, static files included; see `is_har`.

    Raises:
        CassetteError: see `load`; or it is not a HAR, none of its entries can be used, or, if *strict*, one can't.
    """
    if not is_har(path):
        return load(path, strict=strict)
    imported = from_har(
        read_bytes(path, limit=HAR_BYTES), file=str(path), static=True, attachments=lambda name: beside(path, name)
    )
    left_out = imported.entries_left_out
    if left_out and (strict or not imported.cassette.interactions):
        raise CassetteError(left_out[0].problem, file=str(path), place=left_out[0].place)
    if not imported.cassette.interactions:
        raise CassetteError("a HAR without entries", file=str(path))
    return replace(imported.cassette, path=str(path), left_out=left_out)


def is_har(path: Path | str) -> bool:
    """Return whether the file at *path* is a HAR: by its name, or a `.json` that begins as one."""
    name = str(path).lower()
    if name.endswith((*HAR_SUFFIXES, ".zip")):
        return True
    if not name.endswith(".json"):
        return False
    try:
        return begins_har(read_bytes(path, limit=HAR_BYTES))
    except CassetteError:
        return False


def beside(har: Path | str, name: str) -> bytes | None:
    """Return the bytes of a file that Playwright has put beside the *har*; None if there is none."""
    try:
        return read_bytes(Path(har).parent / name, limit=HAR_BYTES)
    except CassetteError:
        return None


def load_all(paths: Iterable[Path | str], *, strict: bool = False) -> CassetteLibrary:
    """
    Load the recordings at *paths*: files, folders (all below them) and patterns such as ``tapes/**/*.yaml``.

    A file that cannot be read, or is not a cassette, is left out and listed, and so is a single interaction; with
    *strict* each is an error.  A file that is met twice is loaded once.

    Raises:
        CassetteError: a path does not exist, a pattern matches nothing, a folder has no cassettes, or all of them were
            left out.
    """
    cassettes: list[Cassette] = []
    left_out: list[LeftOut] = []
    first_problem: CassetteError | None = None
    for file in dict.fromkeys(each for path in paths for each in cassette_files(path, hars=True)):
        try:
            cassette = load_recording(file, strict=strict)
        except CassetteError as exc:
            if strict:
                raise
            first_problem = first_problem or exc
            left_out.append(LeftOut(file=str(file), place=exc.place or "$", problem=exc.problem, repair=exc.repair))
            continue
        cassettes.append(cassette)
        left_out += cassette.left_out
    if first_problem is not None and not cassettes:
        raise first_problem
    return CassetteLibrary(tuple(cassettes), tuple(left_out))


def cassette_files(path: Path | str, *, hars: bool = False) -> list[Path]:
    """
    Return the files that *path* means: itself, the cassettes below a folder, or what a pattern matches, sorted.

    *hars*: HAR files below a folder count as well.  Hidden files and folders are passed over.

    Raises:
        CassetteError: there is nothing, or a folder cannot be read.
    """
    place = Path(path)
    if place.is_dir():
        suffixes = (*SUFFIXES, *HAR_SUFFIXES) if hars else SUFFIXES
        found = [file for file in visible_files(place) if file.name.endswith(suffixes)]
        if not found:
            names = f"{', '.join(suffixes[:-1])} or {suffixes[-1]}"
            raise CassetteError("no cassette in this folder", file=str(path), repair=f"they end with {names}")
        return found
    if place.exists() or not has_magic(str(path)):
        return [place]
    matches = sorted(glob(str(path), recursive=True))
    if not matches:
        raise CassetteError("no file matches this pattern", file=str(path))
    return [
        file
        for match in matches
        for file in (cassette_files(match, hars=hars) if Path(match).is_dir() else [Path(match)])
    ]


def read_bytes(path: Path | str, *, limit: int = MAX_BYTES) -> bytes:
    """Read a regular file of at most *limit* bytes; complaints are `UnreadableFileError`s."""
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


def save(path: Path | str, cassette: Cassette, *, overwrite: bool = True) -> None:
    """
    Write a cassette as a whole or not at all, in JSON if *path* ends with .json; folders on the way to it are made.

    Raises:
        CassetteError: it can't be written, or it is there already and *overwrite* is off; what was there is untouched.
    """
    write_text(path, _file_text(cassette, Path(path)), overwrite=overwrite)


def save_in_parts(
    path: Path | str, cassette: Cassette, *, limit: int = MAX_BYTES, overwrite: bool = True
) -> tuple[list[Path], list[int]]:
    """
    Write a cassette to *path* and, where one file would be larger than *limit* bytes, to ``name-2.yaml`` and so on.

    Return the files, and the numbers of the interactions that are too large for any file: they are not written.  Tokens
    name interactions of their own file, so they are written only where one file holds all.

    Raises:
        CassetteError: one can't be written, or is there already and *overwrite* is off; then none is written.
    """
    target, too_large, parts = Path(path), list[int](), [list[Interaction]()]
    longest = replace(cassette, interactions=(), recording={**cassette.recording, "part": MAX_PARTS})
    room = left = limit - len(_file_text(longest, target).encode())
    for number, interaction in enumerate(cassette.interactions):
        size = len(_file_text(Cassette(interactions=(interaction,)), target).encode())
        if size > room:
            too_large.append(number)
            continue
        if size > left:
            parts.append([])
            left = room
        parts[-1].append(interaction)
        left -= size
    files = [part_file(target, number) for number in range(1, len(parts) + 1)]
    taken = [] if overwrite else [file for file in files if file.exists()]
    if taken:
        raise CassetteError(f"can't write: {_TAKEN}", file=str(taken[0]))
    if too_large or len(parts) > 1:
        cassette = replace(cassette, tokens=())
    for number, (file, part) in enumerate(zip(files, parts, strict=True), 1):
        recording = {**cassette.recording, "part": number} if number > 1 else cassette.recording
        save(file, replace(cassette, interactions=tuple(part), recording=recording), overwrite=overwrite)
    return files, too_large


def part_file(path: Path, number: int) -> Path:
    """Return the *number*th file of the cassette at *path*, from 1 on: ``name.yaml``, ``name-2.yaml`` and so on."""
    return path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")


def further_parts(path: Path, *, limit: int = MAX_BYTES) -> list[tuple[int, Cassette]]:
    """
    Return the further files of a cassette that was split, by number, in order; the first is *path* itself.

    A file counts if its `x-recording` has the `part` that its name has: another file of such a name is not touched.

    Raises:
        CassetteError: a file of such a name can't be read, so whether it is one can't be decided.
    """
    name = re.compile(re.escape(path.stem) + r"-([2-9]|[1-9][0-9]{1,4})" + re.escape(path.suffix))
    there = path.parent.iterdir() if path.parent.is_dir() else ()
    numbers = sorted(int(found[1]) for file in there if (found := name.fullmatch(file.name)))
    parts = [(number, load(part_file(path, number), limit=limit)) for number in numbers]
    return [(number, part) for number, part in parts if part.recording.get("part") == number]


def _file_text(cassette: Cassette, path: Path) -> str:
    return write_json(cassette) if path.suffix == ".json" else write(cassette)


def write_text(
    path: Path | str, text: str, *, overwrite: bool = True, ready: Callable[[], bool] = lambda: True
) -> bool:
    """
    Put *text* at *path* as a whole or not at all; see `save`.

    *ready* is asked when the text is on the disk, just before it replaces what is there: if it returns false, that
    stays, and so does this function's result.
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


@cache
def cassette_folder() -> Path:
    """
    Return the folder of the cassettes that come with the package: in a checkout at its root, else in the package.

    Its path is absolute and without links.

    Raises:
        CassetteError: there is neither.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "cassettes", package.parents[1] / "cassettes"):
        if (folder / "recorded").is_dir():
            return folder.resolve()
    raise CassetteError("the cassettes are missing from this installation", repair="install the package again")


def recorded(plugin: str, case: str) -> Path:
    """Return where the recording of *case* on the release *plugin* lies; it need not exist."""
    return cassette_folder() / "recorded" / plugin / f"{case}.yaml"
