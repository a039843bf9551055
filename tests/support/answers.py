"""The result of reading an answer, as one value for comparisons in tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chatgptfree.core.answer.answer_reader import AnswerReader
from chatgptfree.core.answer.outcome import End, Outcome
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import ChatError
from chatgptfree.messages import Delta, Limits

EVENT_STREAM = "text/event-stream;charset=UTF-8"
JSON = "application/json; charset=UTF-8"
HTML = "text/html; charset=UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerResult:
    """The text of an answer, and its end: a finish reason with warnings, or an error."""

    text: str = ""
    finish: str | None = None
    warnings: tuple[str, ...] = ()
    error: str | None = None


def head_of(content_type: str = EVENT_STREAM, status: int = 200, **headers: str) -> ResponseHead:
    """Return a head; an underscore in a name of *headers* is a hyphen."""
    pairs = [("Content-Type", content_type), *((name.replace("_", "-"), value) for name, value in headers.items())]
    return ResponseHead(status=status, url="http://site/wp-admin/admin-ajax.php", headers=tuple(pairs))


def read(
    pieces: Iterable[bytes],
    head: ResponseHead | None = None,
    *,
    limits: Limits | None = None,
    end: Callable[[AnswerReader], list[Outcome]] | None = None,
) -> tuple[str, End | ChatError]:
    """Read an answer that comes in *pieces*; return its text and how it ended, checking what holds for all of them."""
    answer = AnswerReader(head or head_of(), limits or Limits())
    outcomes = [outcome for piece in pieces for outcome in answer.feed(piece)]
    outcomes += answer.finish() if end is None else end(answer)
    *texts, last = outcomes
    assert all(isinstance(text, Delta) and text.text for text in texts)
    text = "".join(text.text for text in texts if isinstance(text, Delta))
    assert isinstance(last, End | ChatError)
    if isinstance(last, ChatError):
        assert last.partial == text
    assert answer.feed(b"data: {}\n\n") == []
    assert answer.finish() == []
    return text, last


def result_of(
    pieces: Iterable[bytes],
    head: ResponseHead | None = None,
    *,
    limits: Limits | None = None,
    end: Callable[[AnswerReader], list[Outcome]] | None = None,
) -> AnswerResult:
    """Return what the client reads from an answer that comes in *pieces*."""
    text, last = read(pieces, head, limits=limits, end=end)
    if isinstance(last, ChatError):
        return AnswerResult(text=text, error=last.kind)
    return AnswerResult(text=text, finish=last.finish, warnings=tuple(warning.code for warning in last.warnings))
