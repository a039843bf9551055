"""An answer that is too large for any file, cut to fit into one."""

from __future__ import annotations

from msgspec.structs import replace

from chatgptfree_mock.tape.model import Chunk, End, Response


def shortened(response: Response, share: float) -> Response:
    """Return *response* with that share of its body, or of its encoded body if it has only that."""
    if response.body:
        size = int(len(response.body) * share)
        cut = replace(response, body=response.body[:size], chunks=_cut_chunks(response.chunks, size))
        cut = replace(cut, raw=None, raw_chunks=())
    else:
        raw = (response.raw or b"")[: int(len(response.raw or b"") * share)]
        cut = replace(response, raw=raw, raw_chunks=_cut_chunks(response.raw_chunks, len(raw)))
    return replace(cut, end=End.CLIENT_CLOSED, ended=None)


def _cut_chunks(chunks: tuple[Chunk, ...], size: int) -> tuple[Chunk, ...]:
    kept: list[Chunk] = []
    for due, length in chunks:
        if size > 0:
            kept.append((due, min(length, size)))
        size -= length
    return tuple(kept)
