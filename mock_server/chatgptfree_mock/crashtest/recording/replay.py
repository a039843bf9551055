"""One run of a client on a recording: what replaces an exchange, and what the client has asked so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from chatgptfree_mock.crashtest.recording.token_play import TokenPlay, TokenVariant
from chatgptfree_mock.crashtest.recording.verdict import MOST_REQUESTS
from chatgptfree_mock.intercept.tls_fault import TlsFault
from chatgptfree_mock.tape.model import Request, header_of
from chatgptfree_mock.variants.rule import Rule
from chatgptfree_mock.variants.wire_bytes import Answer, WireBytes

if TYPE_CHECKING:
    from chatgptfree_mock.intercept.interception import Interception


class Disturbance(Struct, frozen=True, kw_only=True):
    """
    The replacement of the exchange at *index*: an *answer*, or its *sent* bytes for HTTP/1.1; maybe only *once*.

    *rule* makes the answer again in each run, where the response holds addresses of the site: they have to lead here.
    *tls*: what is wrong with the TLS of an intercepted client.  *tokens*: other values for those that come back.
    """

    index: int
    answer: Answer
    sent: WireBytes
    once: bool = False
    rule: Rule | None = None
    tls: TlsFault | None = None
    tokens: TokenVariant | None = None


class Replay(msgspec.Struct, kw_only=True):
    """
    One run of a client: its requests so far.

    *url*: where the recorded origin is.  *plays*: the number of requests for the disturbed exchange.
    *request_lines*: method and path of each request.  *known*: the requests with the indexes of their exchanges.
    *unknown*: those that the recording lacks.  *tokens*: what is given out and refused in this run.
    *moved*: the event loop's time at which a byte or a connection last came or went, None before the first.
    *interception*: the proxy of the run, if the client is intercepted.
    """

    url: str
    plays: int = 0
    request_lines: list[str] = msgspec.field(default_factory=list)
    known: list[tuple[int, Request]] = msgspec.field(default_factory=list)
    unknown: list[str] = msgspec.field(default_factory=list)
    moved: float | None = None
    asked_at: float = 0.0
    """The time of the last request."""
    interception: Interception | None = None
    tokens: TokenPlay | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables by which an intercepted client finds the proxy; nothing for others."""
        return {} if self.interception is None else self.interception.environment

    def accepted_codings(self, index: int) -> str:
        """Return the `Accept-Encoding` of the first request for the exchange at *index*; empty without one."""
        return next((header_of(asked.headers, "Accept-Encoding") for at, asked in self.known if at == index), "")

    @property
    def requests(self) -> int:
        """Return the number of requests of the client; a failed handshake counts as well."""
        connections = 0 if self.interception is None else self.interception.proxy.connections
        return len(self.request_lines) or connections

    @property
    def is_storm(self) -> bool:
        """Return whether the client made so many requests that it is ended."""
        return max(self.plays, 0 if self.request_lines else self.requests) > MOST_REQUESTS
