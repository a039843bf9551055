"""
An answer as one JSON object, or what should have been one.

Read when the body has ended.  The object may be among notices of PHP, comments of a page cache or twice
written as a string; it is taken only if it is of a shape that is an answer or a refusal.  Its text is taken as
it is, entities and markup included.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from chatgptfree.core.answer import error_mapping, error_object, payload
from chatgptfree.core.answer.chunk_content import ChunkContent, content_of
from chatgptfree.core.answer.completeness import completeness_of
from chatgptfree.core.answer.finish_place import finish_of
from chatgptfree.core.answer.finish_reason import Stop, meaning
from chatgptfree.core.answer.text_parts import refusal_of, text_of
from chatgptfree.core.answer.unread_content import unknown_keys
from chatgptfree.core.page.block_page import excerpt, recognise
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import ChatError, InterruptedStreamError, ProtocolError, UpstreamError
from chatgptfree.messages import WARNINGS, ReplyWarning

_OF_THE_MODEL: Final = (("choices", list), ("candidates", list), ("promptFeedback", dict))
"""Keys of what a model's API sends, and what each holds."""
_TEXT_KEYS: Final = ("reply", "response", "answer", "message", "text", "content", "output_text", "output")
_NOTE: Final = re.compile(r" \((?:Incomplete|Warning|Refusal|Error): [^\n]{1,300}\)\s*$")
_DOCUMENT_END: Final = re.compile("</html>", re.IGNORECASE)
_FAILED_PAGES: Final = (
    *("bad gateway", "gateway time", "service unavailable", "internal server error"),
    *("critical error", "error establishing a database connection"),  # WordPress'
)


class WholeAnswer(Struct, frozen=True, kw_only=True):
    """What one object holds; the text may be empty."""

    text: str
    finish: str | None = None
    refusal: str = ""
    message_id: str | None = None
    response_id: str | None = None
    thread_id: str | None = None
    citations: tuple[dict[str, Any], ...] = ()
    warnings: tuple[ReplyWarning, ...] = ()
    unread_keys: tuple[str, ...] = ()
    """The unknown keys that hold text, if nothing was read."""


def read(head: ResponseHead, body: bytes, *, cause: str = "") -> WholeAnswer | ChatError:
    """Return what *body* means; *cause* is what broke the connection, if anything did before it had ended."""
    value = payload.load(body)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        value = payload.load_object(body)
    if isinstance(value, dict):
        answer = of_object(value, head=head) or ProtocolError("an answer of an unknown shape", excerpt=_shape(value))
        if isinstance(answer, ChatError):
            return recognise(head, body) or answer
        return _with_damage(answer, body)
    if cause:
        return InterruptedStreamError(cause)
    if value is payload.CUT_OFF:
        return InterruptedStreamError("the answer was cut off", excerpt=excerpt(body))
    if core := error_mapping.from_core(head, body):
        return core
    if block_page := recognise(head, body):
        return block_page
    answer = _among_others(head, body.decode(errors="replace")) or _no_answer(head, body)
    return answer if isinstance(answer, ChatError) else _with_damage(answer, body)


def of_object(value: dict[str, Any], *, head: ResponseHead) -> WholeAnswer | ChatError | None:
    """Return what *value* means; None if it is neither an answer nor a refusal."""
    if error := error_mapping.from_object(value, otherwise=UpstreamError, head=head):
        return error
    if any(isinstance(value.get(key), kind) for key, kind in _OF_THE_MODEL):
        content = content_of(value, whole=True)
        return WholeAnswer(
            text=content.text,
            finish=_finish(value, content.finish),
            refusal=content.refusal,
            warnings=_of_choices(content),
            unread_keys=() if content.text else tuple(unknown_keys(value)),
        )
    return _of_site(value)


def _of_choices(content: ChunkContent) -> tuple[ReplyWarning, ...]:
    return (ReplyWarning(code="more-choices", detail=WARNINGS["more-choices"]),) if content.others else ()


def _of_site(value: dict[str, Any]) -> WholeAnswer | ProtocolError | None:
    """Return the answer in an object of the site itself, whose reply may be in `data`; None if it is none."""
    inner = value.get("data", value)
    place = inner if isinstance(inner, dict) else value
    succeeded = value.get("status") == "success" or value.get("success") is True
    text = _text_of_reply(inner, reported=succeeded or inner is not value)
    if text is None:
        if not succeeded:
            return None
        text = ""
        if isinstance(inner, dict) and inner and not (unknown_keys(inner) or finish_of(inner) or refusal_of([inner])):
            return ProtocolError(f"no text was found in the answer, whose data is {_shape(inner)}")
    citations = place.get("citations")
    warnings: tuple[ReplyWarning, ...] = () if succeeded and inner is not value else (_odd(value),)
    if place is inner and (note := _NOTE.search(text)):
        # AIPKit adds it to the text itself, where it is indistinguishable from the model's own words.
        warnings += (ReplyWarning(code="note", detail=note[0].strip()),)
    return WholeAnswer(
        text=text,
        finish=_finish(
            value, next((reason for one in (place, place.get("output")) if (reason := finish_of(one))), None)
        ),
        refusal=refusal_of([place, *(place.get(key) for key in _TEXT_KEYS)]),
        message_id=_name(place.get("message_id")),
        response_id=_name(place.get("openai_response_id")),
        thread_id=_name(value.get("thread_id")),
        citations=tuple(item for item in citations if isinstance(item, dict)) if isinstance(citations, list) else (),
        warnings=warnings,
        unread_keys=() if text else tuple(unknown_keys(place)),
    )


def _finish(value: dict[str, Any], finish: str | None) -> str | None:
    """Return why the model stopped: *finish*, unless another sign in *value* shows that the answer is not whole."""
    shown = completeness_of(value)
    cut = shown.cut or ("incomplete" if shown.goes_on else None)
    return cut if cut and (finish is None or meaning(finish) is Stop.WHOLE) else finish


def _with_damage(answer: WholeAnswer, body: bytes) -> WholeAnswer:
    if "\ufffd" not in answer.text or "\ufffd".encode() in body or b"\\ufffd" in body.lower():
        return answer
    warning = ReplyWarning(code="bad-characters", detail="bytes that are not valid UTF-8 were replaced by U+FFFD")
    return replace(answer, warnings=(*answer.warnings, warning))


def _text_of_reply(inner: object, *, reported: bool) -> str | None:
    """Return the text in *inner*; a `message` is the answer only where the site *reported* success or failure."""
    if not isinstance(inner, dict):
        return text_of(inner) if inner is not None else None
    keys = [key for key in _TEXT_KEYS if key != "message" or reported or not isinstance(inner.get(key), str)]
    return next((text for key in keys if key in inner and (text := text_of(inner[key])) is not None), None)


def is_answer_or_error(value: dict[str, Any], *, head: ResponseHead) -> bool:
    """Return whether *value*, found among other things, is an answer, or an error by more than words in it."""
    answer = of_object(value, head=head)
    if isinstance(answer, ChatError):
        return is_report(value) or error_object.is_proven(value)
    return answer is not None


def is_report(value: dict[str, Any]) -> bool:
    """Return whether a plugin reports on a whole call with *value*; no event of the model's API does."""
    reported = value.get("status") in ("success", "error") or isinstance(value.get("success"), bool)
    return reported or isinstance(value.get("msg"), str) or "error" in value


def _among_others(head: ResponseHead, text: str) -> WholeAnswer | ChatError | None:
    fits = partial(is_answer_or_error, head=head)
    # A document may hold any objects in its scripts; only what follows it counts.
    found = payload.find_object(_DOCUMENT_END.split(text)[-1], fits=fits)
    if found is None:
        return None
    answer = of_object(found.value, head=head)
    if not isinstance(answer, WholeAnswer):
        return answer
    if not answer.text:
        return None  # the plugin's report on something that failed; the answer is around it
    rest = payload.find_object(found.after, fits=fits)
    more = of_object(rest.value, head=head) if rest else None
    if isinstance(more, ChatError):
        return more
    if more and more.text and (more.text != answer.text or "choices" in found.value):
        return ProtocolError("several answers in place of one", excerpt=excerpt(text.encode()))
    junk = excerpt(f"{found.before} {found.after}".encode())
    warning = ReplyWarning(code="junk", detail=f"other content is around the answer: {junk}")
    return replace(answer, warnings=(*answer.warnings, warning))


def _no_answer(head: ResponseHead, body: bytes) -> ChatError:
    words = excerpt(body)
    if not words:
        return error_mapping.empty_answer(head)
    if kind := error_mapping.of_words(words):
        return error_mapping.make(kind, words, head=head)
    if any(page in words.lower() for page in _FAILED_PAGES) and b"<" in body:
        return UpstreamError(f"an error page instead of an answer: {words}", excerpt=words)
    return ProtocolError(f"no answer of any known kind: {words}", excerpt=words)


def _odd(value: dict[str, Any]) -> ReplyWarning:
    return ReplyWarning(code="odd-shape", detail=f"the answer came in an unknown shape: {_shape(value)}")


def _shape(value: dict[str, Any]) -> str:
    return "an object with " + (", ".join(ascii(key) for key in list(value)[:8]) or "nothing in it")


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
