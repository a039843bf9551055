"""Calls for live answers, which a test pushes."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.server.control.bodies import Live, Push
from chatgptfree_mock.server.control.calls import as_json, named_site, read_body, refusal
from chatgptfree_mock.server.control.keys import CHANGES
from chatgptfree_mock.server.control.site_calls import describe_site
from chatgptfree_mock.server.live import LiveReply
from chatgptfree_mock.server.mounted_site import check_pushable
from chatgptfree_mock.server.site_changes import ONE_PROCESS
from chatgptfree_mock.wire.connection import while_connected

_PATIENCE: Final = 30.0
"""Seconds that a push waits for a client to ask."""


async def set_live(request: web.Request) -> web.StreamResponse:
    """Set whether the answers of a site are live."""
    mounted = named_site(request)
    if request.app[CHANGES].shared:
        return refusal(409, f"answers cannot be live here: {ONE_PROCESS}")
    live = (await read_body(request, Live)).live
    if live:
        try:
            check_pushable(mounted)
        except SettingsError as exc:
            return refusal(409, str(exc))
    mounted.live = LiveReply() if live else None
    return as_json(describe_site(mounted))


async def push(request: web.Request) -> web.StreamResponse:
    """Push to, end or break the pending answer."""
    live = named_site(request).live
    if request.app[CHANGES].shared:
        return refusal(409, f"answers cannot be live here: {ONE_PROCESS}")
    body = await read_body(request, Push)
    if live is None:
        return refusal(409, "the site does not answer live; switch it on with PUT and `live: true`")
    if sum((body.push is not None, body.raw is not None, body.end, body.truncate, body.reset)) != 1:
        return refusal(400, "give exactly one of `push`, `raw`, `end`, `truncate` and `reset`")
    try:
        async with asyncio.timeout(_PATIENCE):
            await while_connected(request, _move(live, body))
    except ConnectionResetError as exc:
        return refusal(409, str(exc))
    except TimeoutError:
        return refusal(409, f"no client asked within {_PATIENCE:.0f} seconds")
    return web.Response(status=204)


async def _move(live: LiveReply, body: Push) -> None:
    if body.push is not None:
        await live.push(body.push)
    elif body.raw is not None:
        await live.push(body.raw.encode())
    elif body.end:
        await live.end()
    elif body.truncate:
        await live.truncate()
    else:
        await live.reset()
