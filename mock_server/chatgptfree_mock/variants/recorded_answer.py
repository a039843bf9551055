"""The recorded answer from which variants are made: decoded, sent at once, and parsed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as replace_fields
from functools import cached_property
from itertools import accumulate
from typing import Final, Literal

from msgspec.structs import replace

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.replay.chunking import Chunking
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.schedule import Framing, drop
from chatgptfree_mock.tape.model import End, Headers, Response
from chatgptfree_mock.variants.end_mark import end_mark, is_event_stream
from chatgptfree_mock.variants.event_blocks import BOM, Block, split_blocks
from chatgptfree_mock.variants.json_lines import as_event, split_lines
from chatgptfree_mock.variants.json_text import is_json, is_json_lines
from chatgptfree_mock.variants.wire_bytes import DEFAULT_FORM, Answer, WireForm

AT_ONCE: Final = Delivery.parse(pace="instant")
_FRAMING: Final = ("transfer-encoding", "content-length", "connection", "keep-alive", "trailer")


class RecordedAnswer:
    """
    A recorded *response*, decoded and whole, for making variants of it.

    *mark*: the text of the end mark of a stream of events or lines, if it cannot be found automatically.  Two of the
    same response and mark are equal.
    """

    def __init__(self, response: Response, mark: str | None = None) -> None:
        headers = drop(response.headers, ["content-encoding"])
        plain = replace(response, headers=headers, raw=None, raw_chunks=(), codings=(), raw_is_body=False)
        self.response = replace(plain, end=End.COMPLETE, ended=None)
        self.is_stream = is_event_stream(response)
        self._mark_text = mark
        self._spelled: dict[str, RecordedAnswer | None] = {}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RecordedAnswer):
            return NotImplemented
        return (self.response, self._mark_text) == (other.response, other._mark_text)

    def __hash__(self) -> int:
        return hash((self.response, self._mark_text))

    def like(self, response: Response) -> RecordedAnswer:
        """Return a recorded answer for *response*, which differs in some values only, with the same end mark."""
        return RecordedAnswer(response, self._mark_text)

    @cached_property
    def blocks(self) -> list[Block]:
        """Return the blocks of an event stream; another body has none."""
        return split_blocks(self.body) if self.is_stream else []

    @cached_property
    def json_blocks(self) -> frozenset[int]:
        """Return the indexes of the blocks whose data is JSON on one line."""
        data = {index: block.data for index, block in enumerate(self.blocks) if block.has_data}
        return frozenset(index for index, text in data.items() if b"\n" not in text and is_json(text))

    @cached_property
    def events(self) -> list[Block]:
        """Return the blocks of an event stream, or the lines of JSON lines, or of a text with a mark, as events."""
        if self.is_stream:
            return self.blocks
        by_lines = self.kind == "JSON lines" or (self.kind == "text" and self._mark_text is not None)
        return [as_event(line) for line in split_lines(self.body)] if by_lines else []

    @cached_property
    def mark(self) -> int | None:
        """
        Return the index of the event that is the end mark, None without one.

        Raises:
            SettingsError: no event contains the text of the mark, or the body is a single JSON value.
        """
        if self._mark_text is not None and self.kind == "JSON":
            raise SettingsError("`--end-mark`: the recorded answer is one JSON value, which shows its end by itself")
        return end_mark(self.events, self._mark_text)

    @property
    def body(self) -> bytes:
        """Return the decoded bytes."""
        return self.response.body

    @cached_property
    def kind(self) -> Literal["stream", "JSON lines", "JSON", "text"]:
        """Return what the body is."""
        if self.is_stream:
            return "stream"
        if is_json_lines(self.body):
            return "JSON lines"
        return "JSON" if is_json(self.body) else "text"

    @cached_property
    def event_bytes(self) -> list[bytes]:
        """Return the bytes of each of `events`, in the body's own spelling; a BOM at the beginning is left out."""
        if self.is_stream:
            return [block.to_bytes() for block in self.blocks]
        return split_lines(self.body) if self.events else []

    @cached_property
    def block_ends(self) -> list[int]:
        """Return the offset after each of `events`."""
        start = len(BOM) if self.is_stream and self.body.startswith(BOM) else 0
        return list(accumulate(map(len, self.event_bytes), initial=start))[1:]

    @cached_property
    def event_ends(self) -> list[int]:
        """Return the offset after each event that a reader gets, before the end mark if there is one."""
        last = len(self.body) - 1 if self.mark_start is None else self.mark_start
        ends = zip(self.block_ends, self.events, strict=True)
        return [end for end, event in ends if end <= last and event.has_data]

    @cached_property
    def mark_start(self) -> int | None:
        """Return the offset at which the end mark begins, None without one."""
        return None if self.mark is None else self.block_ends[self.mark] - len(self.event_bytes[self.mark])

    def shows_a_cut_at(self, offset: int) -> bool:
        """
        Return whether the body's own contents show that it was cut after *offset* bytes.

        A stream shows it by a missing end mark, JSON by invalid JSON, and JSON lines by either; other text shows it
        only if it has an end mark.
        """
        if self.kind == "stream":
            # The CR of a last CRLF ends the line by itself.
            return self.mark is not None and offset <= self.block_ends[self.mark] - len(
                self.blocks[self.mark].lines[-1].end
            )
        if self.kind == "JSON":
            return offset < len(self.body.rstrip())
        return self._lacks_the_mark(offset) or (self.kind == "JSON lines" and self._cuts_a_line(offset))

    def _lacks_the_mark(self, offset: int) -> bool:
        if self.mark is None or self.mark_start is None:
            return False
        return offset < self.mark_start + len(self.event_bytes[self.mark].rstrip())

    def _cuts_a_line(self, offset: int) -> bool:
        left = self.body[self.body.rfind(b"\n", 0, offset) + 1 : offset].strip()
        return bool(left) and not is_json(left)

    def answer(
        self,
        *,
        form: WireForm = DEFAULT_FORM,
        framing: Framing | None = None,
        chunks: Chunking | str | None = None,
        pace: str = "instant",
        fault: str | None = None,
    ) -> Answer:
        """
        Return the answer in this *form* and *framing*, with the words of a delivery.

        The word for *chunks* may be read already.  By default the answer is sent as recorded, but at once.
        """
        response = self.response if framing is None else with_framing(self.response, framing)
        delivery = Delivery.parse(chunks if isinstance(chunks, str) else None, pace, fault)
        if isinstance(chunks, Chunking):
            delivery = replace_fields(delivery, chunks=chunks)
        return Answer(response=response, delivery=delivery, form=form)

    def with_body(self, body: bytes) -> RecordedAnswer:
        """Return the same answer with another *body*, without recorded chunks, and with its end mark if it is there."""
        mark = self._mark_text if self._mark_text is not None and self._mark_text.encode() in body else None
        return RecordedAnswer(replace(self.response, body=body, chunks=()), mark)

    def spelled(self, name: str, rewrite: Callable[[RecordedAnswer], bytes | None]) -> RecordedAnswer | None:
        """Return the same answer with its body changed by *rewrite*, once for each *name*; None if *rewrite* is."""
        if name not in self._spelled:
            body = rewrite(self)
            self._spelled[name] = None if body is None else self if body == self.body else self.with_body(body)
        return self._spelled[name]


def with_framing(response: Response, framing: Framing, *, close: bool = False) -> Response:
    """Return *response* with the headers that ask for this *framing* (RFC 9112 section 6.3)."""
    headers = drop(response.headers, _FRAMING)
    return replace(response, headers=(*headers, *_headers(framing, len(response.body), close)))


def _headers(framing: Framing, length: int, close: bool) -> Headers:
    end: Headers = (("Connection", "close"),) if close or framing is Framing.CLOSE else ()
    if framing is Framing.CHUNKED:
        return ("Transfer-Encoding", "chunked"), *end
    return (("Content-Length", str(length)), *end) if framing is Framing.LENGTH else end
