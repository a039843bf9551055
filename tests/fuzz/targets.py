"""
What is fuzzed: each target takes bytes, and fails by raising anything but a `ChatError`.

Beside that, how the bytes are cut must not matter, and time must grow with the input.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator

from chatgptfree.core.answer.answer_reader import AnswerReader
from chatgptfree.core.answer.outcome import End
from chatgptfree.core.generations.aipkit import cache_reply, nonce_reply
from chatgptfree.core.page.page_reader import read_page
from chatgptfree.core.protocol.event_stream import EventStreamDecoder, ServerSentEvent
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import ChatError
from chatgptfree.messages import Delta, Limits

Target = Callable[[bytes], None]

CONTENT_TYPES = ("text/event-stream; charset=utf-8", "application/json; charset=UTF-8", "text/html; charset=UTF-8", "")
STATUSES = (200, 200, 200, 403, 400, 429, 500, 503)
SMALL, LARGE = 16 * 1024, 160 * 1024
PATIENCE = 1.0
"""Seconds below which growth can't be distinguished from noise."""
STEEPEST = 40
"""Times as long for 10 times the input; 100 would be quadratic."""


class LawBrokenError(AssertionError):
    """What comes out depends on how the input was cut, or time on more than its size."""


def decoder(data: bytes) -> None:
    """Decode events, with a limit in one case of four."""
    limit = 40 if data[:1] < b"\x40" else Limits().event
    whole, cut_up = EventStreamDecoder(limit=limit), EventStreamDecoder(limit=limit)
    expected = whole.feed(data)
    got: list[ServerSentEvent] = [event for piece in _pieces(data) for event in cut_up.feed(piece)]
    if (got, cut_up.overflow) != (expected, whole.overflow):
        raise LawBrokenError("the events depend on the cuts")


def answers(data: bytes) -> None:
    """Read an answer; the first byte chooses its content type, its status and how it ends."""
    kind, body = (data[0], data[1:]) if data else (0, b"")
    if _read(kind, [body]) != _read(kind, _pieces(body)):
        raise LawBrokenError("the answer depends on the cuts")
    for reply in (cache_reply(_head(kind), body), nonce_reply(_head(kind), body)):
        str(reply).encode()


def page(data: bytes) -> None:
    """Read a page; the first byte chooses its content type and its status."""
    kind, body = (data[0], data[1:]) if data else (0, b"")
    try:
        for bot in read_page(_head(kind), body).bots:
            repr(bot)
    except ChatError as error:
        str(error)


TARGETS: dict[str, Target] = {"decoder": decoder, "answers": answers, "page": page}


def check_growth(target: Target, data: bytes) -> None:
    """Repeat *data*, one time in a few hundred, and compare the time for much of it with that for ten times as much."""
    if not data or zlib.crc32(data) % 512:
        return
    small, large = (data * (size // len(data) + 1) for size in (SMALL, LARGE))
    if (longer := _seconds(target, large)) > PATIENCE and longer > STEEPEST * _seconds(target, small):
        raise LawBrokenError(f"time grows faster than the input: {longer:.1f} s for {len(large)} bytes")


def _seconds(target: Target, data: bytes) -> float:
    start = time.process_time()
    target(data)
    return time.process_time() - start


def _head(kind: int) -> ResponseHead:
    content_type = CONTENT_TYPES[kind % len(CONTENT_TYPES)]
    return ResponseHead(
        status=STATUSES[kind // 4 % len(STATUSES)], url="http://site/", headers=(("Content-Type", content_type),)
    )


def _read(kind: int, pieces: list[bytes] | Iterator[bytes]) -> tuple[str, str]:
    answer = AnswerReader(_head(kind), Limits(reply=200, event=100) if kind >= 224 else Limits())
    outcomes = [outcome for piece in pieces for outcome in answer.feed(piece)]
    outcomes += answer.broken("reset") if 32 <= kind < 64 else answer.finish()
    *texts, last = outcomes
    text = "".join(delta.text for delta in texts if isinstance(delta, Delta))
    text.encode()
    if not isinstance(last, End | ChatError) or (isinstance(last, ChatError) and last.partial != text):
        raise LawBrokenError(f"the answer ended with {last!r} after {text!r}")
    str(last).encode(errors="surrogateescape" if isinstance(last, End) else "strict")
    return text, last.kind if isinstance(last, ChatError) else repr(last)


def _pieces(data: bytes) -> Iterator[bytes]:
    """Cut *data* at places that depend on it."""
    size = 1 + zlib.crc32(data) % 7 if len(data) < 4096 else 1400
    return (data[start : start + size] for start in range(0, len(data), size))
