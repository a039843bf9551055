"""Notices about the client's first runs, which give no verdict: with a slow client they take a while."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, pairwise
from typing import Final

UNDISTURBED: Final = "the client runs undisturbed first, twice"
DUE: tuple[float, ...] = (2, 10, 30, *range(60, 3600, 60))
"""The seconds from the start after which a line is due."""


def line_after(seconds: float) -> str:
    """Return the notice that is due after *seconds*."""
    return f"no verdict yet after {seconds:g} s: {UNDISTURBED}"


@contextlib.contextmanager
def waiting_notices(
    write: Callable[[str], object], *, after: Iterable[float] | None = None
) -> Iterator[Callable[[], None]]:
    """
    Call *write* with each notice when it is due, on a thread, until the yielded function is called or the block ends.

    *after*: the seconds from the start at which a line is due, in order; by default `DUE`.
    """
    ended = threading.Event()
    times = DUE if after is None else after

    def wait() -> None:
        for before, now in pairwise(chain((0.0,), times)):
            if ended.wait(now - before):
                return
            write(line_after(now))

    thread = threading.Thread(target=wait, daemon=True, name="first runs")
    thread.start()
    try:
        yield ended.set
    finally:
        ended.set()
        thread.join()
