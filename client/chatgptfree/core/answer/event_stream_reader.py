"""
Reads the event stream of one answer, of any generation and of any API behind it.

Ordinary events go from bytes to text on a short way; what is odd about one, an error included, sends it the
long way.  An error ends everything, whatever follows it.  Lines that belong to no event (notices of PHP, the copy
of the answer that 1.8.79 to 1.8.84 put behind the stream) are never text beside that of events; they are looked
through for an error when the stream has ended.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from chatgptfree.core.answer import buffered, error_mapping, error_object, payload
from chatgptfree.core.answer.answer_state import AnswerState
from chatgptfree.core.answer.chunk_content import finish_of, piece_of
from chatgptfree.core.answer.fast_path import MOST, FastPath
from chatgptfree.core.answer.held_error_words import HeldErrorWords
from chatgptfree.core.answer.outcome import End, Outcome
from chatgptfree.core.page.block_page import excerpt
from chatgptfree.core.protocol.event_stream import EventStreamDecoder, ServerSentEvent, without_comments
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import ChatError, RefusedError, TooLargeError, UpstreamError
from chatgptfree.messages import Delta, Limits

_FIELD: Final = re.compile(rb"(?:data|event|id|retry)(?::|$)|:|$")
_REPLACED: Final = "\ufffd".encode()
_PLACES: Final = frozenset({"choices", "delta", "candidates", "content_block"})
"""What only a piece of an answer has."""
_NOTES: Final = (" (Incomplete: ", " (Warning: ", " (Refusal: ", " (Error: ")


class EventStreamReader:
    """Fills *draft* with what comes, and gives text and the end out."""

    def __init__(self, head: ResponseHead, limits: Limits, draft: AnswerState) -> None:
        self.over = False
        """Whether the end or an error is out."""
        self._head = head
        self._limits = limits
        self._draft = draft
        self._decoder = EventStreamDecoder(limit=limits.event)
        self._stencil = FastPath()
        self._words = HeldErrorWords(limits.reply)
        self._strays = bytearray()
        self._careful = False
        """Whether words are held or the end mark or the end is in, so that no event is an ordinary one."""
        self._named: dict[str, Callable[[ServerSentEvent, list[Outcome]], None]] = {
            "message": self._take_message,
            "thread.message.delta": self._take_message,
            "error": self._take_error,
            "assistant_error": self._take_error,
            "warning": self._take_warning,
            "done": self._take_done,
            "message_start": self._take_ids,
            "openai_response_id": self._take_ids,
            "google_interaction_id": self._take_ids,
            "thread_id": self._take_ids,
            "citations": self._take_citations,
            "status": self._take_status,
            "display_form_event": self._take_form,
        }

    def feed(self, data: bytes) -> list[Outcome]:
        """Take in the next piece of the stream and return what it completes."""
        blocks = self._decoder.blocks(data)
        out: list[Outcome] = []
        many = self._stencil.two <= len(blocks) <= MOST and not self._careful
        texts = self._stencil.read(blocks) if many else None
        if texts is not None and self._draft.text.add_all(texts):
            out = list(map(Delta, texts))
        elif blocks:
            self._take(blocks, out)
        if self._decoder.overflow and not self.over:
            limit = self._limits.event
            self._end(TooLargeError(f"an event of the stream is over the limit of {limit} bytes"), out)
        return out

    def close(self, cause: str) -> list[Outcome]:
        """Take in that no more will come, because of *cause* if this isn't the clean end, and return the end."""
        out: list[Outcome] = []
        if not self.over:
            self._close(cause, out)
        return out

    def _close(self, cause: str, out: list[Outcome]) -> None:
        rest = self._decoder.unfinished.strip(b"\n")
        if rest and self._is_whole(rest):
            self._take_block(rest, out)
            rest = b""
        elif rest:
            self._words.take(without_comments(rest))
        if self.over:
            return
        if self._words:
            self._end(error_mapping.make(UpstreamError, str(self._words), head=self._head), out)
            return
        if self._take_strays(rest, out):
            return
        self._judge(cause, out)

    def _take(self, blocks: bytes, out: list[Outcome]) -> None:
        if not self._careful and (text := self._stencil.read_one(blocks)):
            self._say(text, out)
            return
        start = 0
        while start < len(blocks):
            if not self._careful:
                texts, end = self._stencil.read_ordinary(blocks, start)
                self._draft.begun = self._draft.begun or end > start
                start = end
                self._say_all(texts, out)
            if start < len(blocks):
                end = blocks.find(b"\n\n", start)
                self._take_block(blocks[start:end], out)
                start = end + 2 if end >= 0 else len(blocks)

    def _take_block(self, block: bytes, out: list[Outcome]) -> None:
        if self.over:
            return
        # A comment that came in a piece of its own is gone already.
        block = without_comments(block)
        if not self._draft.ended and self._words.take(block):
            self._careful = True
            if self._words.overflow:
                self._end(self._draft.too_large(), out)
            return
        if strays := self._strays_of(block):
            self._take_stray_lines(strays)
        event = self._decoder.event(block)
        if event is None:
            if block.startswith(b"event:") and not self._draft.ended:
                self._draft.warn("empty-event", f"an event came without anything in it: {excerpt(block)}")
            return
        if "\ufffd" in event.data and _REPLACED not in block:
            self._draft.warn("bad-characters", "bytes that are no UTF-8 came as U+FFFD")
        if self._words and self._settles(event, out):
            return
        self._named.get(event.event, self._take_unknown)(event, out)

    def _settles(self, event: ServerSentEvent, out: list[Outcome]) -> bool:
        """Decide by *event* what the words are that are held; say whether that was the end."""
        value = payload.load_object(event.data.encode())
        proof = piece_of(value).no_text_place if value is not None else event.data.strip() == "[LIMITED]"
        if proof:
            self._end(error_mapping.make(UpstreamError, str(self._words), head=self._head), out)
            return True
        if value is not None and error_mapping.from_object(value, otherwise=UpstreamError, head=self._head):
            return False
        self._careful = False
        self._draft.warn("suspect-error", "the answer begins as the plugin tells errors of the model's API")
        for block in self._words.release():
            if (held := self._decoder.event(block)) is not None and not self.over:
                self._take_message(held, out)
        return self.over

    def _take_message(self, event: ServerSentEvent, out: list[Outcome]) -> None:
        mark = event.data.strip()
        if mark == "[DONE]":
            self._draft.ended = self._careful = True
        elif mark == "[LIMITED]":
            self._end(UpstreamError("the site ended the answer with the mark [LIMITED]"), out)
        elif not mark:
            self._draft.warn("empty-event", "an event came without anything in it")
        else:
            value = payload.load(event.data.encode())
            if isinstance(value, str):
                value = payload.load_object(event.data.encode())
            objects = value if isinstance(value, list) else [value]
            for item in objects:
                if isinstance(item, dict):
                    self._take_object(item, out)
                else:
                    self._take_unreadable(mark)

    def _take_object(
        self, value: dict[str, Any], out: list[Outcome], *, otherwise: error_mapping.Failure = UpstreamError
    ) -> None:
        if self.over:
            return
        error = error_mapping.from_object(value, otherwise=otherwise, head=self._head)
        piece = piece_of(value)
        draft = self._draft
        if not draft.ended:
            draft.begun = draft.begun or error is None
            if piece.whole and piece.text and piece.text == str(draft.text):
                draft.warn("copy", "the site sent the whole answer once more; it is taken once")
            else:
                if piece.whole and piece.text and draft.text:
                    draft.warn("whole-after-text", "what claims to be a whole answer came behind other text")
                if error is None or value.keys() & _PLACES:
                    self._say(piece.text, out)
            draft.stop(piece.finish)
            draft.beside = piece.beside or draft.beside
            draft.refusal += piece.refusal
            draft.ended = self._careful = piece.ended
            draft.suspect = draft.suspect or piece.no_text_place
            if piece.others:
                draft.warn("more-choices", "the site sent more than one answer; only the first is taken")
            if not piece.known and error is None and not draft.warned("odd-event"):
                draft.warn("odd-event", f"an event of an unknown shape came, with {', '.join(map(ascii, value))[:200]}")
        elif piece.text:
            draft.warn("after-end", "text came behind the end mark; it is left out")
        if error is not None:
            self._end(error, out)

    def _take_unreadable(self, data: str) -> None:
        if self._draft.ended:
            return
        if data.startswith(("{", "[{", '"')):
            self._draft.miss(data.encode())
        if not self._draft.warned("bad-event"):
            self._draft.warn("bad-event", f"an event that can't be read came: {excerpt(data.encode())}")

    def _take_error(self, event: ServerSentEvent, out: list[Outcome]) -> None:
        # AIPKit starts the message when all its checks are passed; an error before that is one of them saying no.
        checked = event.event == "error" and not self._draft.message_begun and not self._draft.text
        otherwise = RefusedError if checked else UpstreamError
        value = payload.load_object(event.data.encode())
        error = error_mapping.from_object(value, otherwise=otherwise, head=self._head) if value is not None else None
        if error is None:
            value = {"error": event.data} if value is None else value
            words = error_object.words(value) or next((v for v in value.values() if isinstance(v, str)), "")
            error = error_mapping.make(error_mapping.of_words(words) or otherwise, words, head=self._head)
        self._end(error, out)

    def _take_warning(self, event: ServerSentEvent, out: list[Outcome]) -> None:
        value = payload.load_object(event.data.encode())
        if value is None:
            self._take_unreadable(event.data.strip())
            return
        words = next((v for v in (value.get("error"), value.get("message")) if isinstance(v, str)), "")
        # Text that came to the plugin together with what it warns of stands before the note.
        places = [place for mark in _NOTES if (place := words.find(mark)) >= 0 and words.rstrip().endswith(")")]
        if places:
            self._say(words[: min(places)], out)
            words = words[min(places) :].strip()
        self._draft.take_note(words)

    def _take_done(self, event: ServerSentEvent, out: list[Outcome]) -> None:
        value = payload.load_object(event.data.encode())
        if value is not None:
            self._take_object({"finished": True, **value}, out)
            if isinstance(value.get("citations"), list):
                self._draft.cite(value["citations"])
        elif event.data.strip() not in ("", "[DONE]"):
            self._take_unreadable(event.data.strip())
        self._draft.ended = self._careful = True

    def _take_ids(self, event: ServerSentEvent, _out: list[Outcome]) -> None:
        self._draft.begun = True
        value = payload.load_object(event.data.encode())
        name = event.data.strip() if value is None else value.get("message_id", value.get("id"))
        self._draft.name(event.event, name)

    def _take_citations(self, event: ServerSentEvent, _out: list[Outcome]) -> None:
        value = payload.load(event.data.encode())
        if isinstance(value, list):
            self._draft.cite(value)

    def _take_status(self, event: ServerSentEvent, _out: list[Outcome]) -> None:
        value = payload.load_object(event.data.encode()) or {}
        self._draft.stop(finish_of(value))
        if isinstance(kind := value.get("type"), str):
            self._draft.model_end.take_status(kind)

    def _take_form(self, _event: ServerSentEvent, _out: list[Outcome]) -> None:
        self._draft.refusal = "the site shows a form to fill in"

    def _take_unknown(self, event: ServerSentEvent, out: list[Outcome]) -> None:
        if error_object.names_error(event.event):
            self._take_error(event, out)
            return
        value = payload.load_object(event.data.encode())
        if value is None:
            telling = bool(event.data.strip())
        else:
            value = {"type": event.event, **value}
            piece = piece_of(value)
            failed = error_mapping.from_object(value, otherwise=UpstreamError, head=self._head) is not None
            if value.keys() & _PLACES or piece.ended or piece.refusal or failed:
                self._take_object(value, out)
                return
            telling = bool(piece.text) or not piece.known
        if telling:
            self._draft.warn(
                "odd-event", f"an event of the unknown name {event.event[:50]!a} came, with something in it"
            )

    def _take_strays(self, rest: bytes, out: list[Outcome]) -> bool:
        """
        Look through what belongs to no event, and the *rest* that the stream broke off with.

        Say whether that was the end.
        """
        strays = bytes(self._strays)
        draft = self._draft
        copied = False

        says_something = partial(buffered.says_something, head=self._head)
        places = [payload.find_object(strays.decode(errors="replace"), fits=says_something)] if strays.strip() else []
        if rest:
            # An object within the half of an event is a part of it, unless it is the plugin's own.
            fits = buffered.is_report if _FIELD.match(rest) else says_something
            places.append(payload.find_object(rest.decode(errors="replace"), last=True, fits=fits))
        for found in places:
            answer = buffered.of_object(found.value, head=self._head) if found else None
            if isinstance(answer, ChatError):
                self._end(answer, out)
                return True
            if answer is not None and answer.text and not draft.text:
                if text := draft.take_whole(answer):
                    out.append(Delta(text))
                return False
            copied = copied or (answer is not None and answer.text == str(draft.text))
            if answer is not None and answer.text and not copied:
                draft.warn("copy-differs", f"the site's own copy of the answer is another one: {answer.text[:200]!r}")
        if rest and not places[-1]:
            draft.warn("unfinished-event", f"the last event was cut off: {excerpt(rest)}")
            draft.begun = draft.begun or bool(_FIELD.match(rest))
        if not draft.begun and not draft.ended and (strays + rest).strip():
            judged = buffered.read(self._head, strays + rest)
            if isinstance(judged, ChatError):
                self._end(judged, out)
                return True
        elif strays.strip() and not copied:
            draft.warn("junk", f"other things stood between the events: {excerpt(strays)}")
        return False

    def _take_stray_lines(self, lines: bytes) -> None:
        self._strays += lines
        # A piece of the answer whose line some junk has spoilt: no browser would see its text either.
        found = None if self._draft.ended else payload.find_object(lines.decode(errors="replace"))
        if found is not None and found.value.keys() & {"choices", "delta"} and piece_of(found.value).text:
            self._draft.miss(lines)

    def _strays_of(self, block: bytes) -> bytes:
        strays = [line for line in block.split(b"\n") if not _FIELD.match(line)]
        if not strays or len(self._strays) > self._limits.event:
            return b""
        return b"\n".join([*strays, b""])

    def _is_whole(self, rest: bytes) -> bool:
        """Return whether *rest* is a whole event but for its blank line."""
        event = EventStreamDecoder().event(rest)
        return event is not None and (
            event.data.strip() == "[DONE]" or payload.load_object(event.data.encode()) is not None
        )

    def _judge(self, cause: str, out: list[Outcome]) -> None:
        self._flush(out)
        self._end(self._draft.verdict(cause=cause), out)

    def _flush(self, out: list[Outcome]) -> None:
        if half := self._draft.text.close():
            out.append(Delta(half))

    def _say_all(self, texts: list[str], out: list[Outcome]) -> None:
        if self._draft.text.add_all(texts):
            out.extend(map(Delta, texts))
        else:
            for text in texts:
                self._say(text, out)

    def _say(self, text: str, out: list[Outcome]) -> None:
        if text := self._draft.text.add(text):
            out.append(Delta(text))
        elif self._draft.text.overflow and not self.over:
            self._end(self._draft.too_large(), out)

    def _end(self, outcome: End | ChatError, out: list[Outcome]) -> None:
        self.over = self._careful = True
        self._flush(out)
        out.append(self._draft.failed(outcome) if isinstance(outcome, ChatError) else outcome)
