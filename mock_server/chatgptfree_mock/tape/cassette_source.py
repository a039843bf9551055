"""
Find recordings: cassettes, HAR files, folders, patterns, and short names of built-in recordings.

A file that is not a cassette, or an interaction that can't be read, is left out and named; the others are still used.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path

from chatgptfree_mock.errors import UnreadableFileError
from chatgptfree_mock.suggestion import nearest
from chatgptfree_mock.tape.files import (
    HAR_SUFFIXES,
    SUFFIXES,
    cassette_files,
    cassette_folder,
    load_all,
    load_recording,
)
from chatgptfree_mock.tape.model import Cassette

Source = Cassette | Path | str
"""
A loaded cassette, a file, a folder, a pattern such as ``tapes/*.yaml``, or a short name such as ``1.8.93/msg_ok_s``.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The cassettes, and a line for each file or interaction that was left out, with the reason."""

    cassettes: tuple[Cassette, ...] = ()
    left_out: tuple[str, ...] = ()


def gather(source: Source | Iterable[Source] | None, *, strict: bool = False) -> Gathered:
    """
    Load the cassettes of one or several sources, loaded ones first, each file once; None: no cassettes.

    Raises:
        CassetteError: a source leads to no file at all; no file is a cassette; or, if *strict*, one is not.
    """
    if source is None:
        return Gathered()
    sources: list[Source] = [source] if isinstance(source, Source) else list(source)
    loaded = tuple(each for each in sources if isinstance(each, Cassette))
    paths = [_named(each) for each in sources if not isinstance(each, Cassette)]
    if not paths:
        return Gathered(cassettes=loaded)
    found = load_all(paths, strict=strict)
    return Gathered(cassettes=(*loaded, *found.cassettes), left_out=tuple(map(str, found.left_out)))


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
    return Path(_named(name))


def source_files(name: str) -> list[Path]:
    """
    Return the files for a path, a pattern or a short name, without reading them.

    Raises:
        CassetteError: there is none.
    """
    return cassette_files(_named(name), hars=True)


def _named(source: Path | str) -> Path | str:
    """Return the file for a short name; anything else unchanged."""
    name = str(source)
    if os.path.lexists(name) or has_magic(name) or name.endswith((*SUFFIXES, *HAR_SUFFIXES, ".zip")):
        return source
    shipped = _shipped()
    if name not in shipped:
        near = nearest(name, shipped, likeness=0.6)
        hint = f"did you mean `{near}`?" if near else "give a file, a folder, or a pattern"
        raise UnreadableFileError("no such cassette", file=name, repair=hint)
    return shipped[name]


def _shipped() -> dict[str, Path]:
    """Return the cassettes that ship with the project by their short names: `RELEASE/CASE` and `apis/DIALECT`."""
    folder = cassette_folder()
    files = [*(folder / "recorded").glob("*/*.yaml"), *(folder / "apis").glob("*.yaml")]
    return {f"{file.parent.name}/{file.stem}": file for file in files}
