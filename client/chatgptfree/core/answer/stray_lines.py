"""
Lines of an event stream that belong to no event: PHP notices, JSON after the stream, a half event at its end.

They are never text beside that of events, but they may hold an error, or the only copy of the answer (releases 1.8.79
to 1.8.84 put a JSON copy after the stream).  So they are kept, and judged when the stream has ended.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from chatgptfree.core.answer import buffered, payload
from chatgptfree.core.answer.answer_state import AnswerState
from chatgptfree.core.answer.chunk_content import content_of
from chatgptfree.core.page.block_page import excerpt
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import ChatError

_FIELD: Final = re.compile(rb"(?:data|event|id|retry)(?::|$)|:|$")


class StrayLines:
    """Keep up to *limit* bytes of stray lines of the response with *head*, and judge them for *state*."""

    def __init__(self, head: ResponseHead, limit: int, state: AnswerState) -> None:
        self._head = head
        self._limit = limit
        self._state = state
        self._kept = bytearray()

    def take(self, block: bytes) -> None:
        """Keep the lines of *block* that are not fields of an event."""
        lines = [line for line in block.split(b"\n") if not _FIELD.match(line)]
        if not lines or len(self._kept) > self._limit:
            return
        strays = b"\n".join([*lines, b""])
        self._kept += strays
        # Part of the answer whose line is spoilt by junk in front of it: no browser would see its text either.
        found = None if self._state.ended else payload.find_object(strays.decode(errors="replace"))
        if found is not None and found.value.keys() & {"choices", "delta"} and content_of(found.value).text:
            self._state.miss(strays)

    def judge(self, rest: bytes, *, cause: str) -> None:
        """
        Judge what was kept and the *rest* with which the stream broke off; an error in them ends the answer.

        *cause*: what broke the connection, empty if nothing did; if it broke, unknown words are not judged as an error.
        """
        strays, state = bytes(self._kept), self._state
        found_objects = self._objects(strays, rest)
        copied = False
        for found in found_objects:
            answer = buffered.of_object(found.value, head=self._head) if found else None
            if isinstance(answer, ChatError):
                state.end(answer)
                return
            if answer is None:
                continue
            if answer.text and not state.text:
                state.take_whole(answer)
                return
            copied = copied or answer.text == str(state.text)
            if answer.text and not copied:
                detail = f"the site's own copy of the answer differs: {answer.text[:200]!r}"
                state.warn("copy-differs", detail)
        if rest and not found_objects[-1]:
            state.warn("unfinished-event", f"the last event was cut off: {excerpt(rest)}")
            state.begun = state.begun or bool(_FIELD.match(rest))
        if not state.begun and not state.ended and (strays + rest).strip():
            judged = buffered.read(self._head, strays + rest, cause=cause)
            if isinstance(judged, ChatError):
                state.end(judged)
        elif strays.strip() and not copied:
            state.warn("junk", f"other content is between the events: {excerpt(strays)}")

    def _objects(self, strays: bytes, rest: bytes) -> list[payload.Found | None]:
        """Return the answer or the error in *strays*, and that in *rest*; None for each that has none."""
        is_something = partial(buffered.is_answer_or_error, head=self._head)
        found = []
        if strays.strip():
            found.append(payload.find_object(strays.decode(errors="replace"), fits=is_something))
        if rest:
            # An object within half an event is part of that event, unless it is the plugin's own report.
            fits = buffered.is_report if _FIELD.match(rest) else is_something
            found.append(payload.find_object(rest.decode(errors="replace"), last=True, fits=fits))
        return found
