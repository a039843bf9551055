"""The event loop on a thread of its own, on which the client without async runs."""

from __future__ import annotations

import threading

import pytest

from chatgptfree.aio.loop_thread import LoopThread


def test_a_loop_that_is_ended_on_its_own_thread_does_not_wait_for_itself() -> None:
    """The garbage collector may find a client there."""
    loop, closed = LoopThread(), threading.Event()

    async def close() -> None:
        closed.set()

    async def collected() -> threading.Thread:
        loop.end_with(close())
        return threading.current_thread()

    thread = loop.wait_for(collected())
    thread.join(30)
    assert closed.is_set()
    assert not thread.is_alive()
    with pytest.raises(RuntimeError, match="closed"):
        loop.wait_for(close())
