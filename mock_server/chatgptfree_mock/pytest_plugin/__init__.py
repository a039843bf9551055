"""
The pytest plugin: fixtures `chat_site` and `chat_server`, and the markers that shape and multiply tests.

The server of a test session runs on a thread of its own and every test gets a fresh site on it, so tests with and
without ``async`` use the same fixture.  A failing test's report carries the journal of its site.  All names begin with
`chat`, all settings with `chatgptfree_mock`; only the names of settings are imported before a test has a marker or asks
for a site.  So the plugin also loads where only the client is installed, without the extra `mock`, and fails the tests
that need it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from chatgptfree_mock.config.keys import RECORD_MODES, RECORD_OPTION, SETTINGS

if TYPE_CHECKING:
    from chatgptfree_mock.crashtest.recording.variant_case import VariantCase
    from chatgptfree_mock.pytest_plugin.baseline_run import UndisturbedRun
    from chatgptfree_mock.scenario.library import ScenarioEntry
    from chatgptfree_mock.server.mock_server import MockServer
    from chatgptfree_mock.server.recording_site import RecordingSite
    from chatgptfree_mock.server.running_site import RunningSite

MARKERS = (
    (
        "chat_site(pack=…, plugin=…, reply=…, settings={…}, cassette=…, upstream=…, scenario=…, intercept=…, …): "
        "the site of the fixture `chat_site`"
    ),
    (
        "chat_scenarios(glob, …): run the test once per scenario, such as 'nonce/*'; "
        "the fixture `chat_scenario` is the scenario; one that can't happen on the test's release is skipped"
    ),
    (
        "chat_plugins(spec): run the test once per release of the plugin, such as '>=1.8.91'; "
        "the fixture `chat_plugin` is the release"
    ),
    (
        "chat_variants(glob, …, answer=N, end_mark=TEXT, everything=True, anyway=True): run the test once per variant "
        "of a recorded answer, such as 'cut/*', which the fixture `chat_variant` is; answer: which answer, if the "
        "cassette has several; end_mark: what ends it, if that is not found; everything: all variants, not the short "
        "list; anyway: also of an answer that is not whole"
    ),
    (
        "chat_chunks('all' or word, …): run the test once per way to cut answers, such as 'bytes', 'utf8'; "
        "the fixture `chat_chunks` is the word"
    ),
)
_MARKER_NAMES = tuple(marker.partition("(")[0] for marker in MARKERS)

_CURRENT: pytest.StashKey[pytest.Item] = pytest.StashKey()
"""The test that runs, for hooks that do not get it."""
_REQUEST: pytest.StashKey[pytest.FixtureRequest] = pytest.StashKey()
"""The last request of `chat_site`: pytest reads a signature for each one that a fixture asks for, which takes long."""
_MULTIPLIED = ("chat_scenario", "chat_plugin", "chat_variant", "chat_chunks")
"""The fixtures with the values of the markers that multiply."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the settings with pytest's own configuration; `[tool.chatgptfree_mock]` has them without the prefix."""
    parser.getgroup("chatgptfree").addoption(
        RECORD_OPTION,
        choices=RECORD_MODES,
        default=None,
        help="Record the upstream of chat_site(cassette=…, upstream=…): never (none), where there is no file (once), "
        "what it lacks (new_episodes), or from scratch (all).  Default: once, and none where CI is set.",
    )
    for name, meaning in SETTINGS.items():
        parser.addini(f"chatgptfree_mock_{name}", meaning, default="")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize tests by the markers that multiply."""
    if any(mark.name.startswith("chat_") for mark in metafunc.definition.iter_markers()):
        from chatgptfree_mock.pytest_plugin.multiplying import multiply

        multiply(metafunc)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail if a marker of this plugin cannot act or is mistyped, of which pytest alone only warns."""
    item.config.stash[_CURRENT] = item
    names = {mark.name for mark in item.iter_markers() if mark.name.startswith("chat_")}
    if not names:
        return
    from chatgptfree_mock.pytest_plugin import multiplying
    from chatgptfree_mock.suggestion import did_you_mean

    multiplying.check_multiplied(item)
    given = Counter((node, mark.name) for node, mark in item.iter_markers_with_node())
    for marker in (*multiplying.FIXTURES, "chat_site"):
        for node in item.listchain():
            if given[node, marker] > 1:
                pytest.fail(f"the marker {marker} is given twice on {node.name}; only one would count", pytrace=False)
    registered = {line.partition(":")[0].partition("(")[0].strip() for line in item.config.getini("markers")}
    for name in names - registered:
        if hint := did_you_mean(name, _MARKER_NAMES, likeness=0.8):
            pytest.fail(f"there is no marker {name}{hint}", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """
    Give `chat_site` its request, and fail a test that names a fixture without the marker that multiplies the test.

    Both are done here because each fixture that asks for a request or the configuration makes a test slower.
    """
    name, is_own = fixturedef.argname, fixturedef.func.__module__ == __name__
    if name == "chat_site" and is_own:
        request.config.stash[_REQUEST] = request
    value = yield
    if name in _MULTIPLIED and is_own:
        from chatgptfree_mock.pytest_plugin.multiplying import check_marker

        check_marker(request.node, name)
    return value


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fail a passing test that did not use the site of its marker `chat_site`, or never got its variant."""
    yield
    if _asked_for_site(item):
        from chatgptfree_mock.pytest_plugin import site_of_test

        site_of_test.check_variant_served(item)
    elif any(mark.name == "chat_site" for mark in item.own_markers):
        pytest.fail("the marker chat_site did nothing: the test does not use the fixture `chat_site`", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the journal of the test's site to the report of a failure."""
    report = yield
    if _asked_for_site(item):
        from chatgptfree_mock.pytest_plugin import site_of_test

        site_of_test.add_to_report(item, report)
    return report


def _asked_for_site(item: pytest.Item) -> bool:
    """Return whether the test has asked for `chat_site`; `site_of_test` is imported for such tests only."""
    request = item.config.stash.get(_REQUEST, None)
    return request is not None and request.node is item


@pytest.hookimpl(optionalhook=True)
def pytest_recording_configure(config: pytest.Config, vcr: Any) -> None:
    """Leave what a test asks of the mock out of the cassette of its marker `vcr`."""
    from chatgptfree_mock.pytest_plugin import pytest_recording_compat

    pytest_recording_compat.configure(config.stash[_CURRENT], vcr)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand on what a worker of pytest-xdist has found out."""
    from chatgptfree_mock.pytest_plugin import project_defaults

    project_defaults.leave_report(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker of pytest-xdist has found out."""
    del error
    from chatgptfree_mock.pytest_plugin import project_defaults

    project_defaults.take_report(node.config, getattr(node, "workeroutput", None) or {})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the project's defaults that had no effect in any test, and the tests that had no variants yet."""
    from chatgptfree_mock.pytest_plugin import project_defaults, run_notes

    found = list(project_defaults.lines(terminalreporter.config))
    found += run_notes.lines(terminalreporter.stats)
    if found:
        terminalreporter.section("chatgptfree_mock", yellow=True)
        for line in found:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def chat_server(pytestconfig: pytest.Config) -> Iterator[MockServer]:
    """
    Run one server for the session, a `MockServer`; each `chat_site` is a site on it.

    `chat_server.url` is its address, and `chat_server.journal` has the exchanges of all sites.
    """
    from chatgptfree_mock.extras import refuse_windows
    from chatgptfree_mock.pytest_plugin.configuration import chosen, mistakes_in_one_line

    with ExitStack() as stack:
        with mistakes_in_one_line():
            refuse_windows("chat_site")
            from chatgptfree_mock.config.project import replay_of, scenario_folders
            from chatgptfree_mock.config.site import choose_site
            from chatgptfree_mock.server.mock_server import MockServer
            from chatgptfree_mock.server.server_config import ServerConfig

            spec = choose_site(table=chosen(pytestconfig))
            replay = replay_of(chosen(pytestconfig))
            folders = scenario_folders(chosen(pytestconfig))
            config = ServerConfig(pack=spec.pack, settings=spec.settings, scenarios=folders, replay=replay)
            server = stack.enter_context(MockServer(config))
        yield server


@pytest.fixture
def chat_scenario() -> ScenarioEntry | None:
    """Return the scenario of the marker `chat_scenarios` for this test, with its `name`; tests that name it need it."""
    return None


@pytest.fixture
def chat_plugin() -> str | None:
    """Return the release of the marker `chat_plugins` for this test, such as `1.8.93`; tests that name it need it."""
    return None


@pytest.fixture
def chat_variant() -> VariantCase | None:
    """Return the variant of the marker `chat_variants` for this test: `name`, `grade`; tests that name it need it."""
    return None


@pytest.fixture
def chat_chunks() -> str | None:
    """Return the word of the marker `chat_chunks` for this test, such as `utf8`; tests that name it need it."""
    return None


@pytest.fixture
def chat_site(
    pytestconfig: pytest.Config,
    chat_server: MockServer,
    chat_scenario: ScenarioEntry | None,
    chat_plugin: str | None,
    chat_variant: VariantCase | UndisturbedRun | None,
    chat_chunks: str | None,
) -> Iterator[RunningSite | RecordingSite]:
    """Give each test a site of its own, configured by the marker `chat_site`."""
    from chatgptfree_mock.pytest_plugin import site_of_test

    request = pytestconfig.stash[_REQUEST]
    yield from site_of_test.opened(request, chat_server, chat_scenario, chat_plugin, chat_variant, chat_chunks)
