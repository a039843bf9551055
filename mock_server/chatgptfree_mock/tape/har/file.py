"""
From the bytes of a HAR file to its entries: plain, gzip, UTF-16, JSONP, or a zip of Playwright with the bodies in it.

Entries are decoded one by one, so that one that is not as HAR 1.2 has it costs only itself, and a file of 70 MB is
never in memory as Python objects as a whole.  Source: http://www.softwareishard.com/blog/har-12-spec/; members with an
underscore are those of Chromium (`_error`, `_eventSourceMessages`, `_webSocketMessages`), Playwright (`_file`) and
chrome-har (`_chunks`).
"""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.content_coding import decode_body
from chatgptfree_mock.tape.har.entry import BadEntry, Creator, HarEntry, HarPage
from chatgptfree_mock.tape.json_value import duplicate_keys

Attachments = Callable[[str], bytes | None]
"""Return the bytes of the file of that name beside the HAR; None if there is none."""

_UNREADABLE_ZIP: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
_CALLBACK: Final = re.compile(rb"\s*(?:/\*\*/\s*)?[A-Za-z_$][\w$.]*\s*\(\s*(?=\{)")
_CALLBACK_END: Final = re.compile(rb"\)\s*;?\s*\Z")
_LONGEST_END: Final = 1024
_IN_ENTRY: Final = re.compile(r"\.log\.entries\[(\d+)\]\.")


_HEAD: Final = 4096
_BEGUN: Final = re.compile(
    rb'\s*\{\s*(?:"[^"\\]{0,80}"\s*:\s*(?:"[^"\\]{0,400}"|[0-9.]{1,20}|null)\s*,\s*){0,4}"log"\s*:\s*\{'
)


class _RawLog(msgspec.Struct):
    entries: list[msgspec.Raw]
    creator: Creator | None = None
    pages: list[HarPage] | None = None


class _RawHar(msgspec.Struct):
    log: _RawLog


class _PlainLog(msgspec.Struct):
    entries: list[Any]
    creator: Creator | None = None
    pages: list[HarPage] | None = None


class _PlainHar(msgspec.Struct):
    log: _PlainLog


class HarFile:
    """
    A HAR file: *creator*, *pages* by their id, and its entries, each decoded when it is its turn.

    *data*: the bytes of the file.  *file*: what complaints call it.  *limit*: bytes that it may unpack to.

    Raises:
        CassetteError: it is not a HAR, or not a whole one.
    """

    def __init__(self, data: bytes, *, file: str | None, limit: int) -> None:
        data, self.attachments = _unpacked(data, file, limit)
        log = _decode(data, file).log
        self._duplicates = _duplicates(data, file)
        self.creator = log.creator or Creator()
        self.pages = {page.id: page for page in log.pages or ()}
        self._entries: list[Any] = log.entries

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[HarEntry | BadEntry]:
        for number, entry in enumerate(self._entries):
            key = self._duplicates.get(number)
            yield _entry(entry) if key is None else BadEntry(f"duplicate key `{key}`", _request_line(entry))


def _duplicates(data: bytes, file: str | None) -> dict[int, str]:
    """Return the first duplicate key of each entry that has one, with its place in the entry."""
    found: dict[int, str] = {}
    for place in duplicate_keys(data.decode(errors="replace")):
        inside = _IN_ENTRY.match(place)
        if inside is None:
            key = place.rpartition(".")[2]
            raise CassetteError(f"duplicate key `{key}`", file=file, place=f"${place}", repair="keep one of the two")
        found.setdefault(int(inside[1]), place[inside.end() :])
    return found


def _entry(entry: Any) -> HarEntry | BadEntry:
    try:
        return _converted(entry)
    except RecursionError:
        return BadEntry("nested too deeply", "")


def _converted(entry: Any) -> HarEntry | BadEntry:
    try:
        if not isinstance(entry, msgspec.Raw):
            return msgspec.convert(_without_halves(entry), HarEntry, strict=False)
        return msgspec.json.decode(entry, type=HarEntry, strict=False)
    except msgspec.ValidationError as exc:
        return BadEntry(_in_words(exc), _request_line(entry))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _converted(json.loads(bytes(entry).decode(errors="replace")))


def _without_halves(data: Any) -> Any:
    """Replace halves of surrogate pairs, which no encoding has, by question marks."""
    if isinstance(data, str):
        return data.encode(errors="replace").decode()
    if isinstance(data, list):
        return [_without_halves(each) for each in data]
    if isinstance(data, dict):
        return {_without_halves(key): _without_halves(value) for key, value in data.items()}
    return data


def _in_words(exc: msgspec.ValidationError) -> str:
    problem, _, place = str(exc).partition(" - at `$")
    place = place.strip(".`")
    lacking = re.fullmatch(r"Object missing required field (`\w+`)", problem)
    if lacking:
        return f"no {lacking[1]}" + (f" in `{place}`" if place else "")
    got = re.fullmatch(r"Expected .*, got `(\w+)`", problem)
    return f"`{place}` is {got[1]}" if got and place else str(exc)


def _request_line(entry: Any) -> str:
    data = json.loads(bytes(entry).decode(errors="replace")) if isinstance(entry, msgspec.Raw) else entry
    request = data.get("request") if isinstance(data, dict) else None
    if not isinstance(request, dict):
        return ""
    words = (str(request[key]).partition("?")[0][:120] for key in ("method", "url") if request.get(key))
    return str(_without_halves(" ".join(words)))


def begins_har(data: bytes) -> bool:
    """Return whether a JSON file begins as a HAR does: with an object `log`, and nothing but plain values before it."""
    head = data[:_HEAD]
    if b"\0" in head[:4]:
        head = head[: len(head) // 4 * 4].decode(json.detect_encoding(head), errors="replace").encode()
    return _BEGUN.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def _unpacked(data: bytes, file: str | None, limit: int) -> tuple[bytes, Attachments | None]:
    attachments = None
    if data.startswith(b"PK\x03\x04"):
        data, attachments = _from_zip(data, file, limit)
    if data.startswith(b"\x1f\x8b"):
        decoded = decode_body(data, "gzip", limit=limit)
        if decoded.damage or not decoded.complete:
            problem = f"broken gzip: {decoded.damage or 'the file breaks off'}"
            raise CassetteError(problem, file=file, repair="save the HAR again")
        data = decoded.body
    encoding = json.detect_encoding(data)
    if encoding not in ("utf-8", "utf-8-sig"):
        data = data.decode(encoding, errors="replace").encode()
    return _without_callback(data.removeprefix(b"\xef\xbb\xbf")), attachments


def _without_callback(data: bytes) -> bytes:
    """Return the JSON of ``callback({…})``: HAR viewers load files from elsewhere so (JSONP, `.harp`)."""
    begun = _CALLBACK.match(data)
    ended = _CALLBACK_END.search(data, max(0, len(data) - _LONGEST_END)) if begun else None
    return data[begun.end() : ended.start()] if begun and ended else data


def _from_zip(data: bytes, file: str | None, limit: int) -> tuple[bytes, Attachments]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = archive.namelist()
    except _UNREADABLE_ZIP as exc:
        raise CassetteError(f"broken zip: {exc}", file=file, repair="save the HAR again") from exc
    har = next((name for name in sorted(names, key=len) if name.lower().endswith((".har", ".har.gz"))), None)
    if har is None:
        raise CassetteError("a zip without a .har in it", file=file, repair="name the HAR, or a zip of Playwright")
    folder = har.rpartition("/")[0]

    def member(name: str) -> bytes | None:
        path = f"{folder}/{name}" if folder else name
        return _member(archive, path, limit) if path in names else None

    found = _member(archive, har, limit)
    if found is None:
        raise CassetteError(f"{har} in the zip is damaged, or larger than {limit:,} bytes", file=file)
    return found, member


def _member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes | None:
    try:
        with archive.open(name) as opened:
            data = opened.read(limit + 1)
    except _UNREADABLE_ZIP:
        return None
    return data if len(data) <= limit else None


def _decode(data: bytes, file: str | None) -> _RawHar | _PlainHar:
    if not data.strip():
        raise CassetteError("the file is empty", file=file, repair="save the HAR again")
    try:
        return msgspec.json.decode(data, type=_RawHar, strict=False)
    except msgspec.ValidationError as exc:
        raise CassetteError(f"not a HAR: {exc}", file=file) from exc
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _decode_leniently(data, file)
    except RecursionError as exc:
        raise CassetteError("not a HAR: nested too deeply", file=file) from exc


def _decode_leniently(data: bytes, file: str | None) -> _PlainHar:
    """Chromium writes halves of surrogate pairs, and other tools NaN, neither of which JSON proper has."""
    try:
        return msgspec.convert(json.loads(data.decode(errors="replace")), type=_PlainHar, strict=False)
    except json.JSONDecodeError as exc:
        whole = "the file breaks off" if exc.pos >= len(exc.doc.rstrip()) - 1 or "Unterminated" in exc.msg else exc.msg
        problem = f"not JSON: {whole} in line {exc.lineno}, column {exc.colno}"
        raise CassetteError(problem, file=file, repair="save the HAR again") from exc
    except msgspec.ValidationError as exc:  # a ValueError as well
        raise CassetteError(f"not a HAR: {exc}", file=file) from exc
    except (RecursionError, ValueError) as exc:
        raise CassetteError("not a HAR: nested too deeply, or a number of too many digits", file=file) from exc
