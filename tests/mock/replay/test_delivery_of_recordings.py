"""The law of delivery: every recorded answer is cut, paced and broken as asked, whatever it is an answer to."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.schedule import Framing
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.sites.recorded.cassette_player import CassettePlayer
from chatgptfree_mock.tape.coding_streams import CODINGS
from chatgptfree_mock.tape.content_coding import decode_body, encode_body
from chatgptfree_mock.tape.encoded_body import negotiated
from chatgptfree_mock.tape.model import Cassette, End, Interaction, Request, Response
from chatgptfree_mock.tape.yaml.reading import read
from chatgptfree_mock.tape.yaml.writing import write

TEXTS = st.lists(st.sampled_from(["data: é👋\n\n", "data: a\r\n\r\n", "{}", "x", "\n"]), min_size=1, max_size=12).map(
    lambda parts: "".join(parts).encode()
)
METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "REPORT"])
PATHS = st.sampled_from(["/", "/v1/chat", "/wp-admin/admin-ajax.php", "/s/1", "/a%2Fb/", "/favicon.ico"])
TYPES = st.sampled_from(
    ["text/event-stream", "application/json", "text/html", "application/vnd.amazon.eventstream", ""]
)
FRAMINGS = st.sampled_from([("Transfer-Encoding", "chunked"), ("Connection", "close"), ("X-None", "")])
WORDS = st.sampled_from(["whole", "events", "lines", "bytes", "utf8", "crlf", "at:3,5", "every:4", "random:7"])
STORED = st.sampled_from(["", *CODINGS])
ACCEPTED = st.sampled_from(["", "identity", *CODINGS, "gzip, deflate, br, zstd", "*", "gzip;q=0, *"])


def takes(accepted: str, coding: str) -> bool:
    """Return whether a value above takes *coding*: by name, or by the star, unless that is refused by name."""
    words = [word.strip() for word in accepted.split(",")]
    return coding in words or ("*" in words and f"{coding};q=0" not in words)


def recorded(
    method: str, path: str, kind: str, framing: tuple[str, str], stored: bytes, coding: str, end: End = End.COMPLETE
) -> Interaction:
    """Return what the loader makes of a file that holds *stored*."""
    headers = (("Content-Type", kind), framing, *([("Content-Encoding", coding)] if coding else []))
    interaction = Interaction(
        request=Request(method=method, uri=f"https://any.example{path}"),
        response=Response(headers=headers, body=stored, end=end),
    )
    return read(write(Cassette(interactions=(interaction,))).encode()).interactions[0]


def answer(interaction: Interaction, accepted: str) -> Response:
    player = CassettePlayer([Cassette(interactions=(interaction,))])
    request = interaction.request
    compressed = Request(method=request.method, uri=request.uri, headers=(("Accept-Encoding", accepted),))
    played = player.play(compressed, "http://127.0.0.1:1")
    assert played.recorded
    return played.response


@given(
    method=METHODS, path=PATHS, kind=TYPES, framing=FRAMINGS, text=TEXTS, coding=STORED, accepted=ACCEPTED, word=WORDS
)
@example(
    method="GET",
    path="/",
    kind="text/html",
    framing=("X-None", ""),
    text=b"data: a\r\n\r\n" * 9,
    coding="gzip",
    accepted="gzip;q=0, *",
    word="whole",
)
def test_the_text_is_cut_as_asked_and_every_byte_comes_out(
    method: str, path: str, kind: str, framing: tuple[str, str], text: bytes, coding: str, accepted: str, word: str
) -> None:
    stored = encode_body(text, [coding]) if coding else text
    delivery = Delivery.parse(chunks=word, pace="instant")
    response = answer(recorded(method, path, kind, framing, stored, coding), accepted)
    schedule = build_schedule(response, delivery)
    sent_as = dict(schedule.headers).get("Content-Encoding", "")
    assert sent_as == (coding if coding and takes(accepted, coding) else "")
    assert decode_body(schedule.body, sent_as, kind).body == text if sent_as else schedule.body == text
    assert set(schedule.send_times) <= {0.0}
    assert schedule.length == len(schedule.body)
    if not sent_as:
        assert list(schedule.sizes) == delivery.chunks.sizes(text)
    elif word != "whole":
        assert len(schedule.sizes) == len(delivery.chunks.sizes(text))


@given(kind=TYPES, text=TEXTS, coding=st.sampled_from(CODINGS), word=WORDS)
def test_each_encoded_piece_can_be_read_when_it_is_there(kind: str, text: bytes, coding: str, word: str) -> None:
    delivery = Delivery.parse(chunks=word)
    interaction = recorded("GET", "/", kind, ("X-None", ""), encode_body(text, [coding]), coding)
    schedule = build_schedule(answer(interaction, coding), delivery)
    ends = list(accumulate(schedule.sizes))
    borders = list(accumulate(delivery.chunks.sizes(text)))
    if word != "whole" and len(borders) == len(ends):
        for end, border in zip(ends[:-1], borders[:-1], strict=True):
            assert decode_body(schedule.body[:end], coding, kind).body == text[:border]


@given(method=METHODS, kind=TYPES, text=TEXTS, share=st.integers(0, 99), name=st.sampled_from(["truncate", "reset"]))
def test_every_recorded_answer_breaks_at_the_place_of_the_fault(
    method: str, kind: str, text: bytes, share: int, name: str
) -> None:
    interaction = recorded(method, "/x", kind, ("Transfer-Encoding", "chunked"), text, "")
    schedule = build_schedule(answer(interaction, ""), Delivery.parse(fault=f"{name}@{share}%"))
    assert schedule.body == text[: len(text) * share // 100]
    assert schedule.end is (End.TRUNCATED if name == "truncate" else End.RESET)


@given(
    text=TEXTS,
    coding=STORED,
    accepted=ACCEPTED,
    word=WORDS,
    end=st.sampled_from([End.TRUNCATED, End.RESET]),
    share=st.integers(1, 100),
)
def test_an_answer_that_broke_off_breaks_off_however_it_is_delivered(
    text: bytes, coding: str, accepted: str, word: str, end: End, share: int
) -> None:
    whole = encode_body(text, [coding]) if coding else text
    stored = whole[: max(1, len(whole) * share // 100)]
    framing = ("Content-Length", str(len(whole) + 1))
    interaction = recorded("GET", "/", "text/plain", framing, stored, coding, end)
    schedule = build_schedule(answer(interaction, accepted), Delivery.parse(chunks=word))
    assert schedule.end is end
    assert (schedule.framing, schedule.length > len(schedule.body)) == (Framing.LENGTH, True)
    sent_as = dict(schedule.headers).get("Content-Encoding", "")
    if interaction.response.codings or not coding:  # so few bytes may not show that they are encoded
        assert text.startswith(decode_body(schedule.body, sent_as, "text/plain").body if sent_as else schedule.body)


@given(text=TEXTS, coding=STORED)
def test_a_file_keeps_the_bytes_that_it_stored(text: bytes, coding: str) -> None:
    stored = encode_body(text, [coding]) if coding else text
    interaction = recorded("GET", "/", "text/plain", ("X-None", ""), stored, coding)
    assert interaction.response.body == text
    again = read(write(Cassette(interactions=(interaction,))).encode()).interactions[0]
    assert again == interaction
    assert (again.response.raw or again.response.body) == stored


@pytest.mark.parametrize("claimed", ["gzip", "deflate", "", "utf-8"], ids=["right", "wrong", "missing", "a charset"])
def test_the_bytes_decide_about_their_coding_whatever_the_header_claims(claimed: str) -> None:
    stored = encode_body(b"data: hello\n\n" * 9, ["gzip"])
    headers = (("Content-Type", "text/event-stream"), *([("Content-Encoding", claimed)] if claimed else []))
    interaction = Interaction(
        request=Request(method="GET", uri="https://a/"), response=Response(headers=headers, body=stored)
    )
    (loaded,) = read(write(Cassette(interactions=(interaction,))).encode()).interactions
    coded = negotiated(loaded.response, "gzip")
    assert coded.header("Content-Encoding") == "gzip"
    assert build_schedule(coded).body == stored
    plain = negotiated(loaded.response, "")
    assert plain.header("Content-Encoding") == ""
    assert build_schedule(plain).body == b"data: hello\n\n" * 9


def test_a_coding_that_breaks_off_is_a_cut_for_clients_that_get_text() -> None:
    stored = encode_body(bytes(range(256)) * 40, ["gzip"])[:200]
    headers = (("Content-Type", "text/plain"), ("Content-Encoding", "gzip"), ("Content-Length", str(len(stored))))
    interaction = Interaction(
        request=Request(method="GET", uri="https://a/"), response=Response(headers=headers, body=stored)
    )
    (loaded,) = read(write(Cassette(interactions=(interaction,))).encode()).interactions
    schedule = build_schedule(negotiated(loaded.response, ""))
    assert schedule.end is End.TRUNCATED
    assert schedule.framing is Framing.LENGTH
    assert schedule.length > len(schedule.body) > 0
    assert build_schedule(negotiated(loaded.response, "gzip")).body == stored


def test_recorded_chunks_of_an_encoded_body_keep_their_times_as_text() -> None:
    text = b"data: one\n\ndata: two\n\ndata: three\n\n"
    sizes = [11, 11, 13]
    pieces = [encode_body(piece, ["gzip"]) for piece in _chunks(text, sizes)]  # several members, as some servers send
    stored = b"".join(pieces)
    chunks = tuple((100 * place, len(piece)) for place, piece in enumerate(pieces))
    headers = (("Content-Type", "text/event-stream"), ("Content-Encoding", "gzip"))
    interaction = Interaction(
        request=Request(method="GET", uri="https://a/"),
        response=Response(headers=headers, body=stored, chunks=chunks),
    )
    (loaded,) = read(write(Cassette(interactions=(interaction,))).encode()).interactions
    assert loaded.response.chunks == ((0, 11), (100, 11), (200, 13))
    assert build_schedule(negotiated(loaded.response, "gzip")).sizes == tuple(len(piece) for piece in pieces)
    assert build_schedule(negotiated(loaded.response, "")).send_times == (0.0, 100.0, 200.0)


def test_a_fault_at_an_event_strikes_there_in_an_encoded_answer_too() -> None:
    text = b"data: one\n\ndata: two\n\ndata: three\n\n"
    interaction = recorded("GET", "/", "text/event-stream", ("X-None", ""), encode_body(text, ["gzip"]), "gzip")
    schedule = build_schedule(answer(interaction, "gzip"), Delivery.parse(fault="truncate@event:2"))
    assert decode_body(schedule.body, "gzip").body == b"data: one\n\ndata: two\n\n"


def _chunks(data: bytes, sizes: list[int]) -> list[bytes]:
    return [data[start:end] for start, end in pairwise([0, *accumulate(sizes)])]


@for_each("word", ["as-recorded", "bytes"])
@for_each(
    ("method", "status", "accepted", "kept"),
    [
        ("HEAD", 200, "gzip, br", True),
        ("HEAD", 200, "*", True),
        ("GET", 304, "gzip", True),
        ("HEAD", 200, "", False),
        ("HEAD", 200, "br", False),
        ("GET", 304, "identity", False),
    ],
)
def test_an_answer_without_a_body_keeps_the_headers_of_the_one_with_it(
    method: str, status: int, accepted: str, kept: bool, word: str
) -> None:
    headers = (("Content-Type", "text/html"), ("Content-Encoding", "gzip"), ("Content-Length", "1234"), ("ETag", "x"))
    request = Request(method=method, uri="https://a.example/")
    stored = Interaction(request=request, response=Response(status=status, headers=headers))
    (interaction,) = read(write(Cassette(interactions=(stored,))).encode()).interactions
    schedule = build_schedule(answer(interaction, accepted), Delivery.parse(chunks=word))
    head = schedule.head(bodiless=method == "HEAD").decode()
    assert schedule.body == b""
    assert ("Content-Encoding: gzip" in head) is kept
    assert ("Content-Length: 1234" in head) is (kept and method == "HEAD")
    assert "ETag: x" in head
