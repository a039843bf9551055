"""
Running servers for tests: `MockSite` is one site on a port of its own, `MockServer` any number of sites on one.

Both are context managers, with ``async with`` on the running loop and with plain ``with`` on a thread beside the
caller.
Only loopback is served unless another host is asked for.
"""

from __future__ import annotations

import asyncio
import dataclasses
import errno
import socket
import warnings
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

import msgspec
from aiohttp import web

from chatgptfree_mock.clock import bind_to_real_time
from chatgptfree_mock.config.project import project_settings, replay_of, scenario_folders, with_defaults
from chatgptfree_mock.config.site import choose_site
from chatgptfree_mock.errors import MockWarning, ServingError
from chatgptfree_mock.journal import OPEN, Journal
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server import console
from chatgptfree_mock.server.access import is_loopback
from chatgptfree_mock.server.app import UNREAD, ServerConfig, make_app
from chatgptfree_mock.server.control import ACCESS, SITES
from chatgptfree_mock.server.live import LiveReply
from chatgptfree_mock.server.live_handle import LiveHandle
from chatgptfree_mock.server.loop_thread import BackgroundLoop
from chatgptfree_mock.server.site_registry import MountedSite, SiteRegistry, TurnableClock, check_pushable
from chatgptfree_mock.server_log import SERVER_LOG
from chatgptfree_mock.tape.cassette_source import Source, gather
from chatgptfree_mock.wire.send_timeout import UnreadWatch

LOOPBACK = "127.0.0.1"
KEEP_ALIVE = 75.0
"""Seconds after which an idle connection is closed, half a request included; nginx's default."""
_BACKLOG = 1024
_SETTLING = 0.2
"""Seconds that an answer gets to end before its journal is read."""
_GRACE = 0.05
"""Seconds that answers still under way get when the server stops."""


_LINE_LIMIT: Final = 256 * 1024
"""Far above what the imitated web server takes of a line, so that its own refusal is seen and not aiohttp's."""


class _Runner(web.AppRunner):
    """A runner that closes the connections of clients that do not read; see `unread`."""

    _watching: asyncio.Task[None] | None = None

    async def setup(self) -> None:
        await super().setup()
        self._watching = asyncio.create_task(self._watch(self.app[UNREAD]))

    async def cleanup(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        await super().cleanup()

    async def _watch(self, unread: UnreadWatch) -> None:
        while self.server is not None:
            await asyncio.sleep(unread.pause)
            connections = [connection.transport for connection in self.server.connections]
            unread.look(filter(None, connections), asyncio.get_running_loop().time())


def runner_for(app: web.Application, **more: Any) -> web.AppRunner:
    """Return a runner as the mock needs it: raw bodies, a log of failures alone, answers that end with their client."""
    return _Runner(
        app,
        access_log=None,
        logger=SERVER_LOG,
        auto_decompress=False,
        max_line_size=_LINE_LIMIT,
        max_field_size=_LINE_LIMIT,
        keepalive_timeout=KEEP_ALIVE,
        shutdown_timeout=_GRACE,
        **more,
    )


class MockServer:
    """
    One server and its sites; the root site is made from *deps*.

    What had no effect by the time that it ends is a `MockWarning` each, and in `warnings`.

    The loop that it runs on takes its time from the machine's clock from then on, so that a test may freeze time.

    Raises:
        ServingError: on entering, if the port is taken or the host isn't this machine's.
        MockError: at once, if *deps* name something that does not exist.
    """

    def __init__(self, deps: ServerConfig | None = None, *, host: str = LOOPBACK, port: int = 0) -> None:
        self.app = make_app(known_as(host, deps))
        self._runner: web.AppRunner | None = None
        self._host, self._port = host, port
        self._background: BackgroundLoop | None = None
        self.sites: SiteRegistry = self.app[SITES]
        self.loop: asyncio.AbstractEventLoop | None = None
        """Where it runs, once it does."""

    @property
    def url(self) -> str:
        """Return the address of the root site, without a slash at its end."""
        return address_of(self._host, self._port)

    @property
    def api_token(self) -> str:
        """Return the token that requests to its control API need, as `Authorization: Bearer TOKEN`."""
        return self.app[ACCESS].token

    @property
    def console(self) -> str:
        """Return the address of its console, the token included."""
        return console.address(self.url, self.api_token)

    @property
    def journal(self) -> Journal:
        """Return the journal of all sites."""
        return self.sites.journal

    @property
    def warnings(self) -> list[str]:
        """Return what was asked of its sites and has had no effect so far, one line each; see `RunningSite`."""
        return [
            line if hosted is self.sites.root else f"{hosted.name}: {line}"
            for hosted in self.sites
            for line in hosted.warnings()
        ]

    def running_loop(self) -> asyncio.AbstractEventLoop:
        """
        Return the loop that the server runs on.

        Raises:
            ServingError: it does not run.
        """
        if self.loop is None:
            raise ServingError("the server has not been started")
        return self.loop

    def settle(self, journal: Journal, seconds: float) -> None:
        """Wait, for so many *seconds* at most, until no answer in *journal* is under way; for plain ``with`` only."""
        if self._background is None or self._background.is_here:
            return
        if any(exchange.end == OPEN for exchange in journal[:]):
            self._background.run(_within(journal.settled(), seconds))

    async def start(self) -> None:
        """Open the port; see the class for what can go wrong."""
        self.loop = asyncio.get_running_loop()
        bind_to_real_time(self.loop)
        listening = listen(self._host, self._port)
        self._port = listening.getsockname()[1]
        warn_if_exposed(listening)
        self._runner = runner_for(self.app)
        await self._runner.setup()
        await web.SockSite(self._runner, listening, backlog=_BACKLOG).start()

    async def stop(self) -> None:
        """Close the port and all connections."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        _warn(self.warnings, error)

    def __enter__(self) -> Self:
        self._background = BackgroundLoop().__enter__()
        try:
            self._background.run(self.start())
        except BaseException:
            self._background.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        _warn(self.warnings, error)

    def close(self) -> None:
        """Do as `stop`, where the server was entered without ``async``."""
        if self._background is not None:
            self._background.run(self.stop())
            self._background.__exit__(None, None, None)
            self._background = None


class RunningSite:
    """One site on a running server, as tests hold it."""

    def __init__(self, server: MockServer, hosted: MountedSite) -> None:
        self.server = server
        self.hosted = hosted
        self._by_hand: LiveHandle | None = None

    @property
    def url(self) -> str:
        """Return its address, without a slash at its end."""
        return self.server.url + self.hosted.prefix

    @property
    def journal(self) -> Journal:
        """
        Return what it was asked and what it answered.

        A client may be done before the mock has noticed that its answer is out.  So, where the mock runs beside code
        without ``async``, an answer that is under way is given a moment to end.
        """
        self.server.settle(self.hosted.journal, _SETTLING)
        return self.hosted.journal

    @property
    def nonce(self) -> str:
        """Return a nonce that its chat accepts of a guest now."""
        return self.hosted.answerer.nonce()

    @property
    def warnings(self) -> list[str]:
        """
        Return what was asked of it and has had no effect so far, one line each.

        A fault that never struck, a file that was left out, a response given by hand that was never used.
        """
        self.server.settle(self.hosted.journal, _SETTLING)
        return list(self.hosted.warnings())

    @property
    def clock(self) -> TurnableClock:
        """Return its clock; nonces age when it is turned."""
        return self.hosted.clock

    @property
    def reply(self) -> LiveHandle:
        """
        Return the chat's answers, to be pushed by hand; from now on they wait for that.

        Taking it is enough to make the site live, so take it before the client asks.

        Raises:
            SettingsError: the site answers from recordings, or a scenario is played here, whose answers would be lost.
        """
        check_pushable(self.hosted)
        if self._by_hand is None or self.hosted.live is None:
            self.hosted.live = LiveReply()
            self._by_hand = LiveHandle(self.hosted.live, self.server.running_loop)
        return self._by_hand

    def configure(self, **changes: Any) -> None:
        """
        Change some of its settings, such as ``nonce="always-expired"`` or ``model={"reply": "Other"}``.

        Settings inside of settings are merged, as a JSON merge patch is (RFC 7396): what is left out stays as it is,
        None stands for the default, and a list is replaced as a whole.

        Raises:
            SettingsError: there is no such setting, or no such value.
        """
        sites = self.server.sites
        sites.configure(self.hosted, sites.change(self.hosted, changes))

    def deliver(
        self, *, chunks: str | None = None, pace: str | None = None, fault: str | None = None, seed: int = 0
    ) -> None:
        """
        Cut, pace and break its answers from now on; what is left out is as recorded.

        Raises:
            DeliveryError: there is no such word.
        """
        self.server.sites.deliver(self.hosted, Delivery.parse(chunks, pace, fault, seed))


class MockSite(RunningSite):
    """
    One site on a port of its own.

    *pack* is the site pack that imitates it, and *settings* are that pack's: a struct, or plain data.  *plugin* (the
    release) and *reply* (the model's answer, a text or its pieces) are short for settings.  *delivery* may be in
    words, such as ``"chunks=utf8 pace=x4 fault=reset@50%"``, or ``{"chunks": "utf8", "pace": "x4"}``.

    With a *cassette* the chat answers from it: a file, a folder, a pattern, the name of one that ships with the project
    (``1.8.93/msg_ok_s``), or a list of these.  A file that can't be read is left out, or an error if *strict*.
    *match_on*, *volatile*, *on_miss*, *repeat* and *rewrite* say how it is played; see `tape.replay_options`.

    What is not given is as `[tool.chatgptfree_mock]` has it in the pyproject.toml of the project that the working
    directory lies in.

    What had no effect by the time that the site ends is a `MockWarning` each, and in `warnings`.

    Raises:
        MockError: something is asked for that does not exist; see `MockServer` for what entering can raise.
    """

    def __init__(
        self,
        *,
        pack: str | None = None,
        plugin: str | None = None,
        reply: str | Sequence[str] | None = None,
        settings: msgspec.Struct | Mapping[str, Any] | None = None,
        delivery: Delivery | Mapping[str, Any] | str | None = None,
        cassette: Source | Iterable[Source] | None = None,
        strict: bool = False,
        match_on: Iterable[str] | None = None,
        volatile: Iterable[str] = (),
        on_miss: str | None = None,
        repeat: bool | None = None,
        rewrite: str | None = None,
        clock: TurnableClock | None = None,
        seed: int | None = None,
        host: str = LOOPBACK,
        port: int = 0,
    ) -> None:
        gathered = gather(cassette, strict=strict)
        given = {"match_on": match_on, "volatile": volatile, "on_miss": on_miss, "repeat": repeat, "rewrite": rewrite}
        table = project_settings()
        spec = choose_site(settings, pack=pack, plugin=plugin, reply=reply, cassettes=gathered.cassettes, table=table)
        deps = ServerConfig(
            pack=spec.pack,
            settings=spec.settings,
            delivery=delivery_of(delivery, table),
            cassettes=gathered.cassettes,
            replay=replay_of(with_defaults(given, table)),
            scenarios=scenario_folders(table),
            notes=gathered.left_out,
            clock=clock,
            seed=seed,
        )
        server = MockServer(deps, host=host, port=port)
        super().__init__(server, server.sites.root)

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.server.stop()
        _warn(self.hosted.warnings(), error)

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.close()
        _warn(self.hosted.warnings(), error)


def _warn(lines: Iterable[str], error: BaseException | None) -> None:
    """Warn of what had no effect, unless an *error* ended the block: it may be the reason, and must be seen."""
    if error is None:
        for line in lines:
            warnings.warn(line, MockWarning, stacklevel=3)


def delivery_of(delivery: Delivery | Mapping[str, Any] | str | None, table: Mapping[str, str]) -> Delivery:
    """
    Return a delivery that may be given in words; chunks and pace are those of a project's *table* if it names none.

    Raises:
        DeliveryError: there is no such word.
    """
    if isinstance(delivery, Delivery):
        return delivery
    words = dict(delivery) if isinstance(delivery, Mapping) else Delivery.words_in(delivery or "")
    usual = {word: table[word] for word in ("chunks", "pace") if word in table}
    return Delivery.from_mapping({**usual, **words})


def known_as(host: str, deps: ServerConfig | None = None) -> ServerConfig:
    """Return *deps* with *host* among the names by which the control API may be asked."""
    deps = ServerConfig() if deps is None else deps
    return dataclasses.replace(deps, api_hosts=(*deps.api_hosts, host))


def warn_if_exposed(listening: socket.socket) -> None:
    """Log a warning if *listening* can be reached from other machines."""
    address = listening.getsockname()[0]
    if not is_loopback(address):
        SERVER_LOG.warning(
            "warning: %s can be reached from other machines: whoever reaches it can use the site, and whoever reads "
            "along on the network also has the token of the control API; use --host 127.0.0.1 if you do not need that",
            address,
        )


async def _within(work: Awaitable[None], seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(work, seconds)


def address_of(host: str, port: int) -> str:
    """Return the address of the root site, without a slash at its end."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def listen(host: str, port: int) -> socket.socket:
    """
    Listen on a port before anything is started on it.

    Raises:
        ServingError: the port is taken, or the host isn't this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as exc:
        raise ServingError(f"can't serve on host `{host}`: {exc}") from exc
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except (OSError, OverflowError) as exc:
        listening.close()
        raise ServingError(_why_not(exc, host, port)) from exc
    return listening


def _why_not(exc: OSError | OverflowError, host: str, port: int) -> str:
    match getattr(exc, "errno", None):
        case errno.EADDRINUSE:
            return f"port {port} on {host} is taken; choose another with --port, or 0 for any free one"
        case errno.EACCES:
            return f"port {port} on {host} is not allowed to you; choose one above 1023"
        case errno.EADDRNOTAVAIL:
            return f"host `{host}` is not an address of this machine"
        case _:
            return f"can't serve on {host}:{port}: {exc}"
