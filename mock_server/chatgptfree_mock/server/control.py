"""
The control API below ``/__mock__/api/``: sites, settings, delivery, clock, journal, live streams, releases, scenarios.

``openapi.json`` beside this module describes it, and is served with the schema of the settings put in.  All else needs
the server's token, a name of the server in ``Host``, and, with a body, ``Content-Type: application/json``: no web page,
not even one that the mock serves, can use it behind its reader's back.  Errors are ``{"error": "…"}`` with 400, 401,
403, 404, 409 or 415.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from aiohttp import web

from chatgptfree_mock import json_schema
from chatgptfree_mock.contract.pack import SiteSpec
from chatgptfree_mock.contract.releases import Release, Releases
from chatgptfree_mock.contract.settings import convert
from chatgptfree_mock.errors import MockError, SettingsError, UnknownReleaseError
from chatgptfree_mock.journal import Exchange
from chatgptfree_mock.server.access import Access
from chatgptfree_mock.server.journal_query import JournalExport, export, filter_of
from chatgptfree_mock.server.live import LiveReply
from chatgptfree_mock.server.scenario_sites import SEGMENT, ScenarioSites
from chatgptfree_mock.server.site_changes import ONE_PROCESS, SiteChanges
from chatgptfree_mock.server.site_registry import MountedSite, NoSuchSiteError, SiteRegistry, check_pushable
from chatgptfree_mock.server_log import log_refused_file
from chatgptfree_mock.tape.files import redaction_rules
from chatgptfree_mock.wire.connection import Connection

API = "/__mock__/api"
SITES: Final = web.AppKey("SITES", SiteRegistry)
PLAYS: Final = web.AppKey("PLAYS", ScenarioSites)
ACCESS: Final = web.AppKey("ACCESS", Access)
CHANGES: Final = web.AppKey("CHANGES", SiteChanges)

_PATIENCE = 30.0
"""Seconds that a push waits for a client to ask."""
_BODY = 16 * 1024 * 1024
"""The longest body that is read."""
_RULES: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""Headers for all that the API answers: it is data, wherever a browser shows it."""

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _ControlBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of all request bodies."""


class NewSite(_ControlBody, frozen=True, kw_only=True):
    """A site to be added."""

    name: str | None = None
    pack: str | None = None
    settings: dict[str, Any] = {}
    delivery: dict[str, Any] = {}


class DeliveryWords(_ControlBody, frozen=True, kw_only=True):
    """A delivery in words; what is left out is as recorded."""

    chunks: str | None = None
    pace: str | None = None
    fault: str | list[str] | None = None
    seed: int = 0


class Live(_ControlBody, frozen=True, kw_only=True):
    """Whether the chat's answers are pushed by hand."""

    live: bool


class Push(_ControlBody, frozen=True, kw_only=True):
    """What to do with the answer that is waiting; exactly one of them."""

    push: str | None = None
    raw: str | None = None
    end: bool = False
    truncate: bool = False
    reset: bool = False


class ClockChange(_ControlBody, frozen=True, kw_only=True):
    """Seconds by which a clock is turned."""

    turn: float


def routes() -> list[web.RouteDef]:
    """Return the routes of the API."""
    site = API + "/sites/{name}"
    return [
        web.get(API + "/openapi.json", _openapi),
        web.get(API + "/sites", _guarded(_list_sites)),
        web.post(API + "/sites", _guarded(_add_site)),
        web.get(site, _guarded(_show_site)),
        web.delete(site, _guarded(_drop_site)),
        web.put(site + "/settings", _guarded(_set_settings)),
        web.patch(site + "/settings", _guarded(_change_settings)),
        web.put(site + "/delivery", _guarded(_set_delivery)),
        web.post(site + "/clock", _guarded(_turn_clock)),
        web.put(site + "/live", _guarded(_set_live)),
        web.post(site + "/live", _guarded(_push)),
        web.get(API + "/journal", _guarded(_read_journal)),
        web.delete(API + "/journal", _guarded(_clear_journal)),
        web.get(API + "/journal/follow", _guarded(_follow_journal)),
        web.post(API + "/journal/export", _guarded(_export_journal)),
        web.get(API + "/releases", _guarded(_list_releases)),
        web.get(API + "/releases/{release}", _guarded(_show_release)),
        web.get(API + "/scenarios", _guarded(_list_scenarios)),
        web.route("*", API + "/{rest:.*}", _guarded(_nothing_here)),
    ]


def describe_site(hosted: MountedSite) -> dict[str, Any]:
    """Return the API's description of a site."""
    return {
        "name": hosted.name,
        "path": hosted.path,
        "pack": hosted.spec.pack.name,
        "plugin": hosted.spec.release,
        "settings": msgspec.to_builtins(hosted.settings),
        "delivery": str(hosted.delivery),
        "live": hosted.live is not None,
        "time": hosted.clock.time(),
        "nonce": hosted.answerer.nonce(),
        "requests": hosted.journal.requests(hosted.name, hosted.journal.total),
        "warnings": list(hosted.warnings()),
    }


async def _list_sites(request: web.Request) -> web.StreamResponse:
    return _json([describe_site(hosted) for hosted in request.app[SITES]])


async def _add_site(request: web.Request) -> web.StreamResponse:
    asked = await _body(request, NewSite)
    delivery = msgspec.to_builtins(convert(asked.delivery, DeliveryWords))
    value = {"pack": asked.pack, "settings": asked.settings, "delivery": delivery}
    try:
        hosted = request.app[CHANGES].make("add", asked.name, value)
    except NoSuchSiteError as exc:
        return _error(409, str(exc))
    return _json(describe_site(hosted), status=201)


async def _show_site(request: web.Request) -> web.StreamResponse:
    return _json(describe_site(_site(request)))


async def _drop_site(request: web.Request) -> web.StreamResponse:
    if request.match_info["name"] == "root":
        return _error(409, "the root site stays as long as the server")
    _change(request, "drop")
    return web.Response(status=204)


async def _set_settings(request: web.Request) -> web.StreamResponse:
    return _json(describe_site(_change(request, "settings", await _body(request, dict[str, Any]))))


async def _change_settings(request: web.Request) -> web.StreamResponse:
    return _json(describe_site(_change(request, "merge", await _body(request, dict[str, Any]))))


async def _set_delivery(request: web.Request) -> web.StreamResponse:
    words = await _body(request, DeliveryWords)
    return _json(describe_site(_change(request, "delivery", msgspec.to_builtins(words))))


async def _turn_clock(request: web.Request) -> web.StreamResponse:
    return _json(describe_site(_change(request, "turn", (await _body(request, ClockChange)).turn)))


def _change(request: web.Request, what: str, value: Any = None) -> MountedSite:
    return request.app[CHANGES].make(what, request.match_info["name"], value)


async def _set_live(request: web.Request) -> web.StreamResponse:
    hosted = _site(request)
    if request.app[CHANGES].shared:
        return _error(409, f"answers cannot be pushed by hand here: {ONE_PROCESS}")
    live = (await _body(request, Live)).live
    if live:
        try:
            check_pushable(hosted)
        except SettingsError as exc:
            return _error(409, str(exc))
    hosted.live = LiveReply() if live else None
    return _json(describe_site(hosted))


async def _push(request: web.Request) -> web.StreamResponse:
    live = _site(request).live
    if request.app[CHANGES].shared:
        return _error(409, f"answers cannot be pushed by hand here: {ONE_PROCESS}")
    asked = await _body(request, Push)
    if live is None:
        return _error(409, "the site does not answer live; switch it on with PUT and `live: true`")
    if sum((asked.push is not None, asked.raw is not None, asked.end, asked.truncate, asked.reset)) != 1:
        return _error(400, "give exactly one of `push`, `raw`, `end`, `truncate` and `reset`")
    try:
        async with asyncio.timeout(_PATIENCE):
            await _while_connected(request, _move(live, asked))
    except ConnectionResetError as exc:
        return _error(409, str(exc))
    except TimeoutError:
        return _error(409, f"no client asked within {_PATIENCE:.0f} seconds")
    return web.Response(status=204)


async def _while_connected(request: web.Request, work: Coroutine[Any, Any, None]) -> None:
    """Do *work* until the caller disconnects, so that no later client gets what was meant for an earlier one."""
    task, line = asyncio.ensure_future(work), Connection(request)

    def notice() -> None:
        if line.gone:
            task.cancel()

    line.watch(notice)
    notice()
    try:
        await task
    except asyncio.CancelledError:
        if line.gone:
            raise ConnectionResetError("the client that pushed has disconnected") from None
        raise
    finally:
        task.cancel()
        line.release()


async def _move(live: LiveReply, asked: Push) -> None:
    if asked.push is not None:
        await live.push(asked.push)
    elif asked.raw is not None:
        await live.push(asked.raw.encode())
    elif asked.end:
        await live.end()
    elif asked.truncate:
        await live.truncate()
    else:
        await live.reset()


async def _read_journal(request: web.Request) -> web.StreamResponse:
    journal = request.app[SITES].journal
    chosen = journal.select(filter_of(request.query))
    memory = journal.memory
    return _json(
        {
            "total": journal.grand_total(),
            "memory": {"limit": memory.limit, "used": memory.used, "forgotten": dict(memory.forgotten)},
            "exchanges": [exchange.as_json() for exchange in chosen],
        }
    )


async def _clear_journal(request: web.Request) -> web.StreamResponse:
    request.app[SITES].journal.clear()
    return web.Response(status=204)


async def _follow_journal(request: web.Request) -> web.StreamResponse:
    wanted = filter_of(request.query)
    events = "text/event-stream" in request.headers.get("Accept", "")
    response = web.StreamResponse(headers=_RULES)
    response.content_type = "text/event-stream" if events else "application/x-ndjson"
    await response.prepare(request)
    async with aclosing(request.app[SITES].journal.follow(wanted)) as exchanges:
        async for exchange in exchanges:
            await response.write(_line(exchange, as_event=events))
    return response


async def _export_journal(request: web.Request) -> web.StreamResponse:
    asked = await _body(request, JournalExport)
    rules = redaction_rules(Path.cwd())
    return _json(await export(asked, request.app[SITES].journal, rules, partial(_spec_of, request.app)))


def _spec_of(app: web.Application, site: str) -> SiteSpec | None:
    """Return what the site of that name is, None if it is gone."""
    if site.startswith(f"{SEGMENT}/"):
        return app[PLAYS].library[site.removeprefix(f"{SEGMENT}/").partition("/@")[0]].scenario.spec
    try:
        return app[SITES].by_name(site).spec
    except NoSuchSiteError:
        return None


def _line(exchange: Exchange, *, as_event: bool) -> bytes:
    data = msgspec.json.encode(exchange.as_json())
    return b"id: %d\ndata: %s\n\n" % (exchange.number, data) if as_event else data + b"\n"


async def _list_releases(request: web.Request) -> web.StreamResponse:
    return _json([_described(release) for release in _releases(request).select("all")])


async def _show_release(request: web.Request) -> web.StreamResponse:
    releases = _releases(request)
    release = releases.find(request.match_info["release"])
    return _json({**_described(release), "facts": list(releases.facts(release.name).values())})


def _releases(request: web.Request) -> Releases:
    return request.app[SITES].root.spec.pack.releases


def _described(release: Release) -> dict[str, str]:
    known = {"name": release.name, "date": release.date, "generation": release.generation}
    return {**known, "source": str(release.source)}


async def _list_scenarios(request: web.Request) -> web.StreamResponse:
    library = request.app[PLAYS].library
    glob = request.query.get("glob", "*")
    names = library.matching(glob) if len(library) else []
    entries = [(name, library[name].scenario) for name in names]
    return _json(
        [
            {"name": name, "title": scenario.title, "path": f"/s/{name}/", "cases": scenario.cases}
            for name, scenario in entries
        ]
    )


async def _nothing_here(request: web.Request) -> web.StreamResponse:
    return _error(404, f"no such call: {request.method} {request.path}; see {API}/openapi.json")


async def _openapi(request: web.Request) -> web.StreamResponse:
    return _json(document(request.app[SITES].root.spec.pack.Settings))


def document(settings: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the OpenAPI document with the schema of *settings*, those of a pack."""
    told: dict[str, Any] = msgspec.json.decode((Path(__file__).parent / "openapi.json").read_bytes())
    (site,), schemas = json_schema.components([settings], ref_template="#/components/schemas/{name}")
    told["components"]["schemas"].update(schemas, Settings=site)
    return told


def _guarded(handler: Handler) -> Handler:
    """Turn errors into responses with status and reason."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        access = request.app[ACCESS]
        if access.misdirected(request):
            return _error(403, f"`{request.host[:100]}` is not a name of this server; use its address or localhost")
        if not access.allows(request):
            return _unauthorized()
        if request.method in ("POST", "PUT", "PATCH") and request.content_type != "application/json":
            return _error(415, "send JSON, with `Content-Type: application/json`")
        try:
            request.app[CHANGES].catch_up()
            return await handler(request)
        except (NoSuchSiteError, UnknownReleaseError) as exc:
            return _error(404, str(exc))
        except RecursionError:
            return _error(400, "the body is nested too deep")
        except MockError as exc:
            log_refused_file(exc)
            return _error(400, exc.public)

    return guarded


async def _body(request: web.Request, kind: type[T]) -> T:
    try:
        value = msgspec.json.decode(await _sent(request) or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise SettingsError(f"the body is not JSON: {exc}") from exc
    return convert(value, kind)


async def _sent(request: web.Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > _BODY:
            raise SettingsError(f"the body has more than {_BODY} bytes")
    return b"".join(parts)


def _site(request: web.Request) -> MountedSite:
    return request.app[SITES].by_name(request.match_info["name"])


def _json(value: Any, *, status: int = 200) -> web.Response:
    body = msgspec.json.encode(value)
    return web.Response(body=body, status=status, content_type="application/json", headers=_RULES)


def _error(status: int, text: str) -> web.Response:
    return _json({"error": text}, status=status)


def _unauthorized() -> web.Response:
    """Ask for the token as RFC 6750, 3 wants it."""
    response = _error(401, "send `Authorization: Bearer TOKEN` with the token that the server printed at its start")
    response.headers["WWW-Authenticate"] = 'Bearer realm="chatgptfree-mock"'
    return response
