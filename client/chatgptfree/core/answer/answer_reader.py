"""
Reads one answer, of any generation: an event stream, one JSON object, or what pretends to be either.

What comes decides, not the content type: from the first line on that begins like one of an event stream the body is
one, and text goes out as it comes; else it is kept and judged whole.  One reader serves all generations, because
each event says by itself what it is, and a site may change its plugin between two calls.
"""

from __future__ import annotations

import re
from typing import Final

from chatgptfree.core.answer import buffered, error_mapping
from chatgptfree.core.answer.answer_state import AnswerState
from chatgptfree.core.answer.event_stream_reader import EventStreamReader
from chatgptfree.core.answer.model_end import ModelEnd, Proof
from chatgptfree.core.answer.outcome import End, Outcome
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import ChatError
from chatgptfree.messages import Delta, Limits

_TOP: Final = 512
"""Bytes in which a body shows how it begins."""
_DOCUMENT: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html)", re.IGNORECASE)
_STREAM: Final = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*(?:data|event|id|retry)?:")
_STREAM_LINE: Final = re.compile(rb"[\r\n](?:data|event|id|retry):")
_LONGEST_MARK: Final = len(b"\nretry:")
_REFUSED_BODY: Final = 64 * 1024
"""As much of a body with a status of 400 or more is read."""


class ResponseReader:
    """
    An `AnswerReader` for the response with *head*.

    *proof* says how AIPKit shows that the model behind the bot had finished; by default its statuses decide.
    """

    def __init__(self, head: ResponseHead, limits: Limits, proof: Proof = Proof.AFTER_STATUS) -> None:
        self._head = head
        self._limits = limits
        self._draft = AnswerState(head, limits.reply, ModelEnd(proof))
        self._stream: EventStreamReader | None = None
        self._body = bytearray()
        self._document = False
        self._over = False

    @property
    def complete(self) -> bool:
        """Return whether the end mark is in, see `AnswerReader`."""
        return self._draft.ended

    @property
    def text(self) -> str:
        """Return all text given out so far."""
        return str(self._draft.text)

    def feed(self, data: bytes) -> list[Outcome]:
        """Take in the next piece of the body and return what it completes."""
        if self._stream is not None:
            return self._stream.feed(data)
        out: list[Outcome] = []
        if self._over:
            return out
        if self._head.status < 400:
            self._keep(data, out)
            return out
        self._body += data[: _REFUSED_BODY - len(self._body)]
        if len(self._body) == _REFUSED_BODY:  # it may never end
            self._end(error_mapping.from_status(self._head, bytes(self._body)), out)
        return out

    def finish(self) -> list[Outcome]:
        """Say that the body ended cleanly."""
        return self._closed("")

    def broken(self, cause: str) -> list[Outcome]:
        """Say that the connection broke off because of *cause*."""
        return self._closed(cause or "the connection broke off")

    def _closed(self, cause: str) -> list[Outcome]:
        if self._stream is not None:
            return self._stream.close(cause)
        out: list[Outcome] = []
        if not self._over:
            if self._head.status >= 400:
                self._end(error_mapping.from_status(self._head, bytes(self._body)), out)
            else:
                self._judge(buffered.read(self._head, bytes(self._body), cause=cause), out)
        return out

    def _keep(self, data: bytes, out: list[Outcome]) -> None:
        before = len(self._body)
        self._body += data
        if before < _TOP and _DOCUMENT.match(self._body, 0, _TOP):
            self._document = True
        # Whatever stands in the scripts of a document, it is no stream.
        begins = None if self._document else self._begins_as_stream(before)
        # Where a piece ends must not decide whether what came before the stream was too much.
        if begins is not None and begins.end() <= self._limits.reply + 1:
            self._stream = EventStreamReader(self._head, self._limits, self._draft)
            out += self._stream.feed(bytes(self._body))
            self._body.clear()
        elif len(self._body) > self._limits.reply:
            self._end(self._draft.too_large(), out)

    def _begins_as_stream(self, before: int) -> re.Match[bytes] | None:
        """Return the first line of a stream that has come since there were *before* bytes, if there is one."""
        top = _STREAM.match(self._body, 0, _TOP) if before < _TOP else None
        return top or _STREAM_LINE.search(self._body, max(0, before - _LONGEST_MARK))

    def _judge(self, answer: buffered.WholeAnswer | ChatError, out: list[Outcome]) -> None:
        if isinstance(answer, ChatError):
            self._end(answer, out)
            return
        if text := self._draft.take_whole(answer):
            out.append(Delta(text))
        self._end(self._draft.verdict(), out)

    def _end(self, outcome: End | ChatError, out: list[Outcome]) -> None:
        self._over = True
        out.append(self._draft.failed(outcome) if isinstance(outcome, ChatError) else outcome)
