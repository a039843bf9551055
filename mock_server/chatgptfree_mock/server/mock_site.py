"""`MockSite`: one site on a port of its own, for tests; `RunningSite`: one site of a server that runs already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec

from chatgptfree_mock.config.project import project_settings, replay_of, scenario_folders, with_defaults
from chatgptfree_mock.config.site import choose_site
from chatgptfree_mock.errors import ServingError
from chatgptfree_mock.journal import Exchange, Journal
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server.app import ServerConfig
from chatgptfree_mock.server.listening import LOOPBACK
from chatgptfree_mock.server.live import LiveReply
from chatgptfree_mock.server.live_handle import LiveHandle
from chatgptfree_mock.server.mock_server import MockServer, warn_of
from chatgptfree_mock.server.request_assertion import ExpectedRequest
from chatgptfree_mock.server.site_registry import MountedSite, TurnableClock, check_pushable
from chatgptfree_mock.tape.cassette_source import Source, gather
from chatgptfree_mock.tape.replay_options import refuse_without_recordings

if TYPE_CHECKING:
    from chatgptfree_mock.server.interception import InterceptedSite

_SETTLING = 0.2
"""Seconds that an answer gets to end before its journal is read."""


class RunningSite:
    """One site on a running server, as tests hold it; *intercepted* is the forward proxy in front of it, if any."""

    def __init__(self, server: MockServer, hosted: MountedSite, intercepted: InterceptedSite | None = None) -> None:
        self.server = server
        self.hosted = hosted
        self._intercepted = intercepted
        self._by_hand: LiveHandle | None = None

    def __repr__(self) -> str:
        where = self.url if self.server.loop else "not running"
        return f"<{type(self).__name__} {where}, {self.hosted.described}, {self.hosted.journal.total} requests>"

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

        A fault that never struck, a file that was left out, a response given by hand that was never used; what its
        forward proxy refused, and whether no client came through that.
        """
        self.server.settle(self.hosted.journal, _SETTLING)
        return [*self.hosted.warnings(), *(self._intercepted.warnings() if self._intercepted else ())]

    @property
    def environment(self) -> dict[str, str]:
        """
        Return the variables by which the process of a client finds the site under its own name.

        Raises:
            ServingError: the site was made without *intercept*, or does not run.
        """
        if self._intercepted is None:
            raise ServingError("the site is not intercepted; make it with intercept=True")
        return self._intercepted.environment

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

    def assert_asked(
        self,
        *,
        times: int | None = None,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
        fields: Mapping[str, Any] | None = None,
        **more_fields: Any,
    ) -> list[Exchange]:
        """
        Make sure that the client has sent such a request, and return the exchanges: ``assert_asked(message="Hi")``.

        Args:
            times: how often; None (default) for at least once, 0 for never.
            method: such as ``POST``; None (default) for any.
            path: below the site, without the query; None (default) for any.
            status: of the response; None (default) for any.
            fields: fields with names that are not keywords, or are of other arguments, such as ``{"path": "/a"}``.
            more_fields: fields of the form or the query, or members of the JSON body, and their values.

        Raises:
            AssertionError: it has not; the message has the journal.
        """
        expected = ExpectedRequest(
            {"method": method, "path": path, "status": status}, {**(fields or {}), **more_fields}
        )
        exchanges = self.journal[:]
        found = [exchange for exchange in exchanges if expected.fits(exchange)]
        if not found if times is None else len(found) != times:
            raise AssertionError(expected.failure(exchanges, len(found), times))
        return found

    def configure(self, **changes: Any) -> None:
        """
        Change some of its settings, such as ``nonce="always-expired"`` or ``model={"reply": "Other"}``.

        Settings inside of settings are merged, as a JSON merge patch is (RFC 7396): what is left out stays as it is,
        None restores the default, and a list is replaced as a whole.

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
    *match_on*, *volatile*, *on_miss*, *repeat*, *rewrite* and *tokens* set how it is played; see `tape.replay_options`.

    With *intercept* it answers under its own name, for clients that have a fixed address: start their processes with
    `environment`.  *intercept* is True, or the hosts; *tls_fault* is `expired`, `wrong-name` or `no-close-notify`; see
    `MockServer` for both.

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
        tokens: str | None = None,
        clock: TurnableClock | None = None,
        seed: int | None = None,
        host: str = LOOPBACK,
        port: int = 0,
        intercept: bool | str | Iterable[str] = False,
        tls_fault: str | None = None,
    ) -> None:
        gathered = gather(cassette, strict=strict)
        given = {
            "match_on": match_on,
            "volatile": volatile,
            "on_miss": on_miss,
            "repeat": repeat,
            "rewrite": rewrite,
            "tokens": tokens,
        }
        table = project_settings()
        spec = choose_site(settings, pack=pack, plugin=plugin, reply=reply, cassettes=gathered.cassettes, table=table)
        refuse_without_recordings({"strict": strict, **given}, recorded=cassette is not None or bool(spec.files))
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
        server = MockServer(deps, host=host, port=port, intercept=intercept, tls_fault=tls_fault)
        super().__init__(server, server.sites.root, server.intercepted)

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.server.stop()
        warn_of([*self.hosted.warnings(), *self.server.proxy_warnings], error)

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.close()
        warn_of([*self.hosted.warnings(), *self.server.proxy_warnings], error)


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
