"""
Recognise JSON objects that are errors, from any API or server.

Some prove it whatever is beside it (`error`, `object: error`, an error code that is not 0, a status of HTTP from 400
on, `success: false`); others only if they hold no answer (a problem document, a lone `message`).
Codes of 0 and 200, "success", "ok" and null mean success.  `KEYS` has every key that decides: an object
with none of them is not an error.

Sources: FastChat and vLLM (`object: error`, `error_code`), MiniMax (`base_resp`), Groq (`x_groq.error`), iFlytek
(`code` and `header.code` beside `message`), Baidu (`error_code`, `error_msg`), RFC 9457 (`title`, `status`, `detail`),
FastAPI (`detail`), AWS (`message`, `__type`), Apigee (`fault`), OAuth (`error_description`, RFC 6749, section 5.2),
GraphQL and JSON:API (`errors`), Dify (`event: error`), Google (`status.code`), llama.cpp (`error: {…}`),
OpenAI (`response.failed`, `last_error`), WordPress (`code`, `message`, `data.status`) and the plugin itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from chatgptfree.core.answer.chunk_content import content_of
from chatgptfree.core.answer.text_parts import is_first, text_of

_MARKS: Final = ("status", "type", "object", "event", "state", "result")
_FAILED: Final = frozenset({"error", "exception", "fail", "failed", "failure"})
_REJECTED: Final = frozenset({"unauthorized", "forbidden", "denied", "unavailable", "timeout", "cancelled", "aborted"})
_ENDING_EVENTS: Final = _FAILED | {
    "abort",
    "aborted",
    "cancel",
    "cancelled",
    "canceled",
    "fatal",
    "fault",
    "interrupted",
    "problem",
    "timeout",
}
"""Words for the status of a failed request."""
_FAILED_TYPE: Final = re.compile(r"(?:\w+[._-])?(?:error|exception|failed|failure)|\w+(?:Error|Exception)")
"""A type or the name of an event; of two segments at most, as the failure of one tool has three."""
_FLAGS: Final = ("success", "ok")
_ALARMS: Final = ("is_error", "isError", "has_error", "hasError", "failed")
_ERRORS: Final = (
    "error",
    "Error",
    "errors",
    "err",
    "exception",
    "Exception",
    "fault",
    "last_error",
    "error_description",
    "error_type",
    "failure",
    "traceback",
)
_ERROR_CODES: Final = ("error_code", "errorCode", "err_code", "errCode", "errcode", "errno", "err_no", "error_no")
_ERROR_WORDS: Final = (
    *("error_message", "errorMessage", "ErrorMessage", "error_msg", "errorMsg", "err_msg", "errMsg", "errmsg"),
)
_CODES: Final = ("code", "status_code", "statusCode", "status", "Code")
_WORDS: Final = ("msg", "message", "Message", "detail", "title", "status_msg")
_BARE_WORDS: Final = ("message", "Message", "detail")
_REPORTS: Final = ("base_resp", "baseResp", "header", "meta", "status")
"""Objects that hold nothing but how it went."""
_REPORT_CODES: Final = ("code", "status_code", "statusCode")
_CONTAINERS: Final = (
    "response",
    "result",
    "data",
    "detail",
    "output",
    "message",
    "reply",
    "answer",
    "x_groq",
    "resp",
    "Response",
    "ResponseMetadata",
)
"""Objects that may hold an error in place of what they are for."""

MARKS: Final = frozenset((*_MARKS, *_FLAGS, *_ALARMS, *_ERRORS, *_ERROR_CODES, *_ERROR_WORDS, *_CODES, *_REPORTS)) - {
    *_CONTAINERS
}
"""Keys that hold nothing but how it went."""
KEYS: Final = frozenset((*MARKS, *_WORDS, *_CONTAINERS))
"""All keys that decide whether an object is an error."""

_FINE: Final = frozenset(
    {"", "ok", "success", "successful", "succeeded", "completed", "none", "null", "nil", "false", "noerror"}
)
_BLANKS: Final = re.compile(r"[\s_-]+")
_ANSWERS: Final = ("choices", "delta", "candidates")
_TEXT_KEYS: Final = ("data", "reply", "response", "answer", "text", "content", "output")
_BESIDE_NO_ERROR: Final = frozenset((*_ANSWERS, *_TEXT_KEYS, *_FLAGS, "status", "finished"))
_NO_WORDS: Final = frozenset({*_FAILED, "quota_notice"})
_WORDS_BY_WEIGHT: Final = (*_ERRORS, *_ERROR_WORDS, *_WORDS, "data", "notice", "faultstring", "description")
_LAST_WORDS: Final = ("text", "reason", "code", "type", *_ERROR_CODES, "__type")
_NESTED: Final = (*_ERRORS, "quota_notice", "notice", *_REPORTS, *_CONTAINERS)
_DEEPEST: Final = 3


def is_error(value: dict[str, Any]) -> bool:
    """Return whether *value* is an error, if only by the words in it."""
    return is_proven(value) or (not _has_answer(value) and _is_bare_message(value))


def is_proven(value: dict[str, Any]) -> bool:
    """Return whether *value* is an error by more than ambiguous words."""
    if _is_marked(value) or _is_empty_error_alone(value) or _has_failed_choice(value):
        return True
    if _http_status(value) is not None:
        return True
    if value.get("success") is True or _has_answer(value):
        return False
    return any(_has_failed_code(place) for place in (value, *_dicts(value, _CONTAINERS)))


def words(value: dict[str, Any]) -> str:
    """Return the message of the error *value*, from the most specific place."""
    for keys in (_WORDS_BY_WEIGHT, _LAST_WORDS):
        for place in error_objects(value):
            for key in keys:
                found = place.get(key)
                if isinstance(found, int) and not is_fine(found) and keys is _LAST_WORDS:
                    return f"{key} {found}"
                if isinstance(found, str) and not is_fine(found) and found not in _NO_WORDS:
                    return found
    return ""


def http_status(value: dict[str, Any]) -> int | None:
    """Return the status of HTTP that *value*, or its report on how it went, names; None for one below 400."""
    return next((status for place in (*_dicts(value, _REPORTS), value) if (status := _http_status(place))), None)


def names_error(event: str) -> bool:
    """Return whether the name of an *event* marks an error (`exception`, `modelStreamErrorException`)."""
    return event.casefold() in _ENDING_EVENTS or _FAILED_TYPE.fullmatch(event) is not None


def error_objects(value: dict[str, Any], *, deep: int = _DEEPEST) -> Iterator[dict[str, Any]]:
    """Yield *value* and the objects in it that may hold a message, the most specific first."""
    choices = value.get("choices")
    for choice in choices if isinstance(choices, list) and deep == _DEEPEST else ():
        if isinstance(choice, dict):
            for place in (choice, choice.get("delta"), choice.get("message")):
                if isinstance(place, dict) and _is_set(place.get("error")):
                    yield from error_objects({"error": place["error"]}, deep=deep - 1)
    if deep:
        for place in _dicts(value, _NESTED if len(value) > 1 else tuple(value)):
            yield from error_objects(place, deep=deep - 1)
    yield value


def _dicts(value: dict[str, Any], keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Yield the objects under *keys*; of lists only those that hold errors."""
    for key in keys:
        inner = value.get(key)
        if isinstance(inner, dict):
            yield inner
        elif isinstance(inner, list) and key in (*_ERRORS, "detail"):
            yield from (one if isinstance(one, dict) else {"error": one} for one in inner)


def _is_marked(value: dict[str, Any], *, deep: int = _DEEPEST) -> bool:
    """Return whether a key of *value*, or of an object in it, is there for errors and is set."""
    if any(isinstance(mark := value.get(key), str) and _is_mark(key, mark) for key in _MARKS):
        return True
    if any(value.get(flag) is False for flag in _FLAGS) or any(value.get(flag) is True for flag in _ALARMS):
        return True
    if any(_is_set(value.get(key)) for key in _ERRORS):
        return True
    codes = [value[key] for key in _ERROR_CODES if key in value]
    if any(map(_is_failed, codes)) or (not codes and any(_is_set(value.get(key)) for key in _ERROR_WORDS)):
        return True
    codes = [place.get(key) for place in _dicts(value, _REPORTS) for key in _REPORT_CODES]
    if any(_is_failed(code) and str(code).lstrip("-").isdecimal() for code in codes):
        return True
    return deep > 0 and any(_is_marked(place, deep=deep - 1) for place in _dicts(value, _CONTAINERS))


def _is_mark(key: str, mark: str) -> bool:
    word = mark.casefold()
    if word in _FAILED or (key == "status" and word in _REJECTED):
        return True
    return key in ("type", "event") and _FAILED_TYPE.fullmatch(mark) is not None


def _has_failed_choice(value: dict[str, Any]) -> bool:
    choices = value.get("choices")
    return any(
        isinstance(place, dict) and _is_set(place.get("error"))
        for choice in (choices if isinstance(choices, list) else ())
        if is_first(choice)
        for place in (choice, choice.get("delta"), choice.get("message"))
    )


def _is_empty_error_alone(value: dict[str, Any]) -> bool:
    """Return whether there is an empty `error` and nothing else; beside an answer that means "no error"."""
    return value.get("error") in ("", [], {}) and not value.keys() & _BESIDE_NO_ERROR and not _has_answer(value)


def _has_failed_code(value: dict[str, Any]) -> bool:
    """Return whether *value* has a code beside words, a status of HTTP, or the form of a problem document."""
    if isinstance(value.get("__type"), str) or _http_status(value) is not None:
        return True
    if len(value) == 1 and all(isinstance(inner, dict) and names_error(key) for key, inner in value.items()):
        return True  # Bedrock: {"throttlingException": {"message": …}}
    if all(isinstance(value.get(key), str) and _is_set(value[key]) for key in ("title", "detail")):
        return True
    has_words = any(_is_set(value.get(key)) for key in _WORDS)
    return has_words and any(_is_failed(value.get(key)) for key in _CODES if key != "status")


def _is_bare_message(value: dict[str, Any]) -> bool:
    """Return whether *value* has a message and nothing that shows what it is about or that all is well."""
    if any(value.get(flag) is True for flag in _FLAGS) or any(_is_report_of_success(value.get(key)) for key in _CODES):
        return False
    if "status" not in value and isinstance(value.get("msg"), str) and not is_fine(value["msg"]):
        return True
    kind = value.get("type")
    named = any(isinstance(value.get(key), str) for key in _MARKS if key != "type")
    if named or (isinstance(kind, str) and not kind.startswith(("about:", "http", "urn:"))):
        return False
    return any(_is_set(value.get(key)) for key in _BARE_WORDS if key == "detail" or isinstance(value.get(key), str))


def _has_text(value: dict[str, Any]) -> bool:
    """Return whether *value* has part of an answer in a place that holds nothing else."""
    return bool(value.keys() & set(_ANSWERS)) and bool(content_of(value, whole=True).text)


def _has_answer(value: dict[str, Any]) -> bool:
    if _has_text(value) or any(_text_at(value, key) for key in _TEXT_KEYS):
        return True
    return isinstance(value.get("message"), dict) and bool(text_of(value["message"]))


def _text_at(value: dict[str, Any], key: str) -> bool:
    inner = value.get(key)
    if isinstance(inner, dict):
        return any(text_of(inner.get(name)) for name in _TEXT_KEYS)
    return bool(text_of(inner))


def _http_status(value: dict[str, Any]) -> int | None:
    for key in _CODES:
        code = value.get(key)
        if isinstance(code, str) and code.isascii() and code.isdecimal() and len(code) == 3:
            code = int(code)
        if isinstance(code, int) and not isinstance(code, bool) and 400 <= code < 600:
            return code
    return None


def _is_report_of_success(code: object) -> bool:
    return code is not None and code != "" and code is not False and is_fine(code)


def _is_failed(code: object) -> bool:
    """Return whether *code* is a number or a word other than those for success."""
    return isinstance(code, str | int | float) and not is_fine(code)


def _is_set(error: object) -> bool:
    """Return whether *error* holds anything but "no error"."""
    if isinstance(error, dict):
        return any(map(_is_set, error.values()))
    if isinstance(error, list):
        return any(map(_is_set, error))
    return error is not None and not is_fine(error)


def is_fine(code: object) -> bool:
    """Return whether *code*, from the place of an error code or message, means success or nothing."""
    if isinstance(code, bool):
        return not code
    if isinstance(code, int | float):
        return code == 0 or 200 <= code < 300
    if not isinstance(code, str):
        return True
    word = _BLANKS.sub("", code.casefold())
    return word in _FINE or (word.isascii() and word.isdecimal() and len(word) < 20 and is_fine(int(word)))
