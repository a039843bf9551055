"""
Map the site's refusals and failures to errors.

The evidence decides, in this order: a block page, flags, codes, the plugin's own sentences, the form in which the
API's errors are passed on, and last the place of the error: before the model was asked it is a refusal (`refused`),
everything later a failure (`upstream`).  Words that a visitor may have written are never evidence.
"""

from __future__ import annotations

import html
import re
from typing import Any, Final, TypeAlias

from chatgptfree.core.answer import error_object, payload
from chatgptfree.core.page.block_page import excerpt, recognise
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import (
    ChallengeError,
    ChatError,
    NonceError,
    ProtocolError,
    RateLimitedError,
    RefusedError,
    UnknownModelError,
    UpstreamError,
)

Failure: TypeAlias = type[ChatError]


class CacheMissError(UpstreamError):
    """The cached message has expired or was used; both calls of a streamed answer have to be repeated."""


class NoSuchActionError(ProtocolError):
    """WordPress has no handler for the action; the plugin is gone, or is of another generation."""


_SAID_NO: Final = ("tokenLimitReached", "messageFlagged", "ipBanned", "modflag")
_FAILED: Final = ("pineconeError",)
_BESIDE_NO_FLAG: Final = frozenset(
    {"status", "data", "choices", "success", "error", "delta", "candidates", "reply", "response", "answer", "ok"}
)
_GATE: Final = re.compile(r"(\w+_)?ts_required")
_NONCE_CODES: Final = re.compile(r"(?:\w+_)?nonce(?:_\w+)?")
_CODES: Final[dict[str, Failure]] = {
    "public_request_rate_limit": RateLimitedError,
    "public_request_unavailable": UpstreamError,
    "ip_banned": RefusedError,
}
_REFUSAL_CODES: Final = re.compile(
    "cors_denied|embed_not_available|empty_data_to_cache|invalid_image|too_many_images|image_too_large"
)

_SENTENCES: Final[dict[str, Failure]] = {
    "nonce verification failed": NonceError,
    "security check failed": NonceError,
    "security check failed (nonce)": NonceError,
    "security check failed. please refresh the page and try again": NonceError,
    "your session has expired or the request is invalid. please refresh the page and try again": NonceError,
    "the link you followed has expired": NonceError,
    "invalid nonce": NonceError,
    "nonce is invalid": NonceError,
    "expired nonce": NonceError,
    "cookie check failed": NonceError,
    "cookie nonce is invalid": NonceError,
    "invalid security token": NonceError,
    "message not found in cache": CacheMissError,
    "cached message has expired": CacheMissError,
    "invalid chatbot specified": UnknownModelError,
    "it appears that nothing was inputted": RefusedError,
    "you are not allowed to access this feature": RefusedError,
    "your message contains prohibited words. please modify your message and try again": RefusedError,
    "sorry, your message could not be sent as it contains prohibited words": RefusedError,
    "your message was flagged by the moderation system and could not be sent": RefusedError,
    "access from your ip address has been blocked": RefusedError,
    "access disabled for guests": RefusedError,
    "access disabled for your account/role": RefusedError,
    "you have reached your token limit": RefusedError,
    "you have reached your token limit for this period": RefusedError,
    "you have reached your quota for this period": RefusedError,
    "this domain is not permitted to access the chatbot": RefusedError,
    "embed feature is not available with your current plan": RefusedError,
    "message or image cannot be empty": RefusedError,
    "message cache key is missing": ProtocolError,
    "conversation id is missing": ProtocolError,
    "conversation id is required": ProtocolError,
    "session id is missing for guest": ProtocolError,
    "bot id is required": ProtocolError,
    "could not load chatbot configuration": UpstreamError,
    "failed to log user message": UpstreamError,
    "azure endpoint is missing": UpstreamError,
    "chat processing service is currently unavailable": UpstreamError,
    "sse service components not fully initialized": UpstreamError,
}
# First sentences of messages that go on in several ways (`_SENTENCES` has whole ones).
_OPENINGS: Final[dict[str, Failure]] = {
    # 2.4.84 and later: at most 60 requests a minute and IP address; sent without a Retry-After.
    "too many requests": RateLimitedError,
    "unable to verify this request": UpstreamError,
}
_NONCE: Final = r"(?:nonce|[cx]srf|anti-?forgery|security token|session|page)"
_NOT_TAKEN: Final = r"(?:expired|invalid|not valid|refused|failed|missing|mismatch|incorrect|wrong|stale)"
_REFUSED_NONCE: Final = re.compile(rf"{_NONCE}.{{0,60}}\b{_NOT_TAKEN}\b|\b{_NOT_TAKEN}.{{0,30}}{_NONCE}", re.IGNORECASE)
"""
Plain text, under a status that refuses, that means a refused token: `CSRF verification failed` is from Django, and a
replay names the token that it refused.
"""
_LONGEST_REFUSAL: Final = 300
_FIRST_SENTENCE: Final = re.compile(r"[^.!,;:]+(?=[.!,;:](?:\s|$)|$)")
_PASSED_ON: Final = re.compile(
    r"(\w+ )?api error( \(http \d+\))?:|connection error:|server error:|http request failed:|curl error \d+"
    r"|failed to parse json from api response|(the )?api key (is )?missing for |unable to initialize the ai instance",
    re.IGNORECASE,
)
_REFERENCE: Final = re.compile(r"[.!] Reference: [\w.:-]+\W*$")
"""The end of AIPKit's message for an error of PHP (2.4.81 and later): a reference to the site's log."""
_FOR_GOOD: Final = re.compile(
    r"has reached its Cloud spending limit|Cloud credits have run out\. Open Usage"
    r"|too long for the selected Cloud model|selected Cloud model cannot process"
)
"""AIPKit's words for failures of its Cloud that asking again cannot help (2.4.84 and later)."""
_LASTING: Final = frozenset({"site_limit", "input_too_large"})
"""The Cloud's codes for such failures."""
_LONGEST: Final = 1000
_ANNOUNCED: Final = {
    "challenge": "the site requires a browser or a person",
    "nonce": "the site refuses the nonce",
    "refused": "the site refuses the request",
    "upstream": "the model's API or the site failed",
    "model": "the site has no such bot",
    "protocol": "the site does not understand the request",
    "rate_limited": "too many requests",
}
_EXPIRED: Final = (419, 440, 498)
"""The statuses of Laravel, IIS and Esri for a page, a session and a token that have expired."""
_TRY_AGAIN: Final = re.compile(rb"(?:^|wp-die-message[\"']>)[^<]{1,300}</p><p><a href=")
_AROUND: Final = re.compile(rb"^\xef\xbb\xbf|<!--.*?-->", re.DOTALL)
"""What servers and page caches add to a short reply."""


def from_object(value: dict[str, Any], *, otherwise: Failure, head: ResponseHead) -> ChatError | None:
    """Return the error that *value* is, or None; its class is *otherwise* where nothing proves another one."""
    kind = _by_flags(value)
    if kind is None and not error_object.is_error(value):
        return None
    words = error_object.words(value)
    proven = kind or _by_code(value) or of_words(words) or _by_number(value)
    error = make(proven or otherwise, words, head=head)
    if value.get("provider_error_code") in _LASTING:
        error.retryable = False
    return error


def of_words(words: str) -> Failure | None:
    """Return the class of error for one of the plugin's own sentences or openings, None for any other words."""
    sentence = " ".join(words.split()).rstrip(" .!").lower()
    first = _FIRST_SENTENCE.match(sentence)
    if kind := _SENTENCES.get(sentence) or _OPENINGS.get(first[0] if first else ""):
        return kind
    return UpstreamError if _PASSED_ON.match(words.lstrip()) or _REFERENCE.search(words) else None


def make(kind: Failure, words: str, *, head: ResponseHead) -> ChatError:
    """Return the error of *kind* with the site's *words* in its message, markup removed."""
    sendable = words.encode(errors="replace")
    plain = excerpt(sendable) if "<" in words else " ".join(html.unescape(sendable.decode()).split())
    error = _made(kind, plain, head)
    error.retryable = error.retryable and not _FOR_GOOD.search(plain)
    return error


def _made(kind: Failure, plain: str, head: ResponseHead) -> ChatError:
    return _built(kind, f"{_ANNOUNCED[kind.kind]}: {plain[:_LONGEST]}" if plain else _ANNOUNCED[kind.kind], plain, head)


def _built(kind: Failure, message: str, words: str, head: ResponseHead) -> ChatError:
    return kind(message, status=head.status, url=head.url, excerpt=words, retry_after=head.retry_after)


def empty_answer(head: ResponseHead, more: str = "") -> ProtocolError:
    """Return the error for an answer without any text; *more* is added to its message."""
    status = "" if head.status == 200 else f" (status {head.status})"
    return ProtocolError(f"the answer is empty{status}{more}", status=head.status, url=head.url)


def from_status(head: ResponseHead, body: bytes) -> ChatError:
    """Return the error for a response with a status of 400 or more; *body* may be only its beginning."""
    if block_page := recognise(head, body):
        return block_page
    if core := from_core(head, body):
        return core
    announced, otherwise = _by_status(head.status)
    found = payload.find_object(
        body.decode(errors="replace"), fits=lambda value: from_object(value, otherwise=otherwise, head=head) is not None
    )
    if found:
        checked = otherwise in (ProtocolError, RateLimitedError) and found.value.get("success") is False
        kind = RefusedError if checked and not head.get("retry-after") else otherwise
        if error := from_object(found.value, otherwise=kind, head=head):
            return error
    words = excerpt(body)
    message = f"{announced} (status {head.status})" + (f": {words}" if words else "")
    refused_nonce = otherwise is RefusedError and len(words) <= _LONGEST_REFUSAL and _REFUSED_NONCE.search(words)
    return _built(NonceError if refused_nonce else otherwise, message, words, head)


def _by_status(status: int) -> tuple[str, Failure]:
    if status in (402, 429):
        return "too many requests", RateLimitedError
    if status >= 500 or status == 408:
        return "the site failed", UpstreamError
    if status in _EXPIRED:
        return "the site refuses the nonce", NonceError
    if status in (401, 403, 451):
        return "the site refuses the request", RefusedError
    return "the response is not an answer", ProtocolError


def from_core(head: ResponseHead, body: bytes) -> ChatError | None:
    """Return the error for WordPress' own short replies: `0`, `-1`, the link that has expired; None for others."""
    text = _AROUND.sub(b"", body).strip()
    if text == b"-1":
        return make(NonceError, "-1", head=head)
    if text == b"0":
        return NoSuchActionError("the site has no such action", status=head.status, url=head.url, excerpt="0")
    if head.status != 403:
        return None
    expired = b"The link you followed has expired."
    # In other languages go by the structure: only this refusal closes a paragraph that it never opened.
    if text.startswith(expired) or _TRY_AGAIN.search(text) or (b"wp-die-message" in text and expired in text):
        return make(NonceError, excerpt(body), head=head)
    return None


def _by_flags(value: dict[str, Any]) -> Failure | None:
    if any(
        flag is True and _GATE.fullmatch(name)
        for place in error_object.error_objects(value)
        for name, flag in place.items()
    ):
        return ChallengeError
    if any(value.get(flag) for flag in _FAILED):
        return UpstreamError
    if any(value.get(flag) for flag in _SAID_NO) or any(
        place.get("quota_notice") for place in error_object.error_objects(value)
    ):
        return RefusedError
    if any(place.get("type") == "quota_notice" for place in error_object.error_objects(value)):
        return RefusedError
    # Every known refusal that 1.x streams is a `msg` beside one flag that is true; an unknown flag counts too.
    lone = not error_object.is_fine(value.get("msg")) and not value.keys() & _BESIDE_NO_FLAG
    return RefusedError if lone and any(flag is True for flag in value.values()) else None


def _by_number(value: dict[str, Any]) -> Failure | None:
    """Return the class of error for an HTTP status in the place of an error code."""
    status = error_object.http_status(value) if not value.get("error") else None
    return _by_status(status)[1] if status in (401, 403, 429, 451) else None


def _by_code(value: dict[str, Any]) -> Failure | None:
    for place in error_object.error_objects(value):
        for key in ("code", "error", "data"):
            code = place.get(key)
            if not isinstance(code, str):
                continue
            if key == "code" and code in _CODES:
                return _CODES[code]
            if _NONCE_CODES.fullmatch(code):
                return NonceError
            if _GATE.fullmatch(code):
                return ChallengeError
            if key == "code" and _REFUSAL_CODES.match(code):
                return RefusedError
    return None
