"""
The decoders and encoders of each content coding: one decodes a member or frame, one encodes chunk by chunk.

Only this module calls zlib, brotli and zstandard.
"""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final, Literal, get_args

import brotli
import zstandard

Coding = Literal["gzip", "deflate", "br", "zstd"]
CODINGS: Final[tuple[Coding, ...]] = get_args(Coding)

_ZSTD_INPUT: Final = 4096
"""Bytes passed to zstandard at once: it cannot limit its output, and a block of a few bytes decodes to 128 KiB."""


def has_zlib_header(data: bytes) -> bool:
    """Return whether *data* begins in zlib's format: method 8, and two bytes divisible by 31 (RFC 1950 section 2.2)."""
    return len(data) > 1 and data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0


class Stream(ABC):
    """One member or frame of a coding."""

    finished = False
    """Whether its end has been read."""

    @abstractmethod
    def decode(self, data: bytes, room: int) -> tuple[bytes, bytes]:
        """Return at most *room* decoded bytes (zstd: a little more), and the input that is left."""

    def before_damage(self, data: bytes, room: int) -> bytes:
        """Return what can be decoded of *data* up to its damaged byte."""
        return b""


class _ZlibStream(Stream):
    def __init__(self, wbits: int) -> None:
        self._inflater = zlib.decompressobj(wbits)
        self._before = self._inflater

    def decode(self, data: bytes, room: int) -> tuple[bytes, bytes]:
        self._before = self._inflater.copy()
        decoded = self._inflater.decompress(data, max(room, 1))
        self.finished = self._inflater.eof
        return decoded, self._inflater.unused_data if self.finished else self._inflater.unconsumed_tail

    def before_damage(self, data: bytes, room: int) -> bytes:
        """Decode up to the damage, by halving the input: zlib returns no output of an input with damage."""
        decoded: list[bytes] = []
        inflater, size = self._before, max(len(data) // 2, 1)
        while data and room > 0:
            attempt = inflater.copy()
            try:
                part = attempt.decompress(data[:size], room)
            except zlib.error:
                if size == 1:
                    break
                size = max(size // 2, 1)
                continue
            decoded.append(part)
            room -= len(part)
            inflater, data = attempt, data[size:]
        return b"".join(decoded)


class _BrotliStream(Stream):
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    def decode(self, data: bytes, room: int) -> tuple[bytes, bytes]:
        decoded = self._decompressor.process(data, output_buffer_limit=room)
        parts, room = [decoded], room - len(decoded)
        while room > 0 and not self._decompressor.can_accept_more_data() and not self._decompressor.is_finished():
            part = self._decompressor.process(b"", output_buffer_limit=room)
            parts.append(part)
            room -= len(part)
        self.finished = self._decompressor.is_finished()
        over = not self.finished and room <= 0 and not self._decompressor.can_accept_more_data()
        return b"".join(parts), b"?" if over else b""


class _ZstdStream(Stream):
    def __init__(self) -> None:
        self._decompressor: Any = zstandard.ZstdDecompressor().decompressobj()

    def decode(self, data: bytes, room: int) -> tuple[bytes, bytes]:
        parts: list[bytes] = []
        while data and room > 0 and not self.finished:
            step, data = data[:_ZSTD_INPUT], data[_ZSTD_INPUT:]
            part = bytes(self._decompressor.decompress(step))
            parts.append(part)
            room -= len(part)
            self.finished = bool(self._decompressor.eof)
            if self.finished:
                data = bytes(self._decompressor.unused_data) + data
        return b"".join(parts), data


def _deflate_stream(head: bytes) -> Stream:
    return _ZlibStream(zlib.MAX_WBITS if has_zlib_header(head) else -zlib.MAX_WBITS)


STREAMS: Final[dict[Coding, Callable[[bytes], Stream]]] = {
    "gzip": lambda _: _ZlibStream(16 + zlib.MAX_WBITS),
    "deflate": _deflate_stream,
    "br": lambda _: _BrotliStream(),
    "zstd": lambda _: _ZstdStream(),
}
"""Makes the decoder of one member for each coding, given its first bytes."""

Feed = Callable[[bytes, bool], bytes]
"""Encodes a chunk; the flag ends the coding."""


def _zlib_feed(wbits: int) -> Feed:
    packer = zlib.compressobj(6, zlib.DEFLATED, wbits)

    def feed(data: bytes, last: bool) -> bytes:
        return packer.compress(data) + packer.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)

    return feed


def _brotli_feed() -> Feed:
    packer = brotli.Compressor(quality=5)

    def feed(data: bytes, last: bool) -> bytes:
        return bytes(packer.process(data) + (packer.finish() if last else packer.flush()))

    return feed


def _zstd_feed() -> Feed:
    packer: Any = zstandard.ZstdCompressor().compressobj()

    def feed(data: bytes, last: bool) -> bytes:
        end = zstandard.COMPRESSOBJ_FLUSH_FINISH if last else zstandard.COMPRESSOBJ_FLUSH_BLOCK
        return bytes(packer.compress(data) + packer.flush(end))

    return feed


ENCODERS: Final[dict[Coding, Callable[[], Feed]]] = {
    "gzip": lambda: _zlib_feed(16 + zlib.MAX_WBITS),
    "deflate": lambda: _zlib_feed(zlib.MAX_WBITS),
    "br": _brotli_feed,
    "zstd": _zstd_feed,
}
"""Makes the encoder for each coding, whose parts can be decoded at once."""
