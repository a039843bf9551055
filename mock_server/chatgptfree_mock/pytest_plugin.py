"""
The pytest plugin: fixtures `chat_site` and `chat_server`, and the markers that shape and multiply tests.

The server of a test session runs on a thread of its own and every test gets a fresh site on it, so tests with and
without ``async`` use the same fixture.  A failing test's report carries the journal of its site.  All names begin with
`chat`, all settings with `chatgptfree_mock`; nothing heavy is imported before a test asks for a site.  So the plugin
also loads where only the client is installed, without the extra `mock`, and fails the tests that need it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from glob import glob, has_magic
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chatgptfree_mock.config.keys import PATHS, REPLAY, SETTINGS
from chatgptfree_mock.errors import MockError, MockWarning, SettingsError
from chatgptfree_mock.extras import explain, refuse_windows

if TYPE_CHECKING:
    from chatgptfree_mock.crashtest.recording.variant_case import VariantCase
    from chatgptfree_mock.scenario.library import Library, ScenarioEntry
    from chatgptfree_mock.server.mock_server import MockServer
    from chatgptfree_mock.server.mock_site import RunningSite
    from chatgptfree_mock.server.recording_site import RecordingSite

MARKERS = (
    "chat_site(pack=…, plugin=…, reply=…, settings={…}, cassette=…, upstream=…, scenario=…, intercept=…, …): the site",
    "chat_scenarios(glob, …): run the test once per scenario; `chat_scenario` is it; what can't happen is skipped",
    "chat_plugins(spec): run the test once per release of the plugin, such as '>=1.8.91'; `chat_plugin` is the release",
    "chat_variants(glob, …, answer=N, everything=True): run the test once per variant of a recorded answer",
    "chat_chunks('all' or word, …): run the test once per way to cut answers; `chat_chunks` is the way",
)
_MULTIPLYING = {
    "chat_scenarios": "chat_scenario",
    "chat_plugins": "chat_plugin",
    "chat_variants": "chat_variant",
    "chat_chunks": "chat_chunks",
}
"""The markers that multiply a test, and the fixture that holds the value of each."""
_KEYWORDS = {"chat_variants": ("answer", "end_mark", "everything")}
_EXCHANGES_SHOWN = 20

_SITE: pytest.StashKey[RunningSite] = pytest.StashKey()
_RECORDING: pytest.StashKey[RecordingSite] = pytest.StashKey()
_FAILED: pytest.StashKey[bool] = pytest.StashKey()
_PASSED: pytest.StashKey[bool] = pytest.StashKey()
_BEGUN: pytest.StashKey[dict[Path, bool]] = pytest.StashKey()
"""The cassettes that this run has begun to record, which later tests add to."""
_CHOSEN: pytest.StashKey[dict[str, str]] = pytest.StashKey()
_LIBRARIES: pytest.StashKey[dict[str, Library]] = pytest.StashKey()
"""The scenarios of each site pack that a test asked for."""
_CASES: pytest.StashKey[dict[tuple[object, ...], dict[str, VariantCase]]] = pytest.StashKey()
"""The variants of each recording that a marker named."""
_runs = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Make the settings known to pytest's own configuration; `[tool.chatgptfree_mock]` has them without the prefix."""
    from chatgptfree_mock.record_option import add_option

    add_option(parser)
    for name, meaning in SETTINGS.items():
        parser.addini(f"chatgptfree_mock_{name}", meaning, default="")


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Multiply tests by the markers that ask for it."""
    choices: dict[str, Callable[..., Mapping[str, Any]]] = {
        "chat_scenarios": _scenarios,
        "chat_plugins": _plugins,
        "chat_variants": _variants,
        "chat_chunks": _chunks,
    }
    for marker, fixture in _MULTIPLYING.items():
        found = metafunc.definition.get_closest_marker(marker)
        if found is None:
            continue
        where = f"{metafunc.definition.name}: "
        if fixture not in metafunc.fixturenames:
            pytest.fail(f"{where}the marker {marker} needs the fixture `chat_site`", pytrace=False)
        known = _KEYWORDS.get(marker, ())
        for word in found.kwargs.keys() - set(known):
            which = f" `{word}` (there are: {', '.join(known)})" if known else "s"
            pytest.fail(f"{where}the marker {marker} takes no keyword{which}", pytrace=False)
        with _mistakes_in_one_line(where):
            chosen = choices[marker](metafunc.definition, found.args, **found.kwargs)
        metafunc.parametrize(fixture, list(chosen.values()), ids=list(chosen))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail where a marker of this plugin cannot act, such as one that multiplies a method of `unittest.TestCase`."""
    for marker, fixture in _MULTIPLYING.items():
        if item.get_closest_marker(marker) and fixture not in getattr(getattr(item, "callspec", None), "params", {}):
            pytest.fail(
                f"the marker {marker} cannot multiply {type(item).__name__} {item.name}: pytest multiplies functions "
                "and methods of plain classes only (use one, or loop inside the test)",
                pytrace=False,
            )
    for marker in (*_MULTIPLYING, "chat_site"):
        if sum(mark.name == marker for mark in item.own_markers) > 1:
            pytest.fail(f"the marker {marker} is given twice; only one would count", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fail a test that passed with a `chat_site` marker of its own and never had the site."""
    yield
    had_site = _SITE in item.stash or _RECORDING in item.stash
    if not had_site and any(mark.name == "chat_site" for mark in item.own_markers):
        pytest.fail("the marker chat_site did nothing: the test does not use the fixture `chat_site`", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the journal of the test's site into the report of its failure."""
    report = yield
    site = item.stash.get(_SITE, None)
    recording = item.stash.get(_RECORDING, None)
    if report.failed and recording is not None and report.when == "call":
        text = recording.journal.text() or "(no exchange ended)"
        lines = [text, *recording.warnings, "(the test failed, so nothing was recorded)"]
        report.sections.append((f"chat_site {recording.url}", "\n".join(lines)))
    if report.failed and site is not None:
        journal = site.journal
        told = [exchange.text() for exchange in journal[-_EXCHANGES_SHOWN:]]
        left_out = journal.total - len(told)
        head = [f"({left_out} earlier exchanges are not shown)"] if left_out else []
        text = "\n".join([*head, *told]) or "(no request came)"
        report.sections.append((f"chat_site {site.hosted.spec.release} {site.url}", text))
        if found := site.warnings:
            report.sections.append(("chat_site: what had no effect", "\n".join(found)))
    if report.failed:
        item.stash[_FAILED] = True
    if report.when == "call":
        item.stash[_PASSED] = report.passed
    return report


@pytest.fixture(scope="session")
def chat_server(pytestconfig: pytest.Config) -> Iterator[MockServer]:
    """Run one server for the session; `chat_site` is a site on it, and more can be added."""
    with ExitStack() as stack:
        with _mistakes_in_one_line():
            refuse_windows("chat_site")
            from chatgptfree_mock.config.project import replay_of, scenario_folders
            from chatgptfree_mock.config.site import choose_site
            from chatgptfree_mock.server.app import ServerConfig
            from chatgptfree_mock.server.mock_server import MockServer

            spec = choose_site(table=_chosen(pytestconfig))
            replay = replay_of(_chosen(pytestconfig))
            folders = scenario_folders(_chosen(pytestconfig))
            deps = ServerConfig(pack=spec.pack, settings=spec.settings, scenarios=folders, replay=replay)
            server = stack.enter_context(MockServer(deps))
        yield server


@pytest.fixture
def chat_scenario() -> ScenarioEntry | None:
    """Return the scenario of the marker `chat_scenarios` for this test; None without that marker."""
    return None


@pytest.fixture
def chat_plugin() -> str | None:
    """Return the release of the marker `chat_plugins` for this test; None without that marker."""
    return None


@pytest.fixture
def chat_variant() -> VariantCase | None:
    """Return the variant of the marker `chat_variants` for this test; None without that marker."""
    return None


@pytest.fixture
def chat_chunks() -> str | None:
    """Return how the marker `chat_chunks` has answers cut in this test; None without that marker."""
    return None


@pytest.fixture
def chat_site(
    request: pytest.FixtureRequest,
    chat_server: MockServer,
    chat_scenario: ScenarioEntry | None,
    chat_plugin: str | None,
    chat_variant: VariantCase | None,
    chat_chunks: str | None,
) -> Iterator[RunningSite | RecordingSite]:
    """Give each test a site of its own, configured by the marker `chat_site`."""
    options = _options(request.node, chat_scenario, chat_plugin, chat_chunks)
    upstream = options.pop("upstream", None)
    if upstream is not None:
        recording = _recording(request, options, upstream, chat_variant)
        if recording is not None:
            yield from _recorded(request, recording)
            return
    if "cassette" in options:
        options["cassette"] = _beside(request.path.parent, options["cassette"])
    with ExitStack() as stack:
        with _mistakes_in_one_line():
            from chatgptfree_mock.server.site_options import open_site

            site = stack.enter_context(open_site(chat_server, f"test-{next(_runs)}", options))
        if chat_variant is not None:
            from chatgptfree_mock.server.served_variant import ServedVariant

            _check_delivery(options, chat_chunks)
            site.hosted.variant = ServedVariant(chat_variant.variant, chat_variant.body)
        if options.get("intercept"):
            _find_the_proxy(request.getfixturevalue("monkeypatch"), site.environment)
        request.node.stash[_SITE] = site
        yield site
        if not request.node.stash.get(_FAILED, False):
            for line in site.warnings:
                warnings.warn(MockWarning(f"chat_site: {line}"), stacklevel=1)


def _recording(
    request: pytest.FixtureRequest, options: dict[str, Any], upstream: Any, variant: VariantCase | None
) -> RecordingSite | None:
    """Return the recording of *upstream* to the marker's cassette, None where that is replayed."""
    from chatgptfree_mock.contract.registry import load
    from chatgptfree_mock.record_option import record_mode, records
    from chatgptfree_mock.recorder.mode import Mode
    from chatgptfree_mock.server.recording_site import RecordingSite
    from chatgptfree_mock.tape.files import redaction_rules

    cassette = options.get("cassette")
    if not isinstance(cassette, (str, Path)) or has_magic(str(cassette)):
        pytest.fail("chat_site(upstream=…) needs one file to record to: cassette=PATH", pytrace=False)
    path = options["cassette"] = request.path.parent / cassette
    with _mistakes_in_one_line():
        chosen = record_mode(request.config)
        begun = request.config.stash.setdefault(_BEGUN, {}).get(path, False)
        if not begun and not records(chosen, exists=path.exists(), file=str(path)):
            return None
        unused = [name for name in options if name not in ("cassette", "pack", "plugin", *REPLAY, "strict")]
        if variant is not None:
            unused.append("chat_variants")
        for name in unused:
            warnings.warn(MockWarning(f"chat_site: {name} has no effect while {path} is recorded"), stacklevel=1)
        return RecordingSite(
            path,
            str(upstream),
            Mode.NEW_EPISODES if begun else chosen.mode,
            rules=redaction_rules(request.config.rootpath),
            match=load(_pack(request.node)).match_rules,
        )


def _recorded(request: pytest.FixtureRequest, recording: RecordingSite) -> Iterator[RecordingSite]:
    """Record while the test runs, and keep the file if it passes."""
    item = request.node
    with recording:
        item.stash[_RECORDING] = recording
        yield recording
        if not item.stash.get(_PASSED, False):
            return
        found = recording.warnings
        with _mistakes_in_one_line():
            files = recording.keep()
        if files:
            request.config.stash[_BEGUN][recording.path] = True
        else:
            found.append(f"nothing was recorded to {recording.path}: the client asked nothing new")
        for line in found:
            warnings.warn(MockWarning(f"chat_site: {line}"), stacklevel=1)


def _find_the_proxy(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> None:
    """
    Let clients in this process, and in those that the test starts, find the forward proxy until the test has ended.

    By the fixture *monkeypatch*, so that it is undone in order with what the test changes by the same.
    """
    from chatgptfree_mock.intercept import this_process

    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for owner, name, thing in this_process.attributes(environment):
        monkeypatch.setattr(owner, name, thing)


def _options(item: pytest.Item, entry: ScenarioEntry | None, plugin: str | None, chunks: str | None) -> dict[str, Any]:
    """Return what the site is to be like: defaults, the marker `chat_site`, and the values of multiplying markers."""
    marker = item.get_closest_marker("chat_site")
    own = marker.kwargs if marker else {}
    if marker is not None and marker.args:
        pytest.fail("the marker chat_site takes keywords only", pytrace=False)
    values = {"scenario": entry and entry.name, "plugin": plugin, "chunks": chunks}
    multiplied = {option: value for option, value in values.items() if value is not None}
    for option in multiplied.keys() & own.keys():
        if marker in item.own_markers:
            pytest.fail(f"chat_site sets {option}, and so does a marker that multiplies: give one", pytrace=False)
    asked = {**own, **multiplied}
    with _mistakes_in_one_line():
        defaults = _defaults(item.config)
        if asked.get("scenario") is not None:
            return _of_scenario(item, asked, defaults, multiplied=bool(multiplied))
    defaults.pop("plugin", None)  # the server's root site is on it, and counts where the test names no release
    if "cassette" not in own:
        defaults = {name: value for name, value in defaults.items() if name not in REPLAY}
    from chatgptfree_mock.config.project import with_defaults

    return with_defaults(asked, defaults)


def _of_scenario(
    item: pytest.Item, asked: dict[str, Any], defaults: dict[str, str], *, multiplied: bool
) -> dict[str, Any]:
    """
    Return the options for a scenario, whose own settings are nearer than any default.

    Where a marker *multiplied* the test, skip it if the scenario cannot happen like that; `open_site` refuses others.
    """
    from chatgptfree_mock.scenario.variants import has_pace, usual_chunks, variant

    usual = {word: value for word, value in defaults.items() if word in ("chunks", "pace") and word not in asked}
    if not multiplied and not usual:
        return asked
    name = str(asked["scenario"])
    scenario = _library(item)[name].scenario
    if has_pace(scenario):
        usual.pop("pace", None)
    if usual_chunks(scenario, usual.get("chunks")) is None:
        usual.pop("chunks", None)
    if not multiplied:
        return {**usual, **asked}
    try:
        variant(name, scenario, plugin=asked.get("plugin"), chunks=asked.get("chunks"))
        if asked.get("fault") is not None and scenario.delivery.fault:
            raise SettingsError(f"{name} sets its own fault")
    except SettingsError as exc:
        pytest.skip(str(exc))
    return {**usual, **{word: value for word, value in asked.items() if word != "pace" or not has_pace(scenario)}}


def _check_delivery(options: Mapping[str, Any], chunks: str | None) -> None:
    """Fail where a variant, which has its own bytes and times, would hide how the test has answers delivered."""
    given = [word for word in ("scenario", "fault") if word in options] + (["chat_chunks"] if chunks else [])
    if given:
        pytest.fail(f"chat_variants decides how the answer is sent; leave out {', '.join(given)}", pytrace=False)


@contextmanager
def _mistakes_in_one_line(where: str = "") -> Iterator[None]:
    """Turn what a marker, a setting or the installation lacks into one sentence, without the plugin's own lines."""
    try:
        yield
    except (MockError, ModuleNotFoundError) as exc:
        sentence = explain(exc) if isinstance(exc, ModuleNotFoundError) else str(exc)
        if sentence is None:
            raise
        raise pytest.fail.Exception(f"{where}{sentence}", pytrace=False) from None  # or the report has it twice


def _beside(folder: Path, cassette: Any) -> Any:
    """Return *cassette*, or each of several, as a path beside the test where there is one."""
    if isinstance(cassette, (list, tuple)):
        return [_beside(folder, each) for each in cassette]
    if not isinstance(cassette, (str, Path)):
        return cassette
    path = folder / cassette
    return path if path.exists() or glob(str(path)) else cassette


def _defaults(config: pytest.Config) -> dict[str, str]:
    return {name: value for name, value in _chosen(config).items() if name not in (*PATHS, "strict_release")}


def _chosen(config: pytest.Config) -> dict[str, str]:
    """Return the settings, those of pytest's own configuration above those of the project's table."""
    if _CHOSEN not in config.stash:
        from chatgptfree_mock.config.project import project_settings

        table = project_settings(config.rootpath)
        own = {name: str(config.getini(f"chatgptfree_mock_{name}")).strip() for name in SETTINGS}
        folders = [str(config.rootpath / line.strip()) for line in own["scenarios"].splitlines()]
        own["scenarios"] = "\n".join(folders)
        config.stash[_CHOSEN] = {**table, **{name: value for name, value in own.items() if value}}
    return config.stash[_CHOSEN]


def _pack(item: pytest.Item) -> str:
    """Return the name of the site pack of a test: its marker's, else the project's, else the default."""
    from chatgptfree_mock.config.site import pack_name

    marker = item.get_closest_marker("chat_site")
    return pack_name(pack=marker.kwargs.get("pack") if marker else None, table=_chosen(item.config))


def _library(item: pytest.Item) -> Library:
    known, pack = item.config.stash.setdefault(_LIBRARIES, {}), _pack(item)
    if pack not in known:
        from chatgptfree_mock.config.project import scenario_folders
        from chatgptfree_mock.scenario.library import shipped

        known[pack] = shipped(scenario_folders(_chosen(item.config)), pack)
    return known[pack]


def _scenarios(item: pytest.Item, globs: Sequence[str]) -> dict[str, ScenarioEntry]:
    library = _library(item)
    return {name: library[name] for glob in globs or ("*",) for name in library.matching(glob)}


def _plugins(item: pytest.Item, specs: Sequence[str]) -> dict[str, str]:
    from chatgptfree_mock.contract.registry import load

    releases = load(_pack(item)).releases
    for notice in (notice for spec in specs for notice in releases.notices(spec)):
        warnings.warn(MockWarning(f"chat_plugins: {notice}"), stacklevel=1)
    return {release.name: release.name for spec in specs or ("all",) for release in releases.select(spec)}


def _variants(item: pytest.Item, globs: Sequence[str], **options: Any) -> dict[str, VariantCase]:
    from chatgptfree_mock.crashtest.recording.variant_case import variant_cases

    marker = item.get_closest_marker("chat_site")
    cassette = marker.kwargs.get("cassette") if marker else None
    if cassette is None:
        raise SettingsError("the marker chat_variants needs a recording: chat_site(cassette=…)")
    found = _beside(item.path.parent, cassette)
    sources = found if isinstance(found, list) else [found]
    key = (repr(sources), tuple(globs), repr(options))
    cases = item.config.stash.setdefault(_CASES, {})
    if key not in cases:
        cases[key] = variant_cases(sources, globs, **options)
    return cases[key]


def _chunks(_item: pytest.Item, words: Sequence[str]) -> dict[str, str]:
    from chatgptfree_mock.scenario.variants import ALL_CHUNKS

    return {word: word for given in words or ("all",) for word in (ALL_CHUNKS if given == "all" else (given,))}
