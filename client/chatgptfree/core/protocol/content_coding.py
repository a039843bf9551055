"""
Undo the content coding of a body while it comes in.

Only the codings in `ACCEPTED` are requested and understood.  Output is produced lazily, in chunks of bounded size, so
that a small body that decompresses to gigabytes costs no more than the limit of its reader.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

ACCEPTED: Final = ("gzip", "deflate")

_NO_CODINGS: Final = ("", "identity", "none", "utf-8")
"""PHP scripts send `none` to keep the web server from compressing a stream, or the charset by mistake."""

_MOST_OUTPUT: Final = 256 * 1024
_GZIP: Final = 16 + zlib.MAX_WBITS


class DamagedBodyError(ValueError):
    """The bytes do not follow the coding."""


class Inflater:
    """Decodes ``gzip`` (any number of members) and ``deflate`` (with or without zlib's header)."""

    def __init__(self, coding: str) -> None:
        self._gzip = coding != "deflate"
        self._inflater = zlib.decompressobj(_GZIP)
        self._begun = False
        self._head = b""
        """The first byte of a deflated body; the second one decides whether there is a zlib header."""

    @property
    def complete(self) -> bool:
        """Return whether the body may end here."""
        return self._inflater.eof or not (self._begun or self._head)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """
        Decompress *data*, and yield the result in chunks of at most 256 KiB.

        Raises:
            DamagedBodyError: *data* is damaged; everything before the damage was yielded.
        """
        if not self._begun:
            data = self._head + data
            if not self._gzip and len(data) < 2:
                self._head = data
                return
            self._begin(data)
        output = b""
        # Output of the full size may have more after it, also when all input is in.
        while data or len(output) == _MOST_OUTPUT:
            if self._inflater.eof and not self._next_member(data):
                return  # servers pad, and browsers ignore it too
            before = self._inflater.copy()
            try:
                output = self._inflater.decompress(data, _MOST_OUTPUT)
            except zlib.error as error:
                yield from _before_damage(before, data)
                raise DamagedBodyError(f"the compressed body is damaged: {error}") from error
            if output:
                yield output
            data = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail

    def _begin(self, data: bytes) -> None:
        self._begun = bool(data)
        if not self._gzip:
            # Some servers send the zlib header that RFC 9110, section 8.4.1.2, requires; others don't.
            has_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
            self._inflater = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)

    def _next_member(self, data: bytes) -> bool:
        if not self._gzip or not data.startswith(b"\x1f"):
            return False
        self._inflater = zlib.decompressobj(_GZIP)
        return True


def _before_damage(inflater: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """Decompress *data* up to the damaged byte; given all bytes at once, zlib returns nothing."""
    for n in range(len(data)):
        try:
            output = inflater.decompress(data[n : n + 1])
        except zlib.error:
            return
        if output:
            yield output


def codings(header: str) -> tuple[str, ...]:
    """Return the codings of a ``Content-Encoding`` header, the outermost first, without names that mean no coding."""
    names = [name.strip().lower().removeprefix("x-") for name in header.split(",")]
    return tuple(name for name in reversed(names) if name not in _NO_CODINGS)
