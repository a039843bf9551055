"""
What is known of an answer while it comes in, and the verdict on it when no more will come.

Proven, and so an error: nothing came; the stream stopped before the model's finish and before the end mark; the
model's API broke off; an event that held a piece of the answer can't be read.  Not proven, and so a warning: a
stream that says why the model stopped but lacks its end mark; a finish that cuts the answer, or that no known API
has; odd things between the events; what looks like an error told as an answer.
"""

from __future__ import annotations

from typing import Any, Final

from chatgptfree.core.answer.buffered import WholeAnswer
from chatgptfree.core.answer.finish_reason import Stop, meaning
from chatgptfree.core.answer.model_end import ModelEnd
from chatgptfree.core.answer.outcome import End
from chatgptfree.core.answer.text_buffer import TextBuffer
from chatgptfree.core.page.block_page import excerpt
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import (
    ChatError,
    InterruptedStreamError,
    ProtocolError,
    RefusedError,
    TooLargeError,
    UpstreamError,
)
from chatgptfree.messages import ReplyWarning

_MOST_CITATIONS: Final = 200
_NOT_WHOLE: Final = {
    Stop.CUT: ("cut-short", "the answer is not whole: the model stopped with {}"),
    Stop.FILTERED: ("cut-short", "the answer is not whole: the model stopped with {}"),
    Stop.TOOL: ("tool-call", "the answer is not whole: the model stopped with {} and waits for the result of a tool"),
    Stop.UNKNOWN: ("unknown-finish", "the model stopped with {}, which no known API sends: the answer may be cut"),
}
_MOST_REASON: Final = 100


class AnswerState:
    """The state of one answer; text is at most *limit* bytes, and *model_end* knows how its model shows its end."""

    def __init__(self, head: ResponseHead, limit: int, model_end: ModelEnd) -> None:
        self.text = TextBuffer(limit)
        self.finish: str | None = None
        self.ended = False
        """Whether the end mark is in."""
        self.begun = False
        """Whether any event of an answer has come, with or without text."""
        self._gaps = 0
        self._first_gap = ""
        self.refusal = ""
        """What the model or the site says in place of an answer."""
        self.model_end = model_end
        self.beside = ""
        """The last text that stood beside a piece of the answer, and is none."""
        self.suspect = False
        """Whether the stream ended as the plugin ends an error that it tells as an answer."""
        self._head = head
        self._limit = limit
        self._names: dict[str, str] = {}
        self._citations: list[dict[str, Any]] = []
        self._warnings: dict[str, ReplyWarning] = {}

    @property
    def message_begun(self) -> bool:
        """Whether the site has given the answer a name."""
        return "message_start" in self._names

    def name(self, event: str, value: object) -> None:
        """Note the id that an event of the name *event* gives."""
        if isinstance(value, str) and value:
            self._names[event] = value
            if event == "openai_response_id":
                self.model_end.take_end()

    def stop(self, reason: str | None) -> None:
        """Note why the model stopped; a *reason* for which the answer is not whole outlasts one for which it is."""
        if reason and (self.finish is None or meaning(self.finish) is Stop.WHOLE):
            self.finish = reason[:_MOST_REASON]

    def cite(self, sources: list[Any]) -> None:
        """Note *sources*, each once; the site repeats them."""
        for source in sources[:_MOST_CITATIONS]:
            if isinstance(source, dict) and source not in self._citations:
                self._citations.append(source)
        del self._citations[_MOST_CITATIONS:]

    def take_note(self, words: str) -> None:
        """Take in what AIPKit warns of."""
        if words.startswith("(Refusal: "):
            self.refusal = words
            return
        if "max_output_tokens" in words or "maximum output token" in words:
            self.finish = "length"
        elif "content" in words.lower() and "filter" in words.lower():
            self.finish = "content_filter"
        self.warn("note", words or "the site warns of something, without words")

    def take_whole(self, answer: WholeAnswer) -> str:
        """Take in an answer that came in one piece, and return its text."""
        self.ended = True
        self.model_end.take_end()
        self.stop(answer.finish)
        self.refusal = answer.refusal or self.refusal
        for event, value in (
            ("message_start", answer.message_id),
            ("openai_response_id", answer.response_id),
            ("thread_id", answer.thread_id),
        ):
            self.name(event, value)
        self.cite(list(answer.citations))
        for warning in answer.warnings:
            self.warn(warning.code, warning.detail)
        return self.text.add(answer.text) + self.text.close()

    def miss(self, data: bytes) -> None:
        """Note an event that should hold text and can't be read."""
        self._first_gap = self._first_gap or excerpt(data)
        self._gaps += 1

    def warn(self, code: str, detail: str) -> None:
        """Note what can't be proven to be an error; the first of each code is kept."""
        self._warnings.setdefault(code, ReplyWarning(code=code, detail=detail))

    def warned(self, code: str) -> bool:
        """Return whether *code* is noted already, so that its detail need not be worked out again."""
        return code in self._warnings

    def failed(self, error: ChatError) -> ChatError:
        """Return *error* with what belongs to every error of this answer."""
        error.status = self._head.status
        error.url = self._head.url
        error.partial = str(self.text)
        return error

    def too_large(self) -> ChatError:
        """Return the error for text over the limit."""
        return self.failed(TooLargeError(f"the answer is over the limit of {self._limit} bytes"))

    def verdict(self, *, cause: str = "") -> End | ChatError:
        """Judge the answer now that no more will come; *cause* says what broke the connection, if anything did."""
        if error := self._shortcoming(cause):
            return self.failed(error)
        if self.suspect and not self.ended:
            self.warn("suspect-error", "the answer ends as the plugin ends an error that it tells as an answer")
        if self.model_end.is_missing:
            self.warn("no-model-end", "the site ended the answer, but the model's API never said that it was done")
        if self._stop in _NOT_WHOLE and not self.warned("note"):
            code, detail = _NOT_WHOLE[self._stop]
            self.warn(code, detail.format(self.finish))
        if self.beside and self.beside not in str(self.text):
            self.warn("copy-differs", f"the text beside the pieces is another one: {self.beside[:200]!r}")
        if self.text.doubled:
            self.warn("doubled", "the second half of the answer is the same as the first")
        if not self.ended:
            self.warn("no-end-mark", cause or "the stream ended after the model's finish but without its end mark")
        if self.text.lone_halves:
            self.warn("lone-surrogate", f"{self.text.lone_halves} halves of characters came as U+FFFD")
        if self.refusal:
            self.warn("refusal", self.refusal)
        return End(
            finish=self.finish,
            warnings=tuple(self._warnings.values()),
            message_id=self._names.get("message_start"),
            response_id=self._names.get("openai_response_id"),
            interaction_id=self._names.get("google_interaction_id"),
            thread_id=self._names.get("thread_id"),
            citations=tuple(self._citations),
        )

    @property
    def _stop(self) -> Stop:
        return Stop.WHOLE if self.finish is None else meaning(self.finish)

    def _shortcoming(self, cause: str) -> ChatError | None:
        if self.text.overflow:
            return self.too_large()
        whole = self.ended or self.finish is not None
        if not whole:
            if self.begun or cause:
                return InterruptedStreamError(cause or "the stream ended without an end mark")
            return ProtocolError("the answer is empty")
        if self._stop is Stop.BROKEN:
            return UpstreamError(f"the model stopped with {self.finish}")
        if not self.text:
            if self.refusal:
                return RefusedError(f"the model refuses: {self.refusal}", excerpt=self.refusal)
            if self._stop is Stop.FILTERED:
                return RefusedError(f"the content filter of the model's API let nothing through ({self.finish})")
            return ProtocolError("the answer is empty" + (f" (finish {self.finish})" if self.finish else ""))
        if self._gaps:
            events = "an event" if self._gaps == 1 else f"{self._gaps} events"
            words = f"{events} of the answer can't be read, so that text is missing"
            return ProtocolError(words, excerpt=self._first_gap)
        return None
