"""The exact bytes of an answer: what a form changes, and what it leaves as it is."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest

from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.schedule import Framing
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.tape.model import End, Response
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer, with_framing
from chatgptfree_mock.variants.wire_bytes import Answer, WireBytes, WireForm, render

RESPONSE = Response(
    headers=(("Content-Type", "text/plain"), ("Transfer-Encoding", "chunked")),
    body=b"Hello you",
    chunks=((0, 5), (40, 4)),
)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"


def sent(form: WireForm, *, http11: bool = True, fault: str | None = None) -> WireBytes:
    return render(Answer(response=RESPONSE, delivery=Delivery.parse(fault=fault), form=form), http11=http11)


def pieces(found: WireBytes) -> list[bytes]:
    return [found.body[start:end] for start, end in pairwise([0, *accumulate(found.sizes)])]


def test_without_a_form_it_is_what_the_schedule_sends() -> None:
    schedule = build_schedule(RESPONSE)
    found = sent(WireForm())
    frames = b"".join(schedule.frames(0, 2, 0, framing=Framing.CHUNKED))
    assert found.body == schedule.head() + frames + schedule.last(framing=Framing.CHUNKED)
    assert pieces(found) == [HEAD, b"5\r\nHello\r\n", b"4\r\n you\r\n", b"0\r\n\r\n"]
    assert found.send_times == (0.0, 0.0, 40.0, 40.0)
    assert found.reusable


@pytest.mark.parametrize(
    ("form", "part"),
    [
        pytest.param(WireForm(size=b"%04X"), b"0005\r\nHello\r\n0004\r\n you\r\n0000\r\n\r\n", id="sizes"),
        pytest.param(WireForm(extension=b';a="b"'), b'5;a="b"\r\nHello\r\n4;a="b"\r\n you\r\n0;a="b"\r\n', id="ext"),
        pytest.param(WireForm(names="lower"), b"content-type: text/plain\r\ntransfer-encoding: chunked", id="names"),
        pytest.param(WireForm(colon=b":", blank=b" "), b"Content-Type:text/plain \r\n", id="blanks"),
        pytest.param(WireForm(before=b"HTTP/1.1 103 X\r\n\r\n"), b"HTTP/1.1 103 X\r\n\r\nHTTP/1.1 200 OK", id="103"),
    ],
)
def test_a_form_changes_how_it_is_written(form: WireForm, part: bytes) -> None:
    assert part in sent(form).body


def test_the_head_is_cut_and_all_that_follows_comes_later() -> None:
    found = sent(WireForm(head_cuts=(4, -1), head_gap=10))
    assert pieces(found)[:3] == [HEAD[:4], HEAD[4:-1], HEAD[-1:]]
    assert found.send_times == (0.0, 10.0, 20.0, 20.0, 60.0, 60.0)


def test_the_last_chunk_comes_later() -> None:
    assert sent(WireForm(last_gap=30)).send_times[-1] == 70.0


@pytest.mark.parametrize(("kept", "left"), [(10, HEAD[:10]), (-2, None)])
def test_only_so_much_is_sent(kept: int, left: bytes | None) -> None:
    found = sent(WireForm(kept=kept))
    assert found.body == (sent(WireForm()).body[:-2] if left is None else left)
    assert sum(found.sizes) == len(found.body)
    assert (found.end, found.reusable) == (End.TRUNCATED, False)
    assert sent(WireForm(kept=kept, reset=True)).end is End.RESET


def test_a_client_of_http_1_0_gets_no_chunks_and_nothing_before_the_head() -> None:
    found = sent(WireForm(before=b"HTTP/1.1 103 X\r\n\r\n", size=b"%X"), http11=False)
    assert found.body.startswith(b"HTTP/1.1 200 OK")
    assert found.body.endswith(b"\r\n\r\nHello you")
    assert not found.reusable


def test_nothing_at_all_is_sent_before_a_head_that_never_comes() -> None:
    found = sent(WireForm(), fault="reset@head")
    assert (found.head_time, found.body, found.end) == (None, b"", End.RESET)


@pytest.mark.parametrize(
    ("framing", "lines"),
    [
        (Framing.LENGTH, b"Content-Length: 9\r\n\r\nHello you"),
        (Framing.CLOSE, b"Connection: close\r\n\r\nHello you"),
        (Framing.CHUNKED, b"Transfer-Encoding: chunked\r\n\r\n5\r\nHello"),
    ],
)
def test_a_framing_is_asked_for_by_headers(framing: Framing, lines: bytes) -> None:
    found = render(RecordedAnswer(with_framing(RESPONSE, framing)).answer())
    assert lines in found.body
    assert found.reusable is (framing is not Framing.CLOSE)
