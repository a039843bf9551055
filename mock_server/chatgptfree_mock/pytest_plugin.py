"""
The pytest plugin: fixtures `chat_site` and `chat_server`, and the markers that shape and multiply tests.

The server of a test session runs on a thread of its own and every test gets a fresh site on it, so tests with and
without ``async`` use the same fixture.  A failing test's report carries the journal of its site.  All names begin with
`chat`, all settings with `chatgptfree_mock`; nothing heavy is imported before a test asks for a site.
"""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from glob import glob
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chatgptfree_mock.errors import MockError, MockWarning
from chatgptfree_mock.project import REPLAY, SETTINGS, project_settings

if TYPE_CHECKING:
    from chatgptfree_mock.scenario.library import Entry, Library
    from chatgptfree_mock.serving import MockServer, RunningSite

MARKERS = (
    "chat_site(plugin=…, reply=…, settings={…}, cassette=…, scenario=…, chunks=…, pace=…, fault=…, …): the site",
    "chat_scenarios(glob, …): run the test once per scenario; `chat_scenario` says which",
    "chat_plugins(spec): run the test once per release of the plugin, such as '>=1.8.91'; `chat_plugin` says which",
    "chat_chunks('all' or word, …): run the test once per way to cut answers; `chat_chunks` says which",
)
ALL_CHUNKS = ("as-recorded", "whole", "events", "lines", "bytes", "utf8", "crlf", "every:7", "random:1")
"""What `chat_chunks("all")` means."""
_EXCHANGES_SHOWN = 20

_SITE: pytest.StashKey[RunningSite] = pytest.StashKey()
_FAILED: pytest.StashKey[bool] = pytest.StashKey()
_CHOSEN: pytest.StashKey[dict[str, str]] = pytest.StashKey()
_LIBRARY: pytest.StashKey[Library] = pytest.StashKey()
_runs = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Make the settings known to pytest's own configuration; `[tool.chatgptfree_mock]` has them without the prefix."""
    for name, meaning in SETTINGS.items():
        parser.addini(f"chatgptfree_mock_{name}", meaning, default="")


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Multiply tests by the markers that ask for it."""
    for marker, fixture, values in (
        ("chat_scenarios", "chat_scenario", _scenarios),
        ("chat_plugins", "chat_plugin", _plugins),
        ("chat_chunks", "chat_chunks", _chunks),
    ):
        found = metafunc.definition.get_closest_marker(marker)
        if found is None:
            continue
        where = f"{metafunc.definition.name}: "
        if fixture not in metafunc.fixturenames:
            pytest.fail(f"{where}the marker {marker} needs the fixture `chat_site`", pytrace=False)
        with _mistakes_told(where):
            chosen = values(metafunc.config, found.args)
        metafunc.parametrize(fixture, list(chosen.values()), ids=list(chosen))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the journal of the test's site into the report of its failure."""
    report = yield
    site = item.stash.get(_SITE, None)
    if report.failed and site is not None:
        journal = site.journal
        told = [exchange.text() for exchange in journal[-_EXCHANGES_SHOWN:]]
        left_out = journal.total - len(told)
        head = [f"({left_out} earlier exchanges are not shown)"] if left_out else []
        text = "\n".join([*head, *told]) or "(no request came)"
        report.sections.append((f"chat_site {site.hosted.settings.plugin} {site.url}", text))
        if found := site.warnings:
            report.sections.append(("chat_site: what had no effect", "\n".join(found)))
    if report.failed:
        item.stash[_FAILED] = True
    return report


@pytest.fixture(scope="session")
def chat_server(pytestconfig: pytest.Config) -> Iterator[MockServer]:
    """Run one server for the session; `chat_site` is a site on it, and more can be added."""
    from chatgptfree_mock.app import Deps
    from chatgptfree_mock.serving import MockServer, settings_of

    with ExitStack() as stack:
        with _mistakes_told():
            settings = settings_of(plugin=_chosen(pytestconfig).get("plugin"))
            server = stack.enter_context(MockServer(Deps(settings=settings, scenarios=_folders(pytestconfig))))
        yield server


@pytest.fixture
def chat_scenario() -> Entry | None:
    """Tell which scenario of `chat_scenarios` this is; None without that marker."""
    return None


@pytest.fixture
def chat_plugin() -> str | None:
    """Tell which release of `chat_plugins` this is; None without that marker."""
    return None


@pytest.fixture
def chat_chunks() -> str | None:
    """Tell which way of `chat_chunks` answers are cut; None without that marker."""
    return None


@pytest.fixture
def chat_site(
    request: pytest.FixtureRequest,
    chat_server: MockServer,
    chat_scenario: Entry | None,
    chat_plugin: str | None,
    chat_chunks: str | None,
) -> Iterator[RunningSite]:
    """Give a site of its own to each test; the marker `chat_site` says what it is like."""
    from chatgptfree_mock.site_options import open_site

    marker = request.node.get_closest_marker("chat_site")
    own = marker.kwargs if marker else {}
    options: dict[str, Any] = {**_defaults(request.config), **own}
    if "cassette" in own and "plugin" not in own:
        options.pop("plugin", None)  # the release that it was recorded from is nearer than everybody's default
    if "cassette" not in own:
        options = {name: value for name, value in options.items() if name not in REPLAY or name in own}
    if marker is not None and marker.args:
        pytest.fail("the marker chat_site takes keywords only", pytrace=False)
    if chat_plugin is not None:
        options["plugin"] = chat_plugin
    if chat_chunks is not None:
        options["chunks"] = chat_chunks
    if chat_scenario is not None:
        options["scenario"] = chat_scenario.name
    if "cassette" in options:
        options["cassette"] = _beside(request.path.parent, options["cassette"])
    with ExitStack() as stack:
        with _mistakes_told():
            site = stack.enter_context(open_site(chat_server, f"test-{next(_runs)}", options))
        request.node.stash[_SITE] = site
        yield site
        if not request.node.stash.get(_FAILED, False):
            for line in site.warnings:
                warnings.warn(MockWarning(f"chat_site: {line}"), stacklevel=1)


@contextmanager
def _mistakes_told(where: str = "") -> Iterator[None]:
    """Turn what a marker or a setting gets wrong into one sentence, without the plugin's own lines around it."""
    try:
        yield
    except MockError as exc:
        raise pytest.fail.Exception(f"{where}{exc}", pytrace=False) from None  # or the report tells it twice


def _beside(folder: Path, cassette: Any) -> Any:
    """Return *cassette*, or each of several, as a path beside the test where there is one."""
    if isinstance(cassette, (list, tuple)):
        return [_beside(folder, each) for each in cassette]
    if not isinstance(cassette, (str, Path)):
        return cassette
    path = folder / cassette
    return path if path.exists() or glob(str(path)) else cassette


def _defaults(config: pytest.Config) -> dict[str, str]:
    return {name: value for name, value in _chosen(config).items() if name != "scenarios"}


def _chosen(config: pytest.Config) -> dict[str, str]:
    """Return the settings, those of pytest's own configuration above those of the project's table."""
    if _CHOSEN not in config.stash:
        table = project_settings(config.rootpath)
        own = {name: str(config.getini(f"chatgptfree_mock_{name}")).strip() for name in SETTINGS}
        config.stash[_CHOSEN] = {**table, **{name: value for name, value in own.items() if value}}
    return config.stash[_CHOSEN]


def _folders(config: pytest.Config) -> tuple[Any, ...]:
    return tuple(config.rootpath / line.strip() for line in _chosen(config).get("scenarios", "").splitlines() if line)


def _scenarios(config: pytest.Config, globs: Sequence[str]) -> dict[str, Entry]:
    from chatgptfree_mock.scenario.library import shipped

    if _LIBRARY not in config.stash:
        config.stash[_LIBRARY] = shipped(_folders(config))
    library = config.stash[_LIBRARY]
    return {name: library[name] for glob in globs or ("*",) for name in library.matching(glob)}


def _plugins(_config: pytest.Config, specs: Sequence[str]) -> dict[str, str]:
    from chatgptfree_mock.wordpress.releases.choice import select

    return {release.name: release.name for spec in specs or ("all",) for release in select(spec)}


def _chunks(_config: pytest.Config, words: Sequence[str]) -> dict[str, str]:
    return {word: word for given in words or ("all",) for word in (ALL_CHUNKS if given == "all" else (given,))}
