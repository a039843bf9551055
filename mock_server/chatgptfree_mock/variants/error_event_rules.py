"""Errors inside of an answer: an event with an error, or JSON that breaks off."""

from __future__ import annotations

from functools import partial
from typing import Final

from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.schedule import Framing
from chatgptfree_mock.variants.event_blocks import Block, Line
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer, with_framing
from chatgptfree_mock.variants.rule import Rule, breakage
from chatgptfree_mock.variants.status_rules import JSON_ERROR, WORDS
from chatgptfree_mock.variants.wire_bytes import Answer


def _error_event(answer: RecordedAnswer, name: bytes, share: float) -> Answer | None:
    """End the stream with an error in an event, or in a line of JSON lines, after this share of its events."""
    events = [place for place, event in enumerate(answer.events) if event.has_data and place != answer.mark]
    if not events or answer.kind == "text" or (name and not answer.is_stream):
        return None
    kept = answer.event_bytes[: events[int(len(events) * share)]]
    error = (JSON_ERROR % (WORDS, 500, 500)).encode()
    if answer.is_stream:
        lines = (Line(b"event: " + name), Line(b"data: " + error)) if name else (Line(b"data: " + error),)
        error = Block((*lines, Line(b""))).to_bytes()
    else:
        error += b"\n"
    return answer.with_body(b"".join([*kept, error])).answer(chunks="events")


def _broken_event(answer: RecordedAnswer) -> Answer | None:
    """Cut the JSON of one event, or of one line of JSON lines, in the middle of the stream, in complete framing."""
    events = [
        place
        for place, event in enumerate(answer.events)
        if event.has_data and place != answer.mark and event.data[:1] in (b"{", b"[")
    ]
    if not events or answer.kind == "text":
        return None
    chosen = events[len(events) // 2]
    event = answer.events[chosen]
    half = event.data[: len(event.data) // 2].replace(b"\n", b" ")
    if answer.is_stream:
        others = [line for line in event.lines[:-1] if line.field != b"data"]
        broken = Block((*others, Line(b"data: " + half), event.lines[-1])).to_bytes()
    else:
        broken = half + b"\n"
    body = b"".join([*answer.event_bytes[:chosen], broken, *answer.event_bytes[chosen + 1 :]])
    return answer.with_body(body).answer(chunks="events")


def _broken_json(answer: RecordedAnswer) -> Answer | None:
    """End a JSON body in its middle, in complete framing."""
    if answer.kind != "JSON":
        return None
    response = with_framing(answer.response, Framing.LENGTH)
    return Answer(response=response, delivery=Delivery.parse(pace="instant", fault="end@50%"))


ERROR_EVENT_RULES: Final[tuple[Rule, ...]] = (
    *(
        breakage(
            f"events/{name}",
            partial(_error_event, name=event, share=share),
            source,
            grade=2,
            short=share > 0,
            error=WORDS,
        )
        for name, event, share, source in (
            ("error-object", b"", 0.5, "OpenAI sends an error as data, without an end mark after it"),
            ("error-object-first", b"", 0, "OpenAI"),
            ("error-event", b"error", 0.5, "Anthropic sends `event: error`, without an end mark after it"),
            ("error-event-first", b"error", 0, "Anthropic"),
        )
    ),
    breakage(
        "json/cut-in-an-event",
        _broken_event,
        "RFC 8259 section 2: half of an object is not JSON; loops that skip what does not parse lose it",
        grade=2,
        short=True,
    ),
    breakage("json/cut", _broken_json, "RFC 8259 section 2: half of an object is not JSON", grade=2, short=True),
)
"""Breakages inside the body of a whole answer."""
