"""
Assemble the mock: `make_app` builds a server from `ServerConfig`.

A request becomes a `SiteRequest`, the site at its path answers it, the delivery schedules the answer, the wire sends
it, and the journal records it.  Two calls of `make_app` share nothing.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from time import time
from typing import Any, Final

from aiohttp import HttpVersion11, web

from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.memory_store import MemoryStore
from chatgptfree_mock.contract.pack import Recordings, SitePack, SiteSpec
from chatgptfree_mock.contract.reply import SiteReply, reason
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.contract.store import Store
from chatgptfree_mock.errors import MockError, OneProcessError
from chatgptfree_mock.journal import BODY, EXCHANGES, Exchange, Journal
from chatgptfree_mock.memory_limit import MEMORY, MemoryLimit
from chatgptfree_mock.replay.delivery import AS_RECORDED, Delivery
from chatgptfree_mock.replay.schedule import Schedule
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.scenario.library import shipped
from chatgptfree_mock.server import console, control
from chatgptfree_mock.server.access import Access
from chatgptfree_mock.server.control import ACCESS, CHANGES, PLAYS, SITES
from chatgptfree_mock.server.fault_record import struck
from chatgptfree_mock.server.file_access import FileAccess
from chatgptfree_mock.server.live import converse
from chatgptfree_mock.server.scenario_sites import SEGMENT, ScenarioSites
from chatgptfree_mock.server.shared_journal import SharedJournal
from chatgptfree_mock.server.shared_log import SharedLog
from chatgptfree_mock.server.site_changes import ONE_PROCESS, SiteChanges
from chatgptfree_mock.server.site_registry import CONTROL, Build, MountedSite, Resolver, SiteRegistry, TurnableClock
from chatgptfree_mock.server.store import SharedFile
from chatgptfree_mock.server_log import log_refused_file
from chatgptfree_mock.tape.model import Cassette, End
from chatgptfree_mock.tape.replay_options import AS_USUAL, ReplayOptions
from chatgptfree_mock.variants.wire_bytes import render
from chatgptfree_mock.wire.request_body import failing_with_parser
from chatgptfree_mock.wire.send_timeout import WRITE_SECONDS, UnreadWatch
from chatgptfree_mock.wire.sender import SendResult, send, sent_response

BODY_LIMIT: Final = 8 * 1024 * 1024
"""The largest request body that is read; PHP's own `post_max_size`."""
BODY_SECONDS: Final = 60.0
"""Seconds that the rest of a request may take, as with nginx's `client_body_timeout`."""
_HOST: Final = re.compile(r"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """What a server is made of."""

    pack: SitePack[Any] = field(default_factory=registry.load)
    """What imitates the root site."""
    settings: Any = None
    """The settings of the root site, of the type that the pack has for them; None for its defaults."""
    delivery: Delivery = AS_RECORDED
    clock: TurnableClock | None = None
    """The root site's; by default the machine's, which can be turned."""
    seed: int | None = None
    """Makes ids and cookies repeatable."""
    body_limit: int = BODY_LIMIT
    body_seconds: float = BODY_SECONDS
    write_seconds: float = WRITE_SECONDS
    """Seconds that a client may take nothing of what waits for it, before its connection is closed."""
    journal_exchanges: int = EXCHANGES
    """How many exchanges each journal keeps: that of the server, and that of each site."""
    journal_body: int = BODY
    """How many bytes of each body a journal keeps."""
    memory: int = MEMORY
    """Bytes that all journals, runs of scenarios and conversations may take; the oldest are forgotten first."""
    cassettes: tuple[Cassette, ...] = ()
    """Recordings that answer in place of the imitation, on the root site; see `SitePack.replay`."""
    replay: ReplayOptions = AS_USUAL
    """How they are matched and played, and those that settings and scenarios name."""
    notes: tuple[str, ...] = ()
    """What was left out of them, a line each; among the warnings of the root site."""
    scenarios: tuple[Path, ...] = ()
    """Folders of scenarios besides those that ship with the project."""
    files: tuple[Path, ...] = ()
    """Folders whose recordings the control API and scenarios may name, besides those of the scenarios."""
    api_token: str | None = field(default=None, repr=False)
    """What requests to the control API must have; by default a random one, see `access`."""
    api_hosts: tuple[str, ...] = ()
    """Names by which the control API may be asked, besides addresses, `localhost` and the name of this machine."""
    store: Callable[[str], Store] | None = None
    """Opens the store of the site of that name, where several processes serve it; by default it is in memory."""
    shared: Path | None = None
    """A folder in which several processes keep the state of the server that they all serve."""

    @property
    def spec(self) -> SiteSpec:
        """
        Return the pack and the settings of the root site.

        Raises:
            SettingsError: the settings are not of that pack.
        """
        return SiteSpec(pack=self.pack, settings=self.settings)

    @property
    def notice(self) -> str | None:
        """Return a notice for the user if the release of the root site is not known; None if it is."""
        return self.pack.releases.notice(self.spec.release) if self.pack.release_key else None


DEPS: Final = web.AppKey("DEPS", ServerConfig)
UNREAD: Final = web.AppKey("UNREAD", UnreadWatch)


def make_app(deps: ServerConfig | None = None) -> web.Application:
    """
    Build one independent server.

    Raises:
        MockError: the settings name something that does not exist.
    """
    deps = ServerConfig() if deps is None else deps
    # Bodies are read and bounded here, so aiohttp's own limit only has to be out of the way.
    app = web.Application(client_max_size=0)
    if deps.shared is not None:
        database = SharedFile(deps.shared / "database")
        _close_in_the_end(app, database)
        deps = replace(deps, store=database.site)
    app[DEPS] = deps
    app[ACCESS] = Access.make(deps.api_token, deps.api_hosts)
    memory = MemoryLimit(deps.memory)
    build = builder(deps, (), deps.replay, memory=memory)
    replaying = builder(deps, deps.cassettes, deps.replay, memory=memory)
    files = FileAccess((*deps.files, *deps.scenarios))
    journal = _journal(deps, memory)
    if isinstance(journal, SharedJournal):
        _close_in_the_end(app, journal)
    app[SITES] = SiteRegistry(
        deps.spec,
        deps.delivery,
        build=build,
        build_root=replaying,
        clock=deps.clock,
        journal=journal,
        notes=deps.notes,
    )
    app[PLAYS] = ScenarioSites(lambda: shipped(deps.scenarios, deps.pack.name), build, journal, files)
    app[UNREAD] = UnreadWatch(deps.write_seconds)
    log = None if deps.shared is None else SharedLog(deps.shared / "changes")
    if log is not None:
        _close_in_the_end(app, log)
    app[CHANGES] = SiteChanges(app[SITES], files, log)
    app[SITES].register(SEGMENT, app[PLAYS].find if log is None else _refuse_run)
    recorded = [path for path in app[SITES].hidden if path.startswith(f"/{CONTROL}")]
    app.add_routes([web.route("*", _literal(path) + slash, _answer) for path in recorded for slash in ("", "/")])
    app.add_routes([*control.routes(), *console.routes(), web.route("*", "/{path:.*}", _answer)])
    return app


def _close_in_the_end(app: web.Application, shared: SharedFile | SharedJournal | SharedLog) -> None:
    """Close what this process has opened of the *shared* state when the server stops."""

    async def close(_app: web.Application) -> None:
        shared.close()

    app.on_cleanup.append(close)


def _journal(deps: ServerConfig, memory: MemoryLimit) -> Journal:
    if deps.shared is None:
        return Journal(exchanges=deps.journal_exchanges, body=deps.journal_body, memory=memory)
    file = deps.shared / "journal"
    return SharedJournal(file, exchanges=deps.journal_exchanges, body=deps.journal_body, memory=memory)


def _refuse_run(_path: str, _query: str) -> tuple[MountedSite, str]:
    raise OneProcessError(f"no scenarios are played here: {ONE_PROCESS}")


def builder(
    deps: ServerConfig,
    cassettes: Sequence[Cassette] = (),
    options: ReplayOptions = AS_USUAL,
    *,
    memory: MemoryLimit | None = None,
) -> Build:
    """
    Return what makes a site of this server that answers from *cassettes*, if there are any, as *options* have it.

    The state of such sites counts against *memory*.
    """

    def build(spec: SiteSpec, clock: TurnableClock, everywhere: str | None) -> Site:
        store = deps.store(everywhere) if deps.store and everywhere else MemoryStore(memory)
        random = Random(deps.seed)
        site = spec.pack.build(spec.settings, now=clock.time, random=random, store=store)
        recordings = Recordings(cassettes=cassettes, options=options, now=clock.time, random=random, store=store)
        return spec.pack.replay(site, spec.settings, recordings)

    return build


def _literal(path: str) -> str:
    """Return *path* as a route that matches it alone."""
    return path.replace("{", "%7B").replace("}", "%7D")


async def _answer(request: web.Request) -> web.StreamResponse:
    """Answer for the site that the path leads to."""
    return await _respond(request.app, request, request.app[SITES].find)


async def answer_as(app: web.Application, request: web.BaseRequest, site: MountedSite) -> web.StreamResponse:
    """Answer *request* for *site*, as if that lay at the root of the host: what an intercepted client asks for."""
    return await _respond(app, request, lambda path, _: (site, path), at_root=True)


async def _respond(
    app: web.Application, request: web.BaseRequest, find: Resolver, *, at_root: bool = False
) -> web.StreamResponse:
    try:
        hosted, site_request = await _received(app, request, find, at_root=at_root)
    except _RefusedError as exc:
        return _refusal(exc)
    transport = request.transport
    journal = hosted.journal
    exchange = journal.begin(site_request, site=hosted.name, at=hosted.clock.time(), began=time())
    try:
        sent = await _deliver(request, site_request, hosted, exchange)
    except asyncio.CancelledError:
        journal.finish(exchange, End.CLIENT_CLOSED)
        raise
    exchange.why += hosted.faults.note(sent)
    exchange.faults = struck(sent)
    if app[UNREAD].has_aborted(transport):
        exchange.why += ("the client took nothing of this answer for too long, so its connection was closed",)
    journal.wrote(exchange, sent.chunks, sent.body)
    journal.finish(exchange, sent.end, ms=sent.ms)
    return sent_response(sent)


async def _received(
    app: web.Application, request: web.BaseRequest, find: Resolver, *, at_root: bool
) -> tuple[MountedSite, SiteRequest]:
    """
    Return the site that *request* is for, and the request as the site gets it.

    Raises:
        _RefusedError: the server does not pass it on.
        HTTPMovedPermanently: the slash behind the site is missing.
    """
    path, _, query = _target(request).partition("?")
    host = request.headers.get("Host") or _address(request)
    if not _is_host(host):
        raise _RefusedError(400, "invalid Host header")
    app[CHANGES].catch_up()
    try:
        hosted, below = find(path, query)
    except MockError as exc:
        log_refused_file(exc)
        raise _RefusedError(409 if isinstance(exc, OneProcessError) else 404, exc.public) from exc
    if not below:
        raise web.HTTPMovedPermanently(hosted.path + ("?" + query if query else ""))
    return hosted, SiteRequest(
        method=request.method,
        path=below,
        query=query,
        headers=tuple(map(_header, request.raw_headers)),
        body=await _read(request, app[DEPS]),
        base_url=f"{request.scheme}://{host}{'' if at_root else hosted.prefix}",
        remote=request.remote or "127.0.0.1",
    )


async def _deliver(
    request: web.BaseRequest, site_request: SiteRequest, hosted: MountedSite, exchange: Exchange
) -> SendResult:
    """Have the site answer, write down in *exchange* what it decided, and send that."""
    answered = hosted.answerer.answer(site_request)
    varied = None if hosted.variant is None else hosted.variant.vary(answered, site_request)
    response = answered.response if varied is None else varied.response
    hosted.journal.decide(exchange, response, answered.why)
    if hosted.live is not None and any(answered.upstream):
        framing = hosted.spec.pack.frame_text(hosted.settings, answered.response)
        return await converse(request, site_request, answered.response, hosted.live, framing, hosted.clock)
    schedule: Schedule = (
        build_schedule(response, _way(answered, site_request, hosted))
        if varied is None
        else render(varied, http11=request.version >= HttpVersion11)
    )
    try:
        return await send(request, schedule, hosted.clock)
    except asyncio.CancelledError:
        hosted.faults.interrupted(schedule)
        raise


def _way(answered: SiteReply, site_request: SiteRequest, hosted: MountedSite) -> Delivery:
    """Return how a response is delivered: the site's way is for recordings and the chat's answers, not for pages."""
    if answered.delivery is not None:
        return answered.delivery
    return hosted.delivery if answered.recorded or hosted.kind(site_request) == "answer" else AS_RECORDED


class _RefusedError(Exception):
    """A request that the web server answers with *status* and *text*; *close*: it ends the connection, too."""

    def __init__(self, status: int, text: str, *, close: bool = False) -> None:
        super().__init__(text)
        self.status, self.close = status, close


async def _read(request: web.BaseRequest, deps: ServerConfig) -> bytes:
    """Read the whole body, within the limits of the server."""
    content = request.content
    if content.is_eof() and content.total_bytes <= deps.body_limit:
        return content.read_nowait()
    if (request.content_length or 0) > deps.body_limit:
        raise _too_large(deps)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(deps.body_seconds):
            with failing_with_parser(request):
                while part := await content.readany():
                    parts.append(part)
                    size += len(part)
                    if size > deps.body_limit:
                        raise _too_large(deps)
    except TimeoutError:
        raise _RefusedError(408, f"the body did not come within {deps.body_seconds:.0f} seconds", close=True) from None
    except (web.RequestPayloadError, ConnectionResetError):
        raise _RefusedError(400, "the body is cut off or wrongly framed", close=True) from None
    return b"".join(parts)


def _too_large(deps: ServerConfig) -> _RefusedError:
    return _RefusedError(413, f"more than {deps.body_limit} bytes", close=True)


def _header(raw: tuple[bytes, bytes]) -> tuple[str, str]:
    name, value = raw
    return name.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape")


def _is_host(host: str) -> bool:
    return _HOST.fullmatch(host) is not None


def _address(request: web.BaseRequest) -> str:
    """Return where the server listens, for clients that send no `Host`."""
    host, port = request.transport.get_extra_info("sockname")[:2] if request.transport else ("127.0.0.1", 80)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _target(request: web.BaseRequest) -> str:
    """
    Return the path and query that *request* asks for.

    Raises:
        _RefusedError: it is not a path, or for a service worker.
    """
    target = request.raw_path
    if not target.startswith("/"):
        target = _origin_form(target)
        if not target.startswith("/"):
            raise _RefusedError(400, f"`{request.raw_path[:100]}` is not a path")
    if request.headers.get("Service-Worker") == "script":
        # A service worker registered here could intercept the console's requests and read its token.
        raise _RefusedError(403, "service workers are not served, as they could take over the console")
    return target


def _origin_form(target: str) -> str:
    """Return the path of an absolute target, as proxies send it; others as they are."""
    scheme, colon, rest = target.partition("://")
    if not colon or scheme.lower() not in ("http", "https"):
        return target
    _, slash, path = rest.partition("/")
    return slash + path or "/"


def _refusal(refused: _RefusedError) -> web.Response:
    title = reason(refused.status)
    response = web.Response(status=refused.status, reason=title, text=f"{refused.status} {title}: {refused}\n")
    if refused.close:
        response.force_close()
    return response
