"""The site of one test: how it is opened, what it leaves for the hooks, and its part of the report of a failure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import count
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from chatgptfree_mock.crashtest.recording.variant_case import VariantCase
    from chatgptfree_mock.pytest_plugin.baseline_run import UndisturbedRun
    from chatgptfree_mock.scenario.library import ScenarioEntry
    from chatgptfree_mock.server.mock_server import MockServer
    from chatgptfree_mock.server.recording_site import RecordingSite
    from chatgptfree_mock.server.running_site import RunningSite

_SITE: Final[pytest.StashKey[RunningSite]] = pytest.StashKey()
"""The site that the test got."""
_RECORDING: Final[pytest.StashKey[RecordingSite]] = pytest.StashKey()
"""The recording proxy that the test got in place of a site."""
_VARIANT: Final[pytest.StashKey[VariantCase]] = pytest.StashKey()
"""The variant that its site serves."""
_EXPLAINED: Final[pytest.StashKey[bool]] = pytest.StashKey()
"""Whether the test's report lists the settings without effect, so that they are not warnings as well."""
_PASSED: Final[pytest.StashKey[bool]] = pytest.StashKey()
"""Whether the test itself has passed; not there before its end."""
_EXCHANGES_SHOWN: Final = 20
_runs = count(1)


def opened(
    request: pytest.FixtureRequest,
    server: MockServer,
    scenario: ScenarioEntry | None,
    plugin: str | None,
    variant: VariantCase | UndisturbedRun | None,
    chunks: str | None,
) -> Iterator[RunningSite | RecordingSite]:
    """
    Yield the site on *server* that the marker `chat_site` of the test of *request* describes, and close it then.

    The others are the values of the markers that multiply; None without the marker.
    """
    from chatgptfree_mock.pytest_plugin import pytest_recording_compat, record_mode, serving_variants
    from chatgptfree_mock.pytest_plugin.baseline_run import UndisturbedRun
    from chatgptfree_mock.pytest_plugin.configuration import beside, mistakes_in_one_line
    from chatgptfree_mock.pytest_plugin.options import check_delivery, site_options

    pytest_recording_compat.allow_loopback(request)
    case = None if isinstance(variant, UndisturbedRun) else variant
    options = site_options(request.node, scenario, plugin, chunks)
    upstream = options.pop("upstream", None)
    if upstream is not None:
        made = record_mode.recording_for(request, options, upstream)
        if made is not None:
            yield from _recorded(request.node, made)
            _note_undisturbed(request.node, variant)
            return
    if "cassette" in options:
        with mistakes_in_one_line():
            options["cassette"] = beside(request.path, options["cassette"])
    if case is not None:
        check_delivery(request.node, options, chunks, tokens=case.tokens is not None)
        options = serving_variants.options_of(case, options)
    with ExitStack() as stack:
        with mistakes_in_one_line():
            from chatgptfree_mock.server.temporary_site import open_site

            site = stack.enter_context(open_site(server, f"test-{next(_runs)}", options))
        if case is not None:
            serving_variants.serve(case, site)
            request.node.stash[_VARIANT] = case
        if options.get("intercept"):
            _set_proxy_variables(request.getfixturevalue("monkeypatch"), site.environment)
        request.node.stash[_SITE] = site
        yield site
        _note_ineffective_words(request.node, site, chunks)
    _note_undisturbed(request.node, variant)


def check_variant_served(item: pytest.Item) -> None:
    """Fail the test if it has a variant and its client never got it."""
    if _VARIANT in item.stash:
        from chatgptfree_mock.pytest_plugin import serving_variants

        serving_variants.check_served(item.stash[_VARIANT], item.stash[_SITE])


def add_to_report(item: pytest.Item, report: pytest.TestReport) -> None:
    """Add the journal to the *report* of a failure, and note for the end of the test what the report has."""
    if report.failed or (report.skipped and report.when == "call"):
        item.stash[_EXPLAINED] = True
    if report.failed:
        report.sections += _sections(item, report)
    if report.when == "call":
        item.stash[_PASSED] = report.passed


def _sections(item: pytest.Item, report: pytest.TestReport) -> Iterator[tuple[str, str]]:
    """Yield the title and the text of each part that the plugin adds to the report of a failure."""
    recorded, site = item.stash.get(_RECORDING, None), item.stash.get(_SITE, None)
    if recorded is not None and report.when == "call":
        text = recorded.journal.text() or "(no exchange ended)"
        lines = [text, *recorded.warnings, "(the test failed, so nothing was recorded)"]
        yield f"chat_site {recorded.url}", "\n".join(lines)
    if site is not None:
        journal = site.journal
        shown = [exchange.text() for exchange in journal[-_EXCHANGES_SHOWN:]]
        left_out = journal.total - len(shown)
        head = [f"({left_out} earlier exchanges are not shown)"] if left_out else []
        yield f"chat_site {site.mounted.described} {site.url}", "\n".join([*head, *shown]) or "(no request came)"
        if found := site.warnings:
            yield "chat_site: warnings", "\n".join(found)


def _note_ineffective_words(item: pytest.Item, site: RunningSite, chunks: str | None) -> None:
    """Warn of settings of *item* that had no effect on *site*; note those of the project, which other tests may use."""
    from chatgptfree_mock.pytest_plugin import project_defaults

    ended = not item.stash.get(_EXPLAINED, False)
    of_project = project_defaults.prefixes(item, multiplied=chunks is not None)
    if of_project:
        outcomes = {word: reason for word, reason in site.mounted.outcomes().items() if word.startswith(of_project)}
        project_defaults.note(item.config, outcomes, ended=ended)
    if ended:
        # If a recording has no use for one word of a list, that is not a mistake in the test.
        others = (f"`chunks={chunks}` ", *of_project)
        _warn(item, (line for line in site.warnings if not line.startswith(others)))


def _recorded(item: pytest.Item, site: RecordingSite) -> Iterator[RecordingSite]:
    """Record while the test runs, and store the file if it passes."""
    from chatgptfree_mock.pytest_plugin.record_mode import keep

    with site:
        item.stash[_RECORDING] = site
        yield site
        if item.stash.get(_PASSED, False):
            _warn(item, keep(item.config, site))


def _note_undisturbed(item: pytest.Item, variant: object) -> None:
    """Leave a note on why a test ran without variants; not if it failed, as its report then has the reason."""
    from chatgptfree_mock.pytest_plugin import run_notes
    from chatgptfree_mock.pytest_plugin.baseline_run import UndisturbedRun

    if isinstance(variant, UndisturbedRun) and item.stash.get(_PASSED, False):
        run_notes.leave(item, str(variant))


def _warn(item: pytest.Item, lines: Iterable[str]) -> None:
    from chatgptfree_mock.errors import MockWarning

    for line in lines:
        item.warn(MockWarning(f"chat_site: {line}"))


def _set_proxy_variables(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> None:
    """
    Set the variables of the forward proxy for this process and those that the test starts, until the test has ended.

    It uses the fixture *monkeypatch*, so that its changes and those of the test are undone in the right order.
    """
    from chatgptfree_mock.intercept import this_process

    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for owner, name, thing in this_process.attributes(environment):
        monkeypatch.setattr(owner, name, thing)
