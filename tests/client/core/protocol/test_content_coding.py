"""Compressed bodies are undone while they come in, however they are cut, and never beyond what is asked for."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree.core.protocol.content_coding import DamagedBodyError, Inflater, codings

TEXT = "Žluťoučký kůň 👋 " * 50


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


ENCODED = {
    "gzip": gzip.compress(TEXT.encode()),
    "deflate": zlib.compress(TEXT.encode()),
    "raw deflate": raw_deflate(TEXT.encode()),
    "two gzip members": gzip.compress(TEXT[:100].encode()) + gzip.compress(TEXT[100:].encode()),
}


@pytest.mark.parametrize("name", ENCODED)
@given(cuts=st.lists(st.integers(0, 300)))
def test_how_the_bytes_are_cut_does_not_matter(name: str, cuts: list[int]) -> None:
    inflater, data, out = Inflater(name.rsplit(maxsplit=1)[-1] if "deflate" in name else "gzip"), ENCODED[name], b""
    for cut in cuts:
        out += b"".join(inflater.feed(data[:cut]))
        data = data[cut:]
    out += b"".join(inflater.feed(data))
    assert out.decode() == TEXT
    assert inflater.complete


def test_what_was_flushed_comes_out_at_once() -> None:
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    inflater = Inflater("gzip")
    for piece in (b"data: a\n\n", b"data: b\n\n"):
        assert b"".join(inflater.feed(packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH))) == piece


def test_a_bomb_is_unpacked_no_further_than_somebody_takes() -> None:
    bomb = gzip.compress(gzip.compress(bytes(1 << 26)))
    inner, outer = Inflater("gzip"), Inflater("gzip")
    pieces = (piece for packed in outer.feed(bomb) for piece in inner.feed(packed))
    assert max(len(next(pieces)) for _ in range(3)) <= 256 * 1024


@pytest.mark.parametrize("more", [-1, 0, 1, 4, 11, 100, 258, 5000])
def test_nothing_stays_behind_when_a_piece_is_full(more: int) -> None:
    inflater, text = Inflater("deflate"), (b"ab" * 256 * 1024)[: 256 * 1024 + more]
    assert b"".join(inflater.feed(raw_deflate(text))) == text
    assert inflater.complete


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_damage_is_noticed(coding: str) -> None:
    packed = bytearray(gzip.compress(TEXT.encode()) if coding == "gzip" else zlib.compress(TEXT.encode()))
    packed[len(packed) // 2] ^= 0xFF
    with pytest.raises(DamagedBodyError):
        b"".join(Inflater(coding).feed(bytes(packed)))


def until_damage(pieces: Iterator[bytes]) -> bytes:
    out = b""
    try:
        for piece in pieces:
            out += piece
    except DamagedBodyError:
        return out
    raise AssertionError("the damage went unseen")


@given(size=st.integers(1, 300))
def test_what_is_before_damage_is_returned_however_it_is_cut(size: int) -> None:
    packed = gzip.compress(TEXT.encode())[:-8] + bytes(8)
    inflater = Inflater("gzip")
    pieces = (piece for start in range(0, len(packed), size) for piece in inflater.feed(packed[start : start + size]))
    assert until_damage(pieces).decode() == TEXT


def test_a_body_that_stops_inside_is_not_complete() -> None:
    inflater = Inflater("gzip")
    b"".join(inflater.feed(ENCODED["gzip"][:-1]))
    assert not inflater.complete


def test_padding_behind_the_body_is_ignored() -> None:
    inflater = Inflater("gzip")
    assert b"".join(inflater.feed(ENCODED["gzip"] + bytes(100))).decode() == TEXT


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("", ()),
        ("identity", ()),
        ("none", ()),
        ("UTF-8", ()),
        ("GZIP", ("gzip",)),
        ("x-gzip", ("gzip",)),
        ("deflate, gzip", ("gzip", "deflate")),
    ],
)
def test_the_header_names_the_codings_from_outside_in(header: str, names: tuple[str, ...]) -> None:
    assert codings(header) == names
