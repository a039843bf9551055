"""
Calls of the journal: read, follow, export and clear it.

Redaction, which only an export needs, is slow to import.
"""

from __future__ import annotations

from contextlib import aclosing, suppress
from functools import partial
from pathlib import Path

from aiohttp import web

from chatgptfree_mock.journal import Exchange, Filter, Journal
from chatgptfree_mock.server.control.calls import RULES, as_json, json_bytes, read_body
from chatgptfree_mock.server.control.keys import SCENARIO_SITES, SITES
from chatgptfree_mock.server.journal_query import ExportedSite, JournalExport, export, filter_of
from chatgptfree_mock.server.scenario_sites import SEGMENT
from chatgptfree_mock.server.site_registry import NoSuchSiteError
from chatgptfree_mock.wire.connection import while_connected


async def read_journal(request: web.Request) -> web.StreamResponse:
    """Return exchanges."""
    journal = request.app[SITES].journal
    chosen = journal.select(filter_of(request.query))
    memory = journal.memory
    return as_json(
        {
            "total": journal.grand_total(),
            "memory": {"limit": memory.limit, "used": memory.used, "forgotten": dict(memory.dropped)},
            "exchanges": [exchange.as_json() for exchange in chosen],
        }
    )


async def clear_journal(request: web.Request) -> web.StreamResponse:
    """Drop all exchanges."""
    request.app[SITES].journal.clear()
    return web.Response(status=204)


async def follow_journal(request: web.Request) -> web.StreamResponse:
    """Stream exchanges as they end, as lines of JSON or as events, until the client leaves."""
    wanted = filter_of(request.query)
    events = "text/event-stream" in request.headers.get("Accept", "")
    response = web.StreamResponse(headers=RULES)
    response.content_type = "text/event-stream" if events else "application/x-ndjson"
    await response.prepare(request)
    with suppress(ConnectionResetError):
        await while_connected(request, _send_exchanges(request.app[SITES].journal, wanted, response, as_event=events))
    return response


async def _send_exchanges(journal: Journal, wanted: Filter, response: web.StreamResponse, *, as_event: bool) -> None:
    async with aclosing(journal.follow(wanted)) as exchanges:
        async for exchange in exchanges:
            await response.write(_line(exchange, as_event=as_event))


async def export_journal(request: web.Request) -> web.StreamResponse:
    """Return exchanges as a file."""
    from chatgptfree_mock.config.redaction import redaction_rules

    wanted = await read_body(request, JournalExport)
    rules = redaction_rules(Path.cwd())
    return as_json(await export(wanted, request.app[SITES].journal, rules, partial(_exported, request.app)))


def _exported(app: web.Application, name: str) -> ExportedSite | None:
    """Return the site of that *name*; None if it no longer exists."""
    if name.startswith(f"{SEGMENT}/"):
        spec = app[SCENARIO_SITES].library[name.removeprefix(f"{SEGMENT}/").partition("/@")[0]].scenario.spec
        return ExportedSite(spec, spec.release if spec.pack.release_key else "")
    try:
        mounted = app[SITES].by_name(name)
    except NoSuchSiteError:
        return None
    return ExportedSite(mounted.spec, mounted.release)


def _line(exchange: Exchange, *, as_event: bool) -> bytes:
    data = json_bytes(exchange.as_json())
    return b"id: %d\ndata: %s\n\n" % (exchange.number, data) if as_event else data + b"\n"
