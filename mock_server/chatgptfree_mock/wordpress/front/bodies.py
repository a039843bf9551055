"""Bodies and their schedules: replacing, joining and cutting them without losing a byte or a millisecond."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.tape.model import Chunk, Headers, Response

_BUFFER: Final = 4096
_UNSEEN: Final = 57
"""What PHP tells nginx beyond the headers that arrive: `X-Accel-Buffering`, `Connection`, FastCGI's framing."""
_ON_THE_WAY: Final = frozenset({"server", "date", "connection", "transfer-encoding", "content-encoding", "vary"})


def schedule(response: Response) -> list[Chunk]:
    """Return the chunks of *response*, also where it leaves them out."""
    return list(response.chunks) or [(0, len(response.body))]


def with_body(response: Response, body: bytes, chunks: list[Chunk]) -> Response:
    """Return *response* with another body; a length that it announces stays true."""
    headers = tuple(
        (name, str(len(body)) if name.lower() == "content-length" else value) for name, value in response.headers
    )
    return replace(response, headers=headers, body=body, chunks=tuple(chunk for chunk in chunks if chunk[1]))


def without(headers: Headers, *names: str) -> Headers:
    """Return *headers* without those called *names*, given in lower case."""
    return tuple(pair for pair in headers if pair[0].lower() not in names)


def held_back(response: Response) -> Response:
    """Return *response* arriving at once, when its last byte would have."""
    chunks = schedule(response)
    return replace(response, chunks=((max(ms for ms, _ in chunks), len(response.body)),)) if response.body else response


def in_buffers(response: Response) -> Response:
    """
    Return *response* cut where nginx cuts it: what is there in one moment leaves in buffers of 4 KiB.

    The first buffer also holds the head that PHP sent.
    """
    head = sum(len(f"{name}: {value}\r\n") for name, value in response.headers if name.lower() not in _ON_THE_WAY)
    room, cut = max(1, _BUFFER - head - _UNSEEN), list[Chunk]()
    for ms, size in _together(schedule(response)):
        while size > room:
            cut.append((ms, room))
            size, room = size - room, _BUFFER
        cut.append((ms, size))
        room = _BUFFER
    return replace(response, chunks=tuple(chunk for chunk in cut if chunk[1]))


def _together(chunks: list[Chunk]) -> list[Chunk]:
    joined: list[Chunk] = []
    for ms, size in chunks:
        if joined and joined[-1][0] == ms:
            joined[-1] = (ms, joined[-1][1] + size)
        else:
            joined.append((ms, size))
    return joined
