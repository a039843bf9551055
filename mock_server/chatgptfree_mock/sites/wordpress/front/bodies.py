"""Bodies and their schedules: replacing, joining and cutting them without losing a byte or a millisecond."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.tape.model import Chunk, Headers, Response

_BUFFER: Final = 4096
_RECORD: Final = 8
"""FastCGI's head of what PHP sends at once, and to how many bytes it fills it up."""
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


def in_buffers(response: Response, unseen: int) -> Response:
    """
    Return *response* cut where nginx cuts it: what is there in one moment leaves in buffers of 4 KiB.

    A buffer also holds FastCGI's framing, the first one the head that PHP sent, of which *unseen* bytes stop at nginx.
    A comment that opens a stream is flushed, so that the next bytes start a new buffer.
    """
    lines = (f"{name}: {value}\r\n" for name, value in response.headers if name.lower() not in _ON_THE_WAY)
    head = sum(map(len, lines)) + unseen
    room, cut, now = _BUFFER - head, list[Chunk](), 0
    flushed = response.body.startswith(b":")
    for ms, size in schedule(response):
        fresh = not cut or ms != now or flushed
        flushed = flushed and not cut
        room = _BUFFER if cut and fresh else room
        now, left, room = ms, size, room - _RECORD
        while left:
            if room <= 0:
                room, fresh = _BUFFER, True
            taken = min(left, room)
            cut.append((ms, taken if fresh else cut.pop()[1] + taken))
            left, room, fresh = left - taken, room - taken, False
        room -= -(head + size) % _RECORD
        head = 0
    return replace(response, chunks=tuple(cut))
