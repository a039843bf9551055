"""
The family `cut/`: the answer breaks off.

Each place is cut under each framing, since clients notice a cut by different signs: the announced length, the last HTTP
chunk, or only the end mark if the body ends with the connection (RFC 9112 section 8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, Literal

from msgspec import Struct

from chatgptfree_mock.replay.schedule import Framing
from chatgptfree_mock.variants.grades import Grade
from chatgptfree_mock.variants.recorded_answer import AT_ONCE, RecordedAnswer, with_framing
from chatgptfree_mock.variants.rule import Rule, breakage
from chatgptfree_mock.variants.wire_bytes import Answer, WireForm

CutPlace = Callable[[RecordedAnswer], int | None]
"""Returns the number of bytes of the body that are sent; None if the answer has no such place."""
CutEnding = Literal["truncate", "reset"]


class _Framed(Struct, frozen=True, kw_only=True):
    """A framing to be cut."""

    name: str
    framing: Framing
    close: bool = False
    grade: Grade = 1
    source: str = "RFC 9112 section 8"


_FRAMINGS: Final = (
    _Framed(name="chunked", framing=Framing.CHUNKED),
    _Framed(
        name="chunked-close",
        framing=Framing.CHUNKED,
        close=True,
        grade=2,
        source="RFC 9112 section 8; fetch of Node 20 resolves with the prefix",
    ),
    _Framed(name="length", framing=Framing.LENGTH),
    _Framed(name="close", framing=Framing.CLOSE, grade=2, source="RFC 9112 section 6.3: only an end mark shows it"),
)


def _percent(answer: RecordedAnswer, percent: int) -> int | None:
    return len(answer.body) * percent // 100 or None


def _behind_event(answer: RecordedAnswer, share: float) -> int | None:
    """Return the border after the event that ends nearest to this share of them, before the end mark."""
    events = answer.event_ends
    return events[min(int(len(events) * share), len(events) - 1)] if events else None


def _inside_an_event(answer: RecordedAnswer) -> int | None:
    border = _behind_event(answer, 0.5)
    return None if border is None else border - 3


def _inside_a_character(answer: RecordedAnswer) -> int | None:
    found = [at for at, byte in enumerate(answer.body) if byte >= 0xC2]
    return found[len(found) // 2] + 1 if found else None


def _before_the_mark(answer: RecordedAnswer) -> int | None:
    return answer.mark_start or None


def _inside_the_mark(answer: RecordedAnswer) -> int | None:
    if answer.mark is None or answer.mark_start is None:
        return None
    return (answer.mark_start + answer.block_ends[answer.mark]) // 2


_PLACES: Final[dict[str, CutPlace]] = {
    "no-body": lambda _: 0,
    "first-byte": lambda _: 1,
    "10%": partial(_percent, percent=10),
    "25%": partial(_percent, percent=25),
    "half": partial(_percent, percent=50),
    "75%": partial(_percent, percent=75),
    "90%": partial(_percent, percent=90),
    "first-event": partial(_behind_event, share=0),
    "half-the-events": partial(_behind_event, share=0.5),
    "last-event": partial(_behind_event, share=1),
    "inside-an-event": _inside_an_event,
    "inside-a-character": _inside_a_character,
    "before-the-mark": _before_the_mark,
    "inside-the-mark": _inside_the_mark,
    "last-byte": lambda answer: len(answer.body) - 1,
}
_SHORT: Final = {
    "chunked": ("half",),
    "chunked-close": ("half",),
    "length": ("half",),
    "close": ("no-body", "half", "half-the-events", "before-the-mark"),
}


def _broken_answer(answer: RecordedAnswer, place: CutPlace, framed: _Framed, how: CutEnding) -> Answer | None:
    offset = place(answer)
    if offset is None or not 0 <= offset < len(answer.body):
        return None
    response = with_framing(answer.response, framed.framing, close=framed.close)
    whole = answer.answer(chunks="events", fault=f"{how}@{offset}")
    return Answer(response=response, delivery=whole.delivery)


def _hidden(answer: RecordedAnswer, place: CutPlace) -> bool:
    offset = place(answer)
    return offset is not None and not answer.shows_a_cut_at(offset)


def _ended_early(answer: RecordedAnswer, place: CutPlace) -> Answer | None:
    """End the body early in complete framing, as a server does when its own source fails."""
    offset = place(answer)
    if offset is None or not 0 <= offset < len(answer.body):
        return None
    response = with_framing(answer.response, Framing.CHUNKED)
    return Answer(response=response, delivery=answer.answer(chunks="events", fault=f"end@{offset}").delivery)


def _without_last_chunk(answer: RecordedAnswer, close: bool) -> Answer:
    delivery = answer.answer(fault="drop-final-chunk").delivery
    return Answer(response=with_framing(answer.response, Framing.CHUNKED, close=close), delivery=delivery)


def _garbled(answer: RecordedAnswer) -> Answer | None:
    delivery = answer.answer(chunks="events", fault="garble-chunk@50%").delivery
    return Answer(response=with_framing(answer.response, Framing.CHUNKED), delivery=delivery) if answer.body else None


def _unsent(answer: RecordedAnswer, kept: int, *, reset: bool = False) -> Answer:
    """Send only *kept* bytes of the head; a negative number counts from its end."""
    response = with_framing(answer.response, Framing.CHUNKED)
    return Answer(response=response, delivery=AT_ONCE, form=WireForm(kept=kept, reset=reset))


def _nothing(answer: RecordedAnswer, how: CutEnding) -> Answer:
    return answer.answer(fault=f"{how}@head")


def _placed(how: CutEnding, suffix: str) -> Iterator[Rule]:
    for framed in _FRAMINGS:
        for name, place in _PLACES.items():
            yield breakage(
                f"cut/{framed.name}-{name}{suffix}",
                partial(_broken_answer, place=place, framed=framed, how=how),
                framed.source,
                grade=framed.grade,
                short=not suffix and name in _SHORT[framed.name],
                # Every client notices a reset; only a close that may also end the body shows nothing.
                hidden=partial(_hidden, place=place)
                if framed.framing is Framing.CLOSE and how == "truncate"
                else lambda _: False,
            )


_EARLY: Final = tuple(
    breakage(
        f"cut/ended-{name}",
        partial(_ended_early, place=_PLACES[name]),
        "a proxy ends the message in order when its source fails; only an end mark shows it",
        grade=2,
        short=name == "half",
        hidden=partial(_hidden, place=_PLACES[name]),
    )
    for name in ("no-body", "first-event", "half", "half-the-events", "inside-an-event", "before-the-mark")
)

CUT_RULES: Final[tuple[Rule, ...]] = (
    *_placed("truncate", ""),
    *(rule for rule in _placed("reset", "-reset") if rule.name.startswith(("cut/chunked-half", "cut/length-half"))),
    *_EARLY,
    breakage("cut/last-chunk", partial(_without_last_chunk, close=False), "RFC 9112 section 8"),
    breakage("cut/last-chunk-close", partial(_without_last_chunk, close=True), "RFC 9112 section 8", grade=2),
    breakage(
        "cut/last-line-end", partial(_unsent, kept=-2), "RFC 9112 section 7.1: the line after the last chunk", grade=3
    ),
    breakage("cut/garbled-chunk", _garbled, "RFC 9112 section 7.1"),
    breakage(
        "cut/head", partial(_unsent, kept=40), "RFC 9112 section 8; requests reads a whole answer", grade=2, short=True
    ),
    breakage("cut/status-line", partial(_unsent, kept=6), "RFC 9112 section 8", grade=2),
    breakage("cut/head-reset", partial(_unsent, kept=40, reset=True), "RFC 9112 section 8"),
    breakage("cut/before-the-head", partial(_nothing, how="truncate"), "RFC 9112 section 9.5", short=True),
    breakage("cut/before-the-head-reset", partial(_nothing, how="reset"), "RFC 9293 section 3.5.3"),
    breakage(
        "cut/before-the-head/once", partial(_nothing, how="truncate"), "RFC 9112 section 9.5", short=True, once=True
    ),
    breakage(
        "cut/half-the-body/once",
        partial(_broken_answer, place=_PLACES["half"], framed=_FRAMINGS[0], how="truncate"),
        "RFC 9112 section 8",
        short=True,
        once=True,
    ),
)
"""Breakages: the answer breaks off."""
