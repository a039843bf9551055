"""
The law of options: whatever a user asks for changes what clients get, or is refused by name, or is in a warning.

It is generated from the real lists: every keyword of `MockSite`, every keyword of the marker `chat_site`, and every
option of `serve`, each beside every kind of recordings.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.observed_site import KINDS, observe, write_kind
from tests.support.releases import BASE

from chatgptfree_mock import cli
from chatgptfree_mock.cli import serve as serve_module
from chatgptfree_mock.clock import ManualClock
from chatgptfree_mock.errors import MockError
from chatgptfree_mock.server import site_registry, temporary_site
from chatgptfree_mock.server.control import SCENARIO_SITES
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.serving import MockServer, MockSite

NOW = 1.7e9
OF_THE_SITE: dict[str, list[Any]] = {
    "pack": ["recorded", "aipower"],
    "plugin": ["1.8.79", "2.4.0"],
    "strict": [True],
    "match_on": [["method"], ["method", "path"]],
    "volatile": [["message", "question"]],
    "on_miss": ["nearest"],
    "repeat": [False],
    "rewrite": ["off", "all"],
    "tokens": ["off", "missing", "expired", "longer@csrf"],
}
"""Another value or more of everything that `MockSite`, the marker and `serve` share."""
OF_PYTHON: dict[str, list[Any]] = {
    **OF_THE_SITE,
    "reply": ["Another answer."],
    "settings": [{"title": "Another"}, {"model": {"reply": "Another"}}, {"cassettes": ["1.8.93/msg_ok_s"]}],
    "cassette": ["1.8.93/banned_word_s"],
    "intercept": [True, "other.example"],
    "tls_fault": ["expired"],
}
MOCK_SITE: dict[str, list[Any]] = {
    **OF_PYTHON,
    "delivery": ["chunks=bytes", "pace=every:5ms", "fault=reset@50%", {"fault": "stall@event:999"}],
    "clock": [ManualClock(5.0)],
    "host": ["127.0.0.2"],
    "port": [18081],
}
MARKER: dict[str, list[Any]] = {
    **OF_PYTHON,
    "scenario": ["text/blanks", "nonce/expired-403"],
    "chunks": ["bytes"],
    "pace": ["every:5ms"],
    "fault": ["reset@50%", "stall@event:999"],
}
SERVE: dict[str, list[list[str]]] = {
    **{name: [[f"--{name}", str(value)] for value in OF_THE_SITE[name]] for name in ("pack", "plugin", "tokens")},
    "strict": [["--strict"]],
    "match_on": [["--match-on", "method"]],
    "volatile": [["--volatile", "message,question"]],
    "on_miss": [["--on-miss", "nearest"]],
    "repeat": [["--no-repeat"]],
    "rewrite": [["--rewrite", "off"], ["--rewrite", "all"]],
    "site_file": [["--site", "SITE.yaml"]],
    "cassettes": [["--cassettes", "1.8.93/banned_word_s"]],
    "release_files": [["--releases", "92.9.0.yaml", "--plugin", "92.9.0"], ["--releases", "92.9.0.yaml"]],
    "strict_release": [["--strict-release", "--plugin", "2.3.50"]],
    "templates": [["--templates", "templates"]],
    "scenarios": [["--scenarios", "scenarios"]],
    "chunks": [["--chunks", "bytes"]],
    "pace": [["--pace", "every:5ms"]],
    "faults": [["--fault", "reset@50%"], ["--fault", "stall@event:999"]],
    "host": [["--host", "127.0.0.2"]],
    "port": [["--port", "18081"]],
    "workers": [["--workers", "2"]],
    "files": [["--files", "."]],
    "memory": [["--memory", "7"]],
    "api_token": [["--api-token", "token-of-mine"]],
    "api_hosts": [["--api-host", "mock.example"]],
    "watch": [["--watch"]],
    "intercept": [["--intercept=other.example"]],
    "tls_fault": [["--tls-fault", "expired"], ["--intercept=other.example", "--tls-fault", "expired"]],
    "proxy_port": [["--proxy-port", "18082"], ["--intercept=other.example", "--proxy-port", "18082"]],
    "as_env": [["--env"], ["--intercept=other.example", "--env"]],
    "as_json": [["--json"]],
    "client": [["--", "true", "{url}"]],
}
SEED = "seed"
"""Decides which of several equal outcomes comes; the tests of faults and of visitors have it."""
NOTHING_TO_DO = {
    ("pack", "aipower", "aipower cassette"),
    ("pack", "aipower", "none"),
    *(("pack", pack, kind) for pack in ("aipower", "recorded") for kind in ("foreign cassette", "HAR")),
    ("tokens", "off", "aipower cassette"),
    ("tokens", "off", "HAR"),
    ("rewrite", "off", "aipower cassette"),
    ("rewrite", "all", "aipower cassette"),
}
"""
What is asked for is so already: no token is known that would be minted, no address of the site is in the answers, and
recordings that hold the pages answer alike whatever the pack is.
"""
OF_A_KIND = [pytest.param(kind, id=kind) for kind in KINDS]

Ask = Callable[[dict[str, Any]], list[Any]]


class Baseline:
    """Each kind of recordings in a folder of its own, and what clients get where nothing is asked for."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders
        self._made: dict[str, tuple[Path, str | None]] = {}
        self._found: dict[tuple[str, str], list[Any]] = {}

    def recordings(self, kind: str) -> tuple[Path, str | None]:
        """Return the folder of *kind*, which holds what `SERVE` names, and the recordings for the user to name."""
        if kind not in self._made:
            folder = self._folders.mktemp("kind")
            tapes, here = folder / "tapes", folder / "here"
            tapes.mkdir()
            write_what_serve_names(here)
            self._made[kind] = here, write_kind(kind, tapes)
        return self._made[kind]

    def of(self, face: str, kind: str, ask: Ask) -> list[Any]:
        """Return what clients get; it is asked for twice the first time, and has to be the same."""
        if (face, kind) not in self._found:
            found = ask({})
            assert ask({}) == found
            self._found[face, kind] = found
        return self._found[face, kind]


def write_what_serve_names(here: Path) -> None:
    (here / "scenarios" / "own").mkdir(parents=True)
    (here / "templates").mkdir()
    (here / "SITE.yaml").write_text("title: Another\n")
    (here / "92.9.0.yaml").write_text(BASE + "texts: {changed: {sendMessage: Send it}}\n")
    (here / "scenarios" / "own" / "one.yaml").write_text("title: One\nsite: {plugin: 1.8.93}\nexpect: {text: Hello}\n")
    (here / "templates" / "page.html.j2").write_text("Another page {{ content }}\n")


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Baseline:
    return Baseline(tmp_path_factory)


def idle(ask: Ask, name: str, values: list[Any], kind: str, baseline: list[Any]) -> list[Any]:
    """Return those of *values* that leave it at *baseline*, and are neither refused by name nor in a warning."""
    found = []
    for value in values:
        word = value[-1] if isinstance(value, list) and name in SERVE and value[0].startswith("--") else value
        if (name, word if isinstance(word, str) else "", kind) in NOTHING_TO_DO:
            assert ask({}) == baseline, "what was found in another test is what would be found here"
            continue
        try:
            if ask({name: value}) == baseline:
                found.append(value)
        except MockError as exc:
            if not is_named(str(exc), name, value):
                found.append(str(exc))
    return found


def is_named(complaint: str, name: str, value: Any) -> bool:
    """Return whether a complaint names what was given, or something in it."""
    inner = [*value, *map(str, value.values())] if isinstance(value, dict) else [value]
    if name in SERVE and isinstance(value, list):
        inner += [part.lstrip("-") for part in value if part.startswith("--") or name == "strict_release"]
    words = [re.sub(r"[-_]", " ", str(word)).lower() for word in (name, name.rstrip("s"), *inner)]
    # A file that is not a cassette is what `strict` refuses; a recording is what other options do not act beside.
    named = {"strict": "readme.yaml", "cassette": "recording", "site_file": "`title`"}.get(name, words[0])
    return any(word in re.sub(r"[-_]", " ", complaint).lower() for word in (*words, named))


def test_every_keyword_and_option_is_here() -> None:
    assert set(MOCK_SITE) | {SEED} == set(inspect.signature(MockSite.__init__).parameters) - {"self"}
    assert set(MARKER) | {SEED} == set(temporary_site.OPTIONS)
    assert set(SERVE) | {SEED} == {parameter.name for parameter in serve_module.command.params}


@pytest.mark.parametrize("kind", OF_A_KIND)
@pytest.mark.parametrize("keyword", MOCK_SITE)
def test_every_keyword_of_mock_site(keyword: str, kind: str, baseline: Baseline) -> None:
    _, recordings = baseline.recordings(kind)
    always = {} if recordings is None else {"cassette": recordings}

    def ask(given: dict[str, Any]) -> list[Any]:
        site = MockSite(**{"clock": ManualClock(NOW), SEED: 1, "port": 9, **always, **given})  # it is not started
        server = site.server
        proxied = None if server.intercepted is None else server.intercepted.interception.hosts
        return [*observe(site.mounted), server.url, proxied, site.clock.time(), site.warnings]

    assert idle(ask, keyword, MOCK_SITE[keyword], kind, baseline.of("MockSite", kind, ask)) == []


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(ServerConfig(seed=1)) as running:
        yield running


@pytest.mark.parametrize("kind", OF_A_KIND)
@pytest.mark.parametrize("keyword", MARKER)
def test_every_keyword_of_the_marker(
    keyword: str, kind: str, baseline: Baseline, server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_registry, "SystemClock", lambda: ManualClock(NOW))
    _, recordings = baseline.recordings(kind)
    always = {} if recordings is None else {"cassette": recordings}

    def ask(given: dict[str, Any]) -> list[Any]:
        with temporary_site.open_site(server, "test", {**always, **given}) as site:
            proxied = None if site.intercepted is None else site.intercepted.interception.hosts
            return [*observe(site.mounted), proxied, site.mounted.warnings()]

    assert idle(ask, keyword, MARKER[keyword], kind, baseline.of("the marker", kind, ask)) == []


class Serving:
    """Runs `serve` up to the point where it would open a port, and keeps what it would serve."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], baseline: list[str]
    ) -> None:
        self._capsys, self._baseline = capsys, baseline
        monkeypatch.setattr(serve_module, "serve_alone", self._one)
        monkeypatch.setattr(serve_module, "serve_with_workers", self._several)

    def ask(self, given: dict[str, Any]) -> list[Any]:
        self._found: list[Any] = []
        more = [argument for arguments in given.values() for argument in arguments]
        code = cli.run(["serve", *self._baseline, *more])
        complaint = self._capsys.readouterr().err
        if code:
            raise MockError(complaint)
        return [*self._found, complaint]

    async def _one(self, server: MockServer, config: ServerConfig, reloader: Any, **how: Any) -> int:
        proxy = server.intercepted
        self._see(config)
        self._found += [
            *(server.url, reloader is None, how),
            proxy and (proxy.interception.hosts, str(proxy.interception.fault), proxy.interception.port),
        ]
        return 0

    def _several(self, config: ServerConfig, *where: Any, **how: Any) -> None:
        self._see(config)
        self._found += [*where, how]

    def _see(self, config: ServerConfig) -> None:
        again = MockServer(dataclasses.replace(config, seed=1, clock=ManualClock(NOW)))
        root = again.sites.root
        self._found += [
            *(
                *observe(root),
                root.warnings(),
                again.app[SCENARIO_SITES].library.names,
                again.sites.root.spec.pack.releases.names,
            ),
            *(config.memory, config.api_hosts, len(config.files), config.api_token == "token-of-mine"),
        ]


@pytest.mark.parametrize("kind", OF_A_KIND)
@pytest.mark.parametrize("option", SERVE)
def test_every_option_of_serve(
    option: str, kind: str, baseline: Baseline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here, recordings = baseline.recordings(kind)
    monkeypatch.chdir(here)
    serving = Serving(monkeypatch, capsys, [] if recordings is None else ["--cassettes", recordings])
    assert idle(serving.ask, option, SERVE[option], kind, baseline.of("serve", kind, serving.ask)) == []
