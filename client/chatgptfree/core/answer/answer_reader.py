"""
Read one answer, of any generation: an event stream, one JSON object, or anything sent in their place.

The bytes decide, not the content type: from the first line that looks like one of an event stream the body is read as a
stream, and text is returned as it comes; any other body is kept and judged whole.  One reader serves all generations,
because each event names itself, and a site may update its plugin between two calls.

In a stream `FastPath` reads ordinary events and `EventHandlers` all others.
An error ends the answer, whatever follows it.
"""

from __future__ import annotations

import re
from typing import Final

from chatgptfree.core.answer import buffered, error_mapping, payload
from chatgptfree.core.answer.answer_state import AnswerState
from chatgptfree.core.answer.chunk_content import content_of
from chatgptfree.core.answer.event_handlers import EventHandlers
from chatgptfree.core.answer.fast_path import FastPath
from chatgptfree.core.answer.held_error_words import HeldErrorWords
from chatgptfree.core.answer.model_end import ModelEnd, Proof
from chatgptfree.core.answer.outcome import Outcome
from chatgptfree.core.answer.stray_lines import StrayLines
from chatgptfree.core.page.block_page import excerpt
from chatgptfree.core.protocol.event_stream import EventStreamDecoder, ServerSentEvent, without_comments
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import ChatError, TooLargeError, UpstreamError
from chatgptfree.messages import Delta, Limits

_START: Final = 512
"""Bytes at the start of a body in which its form shows."""
_DOCUMENT: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html)", re.IGNORECASE)
_STREAM: Final = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*(?:data|event|id|retry)?:")
_STREAM_LINE: Final = re.compile(rb"[\r\n](?:data|event|id|retry):")
_LONGEST_FIELD: Final = len(b"\nretry:")
_REFUSED_BODY: Final = 64 * 1024
"""Bytes that are read of a body with a status of 400 or more."""
_REPLACED: Final = "\ufffd".encode()


class AnswerReader:
    """
    Read the answer in the response with *head*.

    Feed it the decompressed body, cut anywhere, then call `finish` or `broken`.  Each returns what is complete now: any
    number of `Delta`, and at last one `End` or one `ChatError`, after which nothing more is returned.

    Args:
        head: status and headers of the response.
        limits: the largest event and the largest answer, in bytes.
        proof: how AIPKit shows that the model behind the bot had finished; by default the provider is unknown.
    """

    def __init__(self, head: ResponseHead, limits: Limits, proof: Proof = Proof.UNKNOWN) -> None:
        self._head = head
        self._limits = limits
        self._state = AnswerState(head, limits.reply, ModelEnd(proof))
        self._body = bytearray()
        self._is_document = False
        self._is_stream = False
        self._decoder = EventStreamDecoder(limit=limits.event)
        self._fast_path = FastPath()
        self._held = HeldErrorWords(limits.reply)
        self._strays = StrayLines(head, limits.event, self._state)
        self._handlers = EventHandlers(head, self._state)

    @property
    def complete(self) -> bool:
        """
        Whether the site's end mark has come, so that all text has been returned.

        What may still follow is only searched for an error (releases 1.8.79 to 1.8.84 put a JSON object after the
        mark), so the caller should wait for the end of the body for a moment and no longer.
        """
        return self._state.ended

    @property
    def text(self) -> str:
        """All text returned so far."""
        return str(self._state.text)

    def feed(self, data: bytes) -> list[Outcome]:
        """Read the next bytes of the body and return what they complete."""
        if self._is_stream:
            return self._feed_stream(data)
        self._feed_body(data)
        return self._state.take_outcomes()

    def finish(self) -> list[Outcome]:
        """Return the end of an answer whose body ended cleanly."""
        return self._close("")

    def broken(self, cause: str) -> list[Outcome]:
        """Return the end of an answer whose connection broke because of *cause*, a sentence: what is proven of it."""
        return self._close(cause or "the connection broke off")

    def _close(self, cause: str) -> list[Outcome]:
        state = self._state
        if state.over:
            return []
        if self._is_stream:
            self._close_stream(cause)
        elif self._head.status >= 400:
            state.end(error_mapping.from_status(self._head, bytes(self._body)))
        else:
            answer = buffered.read(self._head, bytes(self._body), cause=cause)
            if isinstance(answer, ChatError):
                state.end(answer)
            else:
                state.take_whole(answer)
                state.end(state.verdict())
        return state.take_outcomes()

    def _feed_body(self, data: bytes) -> None:
        if self._state.over:
            return
        if self._head.status < 400:
            self._keep(data)
            return
        self._body += data[: _REFUSED_BODY - len(self._body)]
        if len(self._body) == _REFUSED_BODY:  # it may never end
            self._state.end(error_mapping.from_status(self._head, bytes(self._body)))

    def _keep(self, data: bytes) -> None:
        before = len(self._body)
        self._body += data
        if before < _START and _DOCUMENT.match(self._body, 0, _START):
            self._is_document = True
        # A document is never a stream, whatever its scripts contain.
        first_line = None if self._is_document else self._stream_line(before)
        # The result must not depend on where the body is cut, so text before the stream counts towards the limit.
        if first_line is not None and first_line.end() <= self._limits.reply + 1:
            self._is_stream = True
            body = bytes(self._body)
            self._body.clear()
            self._state.outcomes = self._feed_stream(body)
        elif len(self._body) > self._limits.reply:
            self._state.end(self._state.too_large())

    def _stream_line(self, before: int) -> re.Match[bytes] | None:
        """Return the first line of a stream that has come since the body had *before* bytes; None if there is none."""
        first = _STREAM.match(self._body, 0, _START) if before < _START else None
        return first or _STREAM_LINE.search(self._body, max(0, before - _LONGEST_FIELD))

    def _feed_stream(self, data: bytes) -> list[Outcome]:
        state = self._state
        blocks = self._decoder.blocks(data)
        texts = None if state.ended or state.over or self._held.blocks else self._fast_path.read_all(blocks)
        if texts is not None and state.text.add_all(texts):
            if not self._decoder.overflow:
                return list(map(Delta, texts))
            state.outcomes += map(Delta, texts)
        else:
            self._take_blocks(blocks)
        if self._decoder.overflow and not state.over:
            state.end(TooLargeError(f"an event of the stream is over the limit of {self._limits.event} bytes"))
        return state.take_outcomes()

    def _take_blocks(self, blocks: bytes) -> None:
        state = self._state
        start = 0
        while start < len(blocks):
            if not (state.ended or state.over or self._held.blocks):
                texts, end = self._fast_path.read_ordinary(blocks, start)
                state.begun = state.begun or end > start
                start = end
                self._deliver(texts)
            if start < len(blocks):
                end = blocks.find(b"\n\n", start)
                self._take_block(blocks[start:end])
                start = end + 2 if end >= 0 else len(blocks)

    def _deliver(self, texts: list[str]) -> None:
        """Deliver each of *texts*, faster if all of them fit."""
        if self._state.text.add_all(texts):
            self._state.outcomes += map(Delta, texts)
        else:
            for text in texts:
                self._state.deliver(text)

    def _take_block(self, block: bytes) -> None:
        state = self._state
        if state.over:
            return
        # The decoder drops only comments that come in a read of their own.
        block = without_comments(block)
        if not state.ended and self._held.take(block):
            if self._held.overflow:
                state.end(state.too_large())
            return
        self._strays.take(block)
        event = self._decoder.event(block)
        if event is None:
            if block.startswith(b"event:") and not state.ended:
                state.warn("empty-event", f"an event came without any data: {excerpt(block)}")
            return
        if "\ufffd" in event.data and _REPLACED not in block:
            state.warn("bad-characters")
        if self._held.blocks:
            self._settle(event)
        if not state.over:
            self._handlers.take(event)

    def _settle(self, event: ServerSentEvent) -> None:
        """Decide by *event*, which follows the held words, whether these are an error or text."""
        state = self._state
        value = payload.load_object(event.data.encode())
        is_error = content_of(value).no_text_place if value is not None else event.data.strip() == "[LIMITED]"
        if is_error:
            state.end(error_mapping.make(UpstreamError, str(self._held), head=self._head))
            return
        if value is not None and error_mapping.from_object(value, otherwise=UpstreamError, head=self._head):
            return
        state.warn("suspect-error", "the answer begins in the form in which the plugin passes on errors of the API")
        for block in self._held.release():
            if (held := self._decoder.event(block)) is not None and not state.over:
                self._handlers.take_message(held)

    def _close_stream(self, cause: str) -> None:
        state = self._state
        rest = self._decoder.unfinished.strip(b"\n")
        if rest and self._is_whole_event(rest):
            self._take_block(rest)
            rest = b""
        elif rest:
            self._held.take(without_comments(rest))
        if not state.over and self._held.blocks:
            state.end(error_mapping.make(UpstreamError, str(self._held), head=self._head))
        if not state.over:
            self._strays.judge(rest, cause=cause)
        if not state.over:
            state.deliver_beside()
        if not state.over:
            state.deliver_rest()
            state.end(state.verdict(cause=cause))

    def _is_whole_event(self, rest: bytes) -> bool:
        """Whether *rest* is a whole event that lacks only its blank line."""
        event = EventStreamDecoder().event(rest)
        return event is not None and (
            event.data.strip() == "[DONE]" or payload.load_object(event.data.encode()) is not None
        )
