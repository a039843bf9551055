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

_SELECTING: Final = (
    *("accept", "accept-language", "authorization", "x-requested-with"),
    *("x-amz-target", "soapaction"),  # the operation, where all have one address: AWS JSON, SOAP 1.1
)
_CONDITIONS: Final = {
    304: ("if-none-match", "if-modified-since"),
    412: ("if-match", "if-unmodified-since", "if-none-match", "if-modified-since"),
}
"""By status: the headers of which a request has one, or the status cannot answer it (RFC 9110, section 13.1)."""
_OF_A_VALUE: Final = ("range", "if-range", *_CONDITIONS[412])
_OF_THE_VISITOR: Final = frozenset({"", "*", "accept-encoding", "cookie", "origin"})
"""Names in `Vary` that select nothing here: the mock codes by itself, and cookies are compared as tokens."""


def named_in_vary(responses: Iterable[Response]) -> tuple[str, ...]:
    """Return the selecting headers that the `Vary` of *responses* adds to the usual ones, in lower case, sorted."""
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
    ranges count where *request* has them.  Of *volatile* headers only `Authorization` counts, and only its presence:
    redaction hides its value.
    """
    for name in (*_SELECTING, *recorded.varies):
        now, then = request.header(name), recorded.header(name)
        hidden = volatile.has_header(name)
        if (now is None) is not (then is None) and (name == "authorization" or not hidden):
            yield from (name, name)
        elif now != then and not hidden:
            yield name
    for name in _OF_A_VALUE:
        if request.header(name) not in (None, recorded.header(name)) and not volatile.has_header(name):
            yield name


def _range(key: RequestKey) -> str | None:
    value = key.header("range")
    return None if value is None else _squeezed(value)


def _squeezed(value: str) -> str:
    return "".join(value.split()).lower()
