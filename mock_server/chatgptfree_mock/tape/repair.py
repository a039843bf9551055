"""
Repair the consequences of an edit by hand: chunk lengths that no longer add up, headers that no longer fit.

Only what follows from the body is repaired; nothing here guesses at content.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.tape.model import BODILESS, Chunk, End, Headers, Response

_SEARCHED: Final = 2000
"""Chunks among which the edited one is looked for; a longer list is repaired at its end."""


def refitted(chunks: Sequence[Chunk], body: bytes) -> list[Chunk]:
    """
    Return *chunks* so that they cover *body* again.

    An edit usually changes one chunk.  It is taken to be the one whose change leaves the most borders at the end of
    an event or a line; where no border decides, it is the last.
    """
    change = len(body) - sum(size for _, size in chunks)
    borders = list(accumulate(size for _, size in chunks))
    best, edited = -1, len(chunks) - 1
    if len(chunks) <= _SEARCHED:
        before, after = _aligned(borders, body, 0), _aligned(borders, body, change)
        for index in range(len(chunks) - 1, -1, -1):
            fitting = sum(before[:index]) + sum(after[index:-1])
            if chunks[index][1] + change > 0 and fitting > best:
                best, edited = fitting, index
    sizes = [size for _, size in chunks]
    sizes[edited] += change
    while sizes[edited] < 0 and edited > 0:
        sizes[edited - 1] += sizes[edited]
        sizes[edited] = 0
        edited -= 1
    return [(due, size) for (due, _), size in zip(chunks, sizes, strict=True) if size]


def _aligned(borders: list[int], body: bytes, shift: int) -> list[int]:
    ends = [body[max(border + shift - 2, 0) : max(border + shift, 0)] for border in borders]
    return [2 if end == b"\n\n" else int(end.endswith(b"\n")) for end in ends]


def header_faults(response: Response, *, method: str = "GET") -> list[tuple[str, str]]:
    """Return header and problem where length, encoding or framing don't fit what is stored."""
    faults: list[tuple[str, str]] = []
    coding = response.header("content-encoding").strip().lower()
    stored = response.body if response.raw is None else response.raw
    if coding not in ("", "identity") and response.raw is None and not is_encoded(response.body, coding):
        faults.append(("Content-Encoding", f"is {coding}, but the body is stored decoded"))
    length = response.header("content-length").strip()
    if not length or method == "HEAD" or response.status in BODILESS:
        return faults
    if response.header("transfer-encoding"):
        faults.append(("Content-Length", "is beside Transfer-Encoding, which overrules it"))
    elif not length.isdigit():
        faults.append(("Content-Length", f"is not a number: {length[:40]!r}"))
    elif int(length) != len(stored) and not (response.end is not End.COMPLETE and int(length) > len(stored)):
        faults.append(("Content-Length", f"is {length}, but {len(stored)} bytes are stored"))
    return faults


def is_encoded(body: bytes, coding: str) -> bool:
    """Return whether *body* is in *coding*, as some HTTP clients record it; true for a coding that is not known."""
    if coding in ("gzip", "x-gzip"):
        return body[:2] == b"\x1f\x8b"
    if coding == "deflate":
        try:
            zlib.decompressobj().decompress(body, 1)
        except zlib.error:
            return False
        return bool(body)
    return not _is_text(body)


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def with_true_headers(response: Response, *, method: str = "GET") -> Response:
    """Return *response* with header lines that fit what is stored."""
    faults = {name.lower(): problem for name, problem in header_faults(response, method=method)}
    stored = response.body if response.raw is None else response.raw
    headers: list[tuple[str, str]] = []
    for name, value in response.headers:
        fault = faults.get(name.lower())
        if fault is None:
            headers.append((name, value))
        elif name.lower() == "content-length" and not response.header("transfer-encoding"):
            headers.append((name, str(len(stored))))
    fitting: Headers = tuple(headers)
    return replace(response, headers=fitting)
