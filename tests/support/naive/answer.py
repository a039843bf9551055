"""From a reply to pieces of text: what is an answer, what is an error, and when is it whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from tests.support.naive.habits import Habit, Habits
from tests.support.naive.http import GaveUpError, RefusedNonceError, Response
from tests.support.naive.reading import OTHER, Event, events

_REFUSED = ("Nonce verification failed", "link you followed has expired", "Security check failed", "nonce_failure")
_GONE = ("Message not found in cache", "Cached message has expired")
_DONE = "[DONE]"


def read(response: Response, habits: Habits) -> Iterator[str]:
    """Yield the pieces of the answer that *response* holds."""
    if response.status >= 400 and Habit.IGNORES_THE_STATUS not in habits:
        raise failure(response, habits)
    if _is_stream(response, habits):
        yield from _Stream(response, response.pieces(), habits).texts()
    else:
        body = response.read()
        if response.broken and Habit.WANTS_A_CLEAN_END in habits:
            raise GaveUpError("the connection did not end well")
        if body.startswith(b"data:") and not {Habit.BELIEVES_THE_CONTENT_TYPE, Habit.EXPECTS_JSON} & habits:
            yield from _Stream(response, iter([body]), habits).texts()
        else:
            yield buffered(body, response, habits)


def failure(response: Response, habits: Habits) -> GaveUpError:
    """Return what a reply with an error's status means."""
    words = response.read().decode("utf-8", "replace")
    if any(mark in words for mark in _REFUSED) or words == "-1":
        return RefusedNonceError(words[:80])
    if response.status == 403 and Habit.REFRESHES_ON_ANY_403 in habits:
        return RefusedNonceError(words[:80])
    return GaveUpError(f"status {response.status}")


def _is_stream(response: Response, habits: Habits) -> bool:
    if Habit.EXPECTS_JSON in habits:
        return False
    return Habit.EXPECTS_A_STREAM in habits or response.streams


def buffered(body: bytes, response: Response, habits: Habits) -> str:
    """Return the answer in a JSON body."""
    text = body.decode("utf-8", "replace")
    if Habit.BELIEVES_THE_CONTENT_TYPE in habits and "json" not in response.kind:
        return text
    value: Any
    try:
        start = 0 if Habit.PARSES_THE_WHOLE_BODY in habits else max(text.find("{"), 0)
        if Habit.PARSES_THE_WHOLE_BODY in habits:
            value = json.loads(text)
        else:
            value, _ = json.JSONDecoder().raw_decode(text, start)
    except json.JSONDecodeError as error:
        if Habit.PARSES_THE_WHOLE_BODY in habits:
            raise
        if Habit.TAKES_ANY_TEXT in habits:
            return text
        raise GaveUpError("no JSON") from error
    if Habit.TAKES_ANY_TEXT in habits and not isinstance(value, dict):
        return text
    return _answer_in(value, habits)


def _answer_in(value: Any, habits: Habits) -> str:
    if Habit.INDEXES_DATA in habits:
        return "" + value["data"]  # type: ignore[no-any-return]  # that it may be no text is the habit
    if not isinstance(value, dict):
        raise GaveUpError("no JSON object")
    data = value.get("data")
    if isinstance(data, dict) and Habit.STRINGIFIES_DATA not in habits:
        data = data.get("reply") or (data.get("message") if Habit.TAKES_MSG_FOR_DATA in habits else None)
    if Habit.TAKES_MSG_FOR_DATA in habits and not data:
        data = value.get("msg")
    if Habit.TAKES_NULL_FOR_EMPTY in habits and not data:
        return ""
    if "Nonce verification failed" in str(value.get("msg")) and not data:
        raise RefusedNonceError(str(value["msg"]))
    if not data:
        raise GaveUpError(f"no answer: {str(value)[:80]}")
    return str(data)


class _Stream:
    """One event stream being read."""

    def __init__(self, response: Response, chunks: Iterator[bytes], habits: Habits) -> None:
        self._response = response
        self._chunks = chunks
        self._habits = habits
        self._done = False
        self._ended = False
        self._said = False
        self._words: list[str] = []

    def texts(self) -> Iterator[str]:
        for event in events(self._chunks, self._habits):
            if self._done and Habit.READS_ON_AFTER_DONE not in self._habits:
                continue
            for text in self._texts_in(event):
                self._said = self._said or bool(text)
                yield text
        if self._words:
            raise GaveUpError("an error, word by word: " + "".join(self._words))
        whole = self._ended and not (self._response.broken and Habit.WANTS_A_CLEAN_END in self._habits)
        forgives = {Habit.IGNORES_THE_END, Habit.IGNORES_HOW_IT_ENDED} & self._habits
        if not whole and not forgives:
            raise GaveUpError("the answer broke off")
        if not self._said and not forgives and not {Habit.TAKES_NULL_FOR_EMPTY, Habit.IGNORES_ERRORS} & self._habits:
            raise GaveUpError("there is no text")

    def _texts_in(self, event: Event) -> Iterator[str]:
        if event.name == OTHER:
            yield event.data
            return
        data = event.data if Habit.COMPARES_DONE in self._habits else event.data.strip()
        if data == _DONE or event.name == "done":
            self._done = self._ended = True
            return
        try:
            value = json.loads(data)
        except json.JSONDecodeError as error:
            if Habit.CHOKES_ON_BROKEN_JSON in self._habits:
                raise
            if Habit.SKIPS_BROKEN_JSON in self._habits:
                return
            raise GaveUpError("an event is no JSON") from error
        if Habit.INDEXES_CHOICES in self._habits:
            yield value["choices"][0]["delta"].get("content", "")
        elif Habit.INDEXES_DELTA in self._habits:
            yield value["delta"]
        elif isinstance(value, dict):
            yield from self._object(event.name, value)

    def _object(self, name: str, value: dict[str, Any]) -> Iterator[str]:
        odd = Habit.KNOWS_ONE_KEY_OF_ERRORS in self._habits and set(value) != {"error"}
        if ("error" in value and not odd) or "msg" in value:
            yield from self._error(name, value)
        if value.get("status") == "success" and Habit.TAKES_THE_COPY in self._habits:
            yield value["data"]
        choices = value.get("choices") or [{}]
        finish = choices[0].get("finish_reason") or value.get("finished")
        if finish and Habit.ENDS_BEFORE_THE_TEXT in self._habits:
            self._ended = True
            return
        if finish == "length" and Habit.KNOWS_STOP_ONLY in self._habits:
            raise GaveUpError(f"the model ended with {finish}")
        text = _text_of(choices[0]) or value.get("delta")
        if name == "message" and "id" not in value and Habit.TAKES_WORDS_OF_ERRORS not in self._habits:
            self._words.append(text or "")
            return
        self._ended = self._ended or bool(finish)
        if text == "" and Habit.TAKES_EMPTY_FOR_THE_END in self._habits:
            self._done = self._ended = True
        if isinstance(text, str):
            yield text

    def _error(self, name: str, value: dict[str, Any]) -> Iterator[str]:
        error = value.get("error") or value.get("msg") or ""
        words = str(error.get("message", "")) if isinstance(error, dict) else str(error)
        if name == "warning":
            if Habit.DELIVERS_WARNINGS in self._habits:
                yield words
            return
        if "error" not in value and Habit.IGNORES_FLAGS in self._habits:
            return
        if Habit.DELIVERS_ERRORS in self._habits:
            yield words
        elif Habit.IGNORES_ERRORS not in self._habits:
            known = any(mark in words for mark in (*_REFUSED, *_GONE))
            raise (RefusedNonceError if known else GaveUpError)(words)


def _text_of(choice: dict[str, Any]) -> str | None:
    content = (choice.get("delta") or choice.get("message") or {}).get("content") or choice.get("text")
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return content


def cleaned(pieces: Iterator[str], habits: Habits) -> Iterator[str]:
    """Yield the pieces as clients with habits about text deliver them."""
    last = None
    for piece in pieces:
        text = piece
        if Habit.DROPS_REPEATS in habits and text == last:
            continue
        last = text
        if Habit.STRIPS_TAGS in habits:
            text = re.sub(r"<[^>]*>", "", text)
        if Habit.STRIPS_MARKS in habits:
            text = re.sub(r"\0|<\|\w+\|>", "", text)
        if Habit.ENCODES_EACH_PIECE in habits:
            text.encode()
        if Habit.DECODES_ESCAPES_BY_HAND in habits:
            text = "".join(character if ord(character) < 0x10000 else "\ufffd\ufffd" for character in text)
        yield text


def _talks_of_no_error(text: str) -> str:
    if re.search("error|nonce|too quickly|just a moment", text, re.IGNORECASE):
        raise GaveUpError("the answer talks of an error")
    return text


EDITS: Mapping[Habit, Callable[[str], str]] = {
    Habit.SEES_ERRORS_IN_TEXT: _talks_of_no_error,
    Habit.STRIPS_BLANKS: str.strip,
    Habit.STRIPS_LABELS: partial(re.sub, r"^(Assistant|AI): ", ""),
    Habit.STRIPS_ADVERTISEMENTS: partial(re.sub, r"\s*Powered by .*$", ""),
    Habit.STRIPS_TAGS: partial(re.sub, r"<[^>]*>", ""),
}
"""What habits make of a whole answer; a client without any of these delivers it as it comes."""


def whole(text: str, habits: Habits) -> str:
    """Return a whole answer as clients with habits about text deliver it."""
    for habit, edit in EDITS.items():
        if habit in habits:
            text = edit(text)
    return text
