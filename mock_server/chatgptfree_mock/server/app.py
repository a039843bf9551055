"""
Build a server from a `ServerConfig`: `make_app`.

Requests are handled in `responder`.  Two calls of `make_app` share nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from random import Random
from typing import Final

from aiohttp import web

from chatgptfree_mock.contract.memory_store import MemoryStore
from chatgptfree_mock.contract.pack import Recordings, SiteSpec
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.errors import OneProcessError
from chatgptfree_mock.journal import Journal
from chatgptfree_mock.memory_limit import MemoryLimit
from chatgptfree_mock.scenario.library import shipped
from chatgptfree_mock.server import console, control
from chatgptfree_mock.server.access import Access
from chatgptfree_mock.server.control import ACCESS, CHANGES, PLAYS, SITES
from chatgptfree_mock.server.file_access import FileAccess
from chatgptfree_mock.server.mounted_site import Build, MountedSite, TurnableClock
from chatgptfree_mock.server.responder import Responder
from chatgptfree_mock.server.scenario_sites import SEGMENT, ScenarioSites
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.server.shared_journal import SharedJournal
from chatgptfree_mock.server.shared_log import SharedLog
from chatgptfree_mock.server.site_changes import ONE_PROCESS, SiteChanges
from chatgptfree_mock.server.site_registry import CONTROL, SiteRegistry
from chatgptfree_mock.server.store import SharedFile
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.replay_options import AS_USUAL, ReplayOptions
from chatgptfree_mock.wire.send_timeout import UnreadWatch

DEPS: Final = web.AppKey("DEPS", ServerConfig)
UNREAD: Final = web.AppKey("UNREAD", UnreadWatch)
RESPONDER: Final = web.AppKey("RESPONDER", Responder)


def make_app(deps: ServerConfig | None = None) -> web.Application:
    """
    Build one independent server.

    Raises:
        MockError: the settings name something that does not exist.
    """
    deps = ServerConfig() if deps is None else deps
    # Bodies are read and limited by `request_reader`, so aiohttp's own limit is disabled.
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
    app[RESPONDER] = Responder(deps, app[SITES], app[CHANGES], app[UNREAD])
    answer = app[RESPONDER].answer
    recorded = [path for path in app[SITES].hidden if path.startswith(f"/{CONTROL}")]
    app.add_routes([web.route("*", _literal(path) + slash, answer) for path in recorded for slash in ("", "/")])
    for resource in _own_resources():
        app.router.register_resource(resource)
    app.add_routes([web.route("*", "/{path:.*}", answer)])
    return app


@cache
def _own_resources() -> tuple[web.AbstractResource, ...]:
    """Return the resources of control API and console, which servers share: building their routes is slow."""
    router = web.UrlDispatcher()
    router.add_routes([*control.routes(), *console.routes()])
    return tuple(router.resources())


def _close_in_the_end(app: web.Application, shared: SharedFile | SharedJournal | SharedLog) -> None:
    """Close the files of the *shared* state in this process when the server stops."""

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
    Return the function that builds this server's sites, with *cassettes* (if any) that are replayed by *options*.

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
    """Return *path* as the pattern of a route that matches only that path."""
    return path.replace("{", "%7B").replace("}", "%7D")
