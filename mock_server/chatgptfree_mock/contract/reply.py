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
    A response, in words what was decided on the way to it, and what the model's API was asked for it.

    Each reply belongs to one request; whatever sits between the site and the request may change it.
    """

    response: Response
    why: tuple[str, ...] = ()
    """What was decided, one line each; the journal and the crash test show them."""
    refused: Literal["nonce", "key"] | None = None
    """
    `nonce`: the token of the request was not accepted, so nothing else was looked at.  `key`: it was, but not the key
    under which an earlier request left its message.  None: all was accepted, or nothing asked for.
    """
    delivery: Delivery | None = None
    """How this response is delivered; None: as the site delivers its others."""
    recorded: bool = False
    """The response comes from a recording; then the site's delivery applies, whatever was requested."""
    interaction: str = ""
    """What reports call the recorded interaction, such as `tape.yaml #2`; empty if it comes from none."""
    stopped: bool = False
    """Something in front of the site answered; the site itself never saw the request."""
    upstream: tuple[Messages, ...] = ()
    """What the site sent to the model's API, one entry per call; empty for a call without messages."""


class TextFraming(Struct, frozen=True, kw_only=True):
    """How a site puts text on the wire when a test pushes it by hand."""

    opening: tuple[bytes, ...] = ()
    """The chunks before the first text."""
    text: Callable[[str], bytes]
    """Returns the chunk for a text, which may hold lone surrogates."""
    closing: tuple[bytes, ...] = ()
    """The chunks of an answer that ends well."""


PLAIN: Final = TextFraming(text=lambda text: text.encode("utf-8", "surrogatepass"))
"""No framing: the text itself, in UTF-8."""


def reason(status: int) -> str:
    """Return the reason phrase of an HTTP *status* (RFC 9110, 15); `Unknown` if it has none."""
    return _REASONS.get(status, "Unknown")
