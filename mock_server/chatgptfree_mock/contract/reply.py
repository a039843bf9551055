"""A site's reply: a response, the reasons for it, and its delivery."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, Literal

from msgspec import Struct

from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.tape.model import Response

Messages = tuple[Mapping[str, Any], ...]
"""Messages as a model's API takes them, each with a `role` and a `content`."""
_REASONS: Final = {status.value: status.phrase for status in HTTPStatus}


class SiteReply(Struct, kw_only=True, gc=False):
    """
    A response, the decisions that led to it, and the calls of the model's API for it.

    Each reply belongs to one request; code between the site and the server may change it.
    """

    response: Response
    why: tuple[str, ...] = ()
    """The decisions, one line each; the journal and the crash test show them."""
    refused: Literal["nonce", "key"] | None = None
    """
    `nonce`: the token of the request was refused, and nothing else was checked.  `key`: the token was accepted, but not
    the key of a message that an earlier request stored.  None: neither was refused.
    """
    delivery: Delivery | None = None
    """The delivery of this response; None: that of the site."""
    recorded: bool = False
    """The response comes from a recording, so the site's delivery applies for any kind of request."""
    interaction: str = ""
    """The recorded interaction, as reports name it, such as `tape.yaml #2`; empty if there is none."""
    unmatched: bool = False
    """No recording fits the request, and the first of *why* is a report of several lines that names the nearest one."""
    stopped: bool = False
    """The front of the site answered, and the request did not reach the site."""
    upstream: tuple[Messages, ...] = ()
    """The messages sent to the model's API, one entry per call; an entry may be empty."""


class TextFraming(Struct, frozen=True, kw_only=True):
    """The framing of text that a test pushes as a live answer."""

    opening: tuple[bytes, ...] = ()
    """The chunks before the first text."""
    text: Callable[[str], bytes]
    """Returns the chunk for a text, which may hold lone surrogates."""
    closing: tuple[bytes, ...] = ()
    """The chunks of an answer that ends well."""


PLAIN: Final = TextFraming(text=lambda text: text.encode("utf-8", "surrogatepass"))
"""No framing: the text itself, in UTF-8."""


def text_response(status: int, text: str) -> Response:
    """Return a response with *text* and a line feed as plain text in UTF-8; lone surrogates become `?`."""
    body = f"{text}\n".encode("utf-8", "replace")
    headers = (("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))))
    return Response(status=status, reason=reason(status), headers=headers, body=body)


def reason(status: int) -> str:
    """Return the reason phrase of an HTTP *status* (RFC 9110, 15); `Unknown` if it has none."""
    return _REASONS.get(status, "Unknown")
