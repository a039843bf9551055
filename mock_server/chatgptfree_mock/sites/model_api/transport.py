"""
Answers of the model's API on a PHP without curl: whole, through WordPress' other transport.

Source: the class `Fsockopen` of the library Requests in WordPress, which reads until the connection ends in any way.
It is a guess that AIPKit uses it then, and so are its messages.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.sites.model_api.upstream import Failure, ModelResponse

_NO_HEAD: Final = "Missing header/body separator"
_MESSAGES: Final = {
    "Failed to connect": "Connection refused",
    "Connection timed out": "Connection timed out",
    "Operation timed out": "fsocket timed out",
}
"""The transport's messages by the beginning of curl's; for a connection that ends before the head see `_NO_HEAD`."""


def through_sockets(response: ModelResponse) -> ModelResponse:
    """Return *response* as read without curl: in one read at the end; a cut is not noticed."""
    ended = response.ended_ms
    if response.status:
        reads = ((ended, response.body),) if response.body else ()
        return replace(response, reads=reads, failure=None, failed_ms=ended)
    if response.failure is None:
        return response
    found = (words for start, words in _MESSAGES.items() if response.failure.text.startswith(start))
    return replace(response, failure=Failure(code=None, text=next(found, _NO_HEAD)))
