"""Decode and encode one content coding chunk by chunk."""

from __future__ import annotations

import zlib
from typing import Final

import brotli
import zstandard

from chatgptfree_mock.tape.coding_streams import ENCODERS, STREAMS, Coding, Stream

MAX_DECODED: Final = 256 * 1024 * 1024
"""Bytes of decoded output at which `decode_body` stops; the rest counts as damage."""
MAGIC: Final[dict[bytes, Coding]] = {b"\x1f\x8b\x08": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


class Decoder:
    """Decode one *coding* chunk by chunk; several members or frames in a row count as one body."""

    def __init__(self, coding: Coding) -> None:
        self.coding = coding
        self.damage = ""
        """The damage in the bytes so far; after damage all input is ignored."""
        self.surplus = 0
        """Bytes after the end of the coding, such as padding; they are ignored."""
        self._stream: Stream | None = None
        self._head = b""
        """Input that is too short to show what kind of member begins with it."""

    @property
    def complete(self) -> bool:
        """Whether the body may end here."""
        return not self.damage and (not self._head if self._stream is None else self._stream.finished)

    def feed(self, data: bytes, *, limit: int = MAX_DECODED) -> bytes:
        """Return *data* decoded, at most *limit* bytes; if something cannot be decoded, `damage` has the reason."""
        decoded: list[bytes] = []
        room = limit
        data, self._head = self._head + data, b""
        while data and not self.damage:
            stream = self._member(data)
            if stream is None:
                break
            part, data = self._decode(stream, data, room)
            decoded.append(part[:room])
            room -= len(part)
            if room < 0 or (room == 0 and data and not stream.finished):
                self.damage = f"it decodes to more than {limit} bytes"
        return b"".join(decoded)

    def _member(self, data: bytes) -> Stream | None:
        """Return the member that *data* belongs to; None if it is padding, or too short to know."""
        if self._stream is not None and not self._stream.finished:
            return self._stream
        magic = next((magic for magic, coding in MAGIC.items() if coding == self.coding), b"")
        if self._stream is None and len(data) < 2:
            self._head = data
            return None
        if self._stream is not None and not (magic and data.startswith(magic)):
            if not self.surplus and len(data) < len(magic) and magic.startswith(data):
                self._head = data
            else:
                self.surplus += len(data)
            return None
        self._stream = STREAMS[self.coding](data)
        return self._stream

    def _decode(self, stream: Stream, data: bytes, room: int) -> tuple[bytes, bytes]:
        try:
            return stream.decode(data, room)
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            self.damage = f"damaged {self.coding} data: {error}"
            return stream.before_damage(data, room), b""


class Encoder:
    """Encode with one *coding* chunk by chunk, so that each can be decoded as soon as it has arrived."""

    def __init__(self, coding: Coding) -> None:
        self._feed = ENCODERS[coding]()

    def feed(self, data: bytes, *, last: bool = False) -> bytes:
        """Return all of *data* in encoded form; *last* also ends the coding."""
        return self._feed(data, last)
