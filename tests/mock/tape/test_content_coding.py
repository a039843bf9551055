"""Content codings of stored bodies: whatever the cut or the header, the text comes out, or damage is reported."""

from __future__ import annotations

import gzip
import itertools
import zlib

import brotli
import pytest
import zstandard
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.tape import encoded_body
from chatgptfree_mock.tape.coder import Decoder, Encoder
from chatgptfree_mock.tape.coding_streams import CODINGS, Coding
from chatgptfree_mock.tape.content_coding import codings_of, decode_body, decode_chunks, encode_body
from chatgptfree_mock.tape.model import Response

TEXT = 'data: {"choices":[{"delta":{"content":"Grüße 👋"}}]}\n\n'.encode() * 20
OTHERS = {
    "gzip": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "br": brotli.compress(TEXT),
    "zstd": zstandard.ZstdCompressor().compress(TEXT),
}
"""The same text, encoded by the libraries themselves."""
BODIES = st.binary(max_size=2000) | st.text(max_size=500).map(str.encode)


@for_each("header", ["", "gzip", "br", "deflate", "zstd", "identity", "x-gzip", "nonsense"])
@for_each("coding", CODINGS)
def test_bytes_decide_and_the_header_is_a_hint(coding: Coding, header: str) -> None:
    decoded = decode_body(OTHERS[coding], header, "text/event-stream")
    assert (decoded.body, decoded.codings, decoded.complete, decoded.damage) == (TEXT, (coding,), True, "")


@pytest.mark.parametrize("header", ["gzip", "br", "deflate", "zstd", "", "gzip, br"])
def test_a_body_that_is_decoded_already_stays_as_it_is(header: str) -> None:
    decoded = decode_body(TEXT, header, "text/event-stream")
    assert (decoded.body, decoded.codings, decoded.complete) == (TEXT, (), True)


def test_several_members_are_one_body() -> None:
    for coding in ("gzip", "zstd"):
        decoded = decode_body(OTHERS[coding] * 3, coding)
        assert (decoded.body, decoded.complete) == (TEXT * 3, True)


def test_deflate_without_the_header_of_zlib() -> None:
    packer = zlib.compressobj(wbits=-15)
    raw = packer.compress(TEXT) + packer.flush()
    assert decode_body(raw, "deflate").body == TEXT


def test_padding_behind_the_end_is_counted_and_ignored() -> None:
    decoded = decode_body(OTHERS["gzip"] + b"\0" * 7, "gzip")
    assert (decoded.body, decoded.complete, decoded.surplus) == (TEXT, True, 7)


@pytest.mark.parametrize("coding", CODINGS)
def test_a_cut_within_the_coding_is_reported(coding: Coding) -> None:
    encoder = Encoder(coding)
    cut = encoder.feed(TEXT) + encoder.feed(TEXT, last=True)[:-3]
    decoded = decode_body(cut, coding)
    assert decoded.body.startswith(TEXT)
    assert not decoded.complete
    assert not decoded.damage


def test_damage_keeps_what_came_before_it() -> None:
    body = gzip.compress(TEXT)[:-8] + b"\xff" * 8  # a wrong checksum, RFC 1952 section 2.3.1
    decoded = decode_body(body, "gzip")
    assert decoded.body == TEXT
    assert not decoded.complete
    assert "damaged gzip data" in decoded.damage


def test_an_archive_is_content_and_not_a_coding() -> None:
    assert decode_body(OTHERS["gzip"], "", "application/gzip").codings == ()
    assert decode_body(OTHERS["gzip"], "gzip", "application/octet-stream").body == TEXT


def test_what_swells_beyond_the_limit_is_damage() -> None:
    for coding in CODINGS:
        decoded = decode_body(encode_body(bytes(10_000_000), [coding]), coding, limit=1_000_000)
        assert "more than 1000000 bytes" in decoded.damage
        assert len(decoded.body) < 1_300_000


def test_unknown_codings_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="unknown content coding `lzma`; known are gzip, deflate, br, zstd"):
        encode_body(TEXT, ["lzma"])


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("", ()),
        ("gzip", ("gzip",)),
        ("GZIP, Br", ("gzip", "br")),
        ("x-gzip", ("gzip",)),
        ("none", ()),
        ("identity", ()),
    ],
)
def test_names_in_the_header(header: str, names: tuple[str, ...]) -> None:
    assert codings_of(header) == names


@given(body=BODIES, codings=st.lists(st.sampled_from(CODINGS), min_size=1, max_size=2))
@example(body=b"\x1f\x8b\x08", codings=["gzip"])
@example(body=b"\x28\xb5\x2f\xfd", codings=["br"])
def test_what_was_encoded_is_decoded(body: bytes, codings: list[Coding]) -> None:
    decoded = decode_body(encode_body(body, codings), ", ".join(codings))
    if body:
        assert decoded.body == body
        assert decoded.codings == tuple(codings)
    assert decoded.complete


@given(coding=st.sampled_from(CODINGS), cuts=st.lists(st.integers(0, 400), max_size=8), members=st.integers(1, 3))
def test_cuts_never_matter(coding: Coding, cuts: list[int], members: int) -> None:
    body = OTHERS[coding] * (members if coding in ("gzip", "zstd") else 1)
    decoder = Decoder(coding)
    borders = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    decoded = b"".join(decoder.feed(body[start:end]) for start, end in itertools.pairwise(borders))
    assert decoded == TEXT * (members if coding in ("gzip", "zstd") else 1)
    assert decoder.complete
    assert not decoder.surplus


@given(pieces=st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=10), coding=st.sampled_from(CODINGS))
def test_pieces_keep_their_borders(pieces: list[bytes], coding: Coding) -> None:
    encoder = Encoder(coding)
    encoded = [encoder.feed(piece, last=place == len(pieces)) for place, piece in enumerate(pieces, 1)]
    assert decode_chunks(encoded, [coding]) == (pieces, "")


@given(noise=st.binary(max_size=300), header=st.sampled_from(["", *CODINGS, "gzip, br"]))
def test_noise_is_never_lost(noise: bytes, header: str) -> None:
    decoded = decode_body(noise, header)
    assert decoded.codings or decoded.body == noise


@given(
    codings=st.lists(st.sampled_from(CODINGS), min_size=1, max_size=3),
    data=st.data(),
)
def test_every_layer_is_found_whichever_the_header_lists(codings: list[Coding], data: st.DataObject) -> None:
    claimed = data.draw(st.permutations(codings))[: data.draw(st.integers(0, 3))]
    text = "".join(f'data: {{"n": {number}, "text": "käse"}}\n\n' for number in range(40)).encode()
    assume(sum(coding in ("deflate", "br") for coding in codings) < 2)  # one in the other has no mark of its own
    decoded = decode_body(encode_body(text, codings), ", ".join(claimed))
    assert (decoded.body, decoded.codings, decoded.complete) == (text, tuple(codings), True)


@given(claimed=st.lists(st.sampled_from(CODINGS), max_size=3), text=st.text(min_size=1, max_size=40))
def test_a_text_is_never_taken_for_an_inner_coding(claimed: list[Coding], text: str) -> None:
    plain = text.encode().replace(b"\0", b"0")
    decoded = decode_body(encode_body(plain, ["gzip"]), ", ".join(claimed))
    assert (decoded.body, decoded.codings) == (plain, ("gzip",))


@pytest.mark.parametrize("cut", [0, 1, 2])
def test_the_shortest_stream_is_whole(cut: int) -> None:
    decoder = Decoder("deflate")
    assert decoder.feed(b"\x03\x00"[:cut]) + decoder.feed(b"\x03\x00"[cut:]) == b""  # empty, without zlib's header
    assert decoder.complete


def test_two_wrong_bytes_are_damage() -> None:
    decoder = Decoder("gzip")
    assert decoder.feed(b"no") == b""
    assert decoder.damage
    assert not decoder.complete


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_damage_in_pieces_of_any_size_keeps_what_came_before_it(size: int) -> None:
    broken = bytearray(zlib.compress(bytes(range(256)) * 4))
    broken[150] ^= 0xFF
    decoder = Decoder("deflate")
    decoded = b"".join(decoder.feed(bytes(broken[at : at + size])) for at in range(0, len(broken), size))
    assert decoder.damage
    assert (bytes(range(256)) * 4).startswith(decoded[:140])
    assert len(decoded) >= 100


@pytest.mark.parametrize("claimed", ["gzip", "br", "deflate, gzip", ""])
def test_an_answer_is_sent_with_the_coding_that_it_has(claimed: str) -> None:
    """Whatever the recorded header claims, there is one `Content-Encoding`, and it is true."""
    headers = (("Content-Type", "text/plain"), *([("Content-Encoding", claimed)] if claimed else []))
    stored = encoded_body.decoded(Response(headers=headers, body=encode_body(TEXT, ["gzip"])))
    sent = encoded_body.negotiated(stored, "gzip, br")
    assert [value for name, value in sent.headers if name.lower() == "content-encoding"] == ["gzip"]
    assert sent.raw is not None
    assert gzip.decompress(sent.raw) == TEXT
