"""The family `pace/`: the same bytes at other times; HTTP makes no promise about timing."""

from __future__ import annotations

from functools import partial
from typing import Final

from chatgptfree_mock.replay.schedule import Framing
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer
from chatgptfree_mock.variants.rule import Rule
from chatgptfree_mock.variants.wire_bytes import Answer, WireForm

_SOURCE: Final = "RFC 9112 section 7.1: no time is promised between the bytes of a message"
_GAP: Final = 30.0
_RECORDED_MS: Final = 60.0
"""The longest time for the answer at the recorded pace, in milliseconds; a slower recording is played faster."""


def _formed(answer: RecordedAnswer, form: WireForm, framing: Framing | None = None) -> Answer:
    return answer.answer(form=form, framing=framing)


def _paused(answer: RecordedAnswer, fault: str) -> Answer | None:
    return answer.answer(framing=Framing.CHUNKED, fault=fault) if answer.body else None


def _pause_in_an_event(answer: RecordedAnswer) -> Answer | None:
    ends = [0, *answer.block_ends]
    if len(ends) < 2:
        return None
    middle = len(ends) // 2
    return _paused(answer, f"stall@{(ends[middle - 1] + ends[middle]) // 2}={_GAP:g}ms:go-on")


def _pause_in_a_character(answer: RecordedAnswer) -> Answer | None:
    place = next((at for at, byte in enumerate(answer.body) if byte >= 0xC2), None)
    return None if place is None else _paused(answer, f"stall@{place + 1}={_GAP:g}ms:go-on")


def _pause_before_the_mark(answer: RecordedAnswer) -> Answer | None:
    return _paused(answer, f"stall@{answer.mark_start}={_GAP:g}ms:go-on") if answer.mark_start else None


def _as_recorded(answer: RecordedAnswer) -> Answer | None:
    last = max((ms for ms, _ in answer.response.chunks), default=0)
    return answer.answer(pace=f"x{max(last / _RECORDED_MS, 1):.3f}") if last else None


_FORMS: Final[dict[str, WireForm]] = {
    "head-first": WireForm(head_cuts=(-1,), head_gap=_GAP),
    "head-in-two": WireForm(head_cuts=(40,), head_gap=_GAP),
    "status-line-in-two": WireForm(head_cuts=(6,), head_gap=_GAP),
    "last-line-of-the-head-late": WireForm(head_cuts=(-2,), head_gap=_GAP),
}

PACE_RULES: Final[tuple[Rule, ...]] = (
    *(
        Rule(f"pace/{name}", partial(_formed, form=form), _SOURCE, short=name == "head-in-two")
        for name, form in _FORMS.items()
    ),
    Rule("pace/last-chunk-late", partial(_formed, form=WireForm(last_gap=_GAP), framing=Framing.CHUNKED), _SOURCE),
    Rule("pace/slow-start", partial(_paused, fault="stall@0=30ms:go-on"), _SOURCE),
    Rule("pace/slow-head", partial(_paused, fault="delay-headers=30ms"), _SOURCE),
    Rule("pace/pause-in-the-middle", partial(_paused, fault="stall@50%=30ms:go-on"), _SOURCE),
    Rule("pace/pause-in-an-event", _pause_in_an_event, _SOURCE, short=True),
    Rule("pace/pause-in-a-character", _pause_in_a_character, _SOURCE),
    Rule("pace/pause-before-the-mark", _pause_before_the_mark, _SOURCE),
    Rule("pace/pause-before-the-last-byte", partial(_paused, fault="stall@99%=30ms:go-on"), _SOURCE),
    Rule("pace/recorded", _as_recorded, "as recorded, quickened to 60 ms"),
)
"""Equivalents: other times."""
