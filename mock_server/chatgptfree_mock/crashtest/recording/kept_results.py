"""
The results of a run in a file as they come, so that `--resume` goes on after a killed process or a full disk.

The file is beside that of `--json`: a line with the card without results, then one for each result.  It is removed when
the file of `--json` is written.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final

import click
import msgspec
from msgspec.structs import replace

from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.crashtest import baseline
from chatgptfree_mock.crashtest.recording import results
from chatgptfree_mock.crashtest.recording.results import VariantCard, VariantResult
from chatgptfree_mock.errors import SettingsError

_SUFFIX: Final = ".unfinished"


class KeptResults:
    """
    The results of this run, beside *json*, the file of `--json`.

    Nothing is kept without one, if it is a device, or once the file beside it cannot be written.
    """

    def __init__(self, json: Path | None) -> None:
        self._file = None if json is None else _file_beside(json)
        self._writing: BinaryIO | None = None
        self._begun = False
        self._names: set[str] = set()

    def begin(self, card: VariantCard) -> None:
        """Start the file over with *card*, which has the results that are resumed; until it is whole, the old stays."""
        if self._file is None:
            return
        self._begun, new = True, self._file.with_name(f"{self._file.name}.new")
        try:
            new.write_bytes(_lines([replace(card, results=[]), *card.results]))
            new.replace(self._file)
            self._writing = self._file.open("ab")
        except OSError:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
        else:
            self._names = {result.variant for result in card.results}

    def add(self, result: VariantResult) -> None:
        """Add *result* unless it is there; the first error ends the file, so that only its last line can be broken."""
        if self._writing is None or result.variant in self._names:
            return
        try:
            self._writing.write(_lines([result]))
            self._writing.flush()
        except OSError:
            self.close()
        else:
            self._names.add(result.variant)

    def close(self) -> None:
        """Close the file, which stays."""
        writing, self._writing = self._writing, None
        if writing is not None:
            with contextlib.suppress(OSError):  # it writes what is left, again without success
                writing.close()

    def end(self, *, written: bool) -> list[str]:
        """Remove the file if that of `--json` is *written*; else return a line that names it, if it has results."""
        self.close()
        if self._file is None or not self._begun:
            return []
        if not written:
            return [f"`--resume` goes on with {len(self._names)} results in {self._file}"] if self._names else []
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)
        return []


def read_earlier(json: Path | None, *, client: str, fingerprint: str) -> VariantCard | None:
    """
    Return the card of the run to resume: the results kept of one that did not end, else those of the file of `--json`.

    *client* and *fingerprint* are those of this run.  None if there are no results yet.

    Raises:
        SettingsError: there is no such file, or its results are of another client or recording.
    """
    if json is None:
        raise SettingsError("`--resume` needs `--json FILE` with the results of the stopped run")
    kept = _file_beside(json)
    if kept is not None and kept.exists():
        file, card = kept, baseline.read(kept, _parse)
        click.echo(escape(f"--resume goes on with {len(card.results)} results in {kept}"), err=True)
    elif json.exists():
        file, card = json, baseline.read(json, results.parse)
    else:
        click.echo(escape(f"--resume: there are no results in {json} yet, so that all variants are run"), err=True)
        return None
    for what, there, here in (("client", card.client, client), ("recording", card.fingerprint, fingerprint)):
        if there != here:
            raise SettingsError(f"{file}: these results are of another {what}; leave out --resume to start over")
    return card


def _file_beside(json: Path) -> Path | None:
    if json.exists() and not json.is_file():
        return None
    whole = json.resolve()
    return whole.with_name(whole.name + _SUFFIX)


def _lines(structs: Iterable[msgspec.Struct]) -> bytes:
    return b"".join(msgspec.json.encode(struct) + b"\n" for struct in structs)


def _parse(data: bytes) -> VariantCard:
    """
    Read the lines of a file, without the last one if its end is missing.

    Raises:
        msgspec.DecodeError: they are something else.
    """
    head, *lines = data.split(b"\n")[:-1] or [b""]
    card = msgspec.json.decode(head, type=VariantCard)
    return replace(card, results=[msgspec.json.decode(line, type=VariantResult) for line in lines])
