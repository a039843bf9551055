"""
Handle each event of an answer's stream by its name, for every generation and every API behind it.

The names are those of AIPKit (2.3 and later) and of OpenAI's assistants API, which plugin 1.x passes on; events without
a name hold one JSON object each.  An event of an unknown name counts as an error, text or an end by its
content; whatever it counts as, its name is in a warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from chatgptfree.core.answer import error_mapping, error_object, payload
from chatgptfree.core.answer.answer_state import AnswerState
from chatgptfree.core.answer.chunk_content import ChunkContent, content_of
from chatgptfree.core.answer.completeness import completeness_of
from chatgptfree.core.answer.finish_place import ends_answer, finish_of, finish_of_status, stop_word
from chatgptfree.core.answer.unread_content import unknown_keys
from chatgptfree.core.protocol.event_stream import ServerSentEvent
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import RefusedError, UpstreamError

ANSWER_KEYS: Final = frozenset({"choices", "delta", "candidates", "content_block"})
"""Keys that only a part of an answer has."""
_NOTES: Final = (" (Incomplete: ", " (Warning: ", " (Refusal: ", " (Error: ")
_STATES: Final = ("type", "event", "status", "state")
"""Keys that may have a word for the end of an answer."""
_OF_AN_API: Final = re.compile(r"(?:thread|response)(?:\.\w+)+|content_block_\w+|message_(?:start|delta|stop)|ping")
"""Names of events of OpenAI's and Anthropic's APIs, which plugin 1.x passes on."""


class EventHandlers:
    """Apply one event at a time to *state*; *head* is the head of the response, which errors quote."""

    def __init__(self, head: ResponseHead, state: AnswerState) -> None:
        self._head = head
        self._state = state
        self._by_name: dict[str, Callable[[ServerSentEvent], None]] = {
            "message": self.take_message,
            "thread.message.delta": self.take_message,
            "error": self._take_error,
            "assistant_error": self._take_error,
            "warning": self._take_warning,
            "done": self._take_done,
            "message_start": self._take_id,
            "openai_response_id": self._take_id,
            "google_interaction_id": self._take_id,
            "thread_id": self._take_id,
            "citations": self._take_citations,
            "grounding_metadata": lambda _: None,  # Google's sources, which are in no reply
            "status": self._take_status,
            "display_form_event": self._take_form,
        }

    def take(self, event: ServerSentEvent) -> None:
        """Apply *event* by its name."""
        self._by_name.get(event.event, self._take_unknown)(event)

    def take_message(self, event: ServerSentEvent) -> None:
        """Apply an *event* without a name: a JSON object, several in a list, or an end mark."""
        value = payload.load(event.data.encode())
        mark = (value if isinstance(value, str) else event.data).strip()
        if mark == "[DONE]":
            self._state.ended = True
        elif mark == "[LIMITED]":
            self._state.end(UpstreamError("the site ended the answer with the mark [LIMITED]"))
        elif not mark:
            self._state.warn("empty-event")
        else:
            if isinstance(value, str):
                value = payload.load_object(event.data.encode())
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict):
                    self._take_object(item)
                else:
                    self._take_unreadable(event.data.strip())

    def _take_object(self, value: dict[str, Any]) -> None:
        state = self._state
        if state.over:
            return
        error = error_mapping.from_object(value, otherwise=UpstreamError, head=self._head)
        content = content_of(value)
        if not state.ended:
            state.begun = state.begun or error is None
            self._take_text(value, content, failed=error is not None)
            self._take_end(value, content)
            self._note_unread(value, content, failed=error is not None)
        elif content.text:
            state.warn("after-end")
        if error is not None:
            state.end(error)

    def _take_text(self, value: dict[str, Any], content: ChunkContent, *, failed: bool) -> None:
        """Deliver the text of an object; *failed*: it reports an error as well."""
        state = self._state
        text, before = content.text, str(state.text) if content.whole or content.ended else ""
        if text and text == before:
            state.warn("copy")
            return
        if content.whole and before and text.startswith(before):
            state.warn("copy", "the site sent the answer so far again before each piece; it is used once")
            text = text.removeprefix(before)
        elif content.whole and before and text:
            state.warn("whole-after-text")
        if not failed or value.keys() & ANSWER_KEYS:
            state.deliver(text)

    def _take_end(self, value: dict[str, Any], content: ChunkContent) -> None:
        """Take what an object shows of the end of the answer: why it stopped, whether it goes on, a refusal."""
        state, shown = self._state, completeness_of(value)
        state.stop(content.finish)
        state.stop(shown.cut)
        if shown.goes_on is not None or content.finish or content.ended:
            state.goes_on = bool(shown.goes_on)
        if shown.over or (not content.text and ends_answer(*(value.get(key) for key in _STATES))):
            state.show_over()
        state.take_beside(content.beside)
        state.refusal += content.refusal
        state.ended = content.ended

    def _note_unread(self, value: dict[str, Any], content: ChunkContent, *, failed: bool) -> None:
        """Note what of an object is not used: unknown keys, further answers, an unknown shape."""
        state = self._state
        state.suspect = state.suspect or content.no_text_place
        if content.others:
            state.warn("more-choices")
        if failed:
            return
        unread = [] if content.text or content.ended else unknown_keys(value, known=content.known)
        state.unread.add(str(value.get("type", "message")), unread)
        if (unread or not content.known) and not state.has_warning("odd-event"):
            keys = ", ".join(map(ascii, value))[:200]
            state.warn("odd-event", f"an event of an unknown shape came, with the keys {keys}")

    def _take_unreadable(self, data: str) -> None:
        if self._state.ended:
            return
        if data.startswith(("{", "[{", '"')):
            self._state.miss(data.encode())
        elif ends_answer(data):
            self._state.show_over()
        self._state.note_unreadable(data)

    def _take_error(self, event: ServerSentEvent) -> None:
        # AIPKit sends `message_start` once all its checks have passed, so an error before it is a check that failed.
        is_check = event.event == "error" and not self._state.message_begun and not self._state.text
        otherwise = RefusedError if is_check else UpstreamError
        value = payload.load_object(event.data.encode())
        error = error_mapping.from_object(value, otherwise=otherwise, head=self._head) if value is not None else None
        if error is None:
            value = {"error": event.data} if value is None else value
            words = error_object.words(value) or next((v for v in value.values() if isinstance(v, str)), "")
            error = error_mapping.make(error_mapping.of_words(words) or otherwise, words, head=self._head)
        self._state.end(error)

    def _take_warning(self, event: ServerSentEvent) -> None:
        value = payload.load_object(event.data.encode())
        if value is None:
            self._take_unreadable(event.data.strip())
            return
        words = next((v for v in (value.get("error"), value.get("message")) if isinstance(v, str)), "")
        # The plugin puts text that it received in the same read as the warning before the note in parentheses.
        places = [place for note in _NOTES if (place := words.find(note)) >= 0 and words.rstrip().endswith(")")]
        if places:
            self._state.deliver(words[: min(places)])
            words = words[min(places) :].strip()
        self._state.take_note(words)

    def _take_done(self, event: ServerSentEvent) -> None:
        value = payload.load_object(event.data.encode())
        if value is not None:
            self._take_object({"finished": True, **value})
            if isinstance(value.get("citations"), list):
                self._state.cite(value["citations"])
            self._state.stop(stop_word(value.get("reason")))
        elif event.data.strip() not in ("", "[DONE]"):
            self._take_unreadable(event.data.strip())
        self._state.ended = True

    def _take_id(self, event: ServerSentEvent) -> None:
        self._state.begun = True
        value = payload.load_object(event.data.encode())
        name = event.data.strip() if value is None else value.get("message_id", value.get("id"))
        self._state.set_id(event.event, name)

    def _take_citations(self, event: ServerSentEvent) -> None:
        value = payload.load(event.data.encode())
        if isinstance(value, list):
            self._state.cite(value)

    def _take_status(self, event: ServerSentEvent) -> None:
        value = payload.load_object(event.data.encode()) or {}
        kind = value.get("type")
        self._state.stop(finish_of(value) or finish_of_status(kind, value) or completeness_of(value).cut)
        if isinstance(kind, str):
            self._state.model_end.take_status(kind)

    def _take_form(self, _event: ServerSentEvent) -> None:
        self._state.refusal = "the site shows a form to fill in"

    def _take_unknown(self, event: ServerSentEvent) -> None:
        if not _OF_AN_API.fullmatch(event.event):
            self._state.meet(event.event)
        if error_object.names_error(event.event):
            self._take_error(event)
            return
        value = payload.load_object(event.data.encode())
        if value is None:
            may_hold_text = bool(event.data.strip())
        else:
            self._state.stop(finish_of_status(event.event, value) or completeness_of(value).cut)
            value = {"type": event.event, **value}
            content = content_of(value)
            failed = error_mapping.from_object(value, otherwise=UpstreamError, head=self._head) is not None
            if value.keys() & ANSWER_KEYS or content.ended or content.refusal or failed:
                self._take_object(value)
                return
            may_hold_text = bool(content.text) or not content.known
        if ends_answer(event.event):
            self._state.show_over()
        if not _OF_AN_API.fullmatch(event.event) and not self._state.ended:
            self._state.unread.add(event.event, [key for key in value or () if key != "type"], named=True)
        if may_hold_text:
            self._state.warn("odd-event", f"an event of the unknown name {event.event[:50]!a} came with data")
