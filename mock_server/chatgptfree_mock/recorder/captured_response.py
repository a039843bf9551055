"""The recorded part of one answer, while the proxy passes it on."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.tape.model import Chunk, End, Headers, Response

BODY_LIMIT = 48 * 1024 * 1024
"""The largest number of bytes of one answer that are recorded; the rest is still sent to the client."""
_CONTINUE = 100
"""The answer to ``Expect: 100-continue``, which has no content and acts on one connection only."""


class CapturedResponse(msgspec.Struct):
    """The recorded part of one answer so far."""

    status: int = 0
    reason: str = ""
    headers: Headers = ()
    body: bytearray = msgspec.field(default_factory=bytearray)
    chunks: list[Chunk] = msgspec.field(default_factory=list)
    ended: int | None = None
    """When the site ended it, in milliseconds since the request; None if the site did not."""
    stalled: bool = False
    """The site sent nothing for longer than the time limit."""
    cut_short: bool = False
    """Whether the answer is longer than its recorded part."""
    raw: bool = False
    """Whether the body has a content coding that cannot be decoded here."""
    claimed: str = ""
    """The content coding in its header, if the body does not have it."""
    interim: list[int] = msgspec.field(default_factory=list)
    """The statuses of answers before this one, such as 103 Early Hints: neither client nor recording has them."""
    trailers: list[str] = msgspec.field(default_factory=list)
    """The names of the fields after the body: neither client nor recording has them."""
    not_http: int = 0
    """The number of its bytes that are not HTTP, or a head too long for it: the client has them, the recording not."""

    def response(self, end: End) -> Response:
        """Return the captured response as one of a cassette, which ended as *end* names."""
        body, chunks = bytes(self.body), tuple(self.chunks)
        if self.cut_short:
            end = End.CLIENT_CLOSED
        head = Response(status=self.status, reason=self.reason, headers=self.headers, end=end, ended=self.ended)
        return replace(head, raw=body, raw_chunks=chunks) if self.raw else replace(head, body=body, chunks=chunks)

    def notices(self) -> Iterator[str]:
        """Yield what is recorded otherwise than it was passed on, each the predicate of a sentence."""
        if self.claimed:
            yield (
                f"has `Content-Encoding: {self.claimed}`, but its body is not coded so: it was passed on and recorded "
                "without that header"
            )
        if hints := [status for status in self.interim if status != _CONTINUE]:
            yield f"came after {' and '.join(map(str, hints))}: that was neither passed on nor recorded"
        if self.trailers:
            names = ", ".join(self.trailers)
            yield f"has trailers after its body ({names}): they were neither passed on nor recorded"
        if self.not_http:
            yield f"has {self.not_http} bytes that are not HTTP: they were passed on, and are not recorded"
        if self.cut_short:
            yield f"is longer than {BODY_LIMIT >> 20} MiB: the rest was passed on, and is not recorded"
