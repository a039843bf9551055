"""Content codings: which one a visitor gets, and a stream encoded piece by piece so that its timing stays."""

from __future__ import annotations

import importlib
import zlib
from collections import OrderedDict
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Final, Literal

from msgspec.structs import replace

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.tape.model import Chunk, Response
from chatgptfree_mock.wordpress.front.bodies import schedule, without
from chatgptfree_mock.wordpress.settings import Front

Coding = Literal["gzip", "deflate", "br", "zstd"]
Feed = Callable[[bytes, bool], bytes]
"""Takes a piece and whether it is the last; returns everything of it in encoded form."""

_PACKAGES: Final = {"br": "brotli", "zstd": "zstandard"}
_KEPT: Final = 8
_WORTH_KEEPING: Final = 16_384


class Coder:
    """
    Encodes the answers of one site.

    Raises:
        SettingsError: *force_coding* wants a coding that this Python can't make.
    """

    def __init__(self, front: Front) -> None:
        self._forced = front.force_coding
        self._offered = [coding for coding in front.compression if available(coding)]
        self._known: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()
        if self._forced is not None and not available(self._forced):
            package = _PACKAGES[self._forced]
            raise SettingsError(f"`{self._forced}` needs the package {package} - at `$.front.force_coding`")

    def encode(self, response: Response, accepted: str) -> Response:
        """Return *response* in the coding that *accepted*, an `Accept-Encoding` value, leads to."""
        coding = self._forced or choose(accepted, self._offered)
        if coding is None or not response.body or response.header("Content-Encoding"):
            return response
        chunks = schedule(response)
        if len(chunks) == 1:
            raw = self._whole(coding, response.body)
            raw_chunks: list[Chunk] = [(chunks[0][0], len(raw))]
        else:
            raw, raw_chunks = _pieces(coding, response.body, chunks)
        headers = (*without(response.headers, "content-length"), ("Vary", "Accept-Encoding"))
        return replace(
            response, headers=(*headers, ("Content-Encoding", coding)), raw=raw, raw_chunks=tuple(raw_chunks)
        )

    def _whole(self, coding: Coding, body: bytes) -> bytes:
        if len(body) < _WORTH_KEEPING:
            return _feed(coding)(body, True)
        known = self._known.get((coding, body))
        if known is None:
            known = _feed(coding)(body, True)
            if len(self._known) >= _KEPT:
                self._known.popitem(last=False)
            self._known[coding, body] = known
        return known


def available(coding: Coding) -> bool:
    """Tell whether this Python can make *coding*."""
    return coding not in _PACKAGES or find_spec(_PACKAGES[coding]) is not None


def choose(accepted: str, offered: list[Coding]) -> Coding | None:
    """Return the first of *offered* that an `Accept-Encoding` value allows."""
    allowed: dict[str, bool] = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        allowed[name.strip()] = weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return next((coding for coding in offered if allowed.get(coding, allowed.get("*", False))), None)


def _pieces(coding: Coding, body: bytes, chunks: list[Chunk]) -> tuple[bytes, list[Chunk]]:
    feed, at = _feed(coding), 0
    encoded: list[bytes] = []
    cuts: list[Chunk] = []
    for place, (ms, size) in enumerate(chunks, 1):
        piece = feed(body[at : at + size], place == len(chunks))
        at += size
        encoded.append(piece)
        cuts.append((ms, len(piece)))
    return b"".join(encoded), cuts


def _feed(coding: Coding) -> Feed:
    match coding:
        case "gzip":
            return _zlib_feed(31)
        case "deflate":
            return _zlib_feed(15)
        case "br":
            return _brotli_feed()
        case "zstd":
            return _zstd_feed()


def _zlib_feed(wbits: int) -> Feed:
    packer = zlib.compressobj(6, zlib.DEFLATED, wbits)

    def feed(piece: bytes, last: bool) -> bytes:
        return packer.compress(piece) + packer.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)

    return feed


def _brotli_feed() -> Feed:
    packer: Any = importlib.import_module("brotli").Compressor(quality=5)

    def feed(piece: bytes, last: bool) -> bytes:
        return bytes(packer.process(piece) + (packer.finish() if last else packer.flush()))

    return feed


def _zstd_feed() -> Feed:
    module: Any = importlib.import_module("zstandard")
    packer: Any = module.ZstdCompressor().compressobj()
    block, end = module.COMPRESSOBJ_FLUSH_BLOCK, module.COMPRESSOBJ_FLUSH_FINISH

    def feed(piece: bytes, last: bool) -> bytes:
        return bytes(packer.compress(piece) + packer.flush(end if last else block))

    return feed
