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
from chatgptfree_mock.contract.recordings import Recordings
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.contract.site_spec import SiteSpec
from chatgptfree_mock.errors import OneProcessError
from chatgptfree_mock.journal import Journal
from chatgptfree_mock.memory_limit import MemoryLimit
from chatgptfree_mock.scenario.library import shipped
from chatgptfree_mock.server import console, control
from chatgptfree_mock.server.access import Access
from chatgptfree_mock.server.control import ACCESS, CHANGES, SCENARIO_SITES, SITES
from chatgptfree_mock.server.file_access import FileAccess
from chatgptfree_mock.server.mounted_site import Build, MountedSite, TurnableClock
from chatgptfree_mock.server.own_resource import OwnResource
from chatgptfree_mock.server.responder import Responder
from chatgptfree_mock.server.scenario_sites import SEGMENT, ScenarioSites
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.server.shared_journal import SharedJournal
from chatgptfree_mock.server.shared_log import SharedLog
from chatgptfree_mock.server.site_changes import ONE_PROCESS, SiteChanges
from chatgptfree_mock.server.site_registry import SiteRegistry
from chatgptfree_mock.server.store import SharedFile
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.replay_options import DEFAULT_OPTIONS, ReplayOptions
from chatgptfree_mock.wire.send_timeout import UnreadWatch

CONFIG: Final = web.AppKey("CONFIG", ServerConfig)
UNREAD: Final = web.AppKey("UNREAD", UnreadWatch)
RESPONDER: Final = web.AppKey("RESPONDER", Responder)


def make_app(config: ServerConfig | None = None) -> web.Application:
    """
    Build one independent server.

    Raises:
        MockError: the settings name something that does not exist.
    """
    config = ServerConfig() if config is None else config
    # Bodies are read and limited by `request_reader`, so aiohttp's own limit is disabled.
    app = web.Application(client_max_size=0)
    if config.shared is not None:
        database = SharedFile(config.shared / "database")
        _close_in_the_end(app, database)
        config = replace(config, store=database.site)
    app[CONFIG] = config
    app[ACCESS] = Access.make(config.api_token, config.api_hosts)
    memory = MemoryLimit(config.memory)
    build = builder(config, (), config.replay, memory=memory)
    replaying = builder(config, config.cassettes, config.replay, memory=memory)
    files = FileAccess((*config.files, *config.scenarios))
    journal = _journal(config, memory)
    if isinstance(journal, SharedJournal):
        _close_in_the_end(app, journal)
    app[SITES] = SiteRegistry(
        config.spec,
        config.delivery,
        build=build,
        build_root=replaying,
        clock=config.clock,
        journal=journal,
        notes=config.notes,
    )
    app[SCENARIO_SITES] = ScenarioSites(lambda: shipped(config.scenarios, config.pack.name), build, journal, files)
    app[UNREAD] = UnreadWatch(config.write_seconds)
    log = None if config.shared is None else SharedLog(config.shared / "changes")
    if log is not None:
        _close_in_the_end(app, log)
    app[CHANGES] = SiteChanges(app[SITES], files, log)
    app[SITES].register(SEGMENT, app[SCENARIO_SITES].find if log is None else _refuse_run)
    app[RESPONDER] = Responder(config, app[SITES], app[CHANGES], app[UNREAD])
    answer = app[RESPONDER].answer
    for resource in _own_resources():
        app.router.register_resource(OwnResource(resource, app[SITES]))
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


def _journal(config: ServerConfig, memory: MemoryLimit) -> Journal:
    if config.shared is None:
        return Journal(exchanges=config.journal_exchanges, body=config.journal_body, memory=memory)
    file = config.shared / "journal"
    return SharedJournal(file, exchanges=config.journal_exchanges, body=config.journal_body, memory=memory)


def _refuse_run(_path: str, _query: str) -> tuple[MountedSite, str]:
    raise OneProcessError(f"no scenarios are played here: {ONE_PROCESS}")


def builder(
    config: ServerConfig,
    cassettes: Sequence[Cassette] = (),
    options: ReplayOptions = DEFAULT_OPTIONS,
    *,
    memory: MemoryLimit | None = None,
) -> Build:
    """
    Return the function that builds this server's sites, with *cassettes* (if any) that are replayed by *options*.

    The state of such sites counts against *memory*.
    """

    def build(spec: SiteSpec, clock: TurnableClock, everywhere: str | None) -> Site:
        store = config.store(everywhere) if config.store and everywhere else MemoryStore(memory)
        random = Random(config.seed)
        recordings = Recordings(cassettes=cassettes, options=options, now=clock.time, random=random, store=store)
        return spec.build(recordings)

    return build
