"""The borders of chunks after the body that they cut was edited."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate, pairwise

from chatgptfree_mock.tape.model import Chunk


def moved(chunks: tuple[Chunk, ...], edits: Iterable[tuple[int, int, int]]) -> tuple[Chunk, ...]:
    """
    Return *chunks* as they cut the edited body.

    An edit is where it starts and ends in the old body, and how many bytes came there; edits are in order and apart.
    A border outside the edits stays where it was in the text; one inside an edit stays as far into what came there, or
    moves to its end.  A chunk without remaining bytes is dropped.
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
