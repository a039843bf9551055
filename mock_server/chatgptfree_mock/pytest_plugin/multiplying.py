"""The markers that multiply a test, and the values of each by the name in the test's id."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import pytest

from chatgptfree_mock.errors import MockWarning, SettingsError
from chatgptfree_mock.pytest_plugin.configuration import beside, library, mistakes_in_one_line, pack_of
from chatgptfree_mock.suggestion import nearest_or_all

if TYPE_CHECKING:
    from chatgptfree_mock.crashtest.recording.variant_case import VariantCase
    from chatgptfree_mock.pytest_plugin.baseline_run import UndisturbedRun
    from chatgptfree_mock.scenario.library import ScenarioEntry

FIXTURES: Final[Mapping[str, str]] = {
    "chat_scenarios": "chat_scenario",
    "chat_plugins": "chat_plugin",
    "chat_variants": "chat_variant",
    "chat_chunks": "chat_chunks",
}
"""The markers that multiply a test, and the fixture that holds the value of each."""
KEYWORDS: Final[Mapping[str, tuple[str, ...]]] = {"chat_variants": ("answer", "end_mark", "everything", "anyway")}
"""The keyword arguments of the markers that have some."""
_CASES: pytest.StashKey[dict[tuple[object, ...], dict[str, VariantCase]]] = pytest.StashKey()
"""The variants of each recording in a marker."""
_NAMED: pytest.StashKey[frozenset[str]] = pytest.StashKey()
"""The fixtures that the test itself names; four fixtures of each test ask for it."""


def multiply(metafunc: pytest.Metafunc) -> None:
    """Parametrize a test by its markers that multiply."""
    for marker, fixture in FIXTURES.items():
        found = metafunc.definition.get_closest_marker(marker)
        if found is None:
            continue
        where = f"{metafunc.definition.name}: "
        if fixture not in metafunc.fixturenames:
            pytest.fail(f"{where}the marker {marker} needs the fixture `chat_site`", pytrace=False)
        for value in found.args:
            if not isinstance(value, str) or not value.strip():
                words = f"{where}the marker {marker} takes texts, each an argument of its own, not {value!r}"
                pytest.fail(words, pytrace=False)
        known = KEYWORDS.get(marker, ())
        for word in found.kwargs.keys() - set(known):
            end = nearest_or_all(word, known) if known else "; give the value without a name"
            pytest.fail(f"{where}the marker {marker} takes no keyword `{word}`{end}", pytrace=False)
        with mistakes_in_one_line(where):
            chosen = _VALUES[marker](metafunc.definition, found.args, **found.kwargs)
        metafunc.parametrize(fixture, list(chosen.values()), ids=list(chosen))


def check_multiplied(item: pytest.Item) -> None:
    """Fail if a marker could not multiply a test, such as a method of `unittest.TestCase`."""
    for marker, fixture in FIXTURES.items():
        if item.get_closest_marker(marker) and fixture not in getattr(getattr(item, "callspec", None), "params", {}):
            pytest.fail(
                f"the marker {marker} cannot multiply {type(item).__name__} {item.name}: pytest multiplies functions "
                "and methods of plain classes only (use one, or loop inside the test)",
                pytrace=False,
            )


def check_marker(item: pytest.Item, fixture: str) -> None:
    """
    Fail if the test itself names *fixture*, but has not the marker that gives it values.

    Fixtures between the two may name it for tests with and without the marker.
    """
    if _NAMED not in item.stash:
        item.stash[_NAMED] = _requested_fixtures(item)
    if fixture in item.stash[_NAMED]:
        marker = next(marker for marker, its in FIXTURES.items() if its == fixture)
        pytest.fail(f"the fixture {fixture} needs the marker {marker} on the test, which has none", pytrace=False)


def _requested_fixtures(item: pytest.Item) -> frozenset[str]:
    """Return the names of the fixtures that the test itself names, as parameters or by the marker `usefixtures`."""
    function = getattr(item, "function", None)
    parameters = _parameters(function) if callable(function) else frozenset()
    return parameters.union(*(mark.args for mark in item.iter_markers("usefixtures")))


@lru_cache(maxsize=64)
def _parameters(function: Callable[..., object]) -> frozenset[str]:
    """Return the names of the parameters of a test function, which each of its tests asks for."""
    return frozenset(inspect.signature(function).parameters)


def _scenarios(item: pytest.Item, globs: Sequence[str]) -> dict[str, ScenarioEntry]:
    known = library(item)
    return {name: known[name] for glob in globs or ("*",) for name in known.matching(glob)}


def _plugins(item: pytest.Item, specs: Sequence[str]) -> dict[str, str]:
    from chatgptfree_mock.contract.registry import load

    releases = load(pack_of(item)).releases
    for notice in (notice for spec in specs for notice in releases.notices(spec)):
        item.warn(MockWarning(f"chat_plugins: {notice}"))
    return {name: name for spec in specs or ("all",) for name in releases.select(spec)}


def _variants(
    item: pytest.Item, globs: Sequence[str], **options: Any
) -> Mapping[str, VariantCase] | Mapping[str, UndisturbedRun]:
    from chatgptfree_mock.crashtest.recording.variant_case import variant_cases
    from chatgptfree_mock.pytest_plugin.baseline_run import undisturbed_run

    if run := undisturbed_run(item):
        return {run.name: run}
    marker = item.get_closest_marker("chat_site")
    cassette = marker.kwargs.get("cassette") if marker else None
    if cassette is None:
        raise SettingsError("the marker chat_variants needs a recording: chat_site(cassette=…)")
    found = beside(item.path, cassette)
    sources = found if isinstance(found, list) else [found]
    key = (repr(sources), tuple(globs), repr(options))
    cases = item.config.stash.setdefault(_CASES, {})
    if key not in cases:
        cases[key] = variant_cases(sources, globs, **options)
    return cases[key]


def _chunks(_item: pytest.Item, words: Sequence[str]) -> dict[str, str]:
    from chatgptfree_mock.replay.chunking import ALL_CHUNKS

    return {word: word for given in words or ("all",) for word in (ALL_CHUNKS if given == "all" else (given,))}


_VALUES: Final[Mapping[str, Callable[..., Mapping[str, Any]]]] = {
    "chat_scenarios": _scenarios,
    "chat_plugins": _plugins,
    "chat_variants": _variants,
    "chat_chunks": _chunks,
}
