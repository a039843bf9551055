"""Content codings: the choice by `Accept-Encoding`, and encoding chunk by chunk, which keeps a stream's timing."""

from __future__ import annotations

from functools import lru_cache

from msgspec.structs import replace

from chatgptfree_mock.sites.wordpress.front.bodies import schedule, without
from chatgptfree_mock.sites.wordpress.settings import FrontSettings
from chatgptfree_mock.tape.coding_streams import Coding
from chatgptfree_mock.tape.content_coding import encode_body
from chatgptfree_mock.tape.encoded_body import encoded_chunks
from chatgptfree_mock.tape.model import Chunk, Response


class Coder:
    """Encodes the responses of one site."""

    def __init__(self, front: FrontSettings) -> None:
        self._forced = front.force_coding
        self._offered = list(front.compression)

    def encode(self, response: Response, accepted: str) -> Response:
        """Return *response* in the coding that *accepted*, an `Accept-Encoding` value, leads to."""
        coding = self._forced or choose(accepted, self._offered)
        if coding is None or not response.body or response.header("Content-Encoding"):
            return response
        chunks = schedule(response)
        if len(chunks) == 1:
            raw = _encoded_body(response.body, coding)
            raw_chunks: list[Chunk] = [(chunks[0][0], len(raw))]
        else:
            encoded = encoded_chunks(response.body, [size for _, size in chunks], [coding])
            raw = b"".join(encoded)
            raw_chunks = [(ms, len(data)) for (ms, _), data in zip(chunks, encoded, strict=True)]
        headers = (*without(response.headers, "content-length"), ("Vary", "Accept-Encoding"))
        return replace(
            response,
            headers=(*headers, ("Content-Encoding", coding)),
            raw=raw,
            raw_chunks=tuple(raw_chunks),
            codings=(coding,),
        )


@lru_cache(8)  # a page is the same for many visitors
def _encoded_body(body: bytes, coding: Coding) -> bytes:
    return encode_body(body, [coding])


def choose(accepted: str, offered: list[Coding]) -> Coding | None:
    """Return the first of *offered* that an `Accept-Encoding` value allows."""
    if not offered:
        return None
    allowed: dict[str, bool] = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        allowed[name.strip()] = weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return next((coding for coding in offered if allowed.get(coding, allowed.get("*", False))), None)
