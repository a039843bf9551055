"""
The law of content codings and the recorder, over codings, members, cuts, wrong and missing headers, and framings.

Whatever a site sends: the file replays what the client got, and neither has anything that the site did not send.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.support.raw_client import RawAnswer, fetch
from tests.support.raw_upstream import chunked, head, raw_upstream
from tests.support.recording import recording

from chatgptfree_mock.recorder.mode import Mode
from chatgptfree_mock.tape.content_coding import encode_body
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.model import End, Response

TEXT = "data: héllo 漢 👋\n\n".encode() * 20
GZIP = gzip.compress(TEXT)
ZSTD = encode_body(TEXT[:77], ["zstd"]) + encode_body(TEXT[77:], ["zstd"])
ENCODED = {
    "": TEXT,
    "identity": TEXT,
    "gzip": GZIP,
    "x-gzip": gzip.compress(TEXT[:100]) + gzip.compress(b"") + gzip.compress(TEXT[100:]),
    "deflate": zlib.compress(TEXT),
    "Deflate": zlib.compress(TEXT, wbits=-15),
    "br": encode_body(TEXT, ["br"]),
    "zstd": ZSTD,
    "gzip, br": encode_body(GZIP, ["br"]),
    "zstd,identity , gzip": gzip.compress(ZSTD),
}
"""By the header that is right for it."""
UNKNOWN = ("compress", "gzip, foo")


@dataclass(frozen=True, kw_only=True)
class Sent:
    """An answer of the site: *body* with a header that may be wrong, in *size* bytes each time."""

    body: bytes
    coding: str
    size: int
    framing: str
    media_type: str

    def script(self) -> list[bytes]:
        pieces = [self.body[at : at + self.size] for at in range(0, len(self.body), self.size)]
        lines = [f"Content-Type: {self.media_type}", *([f"Content-Encoding: {self.coding}"] if self.coding else [])]
        if self.framing == "chunked":
            return [head(*lines, "Transfer-Encoding: chunked"), *chunked(*pieces)]
        return [head(*lines, *([f"Content-Length: {len(self.body)}"] if self.framing == "length" else [])), *pieces]


def recorded(sent: Sent) -> tuple[RawAnswer, Response, RawAnswer]:
    """Return what the client got, what is in the file, and what a client gets from that."""

    async def run(path: Path) -> tuple[RawAnswer, Response, RawAnswer]:
        async with raw_upstream(sent.script()) as upstream:
            async with recording(upstream.url, path) as running:
                live = await fetch(running.url)
            async with recording(upstream.url, path, mode=Mode.NONE) as running:
                replayed = await fetch(running.url)
            assert len(upstream.requests) == 1
        (interaction,) = load(path).interactions
        return live, interaction.response, replayed

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(run(Path(folder) / "recorded.yaml"))


HOW: dict[str, st.SearchStrategy[Any]] = {
    "size": st.sampled_from([1, 7, 1000]),
    "framing": st.sampled_from(["length", "chunked", "close"]),
    "media_type": st.sampled_from(["text/event-stream", "text/html; charset=utf-8", "application/json"]),
}
ANY = st.builds(
    Sent,
    body=st.sampled_from([*ENCODED.values(), b"", bytes(range(256)) * 2]),
    coding=st.sampled_from([*ENCODED, *UNKNOWN]),
    **HOW,
)


def as_raw_deflate(sent: Sent) -> bytes:
    """Return what the body is by its header, if that is `deflate`: the raw form has no mark, so many bytes fit it."""
    text = b""
    if sent.coding.lower() == "deflate":
        decoder = zlib.decompressobj(wbits=-15)
        with contextlib.suppress(zlib.error):
            for byte in sent.body:
                text += decoder.decompress(bytes([byte]))
    return text


@settings(max_examples=30)
@example(
    sent=Sent(body=ENCODED["gzip, br"], coding="deflate", size=1, framing="length", media_type="text/html"), cut=None
)
@given(sent=ANY, cut=st.none() | st.integers(0, 400))
def test_the_file_replays_what_the_client_got(sent: Sent, cut: int | None) -> None:
    sent = Sent(**{**sent.__dict__, "body": sent.body[:cut]})
    live, stored, replayed = recorded(sent)
    assert (replayed.body, replayed.status) == (live.body, 200)
    assert (replayed.header("Content-Encoding") or "identity") == (live.header("Content-Encoding") or "identity")
    assert live.body == (stored.body if stored.raw is None else stored.raw)
    assert any(each.startswith(live.body) for each in (sent.body, *ENCODED.values(), as_raw_deflate(sent)))
    if sent.coding in UNKNOWN:
        assert (live.body, live.header("Content-Encoding")) == (sent.body, sent.coding)


@settings(max_examples=20)
@given(coding=st.sampled_from(list(ENCODED)), how=st.fixed_dictionaries(HOW))
@example(coding="x-gzip", how={"size": 1, "framing": "close", "media_type": "text/html"})
def test_a_coding_is_undone_whole(coding: str, how: dict[str, Any]) -> None:
    live, stored, _ = recorded(Sent(body=ENCODED[coding], coding=coding, **how))
    assert live.body == stored.body == TEXT
    assert (live.end, stored.end) == ("complete", End.COMPLETE)
    assert (live.header("Content-Encoding") or "") == stored.header("Content-Encoding") in ("", "identity")


@settings(max_examples=20)
@given(coding=st.sampled_from(list(ENCODED)[2:]), share=st.integers(1, 99), how=st.fixed_dictionaries(HOW))
def test_a_coding_that_breaks_off_is_a_cut(coding: str, share: int, how: dict[str, Any]) -> None:
    whole = ENCODED[coding]
    body = whole[: max(1, len(whole) * share // 100)]
    live, stored, _ = recorded(Sent(body=body, coding=coding, **how))
    ends_between_members = len(stored.body) > 0 and coding in ("x-gzip", "zstd") and stored.end is End.COMPLETE
    assert stored.end is End.TRUNCATED or ends_between_members
    assert TEXT.startswith(live.body)
    if how["framing"] != "close":
        assert live.end == ("complete" if ends_between_members else "truncated")


@settings(max_examples=20)
@given(
    coding=st.sampled_from(list(ENCODED)[2:]),
    claimed=st.sampled_from(["", "br", "gzip", "deflate", "zstd"]),
    data=st.data(),
)
def test_how_an_answer_was_cut_never_matters(coding: str, claimed: str, data: st.DataObject) -> None:
    """A wrong header, or none, leaves the bytes as they were, in whatever packets they came."""
    sent = [Sent(body=ENCODED[coding], coding=claimed, **data.draw(st.fixed_dictionaries(HOW))) for _ in range(2)]
    one, other = map(recorded, sent)
    assert one[0].body == other[0].body
    assert (one[1].body, one[1].raw, one[1].end) == (other[1].body, other[1].raw, other[1].end)
    # Deflate without zlib's header cannot be distinguished from noise.
    assert one[1].body in (TEXT, ENCODED[coding], as_raw_deflate(sent[0]))
