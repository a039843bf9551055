"""
Insert values of this visit into a recorded response: body, headers and cookies.

The places of the values are looked up once; chunk borders keep their times and move with the text.  An encoded copy of
the body is dropped, and the text is encoded again when it is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import accumulate, pairwise

from msgspec.structs import replace

from chatgptfree_mock.tape.chunk_borders import moved
from chatgptfree_mock.tape.model import Headers, Response
from chatgptfree_mock.tape.own_addresses import resized
from chatgptfree_mock.tape.tokens.response_parts import COOKIE, body_text, header_parts
from chatgptfree_mock.tape.tokens.slots import Layout, Slot, derived_values, fill, find_slots, layout


class Insertion:
    """The places of recorded *values* in *response*; those that are *kept* only change with the values in them."""

    def __init__(self, response: Response, values: Collection[str], *, kept: Collection[str] = ()) -> None:
        self._response = response
        self._headers: dict[int, tuple[str, Layout]] = {}
        cookies: list[Slot] = []
        for number, part, text in header_parts(response):
            found = layout(find_slots(text, values, kept), kept)
            if found.filled:
                self._headers[number] = text, found
                cookies += found.filled if part == COOKIE else ()
        self._text = body_text(response) or ""
        self._body = layout(find_slots(self._text, values, kept), kept)
        self._between, self._spans = _parts_and_places(self._text, self._body.filled)
        self._sizes = [end - start for start, end in self._spans]
        texts = (self._body, *(found for _, found in self._headers.values()))
        self.values = _values(slot for found in texts for slot in found.filled)
        """The recorded values that are replaced."""
        self.derived = _values(slot for found in texts for slot in found.derived)
        """The values that are computed from others, see `derived_values`."""
        self.cookies = _values(cookies)
        """The values, a part of `values`, that are set as cookies."""

    def derived_values(self, new: Mapping[str, str]) -> dict[str, str]:
        """Return the values of `derived` if `values` are replaced by *new* ones."""
        texts = [(self._text, self._body), *self._headers.values()]
        return {old: value for text, found in texts for old, value in derived_values(text, found, new).items()}

    def response(self, new: Mapping[str, str]) -> Response:
        """Return the response with *new* values, by the recorded ones; *new* must have all of `values`."""
        headers = list(self._response.headers)
        for number, (text, found) in self._headers.items():
            name, value = headers[number]
            headers[number] = name, fill(text, found.filled, new) + value[len(text) :]
        if not self._body.filled:
            return replace(self._response, headers=tuple(headers))
        filled = [slot.filled(new).encode("utf-8", "surrogateescape") for slot in self._body.filled]
        return self._with_body(tuple(headers), filled)

    def _with_body(self, headers: Headers, filled: list[bytes]) -> Response:
        old = self._response
        parts = [b""] * (2 * len(filled) + 1)
        parts[::2], parts[1::2] = self._between, filled
        body = b"".join(parts)
        if list(map(len, filled)) == self._sizes:
            return replace(old, headers=headers, body=body, raw=None, raw_chunks=())
        by = len(body) - len(old.body)
        edits = [(start, end, len(text)) for (start, end), text in zip(self._spans, filled, strict=True)]
        return replace(
            old,
            headers=resized(headers, by) if by else headers,
            body=body,
            chunks=moved(old.chunks, edits),
            raw=None,
            raw_chunks=(),
        )


def with_body(response: Response, body: bytes) -> Response:
    """Return *response* with another *body* and its length; a changed body has no recorded chunks."""
    if body == response.body:
        return response
    headers = resized(response.headers, len(body) - len(response.body))
    return replace(response, headers=headers, body=body, chunks=(), raw=None, raw_chunks=())


def _values(slots: Iterable[Slot]) -> frozenset[str]:
    return frozenset().union(*(slot.values for slot in slots))


def _parts_and_places(text: str, slots: tuple[Slot, ...]) -> tuple[list[bytes], list[tuple[int, int]]]:
    """Return the bytes between *slots*, and the offset of each slot in bytes."""
    places = [0, *(place for slot in slots for place in (slot.start, slot.end)), len(text)]
    parts = [text[start:end].encode("utf-8", "surrogateescape") for start, end in pairwise(places)]
    ends = list(accumulate(map(len, parts)))
    return parts[::2], [(ends[number - 1], ends[number]) for number in range(1, len(parts), 2)]
