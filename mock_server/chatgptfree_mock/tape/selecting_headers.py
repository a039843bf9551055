"""
The headers of a request by which a site selects one of several responses to the same question.

These are the selecting headers of RFC 9110, section 12.5.5, and those of ranges and of conditions (sections 13 and 14).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from chatgptfree_mock.tape.model import Response, header_of
from chatgptfree_mock.tape.request_key import RequestKey
from chatgptfree_mock.tape.volatile import Volatile

_CREDENTIALS: Final = ("authorization", "x-api-key", "api-key", "x-goog-api-key")
_SELECTING: Final = (
    *_CREDENTIALS,
    *("accept", "accept-language", "x-requested-with", "upgrade", "prefer"),
    "last-event-id",  # where an event stream goes on: WHATWG HTML 9.2.4
    *("access-control-request-method", "access-control-request-headers"),  # what a preflight asks for: Fetch 4.8
    # the operation, where all have one address: AWS JSON, SOAP 1.1, Next.js, WebDAV (RFC 4918 section 10.2)
    *("x-amz-target", "soapaction", "next-action", "x-http-method-override", "depth"),
)
_VERSION: Final = "version"
"""The end of names that select a version of an API: `X-Api-Version`, `Anthropic-Version`."""
_CONDITIONS: Final = {
    304: ("if-none-match", "if-modified-since"),
    412: ("if-match", "if-unmodified-since", "if-none-match", "if-modified-since"),
}
"""By status: the headers of which a request has one, or the status cannot answer it (RFC 9110, section 13.1)."""
_OF_A_VALUE: Final = ("range", "if-range", *_CONDITIONS[412])
_OF_THE_VISITOR: Final = frozenset({"", "*", "accept-encoding", "cookie", "origin"})
"""Names in `Vary` that select nothing here: the mock codes by itself, and cookies are compared one by one."""


def named_in_vary(responses: Iterable[Response]) -> tuple[str, ...]:
    """Return the selecting headers that the `Vary` of *responses* adds to the default ones, in lower case, sorted."""
    found = {header_of(response.headers, "vary").lower() for response in responses}
    names = {name.strip() for value in found for name in value.split(",")}
    return tuple(sorted(names.difference(_OF_THE_VISITOR, _SELECTING, _OF_A_VALUE)))


def unmet(request: RequestKey, recorded: RequestKey, volatile: Volatile) -> Iterator[str]:
    """
    Yield the headers for want of which the *recorded* response cannot answer *request*, without *volatile* ones.

    A part (206, 416) answers requests for the same range, and a 304 or 412 those with a condition.  If the recorded
    request has no such header either, the recording lacks it, and nothing is demanded.
    """
    if recorded.status in (206, 416):
        given = recorded.header("range")
        if given is not None and _range(request) != _squeezed(given) and not volatile.has_header("range"):
            yield "range"
    conditions = _CONDITIONS.get(recorded.status, ())
    needed = [name for name in conditions if recorded.header(name) is not None]
    has_condition = any(request.header(name) is not None for name in conditions)
    if needed and not has_condition and not any(map(volatile.has_header, needed)):
        yield needed[0]


def selected_otherwise(request: RequestKey, recorded: RequestKey, volatile: Volatile) -> Iterator[str]:
    """
    Yield the selecting headers in which two requests differ.

    One that only one of them has is yielded twice, as it is farther from a match than another value.  Conditions and
    ranges count where *request* has them, and another tag twice against a recorded 304: its client had another body.
    Of *volatile* headers only credentials count, and only their presence: redaction hides their values.  A cookie
    counts where both send it.
    """
    for name in dict.fromkeys((*_SELECTING, *recorded.varies, *_versions(request), *_versions(recorded))):
        now, then = request.header(name), recorded.header(name)
        hidden = volatile.has_header(name)
        if (now is None) is not (then is None) and (name in _CREDENTIALS or not hidden):
            yield from (name, name)
        elif now != then and not hidden:
            yield name
    for name in _OF_A_VALUE:
        if request.header(name) not in (None, recorded.header(name)) and not volatile.has_header(name):
            yield name
            if name == "if-none-match" and recorded.status == 304:
                yield name
    if not volatile.has_header("cookie") and (recorded_cookies := _cookies(recorded)):
        yield from ("cookie" for name, value in _cookies(request).items() if recorded_cookies.get(name, value) != value)


def _cookies(key: RequestKey) -> dict[str, str]:
    values = (value for name, value in key.headers if name.lower() == "cookie")
    pairs = (pair.partition("=") for value in values for pair in value.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _versions(key: RequestKey) -> Iterator[str]:
    return (name.lower() for name, _ in key.headers if name.lower().endswith(_VERSION))


def _range(key: RequestKey) -> str | None:
    value = key.header("range")
    return None if value is None else _squeezed(value)


def _squeezed(value: str) -> str:
    return "".join(value.split()).lower()
