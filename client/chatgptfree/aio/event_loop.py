"""The client runs on asyncio; another loop, such as trio's, is refused in a sentence."""

from __future__ import annotations

import asyncio


def require_asyncio() -> None:
    """
    Check that a task of asyncio is running.

    Raises:
        RuntimeError: none is, as in trio or with anyio's trio backend.
    """
    try:
        task = asyncio.current_task()
    except RuntimeError:
        task = None
    if task is None:
        raise RuntimeError(
            "ChatClient runs on asyncio, and no task of asyncio is running here; in trio call chatgptfree.blocking."
            "ChatClient by trio.to_thread.run_sync"
        )
