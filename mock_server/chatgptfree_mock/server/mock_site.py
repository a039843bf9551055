"""`MockSite`: one site on a port of its own, for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import msgspec

from chatgptfree_mock.config.project import project_settings, replay_of, scenario_folders, with_defaults
from chatgptfree_mock.config.site import choose_site, pack_name
from chatgptfree_mock.contract import registry
from chatgptfree_mock.keyword_arguments import suggest_keywords
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server.listening import LOOPBACK
from chatgptfree_mock.server.mock_server import MockServer, warn_of
from chatgptfree_mock.server.mounted_site import TurnableClock
from chatgptfree_mock.server.running_site import DELIVERY, RunningSite
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.tape.files import RecordingSource, gather
from chatgptfree_mock.tape.replay_options import refuse_without_recordings


def _set_elsewhere(word: str, given: Mapping[str, Any]) -> str:
    """Return a hint for a *word* of the delivery, a scenario or a setting, which are not arguments; else nothing."""
    if word in DELIVERY:
        return f'; it belongs to the delivery: delivery="{word}={given[word]}"'
    if word == "scenario":
        return "; play it with the marker: @pytest.mark.chat_site(scenario=…)"
    pack = registry.load(pack_name(given.get("settings"), pack=given.get("pack"), table=project_settings()))
    return f'; it is a setting: settings={{"{word}": …}}' if word in pack.Settings.__struct_fields__ else ""


class MockSite(RunningSite):
    """
    One site on a port of its own, as a context manager: ``with`` or ``async with``.

    Defaults come from `[tool.chatgptfree_mock]` in the pyproject.toml of the project around the working directory.
    When the site ends, each setting without effect is a `MockWarning`; `warnings` lists them.

    Args:
        pack: the name of the site pack that imitates the site; by default `aipower`.
        plugin: the release of the plugin, such as ``2.4.71``; by default the newest, or that of the recordings.
        reply: the model's answer, a text or a list of deltas; short for a setting.
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
            also for one token, as in `expired@NAME`.
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
        cassette: RecordingSource | Iterable[RecordingSource] | None = None,
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
        config = ServerConfig(
            pack=spec.pack,
            settings=spec.settings,
            delivery=delivery_of(delivery, table),
            cassettes=gathered.cassettes,
            replay=replay_of(with_defaults(given, table)),
            scenarios=scenario_folders(table),
            notes=gathered.notes,
            clock=clock,
            seed=seed,
        )
        server = MockServer(config, host=host, port=port, intercept=intercept, tls_fault=tls_fault)
        super().__init__(server, server.sites.root, server.intercepted)

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.server.stop()
        if self.server.process.is_here:
            warn_of([*self.mounted.warnings(), *self.server.proxy_warnings], error)

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.close()
        if self.server.process.is_here:
            warn_of([*self.mounted.warnings(), *self.server.proxy_warnings], error)


def delivery_of(delivery: Delivery | Mapping[str, Any] | str | None, table: Mapping[str, str]) -> Delivery:
    """
    Return *delivery*, parsed if it is in words; chunks and pace default to those of the project's *table*.

    Raises:
        DeliveryError: there is no such word.
    """
    if isinstance(delivery, Delivery):
        return delivery
    words = dict(delivery) if isinstance(delivery, Mapping) else Delivery.words_in(delivery or "")
    defaults = {word: table[word] for word in ("chunks", "pace") if word in table}
    return Delivery.from_mapping({**defaults, **words})
