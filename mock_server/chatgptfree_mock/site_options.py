"""A site on a running server from the few words that a marker or a test gives; gone when its block ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from msgspec.structs import replace

from chatgptfree_mock.control import PLAYS
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.scenario.model import Scenario
from chatgptfree_mock.serving import MockServer, RunningSite, cassettes_of, settings_of
from chatgptfree_mock.suggestion import did_you_mean
from chatgptfree_mock.taped import plugin_of

_WORDS = ("chunks", "pace", "fault", "seed")
_OPTIONS = ("plugin", "reply", "settings", "cassette", "scenario", *_WORDS)
_NOT_WITH_SCENARIO = ("reply", "settings", "cassette", "seed")


@contextmanager
def open_site(server: MockServer, name: str, options: Mapping[str, Any]) -> Iterator[RunningSite]:
    """
    Open a site called *name* on *server*.

    Raises:
        MockError: an option, or what it asks for, does not exist.
    """
    for option in options:
        if option not in _OPTIONS:
            hint = did_you_mean(option, _OPTIONS) or f" (there are: {', '.join(_OPTIONS)})"
            raise SettingsError(f"no such option of a site: `{option}`{hint}")
    given = {option: value for option, value in options.items() if value is not None}
    opened = _play(server, name, given) if "scenario" in given else _add(server, name, given)
    with opened as site:
        yield site


@contextmanager
def _add(server: MockServer, name: str, given: Mapping[str, Any]) -> Iterator[RunningSite]:
    plugin = given.get("plugin")
    if plugin is None and "cassette" in given and "settings" not in given:
        plugin = plugin_of(cassettes_of(given["cassette"]))
    settings = settings_of(given.get("settings", server.sites.root.settings), plugin=plugin, reply=given.get("reply"))
    if "cassette" in given:
        settings = replace(settings, model=replace(settings.model, cassette=str(given["cassette"])))
    delivery = Delivery.parse(**{word: given[word] for word in _WORDS if word in given})
    hosted = server.sites.add(settings, delivery, name=name)
    try:
        yield RunningSite(server, hosted)
    finally:
        server.sites.drop(name)


@contextmanager
def _play(server: MockServer, run_id: str, given: Mapping[str, Any]) -> Iterator[RunningSite]:
    wrong = [option for option in _NOT_WITH_SCENARIO if option in given]
    if wrong:
        raise SettingsError(f"a scenario says itself what its site is like; leave out {', '.join(wrong)}")
    plays = server.app[PLAYS]
    name = str(given["scenario"])
    hosted, _ = plays.start(name, run_id, _changed(plays.library[name].scenario, given))
    try:
        yield RunningSite(server, hosted)
    finally:
        plays.drop(name, run_id)


def _changed(scenario: Scenario, given: Mapping[str, Any]) -> Scenario:
    words = {word: given[word] for word in _WORDS if word in given}
    site = replace(scenario.site, plugin=given["plugin"]) if "plugin" in given else scenario.site
    return replace(scenario, site=site, delivery=replace(scenario.delivery, **words))
