"""A response that a scenario gives in full, in place of one of the site."""

from __future__ import annotations

import base64
import binascii
from typing import Literal

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.contract.settings import HttpStatus, SettingsPart
from chatgptfree_mock.tape.coding_streams import CODINGS
from chatgptfree_mock.tape.content_coding import codings_of, is_known
from chatgptfree_mock.tape.encoded_body import decoded
from chatgptfree_mock.tape.extra_keys import Count
from chatgptfree_mock.tape.model import End, Headers, Response


class StaticResponse(SettingsPart, frozen=True, kw_only=True):
    """One response, given in full."""

    to: str = "ajax"
    """`page`, `ajax` (any request of the chat that is not a page), or the name of an action; see `SitePack.action`."""
    times: Count | None = None
    """How many times it is sent before the site itself answers again; null: always."""
    status: HttpStatus = 200
    """The status code."""
    reason: str | None = None
    """The reason phrase; by default that of the status."""
    headers: dict[str, str | list[str]] = msgspec.field(default_factory=dict)
    """Headers by name; a list for a name that repeats."""
    body: str = ""
    """Text; sent in the coding that a header `Content-Encoding` names, unless the fault is `stored-headers`."""
    base64: str | None = None
    """The body in base64, where it is not text."""
    repeat: Count = 1
    """How many times the body is repeated, for big bodies."""
    head: str = ""
    """Before the repeated body."""
    tail: str = ""
    """After the repeated body."""
    chunks: list[tuple[Count, Count]] = msgspec.field(default_factory=list)
    """How the body is cut: pairs of milliseconds since the request and bytes, which add up to the body."""
    end: Literal["complete", "truncated", "reset", "stalled"] = "complete"
    """How the response ends."""

    def __post_init__(self) -> None:
        if self.base64 is not None and (self.body or self.head or self.tail):
            raise ValueError("give `body` or `base64`, not both")
        self.response()

    def response(self) -> Response:
        """
        Return the response that the site sends.

        A text whose headers name a `Content-Encoding` is sent in that coding; the bytes of `base64` are sent unchanged.

        Raises:
            ValueError: the chunks don't add up to the body, the base64 is invalid, or the coding is unknown.
        """
        headers: Headers = tuple(
            (name, value)
            for name, values in self.headers.items()
            for value in ([values] if isinstance(values, str) else values)
        )
        response = Response(
            status=self.status,
            reason=self.reason or "",
            headers=headers,
            body=self._body(),
            chunks=tuple(self.chunks),
            end=End(self.end),
        )
        names = codings_of(", ".join(value for name, value in headers if name.lower() == "content-encoding"))
        if not names or not response.body:
            return response
        if self.base64 is not None:
            stored = decoded(response)
            return stored if stored.codings else replace(response, raw=response.body, raw_chunks=response.chunks)
        return replace(response, codings=tuple(map(_known, names)))

    def _body(self) -> bytes:
        if self.base64 is not None:
            try:
                return base64.b64decode(self.base64, validate=True) * self.repeat
            except binascii.Error as exc:
                raise ValueError(f"`base64` is not base64: {exc}") from exc
        return self.head.encode() + self.body.encode() * self.repeat + self.tail.encode()


def _known(coding: str) -> str:
    if not is_known(coding):
        raise ValueError(f"`Content-Encoding: {coding}` is none of {', '.join(CODINGS)}; give the bytes as `base64`")
    return coding
