"""Bodies and their schedules: replacing, joining and cutting them without losing a byte or a millisecond."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.sites.wordpress.front import fastcgi
from chatgptfree_mock.tape.model import Chunk, Headers, Response

_ON_THE_WAY: Final = frozenset({"server", "date", "connection", "transfer-encoding", "content-encoding", "vary"})


def schedule(response: Response) -> list[Chunk]:
    """Return the chunks of *response*; a body without recorded chunks is one chunk."""
    return list(response.chunks) or [(0, len(response.body))]


def with_body(response: Response, body: bytes, chunks: list[Chunk]) -> Response:
    """Return *response* with another body, and with the right length if it announces one."""
    headers = tuple(
        (name, str(len(body)) if name.lower() == "content-length" else value) for name, value in response.headers
    )
    return replace(response, headers=headers, body=body, chunks=tuple(chunk for chunk in chunks if chunk[1]))


def without(headers: Headers, *names: str) -> Headers:
    """Return *headers* without those called *names*, given in lower case."""
    return tuple(pair for pair in headers if pair[0].lower() not in names)


def held_back(response: Response) -> Response:
    """Return *response* as one chunk, at the time of its last byte."""
    chunks = schedule(response)
    return replace(response, chunks=((max(ms for ms, _ in chunks), len(response.body)),)) if response.body else response


def in_buffers(response: Response, unseen: int) -> Response:
    """
    Return *response* cut as nginx cuts it: output of one moment is sent in buffers of 4 KiB; see `fastcgi`.

    The first buffer also contains the head from PHP, of which nginx does not pass on *unseen* bytes.  A comment that
    opens a stream is flushed, so that the next bytes start a new buffer.
    """
    lines = (f"{name}: {value}\r\n" for name, value in response.headers if name.lower() not in _ON_THE_WAY)
    head = sum(map(len, lines)) + unseen
    moments: list[tuple[int, list[int]]] = []
    apart = response.body.startswith(b":")
    for ms, size in schedule(response):
        if moments and moments[-1][0] == ms and not (apart and len(moments) == 1):
            moments[-1][1].append(size)
        else:
            moments.append((ms, [size]))
    cut = [
        (ms, size)
        for number, (ms, sizes) in enumerate(moments)
        for size in fastcgi.chunks(0 if number else head, sizes)
    ]
    return replace(response, chunks=tuple(cut))
