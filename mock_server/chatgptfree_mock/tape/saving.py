"""Save a cassette, in several files if it is too large for one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

from msgspec.structs import replace

from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.model import Cassette, Interaction
from chatgptfree_mock.tape.tokens.split_by_file import Place, split_tokens
from chatgptfree_mock.tape.tokens.token_block import tokens_as_data
from chatgptfree_mock.tape.whole_file import MAX_BYTES, check_free, write_text
from chatgptfree_mock.tape.yaml.writing import write, write_json

MAX_PARTS: Final = 99_999
"""The highest number of a file that a cassette is split into."""


def save(path: Path | str, cassette: Cassette, *, overwrite: bool = True) -> None:
    """
    Write a cassette as a whole or not at all, in JSON if *path* ends with .json; folders on the way to it are made.

    Raises:
        CassetteError: it can't be written, or it is there already and *overwrite* is off; what was there is untouched.
    """
    write_text(path, _file_text(cassette, Path(path)), overwrite=overwrite)


class SavedFiles(NamedTuple):
    """The *files* of a cassette, the interactions that are *too_large* for any, by number, and a *note* on tokens."""

    files: list[Path]
    too_large: list[int]
    note: str
    """Which tokens no file has, and what to do; empty for none."""


def save_in_parts(
    path: Path | str, cassette: Cassette, *, limit: int = MAX_BYTES, overwrite: bool = True
) -> SavedFiles:
    """
    Write a cassette to *path* and, where one file would be larger than *limit* bytes, to ``name-2.yaml`` and so on.

    Interactions that are too large for any file are not written.  Each file has the tokens whose interactions it holds.

    Raises:
        CassetteError: one can't be written, or is there already and *overwrite* is off, or a token cannot act; then
            none is written.
    """
    target, too_large, parts = Path(path), list[int](), [list[Interaction]()]
    places: dict[int, Place] = {}
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
        places[number] = len(parts) - 1, len(parts[-1])
        parts[-1].append(interaction)
        left -= size
    files = [part_file(target, number) for number in range(1, len(parts) + 1)]
    if not overwrite:
        check_free(*files)
    blocks, note = [cassette.tokens], ""
    if cassette.tokens and (too_large or len(parts) > 1):
        split = split_tokens(cassette, places)
        blocks, note = [tuple(tokens_as_data(list(each))) for each in split.files], split.note
    for number, (file, part) in enumerate(zip(files, parts, strict=True), 1):
        recording = {**cassette.recording, "part": number} if number > 1 else cassette.recording
        tokens = blocks[number - 1] if number <= len(blocks) else ()
        one = replace(cassette, interactions=tuple(part), recording=recording, tokens=tokens)
        save(file, one, overwrite=overwrite)
    return SavedFiles(files, too_large, note)


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
