"""
Insert values of this visit into a recorded response: body, headers and cookies.

Where the values are is looked up once; chunk borders keep their times and move with the text.  An encoded copy of the
body is dropped, and made anew from the text when it is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import accumulate, pairwise

from msgspec.structs import replace

from chatgptfree_mock.tape.chunk_borders import moved
from chatgptfree_mock.tape.model import Headers, Response
from chatgptfree_mock.tape.tokens.response_parts import COOKIE, body_text, header_parts
from chatgptfree_mock.tape.tokens.slots import Slot, apart, fill, find_slots


class Insertion:
    """The places of recorded *values* in *response*."""

    def __init__(self, response: Response, values: Collection[str]) -> None:
        self._response = response
        self._headers: dict[int, tuple[str, tuple[Slot, ...]]] = {}
        cookies: set[str] = set()
        for number, part, text in header_parts(response):
            slots = apart(find_slots(text, values))
            if slots:
                self._headers[number] = text, slots
                if part == COOKIE:
                    cookies |= frozenset().union(*(slot.values for slot in slots))
        text = body_text(response) or ""
        self._slots = apart(find_slots(text, values))
        self._between, self._spans = _cut(text, self._slots)
        slots = (*self._slots, *(slot for _, found in self._headers.values() for slot in found))
        self.values = frozenset().union(*(slot.values for slot in slots))
        """The recorded values that the response gives out."""
        self.cookies = frozenset(cookies)
        """Those of them that it sets as cookies."""

    def response(self, new: Mapping[str, str]) -> Response:
        """Return the response with *new* values, by the recorded ones; all of `values` must be there."""
        if not self.values:
            return self._response
        headers = list(self._response.headers)
        for number, (text, slots) in self._headers.items():
            name, value = headers[number]
            headers[number] = name, fill(text, slots, new) + value[len(text) :]
        if not self._slots:
            return replace(self._response, headers=tuple(headers))
        filled = [slot.filled(new).encode("utf-8", "surrogateescape") for slot in self._slots]
        return self._with_body(tuple(headers), filled)

    def _with_body(self, headers: Headers, filled: list[bytes]) -> Response:
        old = self._response
        body = b"".join(part for pair in zip(self._between, [*filled, b""], strict=True) for part in pair)
        by = len(body) - len(old.body)
        edits = [(start, end, len(text)) for (start, end), text in zip(self._spans, filled, strict=True)]
        same = all(end - start == length for start, end, length in edits)
        return replace(
            old,
            headers=_resized(headers, by) if by else headers,
            body=body,
            chunks=old.chunks if same else moved(old.chunks, edits),
            raw=None,
            raw_chunks=(),
        )


def _cut(text: str, slots: tuple[Slot, ...]) -> tuple[list[bytes], list[tuple[int, int]]]:
    """Return the bytes between *slots*, and where each of these is, in bytes."""
    places = [0, *(place for slot in slots for place in (slot.start, slot.end)), len(text)]
    parts = [text[start:end].encode("utf-8", "surrogateescape") for start, end in pairwise(places)]
    ends = list(accumulate(map(len, parts)))
    return parts[::2], [(ends[number - 1], ends[number]) for number in range(1, len(parts), 2)]


def _resized(headers: Headers, by: int) -> Headers:
    return tuple(
        (name, str(int(value) + by) if name.lower() == "content-length" and value.strip().isdecimal() else value)
        for name, value in headers
    )
