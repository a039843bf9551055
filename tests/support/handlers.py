"""The tasks in which aiohttp answers requests, one a connection."""

from __future__ import annotations

import asyncio
from typing import Any


def handlers() -> set[asyncio.Task[Any]]:
    """Return those that run in this event loop."""
    return {task for task in asyncio.all_tasks() if "RequestHandler.start" in repr(task.get_coro())}


async def ended(running: set[asyncio.Task[Any]]) -> bool:
    """Wait for the ends of tasks, a minute at most; return whether all have ended without an error."""
    done, pending = await asyncio.wait(running, timeout=300)
    return not pending and not any(task.exception() for task in done)
