"""The options of a test's site: defaults, the marker `chat_site`, and the values of multiplying markers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from chatgptfree_mock.config.keys import REPLAY
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.pytest_plugin import configuration
from chatgptfree_mock.pytest_plugin.configuration import library, mistakes_in_one_line

if TYPE_CHECKING:
    from chatgptfree_mock.scenario.library import ScenarioEntry


def site_options(
    item: pytest.Item, entry: ScenarioEntry | None, plugin: str | None, chunks: str | None
) -> dict[str, Any]:
    """Return the options of the site: defaults, the marker `chat_site`, and the values of multiplying markers."""
    marker = item.get_closest_marker("chat_site")
    own = marker.kwargs if marker else {}
    if marker is not None and marker.args:
        pytest.fail("the marker chat_site takes keywords only", pytrace=False)
    values = {"scenario": entry and entry.name, "plugin": plugin, "chunks": chunks}
    multiplied = {option: value for option, value in values.items() if value is not None}
    for option in multiplied.keys() & own.keys():
        if marker in item.own_markers:
            pytest.fail(f"chat_site sets {option}, and so does a marker that multiplies: give one", pytrace=False)
    chosen = {**own, **multiplied}
    with mistakes_in_one_line():
        defaults = configuration.defaults(item.config)
        if chosen.get("scenario") is not None:
            return _of_scenario(item, chosen, defaults, multiplied=bool(multiplied))
    defaults.pop("plugin", None)  # it is the release of the server's root site, which is used if the test names none
    if "cassette" not in own:
        defaults = {name: value for name, value in defaults.items() if name not in REPLAY}
    from chatgptfree_mock.config.project import with_defaults

    return with_defaults(chosen, defaults)


def _of_scenario(
    item: pytest.Item, chosen: dict[str, Any], defaults: dict[str, str], *, multiplied: bool
) -> dict[str, Any]:
    """
    Return the options for a scenario, whose own settings take precedence over defaults.

    If a marker *multiplied* the test, skip it if the scenario cannot happen like that; `open_site` refuses others.
    """
    delivery = {word: value for word, value in defaults.items() if word in ("chunks", "pace") and word not in chosen}
    if not multiplied and not delivery:
        return chosen
    name = str(chosen["scenario"])
    scenario = library(item)[name].scenario
    if scenario.has_pace:
        delivery.pop("pace", None)
    if scenario.default_chunks(delivery.get("chunks")) is None:
        delivery.pop("chunks", None)
    if not multiplied:
        return {**delivery, **chosen}
    try:
        scenario.varied(name, plugin=chosen.get("plugin"), chunks=chosen.get("chunks"))
        if chosen.get("fault") is not None and scenario.delivery.fault:
            raise SettingsError(f"{name} sets its own fault")
    except SettingsError as exc:
        pytest.skip(str(exc))
    return {**delivery, **{word: value for word, value in chosen.items() if word != "pace" or not scenario.has_pace}}


def check_delivery(item: pytest.Item, options: Mapping[str, Any], chunks: str | None, *, tokens: bool) -> None:
    """
    Fail if the test sets a delivery as well as a variant, which has its own bytes and times.

    *tokens*: whether the variant sets the option `tokens`, and plays the recorded answer, as any delivery sends it.
    """
    marker = item.get_closest_marker("chat_site")
    given = [word for word in ("scenario", "fault") if word in options]
    if marker is not None:
        given += [word for word in (("tokens",) if tokens else ("chunks", "pace")) if word in marker.kwargs]
    given += ["chat_chunks"] if chunks else []
    if given:
        pytest.fail(f"chat_variants decides how the answer is sent; leave out {', '.join(given)}", pytrace=False)
