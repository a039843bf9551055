"""
The family `coding/`: the same body in a content coding (RFC 9110 section 8.4), and codings that are damaged.

Most clients do not notice a coding that is cut short inside complete framing: the decoder returns what it has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate, pairwise
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from chatgptfree_mock.replay.chunking import event_ends
from chatgptfree_mock.replay.schedule import Framing
from chatgptfree_mock.tape.content_coding import encode_body
from chatgptfree_mock.tape.encoded_body import encoded_chunks
from chatgptfree_mock.variants.grades import Grade
from chatgptfree_mock.variants.recorded_answer import AT_ONCE, RecordedAnswer, with_framing
from chatgptfree_mock.variants.rule import Rule, breakage
from chatgptfree_mock.variants.wire_bytes import Answer

_CHUNKS_AT_MOST: Final = 200
_TRAILER: Final = 8
"""Bytes after the data of gzip: the checksum and the length (RFC 1952 section 2.3)."""

Encode = Callable[[RecordedAnswer, Sequence[str]], list[bytes]]
Damage = Callable[[list[bytes]], list[bytes]]


def _encoded_chunks(answer: RecordedAnswer, codings: Sequence[str]) -> list[bytes]:
    """Encode it event by event or line by line, each flushed, as servers do that compress a stream."""
    ends = (event_ends(answer.body) if answer.is_stream else answer.block_ends)[:_CHUNKS_AT_MOST]
    borders = sorted({0, *ends, len(answer.body)})
    return encoded_chunks(answer.body, [end - start for start, end in pairwise(borders)], codings)


def _at_once(answer: RecordedAnswer, codings: Sequence[str]) -> list[bytes]:
    return [encode_body(answer.body, codings)]


def _members(answer: RecordedAnswer, _codings: Sequence[str]) -> list[bytes]:
    """Encode it as several gzip members, one after the other (RFC 1952 section 2.2)."""
    half = len(answer.body) // 2
    return [encode_body(answer.body[:half], ["gzip"]), encode_body(answer.body[half:], ["gzip"])]


class _CodedBody(Struct, frozen=True, kw_only=True):
    """The coding of a body, the damage to the encoded chunks, and their framing."""

    codings: tuple[str, ...]
    encode: Encode = _encoded_chunks
    damage: Damage | None = None
    framing: Framing = Framing.CHUNKED
    named: str = ""
    """The value of `Content-Encoding`, where it is not the list of the codings."""


def _encoded(answer: RecordedAnswer, coded: _CodedBody) -> Answer | None:
    if not answer.body:
        return None
    whole = coded.encode(answer, coded.codings)
    chunks = [chunk for chunk in (whole if coded.damage is None else coded.damage(whole)) if chunk]
    framed = with_framing(answer.response, coded.framing)
    response = replace(
        framed,
        headers=(*framed.headers, ("Content-Encoding", coded.named or ", ".join(coded.codings))),
        chunks=(),
        raw=b"".join(chunks),
        raw_chunks=tuple((0, len(chunk)) for chunk in chunks),
        codings=coded.codings,
    )
    return Answer(response=response, delivery=AT_ONCE)


def _bytewise(answer: RecordedAnswer, codings: Sequence[str]) -> list[bytes]:
    raw = b"".join(_encoded_chunks(answer, codings))
    size = max(1, len(raw) // _CHUNKS_AT_MOST)
    return [raw[at : at + size] for at in range(0, len(raw), size)]


def _cut_at_a_flush(chunks: list[bytes]) -> list[bytes]:
    """Leave out the second half of the chunks; each that is left ends on a flushed border."""
    return chunks[: max(len(chunks) // 2, 1)] if len(chunks) > 1 else _cut_inside(50, chunks)


def _cut_inside(percent: int, chunks: list[bytes]) -> list[bytes]:
    raw = b"".join(chunks)
    cut = max(1, len(raw) * percent // 100)
    # The cut is not on a flushed border.
    return [raw[: cut - 1] if cut in set(accumulate(map(len, chunks))) else raw[:cut]]


def _cut_end(count: int, chunks: list[bytes]) -> list[bytes]:
    return [b"".join(chunks)[:-count]]


def _wrong_sum(chunks: list[bytes]) -> list[bytes]:
    """Flip the bits of the checksum."""
    raw = bytearray(b"".join(chunks))
    for place in range(len(raw) - _TRAILER, len(raw) - _TRAILER + 4):
        raw[place] ^= 0xFF
    return [bytes(raw)]


def _not_encoded(answer: RecordedAnswer, _codings: Sequence[str]) -> list[bytes]:
    return [answer.body]


def _rule(name: str, coded: _CodedBody, *, grade: Grade = 1, short: bool = False) -> Rule:
    rewrite, source = partial(_encoded, coded=coded), "RFC 9110 section 8.4.1"
    return Rule(f"coding/{name}", rewrite, source, grade=grade, short=short, codings=coded.codings)


def _breakage(name: str, coded: _CodedBody, *, short: bool = False) -> Rule:
    source = "RFC 1950, 1952, 7932: a coding has an end of its own; 9 of 10 decoders return the prefix"
    rewrite = partial(_encoded, coded=coded)
    return breakage(f"coding/{name}", rewrite, source, grade=2, short=short, codings=coded.codings)


_ONE_STREAM: Final = ("gzip", "deflate", "br")
_FRAMINGS: Final = {"": Framing.CHUNKED, "-length": Framing.LENGTH, "-close": Framing.CLOSE}
_CUTS: Final[dict[str, Damage]] = {
    "cut-at-a-flush": _cut_at_a_flush,
    "cut-in-the-middle": partial(_cut_inside, 50),
    "cut-near-the-end": partial(_cut_inside, 90),
    "cut-by-one-byte": partial(_cut_end, 1),
}

CODING_RULES: Final[tuple[Rule, ...]] = (
    *(
        _rule(coding + suffix, _CodedBody(codings=(coding,), framing=framing), short=not suffix)
        for coding in _ONE_STREAM
        for suffix, framing in _FRAMINGS.items()
    ),
    *(_rule(f"{coding}-one-block", _CodedBody(codings=(coding,), encode=_at_once)) for coding in _ONE_STREAM),
    *(_rule(f"{coding}-bytewise", _CodedBody(codings=(coding,), encode=_bytewise)) for coding in _ONE_STREAM),
    _rule("gzip-members", _CodedBody(codings=("gzip",), encode=_members), grade=2, short=True),
    _rule("gzip-members-length", _CodedBody(codings=("gzip",), encode=_members, framing=Framing.LENGTH), grade=2),
    _rule("x-gzip", _CodedBody(codings=("gzip",), named="x-gzip"), grade=3, short=True),
    _rule("zstd", _CodedBody(codings=("zstd",)), grade=3, short=True),
    _rule("zstd-length", _CodedBody(codings=("zstd",), framing=Framing.LENGTH), grade=3),
    _rule("deflate-and-gzip", _CodedBody(codings=("deflate", "gzip")), grade=3, short=True),
    *(
        _breakage(
            f"{coding}-{name}{suffix}",
            _CodedBody(codings=(coding,), damage=damage, framing=framing),
            short=not suffix and name == ("cut-at-a-flush" if coding == "gzip" else "cut-in-the-middle"),
        )
        for coding in _ONE_STREAM
        for name, damage in _CUTS.items()
        for suffix, framing in (("", Framing.CHUNKED), ("-length", Framing.LENGTH))
    ),
    _breakage("gzip-without-check-sum", _CodedBody(codings=("gzip",), damage=partial(_cut_end, _TRAILER))),
    _breakage("gzip-wrong-check-sum", _CodedBody(codings=("gzip",), damage=_wrong_sum)),
    _breakage("not-encoded", _CodedBody(codings=("gzip",), encode=_not_encoded), short=True),
)
"""Equivalents in a coding, and breakages of one."""
