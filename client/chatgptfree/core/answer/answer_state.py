"""
The state of an answer while it arrives, and the verdict on it at its end.

Proven, and so an error: nothing came; the stream stopped before the model's finish and before the end mark; the model's
API broke off; an event that held part of the answer cannot be read.  Not proven, and so a warning: a stream that names
the model's finish but lacks its end mark; a finish that cuts the answer, or that no known API has; other content
between the events; what looks like an error sent as an answer.
"""

from __future__ import annotations

from typing import Any, Final

from chatgptfree.core.answer import error_mapping
from chatgptfree.core.answer.buffered import WholeAnswer
from chatgptfree.core.answer.finish_reason import Stop, meaning
from chatgptfree.core.answer.model_end import ModelEnd
from chatgptfree.core.answer.outcome import End, Outcome
from chatgptfree.core.answer.text_buffer import TextBuffer
from chatgptfree.core.answer.unread_content import UnreadContent, in_words
from chatgptfree.core.page.block_page import excerpt
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import (
    ChatError,
    InterruptedStreamError,
    ProtocolError,
    RateLimitedError,
    RefusedError,
    TooLargeError,
    UpstreamError,
)
from chatgptfree.messages import WARNINGS, Delta, ReplyWarning, WarningCode

_MOST_CITATIONS: Final = 200
_NOT_WHOLE: Final[dict[Stop, tuple[WarningCode, str]]] = {
    Stop.CUT: ("cut-short", "the answer is not whole: the model stopped with {}"),
    Stop.FILTERED: ("cut-short", "the answer is not whole: the model stopped with {}"),
    Stop.TOOL: ("tool-call", "the answer is not whole: the model stopped with {} and waits for the result of a tool"),
    Stop.UNKNOWN: ("unknown-finish", "the model stopped with {}, which no known API sends: the answer may be cut"),
}
_LONGEST_REASON: Final = 100
_MOST_NAMES: Final = 10
_LONGEST_NAME: Final = 50


class AnswerState:
    """
    Collect the content of one answer, and the outcomes for the reader to return.

    Args:
        head: status and headers of the response, which errors quote.
        limit: the most bytes of text, in UTF-8.
        model_end: the rule by which the model's own end shows.
    """

    def __init__(self, head: ResponseHead, limit: int, model_end: ModelEnd) -> None:
        self.text = TextBuffer(limit)
        self.outcomes: list[Outcome] = []
        """The outcomes that the reader has not returned yet."""
        self.over = False
        """Whether the end or an error is among the outcomes, so that nothing may follow."""
        self.finish: str | None = None
        self.ended = False
        """Whether the site's end mark has come."""
        self.begun = False
        """Whether any event of an answer has come, with or without text."""
        self.refusal = ""
        """The words of the model or the site in place of an answer."""
        self.goes_on = False
        """Whether the last object announced more (`done: false`)."""
        self.model_end = model_end
        self._over_at = -1
        """The length of the text when the site showed in words of its own that the answer is over; below 0 before."""
        self._beside = ""
        """The text in choices that is not in their deltas, which is not part of the answer unless these are empty."""
        self.suspect = False
        """Whether the stream ended in the way in which the plugin ends an error that it sends as an answer."""
        self._head = head
        self._limit = limit
        self._missed = 0
        self._first_missed = ""
        self._unreadable = ""
        """The data of the first event that is neither JSON nor an end mark."""
        self._ids: dict[str, str] = {}
        self._citations: list[dict[str, Any]] = []
        self._warnings: dict[str, ReplyWarning] = {}
        self._unfamiliar: dict[str, None] = {}
        """The unknown names of events, in their order."""
        self.unread = UnreadContent()
        """The events without any text or end that is known."""
        self._unread_keys: tuple[str, ...] = ()
        """The unknown keys of an answer in one piece."""

    @property
    def message_begun(self) -> bool:
        """Whether AIPKit's `message_start` has come."""
        return "message_start" in self._ids

    def take_outcomes(self) -> list[Outcome]:
        """Return the outcomes so far and forget them."""
        outcomes, self.outcomes = self.outcomes, []
        return outcomes

    def deliver(self, text: str) -> None:
        """Add *text* to the answer and its outcomes, or end it with an error if it is over the limit."""
        if text := self.text.add(text):
            self.outcomes.append(Delta(text))
        elif self.text.overflow and not self.over:
            self.end(self.too_large())

    def deliver_rest(self) -> None:
        """Deliver the half of a character that waits for its other half, as U+FFFD."""
        if half := self.text.close():
            self.outcomes.append(Delta(half))

    def end(self, outcome: End | ChatError) -> None:
        """Make *outcome* the last one."""
        self.over = True
        self.deliver_rest()
        self.outcomes.append(self._completed(outcome) if isinstance(outcome, ChatError) else outcome)

    def set_id(self, event: str, value: object) -> None:
        """Store the id in the *event* of that name (`message_start`, `openai_response_id`, …)."""
        if isinstance(value, str) and value:
            self._ids[event] = value
            if event == "openai_response_id":
                self.model_end.take_end()

    def stop(self, reason: str | None) -> None:
        """Store why the model stopped; a *reason* that leaves the answer cut is not replaced by a later one."""
        if reason and (self.finish is None or meaning(self.finish) is Stop.WHOLE):
            self.finish = reason[:_LONGEST_REASON]

    def show_over(self) -> None:
        """Store that the site has shown in words of its own that the answer is over; text that follows refutes it."""
        self._over_at = len(self.text)

    def take_beside(self, text: str) -> None:
        """Store a *text* beside a delta: a further piece, or all of it so far once more."""
        if text not in self._beside and len(self._beside) <= self._limit:
            self._beside = text if text.startswith(self._beside) else self._beside + text

    def deliver_beside(self) -> None:
        """Deliver the text beside the deltas if there is none in these."""
        if self._beside and not self.text and not self.over:
            self.warn("odd-event", "all deltas are empty, so the text beside them is used")
            self.deliver(self._beside)

    def cite(self, sources: list[Any]) -> None:
        """Store *sources*, each once; the site repeats them."""
        for source in sources[:_MOST_CITATIONS]:
            if isinstance(source, dict) and source not in self._citations:
                self._citations.append(source)
        del self._citations[_MOST_CITATIONS:]

    def take_note(self, words: str) -> None:
        """Store AIPKit's `warning` event."""
        if words.startswith("(Refusal: "):
            self.refusal = words
            return
        if "max_output_tokens" in words or "maximum output token" in words:
            self.finish = "length"
        elif "content" in words.lower() and "filter" in words.lower():
            self.finish = "content_filter"
        self.warn("note", words or "the site sent a warning without words")

    def take_whole(self, answer: WholeAnswer) -> None:
        """Deliver an answer that came as one JSON object, with all its metadata."""
        self.ended = True
        self.model_end.take_end()
        self.stop(answer.finish)
        self.refusal = answer.refusal or self.refusal
        for event, value in (
            ("message_start", answer.message_id),
            ("openai_response_id", answer.response_id),
            ("thread_id", answer.thread_id),
        ):
            self.set_id(event, value)
        self.cite(list(answer.citations))
        for warning in answer.warnings:
            self.warn(warning.code, warning.raw_detail)
        self._unread_keys = answer.unread_keys
        if text := self.text.add(answer.text) + self.text.close():
            self.outcomes.append(Delta(text))

    def miss(self, data: bytes) -> None:
        """Count an event that should hold text but cannot be read."""
        self._first_missed = self._first_missed or excerpt(data)
        self._missed += 1

    def note_unreadable(self, data: str) -> None:
        """Warn of an event whose *data* could not be read."""
        if not self._unreadable:
            self._unreadable = excerpt(data.encode()) or ascii(data[:_LONGEST_NAME])
            self.warn("bad-event", f"an event could not be read: {self._unreadable}")

    def warn(self, code: WarningCode, detail: str | None = None) -> None:
        """
        Add a warning about what cannot be proven to be an error; only the first of each *code* is kept.

        *detail*: the sentence for people; by default the one of `WARNINGS`.
        """
        sentence = WARNINGS[code] if detail is None else detail
        self._warnings.setdefault(code, ReplyWarning(code=code, detail=sentence))

    def meet(self, event: str) -> None:
        """Store the unknown name of an *event*; the first few are in a warning."""
        if len(self._unfamiliar) < _MOST_NAMES:
            self._unfamiliar[event[:_LONGEST_NAME]] = None

    def has_warning(self, code: str) -> bool:
        """Whether there is a warning of *code* already, so that another detail need not be built."""
        return code in self._warnings

    def too_large(self) -> ChatError:
        """Return the error for text over the limit."""
        return TooLargeError(f"the answer is over the limit of {self._limit} bytes")

    def verdict(self, *, cause: str = "") -> End | ChatError:
        """Judge the answer now that no more will come; *cause* is what broke the connection, empty if nothing did."""
        if self.goes_on:
            self.stop("incomplete")
        if error := self._shortcoming(cause):
            return error
        self._warn_of_doubts(cause)
        return End(
            finish=self.finish,
            warnings=tuple(self._warnings.values()),
            message_id=self._ids.get("message_start"),
            response_id=self._ids.get("openai_response_id"),
            interaction_id=self._ids.get("google_interaction_id"),
            thread_id=self._ids.get("thread_id"),
            citations=tuple(self._citations),
        )

    def _completed(self, error: ChatError) -> ChatError:
        error.status = self._head.status
        error.url = self._head.url
        error.retry_after = self._head.retry_after
        error.partial = str(self.text)
        self._warn_of_names()
        error.warnings = tuple(self._warnings.values())
        return error

    def _warn_of_names(self) -> None:
        if self._unfamiliar:
            names = ", ".join(map(ascii, self._unfamiliar))
            self.warn("unfamiliar-event", f"events of names that no known release sends came: {names}")

    def _warn_of_doubts(self, cause: str) -> None:
        self._warn_of_names()
        if self.suspect and not self.ended:
            self.warn("suspect-error", "the answer ends as the plugin ends an error that it sends as an answer")
        if doubt := self.model_end.doubt:
            self.warn("no-model-end", doubt)
        if self._stop in _NOT_WHOLE and not self.has_warning("note"):
            code, detail = _NOT_WHOLE[self._stop]
            self.warn(code, detail.format(self.finish))
        if self._beside and self._beside not in str(self.text):
            self.warn("copy-differs", f"the whole text beside the deltas differs from them: {self._beside[:200]!r}")
        if self.text.doubled:
            self.warn("doubled")
        if not self.ended:
            own = (
                None if self.finish else "the stream ended after words of its own for the end, but without its end mark"
            )
            self.warn("no-end-mark", cause or own)
        if self.text.lone_halves:
            self.warn("lone-surrogate", f"{self.text.lone_halves} halves of characters became U+FFFD")
        if self.refusal:
            self.warn("refusal", self.refusal)

    @property
    def _stop(self) -> Stop:
        return Stop.WHOLE if self.finish is None else meaning(self.finish)

    def _shortcoming(self, cause: str) -> ChatError | None:
        """Return the error that is proven, or None."""
        if self.text.overflow:
            return self.too_large()
        if not self.ended and self.finish is None and self._over_at != len(self.text):
            if self.begun or cause:
                unread = f"; events of a form that no known release sends came: {self.unread}" if self.unread else ""
                return InterruptedStreamError((cause or "the stream ended without an end mark") + unread)
            return self._empty()
        if self._stop is Stop.BROKEN:
            return UpstreamError(f"the model stopped with {self.finish}")
        if self._stop is Stop.THROTTLED:
            return RateLimitedError(f"too many requests: the model stopped with {self.finish}")
        if not self.text:
            return self._without_text()
        if self._missed:
            events = "an event" if self._missed == 1 else f"{self._missed} events"
            words = f"{events} of the answer cannot be read, so that text is missing"
            return ProtocolError(words, excerpt=self._first_missed)
        return None

    def _without_text(self) -> ChatError:
        if self.refusal:
            return RefusedError(f"the model refuses: {self.refusal}", excerpt=self.refusal)
        if self._stop is Stop.FILTERED:
            return RefusedError(f"the content filter of the model's API let nothing through ({self.finish})")
        return self._empty()

    def _empty(self) -> ChatError:
        finish = f" (finish {self.finish})" if self.finish else ""
        if self._unreadable and (kind := error_mapping.of_words(self._unreadable)):
            return error_mapping.make(kind, self._unreadable, head=self._head)
        not_found = f"no text was found in the answer{finish}"
        if self.unread:
            return ProtocolError(f"{not_found}; events of a form that no known release sends came: {self.unread}")
        if self._unread_keys:
            keys = in_words(self._unread_keys)
            return ProtocolError(f"{not_found}; there is text under keys that no known release sends: {keys}")
        if self._unreadable:
            return ProtocolError(
                f"{not_found}; an event could not be read: {self._unreadable}", excerpt=self._unreadable
            )
        return error_mapping.empty_answer(self._head, finish)
