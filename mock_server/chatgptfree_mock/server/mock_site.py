"""`MockSite`: one site on a port of its own, for tests; `RunningSite`: one site of a running server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec

from chatgptfree_mock.config.project import project_settings, replay_of, scenario_folders, with_defaults
from chatgptfree_mock.config.site import choose_site, pack_name
from chatgptfree_mock.contract import registry
from chatgptfree_mock.errors import ServingError, SettingsError
from chatgptfree_mock.journal import Exchange, Journal
from chatgptfree_mock.keyword_arguments import suggest_keywords
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server.listening import LOOPBACK
from chatgptfree_mock.server.live import LiveReply
from chatgptfree_mock.server.live_handle import LiveHandle
from chatgptfree_mock.server.mock_server import MockServer, warn_of
from chatgptfree_mock.server.mounted_site import MountedSite, TurnableClock, check_pushable
from chatgptfree_mock.server.request_assertion import ExpectedRequest
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.tape.cassette_source import Source, gather
from chatgptfree_mock.tape.replay_options import refuse_without_recordings

if TYPE_CHECKING:
    from chatgptfree_mock.server.interception import InterceptedSite

_DELIVERY = ("chunks", "pace", "fault")
_SETTLING = 0.2
"""Seconds that reading the journal waits for answers to end."""


class RunningSite:
    """
    One site on a running server; `MockSite` and the fixtures of the pytest plugin return it, users do not make it.

    Args:
        server: the server, which need not run yet.
        hosted: the site among those that the server mounts.
        intercepted: the forward proxy in front of the site; None (default) without one.
    """

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
        """Return the address of the site, such as ``http://127.0.0.1:40123``, without a slash at the end."""
        return self.server.url + self.hosted.prefix

    @property
    def journal(self) -> Journal:
        """
        Return the journal: each request to the site with its response, the oldest first.

        A client may finish before the mock has noted the end of its answer.  So in code without ``async`` the journal
        waits up to 0.2 seconds for an answer that is under way.
        """
        self.server.settle(self.hosted.journal, _SETTLING)
        return self.hosted.journal

    @property
    def nonce(self) -> str:
        """Return a nonce that the chat accepts from a guest now: ten hexadecimal digits."""
        return self.hosted.answerer.nonce()

    @property
    def warnings(self) -> list[str]:
        """
        Return the settings that have had no effect so far, one line each.

        Such as a fault that never struck, a file that was left out, a scenario's response that was never used, a
        request that the forward proxy refused, or a proxy that no client used.
        """
        self.server.settle(self.hosted.journal, _SETTLING)
        return [*self.hosted.warnings(), *(self._intercepted.warnings() if self._intercepted else ())]

    @property
    def environment(self) -> dict[str, str]:
        """
        Return the environment variables with which a client's process reaches the site under the site's own name.

        Raises:
            ServingError: the site was made without *intercept*, or does not run.
        """
        if self._intercepted is None:
            raise ServingError("the site is not intercepted; make it with intercept=True")
        return self._intercepted.environment

    @property
    def clock(self) -> TurnableClock:
        """Return the clock of the site; turning it forward ages nonces."""
        return self.hosted.clock

    @property
    def reply(self) -> LiveHandle:
        """
        Return the handle that pushes the chat's answers by hand; from now on each answer waits for it.

        Reading this property switches the site over, so read it before the client asks.

        Raises:
            SettingsError: the site answers from recordings or plays a scenario, whose answers would be lost.
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
            AssertionError: it has not; the message contains the journal.
            ValueError: *times* is negative or no whole number.
        """
        __tracebackhide__ = True  # pytest shows the line of the test instead
        if times is not None and (times < 0 or times % 1):
            raise ValueError(f"`times` is how often the request was sent, a whole number from 0: {times!r}")
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
        Change some settings of the site, such as ``nonce="always-expired"`` or ``model={"reply": "Other"}``.

        Args:
            changes: settings by their names.  Settings inside of settings are merged, as in a JSON merge patch (RFC
                7396): other settings stay, None restores the default, a list is replaced as a whole.

        Raises:
            SettingsError: a setting or a value does not exist; nothing is changed.
        """
        settings = self.hosted.spec.pack.Settings.__struct_fields__
        if "reply" in changes and "reply" not in settings and "model" in settings:
            raise SettingsError(
                f"`reply` is a setting of the model: configure(model={{'reply': {changes['reply']!r}}})"
            )
        for word in (*_DELIVERY, "delivery"):
            if word in changes and word not in settings:
                given = ", ".join(f"{each}={changes[each]!r}" for each in _DELIVERY if each in changes)
                raise SettingsError(
                    f"`{word}` is no setting; it belongs to the delivery: deliver({given or 'chunks=…'})"
                )
        sites = self.server.sites
        sites.configure(self.hosted, sites.change(self.hosted, changes))

    @suggest_keywords()
    def deliver(
        self, *, chunks: str | None = None, pace: str | None = None, fault: str | None = None, seed: int = 0
    ) -> None:
        """
        Set the delivery of the site's answers from now on: their cuts, pace and faults; by default as recorded.

        Args:
            chunks: how answers are cut, such as ``utf8`` or ``bytes``; None (default) for as recorded.
            pace: when chunks are sent, such as ``instant`` or ``every:20ms``; None (default) for the recorded times.
            fault: faults, separated by commas, such as ``reset@50%``; None (default) for none.
            seed: of the random parts of faults; 0 by default.

        Raises:
            DeliveryError: a word does not exist; the message has the nearest that does.
        """
        self.server.sites.deliver(self.hosted, Delivery.parse(chunks, pace, fault, seed))


def _set_elsewhere(word: str, given: Mapping[str, Any]) -> str:
    """Return a hint for a *word* of the delivery, a scenario or a setting, which are not arguments; else nothing."""
    if word in _DELIVERY:
        return f'; it belongs to the delivery: delivery="{word}={given[word]}"'
    if word == "scenario":
        return "; play it with the marker: @pytest.mark.chat_site(scenario=…)"
    pack = registry.load(pack_name(given.get("settings"), pack=given.get("pack"), table=project_settings()))
    return f'; it is a setting: settings={{"{word}": …}}' if word in pack.Settings.__struct_fields__ else ""


class MockSite(RunningSite):
    """
    One site on a port of its own, as a context manager: ``with`` or ``async with``.

    Defaults come from `[tool.chatgptfree_mock]` in the pyproject.toml of the project around the working directory.
    Whatever has had no effect when the site ends is a `MockWarning` each, and in `warnings`.

    Args:
        pack: the name of the site pack that imitates the site; by default `aipower`.
        plugin: the release of the plugin, such as ``2.4.71``; by default the newest, or that of the recordings.
        reply: the model's answer, a text or a list of its pieces; short for a setting.
        settings: the settings of the site, a struct of the pack or plain data such as ``{"nonce": "always-expired"}``.
        delivery: how answers are cut, paced and broken: ``"chunks=utf8 pace=x4 fault=reset@50%"``, or
            ``{"chunks": "utf8", "pace": "x4"}``, or a `Delivery`; by default as recorded.
        cassette: recordings that answer in place of the imitation: a file, a folder, a pattern, the name of one that
            ships with the project (``1.8.93/msg_ok_s``), or a list of these.
        strict: raise an error for a file of *cassette* that cannot be read, instead of leaving it out (default).
        match_on: the parts of a request that must fit a recorded one: ``method``, ``path``, ``query``, ``json``,
            ``field:NAME`` and others; by default the rules of each recording.
        volatile: fields, patterns, JSON paths or headers that are not compared.
        on_miss: for a request that no recording fits: `refuse` (default), play one of the `same-path`, or the
            `nearest`.
        repeat: whether a recording may be played more than once; by default yes.
        rewrite: where the recorded site's addresses become the mock's: `pages` (default), `all` or `off`.
        tokens: whether tokens are minted and demanded as the recorded site did it: `on` (default) or another word,
            also for one token, as in `off@NAME`.
        clock: the clock of the site; by default the machine's, which `RunningSite.clock` can turn.
        seed: makes ids, tokens and cookies repeatable; by default they are random.
        host: the address to listen on; by default 127.0.0.1.
        port: the port; 0 (default) for any free one.
        intercept: answer under the site's own name, for clients that have a fixed address: True for the hosts of the
            recordings or of the pack, or a host or a list of them.  Start such clients with `environment`.
        tls_fault: what is wrong with the TLS of intercepted connections: `expired`, `wrong-name` or `no-close-notify`.

    Raises:
        MockError: something that is named does not exist, or two arguments exclude each other.
        ServingError: on entering; see `MockServer`.
    """

    @suggest_keywords(_set_elsewhere, example="plugin=…")
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
    Return *delivery*, parsed if it is in words; chunks and pace default to those of the project's *table*.

    Raises:
        DeliveryError: there is no such word.
    """
    if isinstance(delivery, Delivery):
        return delivery
    words = dict(delivery) if isinstance(delivery, Mapping) else Delivery.words_in(delivery or "")
    usual = {word: table[word] for word in ("chunks", "pace") if word in table}
    return Delivery.from_mapping({**usual, **words})
