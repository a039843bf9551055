"""The borders of chunks after an edit of the body."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate, pairwise

from chatgptfree_mock.tape.model import Chunk


def moved(chunks: tuple[Chunk, ...], edits: Iterable[tuple[int, int, int]]) -> tuple[Chunk, ...]:
    """
    Return *chunks* as they cut the edited body.

    An edit has its start and end in the old body, and the number of new bytes; edits are in order and do not touch. A
    border outside the edits keeps its place in the text; one inside an edit keeps its offset in the new bytes, or moves
    to their end.  A chunk without remaining bytes is dropped.
    """
    changes = list(edits)
    borders, shift, index = [0], 0, 0
    for border in accumulate(size for _, size in chunks):
        while index < len(changes) and changes[index][1] <= border:
            start, end, length = changes[index]
            shift += length - (end - start)
            index += 1
        inside = index < len(changes) and changes[index][0] < border
        start, _, length = changes[index] if inside else (border, border, 0)
        borders.append(start + shift + min(border - start, length))
    sizes = [end - start for start, end in pairwise(borders)]
    return tuple((due, size) for (due, _), size in zip(chunks, sizes, strict=True) if size)
