"""
Find and load recordings: cassettes, HAR files, folders, patterns, and short names of built-in recordings.

A file that is not a cassette, or an interaction that can't be read, is left out and named; the others are still used.
What reads HAR files is imported when there is one: most programs read cassettes only.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from glob import glob, has_magic
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from chatgptfree_mock.errors import CassetteError, UnreadableFileError
from chatgptfree_mock.suggestion import nearest
from chatgptfree_mock.tape.folder import visible_files
from chatgptfree_mock.tape.model import Cassette, LeftOut
from chatgptfree_mock.tape.whole_file import HAR_BYTES, MAX_BYTES, read_bytes

SUFFIXES: Final = (".yaml", ".yml", ".json")
"""The file name endings of cassettes."""
HAR_SUFFIXES: Final = (".har", ".har.gz", ".har.zip", ".harp")
"""The file name endings of HAR files; a `.zip` of another name must be named itself, as folders skip it."""
_SEVERAL: Final = "a file, a folder, or a pattern"
_ONE: Final = "a file, or the short name of a recording that ships with the project, such as 1.8.93/msg_ok_s"
RecordingSource = Cassette | Path | str
"""
A loaded cassette, a file, a folder, a pattern such as ``tapes/*.yaml``, or a short name such as ``1.8.93/msg_ok_s``.
"""


class Gathered(Struct, frozen=True, kw_only=True):
    """What was found: cassettes, and the files and interactions that could not be used."""

    cassettes: tuple[Cassette, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Return a line for each that was left out, with the reason."""
        return tuple(map(str, self.left_out))


def gather(source: RecordingSource | Iterable[RecordingSource] | None, *, strict: bool = False) -> Gathered:
    """
    Load the cassettes of one or several sources, loaded ones first, each file once; None: no cassettes.

    A file that cannot be read, or is not a cassette, is left out and listed, and so is a single interaction; with
    *strict* each is an error.

    Raises:
        CassetteError: a path does not exist, a pattern matches nothing, a folder has no cassettes, all of them were
            left out, or an argument is of a wrong type or an empty list.
    """
    if source is None:
        return Gathered()
    sources: list[Any] = [source]
    if isinstance(source, Iterable) and not isinstance(source, str):
        sources = list(source)
    if not sources or not all(isinstance(each, RecordingSource) and each != "" for each in sources):
        raise CassetteError(f"cassette: give a path, a short name, or a list of these, not {source!r:.60}")
    if not isinstance(strict, bool):
        raise CassetteError(f"strict: give True or False, not {strict!r:.60}")
    cassettes = [each for each in sources if isinstance(each, Cassette)]
    paths = [_cassette_path(each) for each in sources if not isinstance(each, Cassette)]
    left_out: list[LeftOut] = []
    problems: list[CassetteError] = []
    files = dict.fromkeys(each for path in paths for each in cassette_files(path, hars=True))
    for file in files:
        try:
            cassette = load_recording(file, strict=strict)
        except CassetteError as exc:
            if strict:
                raise
            problems.append(exc)
            left_out.append(LeftOut(file=str(file), place=exc.place or "$", problem=exc.problem, repair=exc.repair))
            continue
        cassettes.append(cassette)
        left_out += cassette.left_out
    if problems and len(problems) == len(files):
        raise problems[0]
    return Gathered(cassettes=tuple(cassettes), left_out=tuple(left_out))


def named_cassette(name: str) -> Cassette:
    """
    Load a cassette or a HAR by its path, or by the short name of one that ships with the project: ``1.8.93/msg_ok_s``.

    Raises:
        CassetteError: there is no such file, or it is not a cassette.
    """
    return load_recording(named_file(name))


def named_file(name: str) -> Path:
    """
    Return the file at a path, or of a built-in recording with that short name.

    Raises:
        CassetteError: there is no recording of that name.
    """
    return Path(_cassette_path(name, known=_ONE))


def source_files(name: str) -> list[Path]:
    """
    Return the files for a path, a pattern or a short name, without reading them.

    Raises:
        CassetteError: there is none.
    """
    return cassette_files(_cassette_path(name), hars=True)


def _cassette_path(source: Path | str, *, known: str = _SEVERAL) -> Path | str:
    """Return the file for a short name; anything else unchanged.  *known*: what can be given, for the error."""
    name = str(source)
    if os.path.lexists(name) or has_magic(name) or name.endswith((*SUFFIXES, *HAR_SUFFIXES, ".zip")):
        return source
    shipped = _shipped()
    if name not in shipped:
        near = nearest(name, shipped, likeness=0.6)
        hint = f"did you mean `{near}`?" if near else f"give {known}"
        raise UnreadableFileError("no such cassette", file=name, repair=hint)
    return shipped[name]


def _shipped() -> dict[str, Path]:
    """Return the cassettes that ship with the project by their short names: `RELEASE/CASE` and `apis/DIALECT`."""
    folder = cassette_folder()
    files = [*(folder / "recorded").glob("*/*.yaml"), *(folder / "apis").glob("*.yaml")]
    return {f"{file.parent.name}/{file.stem}": file for file in files}


def load(path: Path | str, *, limit: int = MAX_BYTES, strict: bool = False) -> Cassette:
    """
    Load a cassette: a file of vcrpy's format 1, betamax's, Ruby VCR's or cassetter's.

    An interaction that cannot be read is left out and listed in `Cassette.left_out`; with *strict* it is an error.

    Raises:
        CassetteError: there is no such file, it is larger than *limit* bytes, it is not a cassette, or none of its
            interactions can be read.
    """
    from chatgptfree_mock.tape.yaml.reading import read  # a site without recordings starts without it

    return read(read_bytes(path, limit=limit), file=str(path), refuse=strict)


def load_recording(path: Path | str, *, strict: bool = False) -> Cassette:
    """
    Load a cassette, or a HAR as `import` reads it, static files included; see `is_har`.

    Raises:
        CassetteError: see `load`; or it is not a HAR, none of its entries can be used, or, if *strict*, one can't.
    """
    if not is_har(path):
        return load(path, strict=strict)
    from chatgptfree_mock.tape.har.importing import from_har

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
    from chatgptfree_mock.tape.har.file import begins_har

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


@cache
def cassette_folder() -> Path:
    """
    Return the folder of the cassettes that come with the package: in a checkout at its root, else in the package.

    Its path is absolute and without links.

    Raises:
        CassetteError: there is neither.
    """
    # Cached: the package does not move, and each `MockSite` asks for it.
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "cassettes", package.parents[1] / "cassettes"):
        if (folder / "recorded").is_dir():
            return folder.resolve()
    raise CassetteError("the cassettes are missing from this installation", repair="install the package again")


def recorded_file(plugin: str, case: str) -> Path:
    """Return where the recording of *case* on the release *plugin* lies; it need not exist."""
    return cassette_folder() / "recorded" / plugin / f"{case}.yaml"
