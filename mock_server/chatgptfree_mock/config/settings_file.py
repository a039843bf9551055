"""The settings of a site from a YAML file; complaints name the file, the place and the nearest word that exists."""

from __future__ import annotations

from pathlib import Path

import yaml

from chatgptfree_mock.contract.settings import settings_data
from chatgptfree_mock.errors import CassetteError, MockError, SettingsError
from chatgptfree_mock.sites.aipower.pages import wordpress_of
from chatgptfree_mock.sites.aipower.releases import built_in
from chatgptfree_mock.sites.aipower.settings import SiteSettings, site_from
from chatgptfree_mock.sites.wordpress.core import core_traits
from chatgptfree_mock.tape.files import read_bytes
from chatgptfree_mock.tape.yaml.nodes import NodeTypeError, TooDeepError, check_keys, compose, is_null

_LIMIT = 8 * 1024 * 1024


def load_settings(path: Path, *, plugin: str | None = None) -> SiteSettings:
    """
    Read the settings at *path*; an empty file means all defaults, and *plugin* is the default of the release.

    Raises:
        SettingsError: it can't be read, is no YAML, or says something that does not exist.
    """
    try:
        node = compose(read_bytes(path, limit=_LIMIT))
        if node is not None:
            check_keys(node)
        value = {} if node is None or is_null(node) else settings_data(node, ("plugin", "wordpress"))
    except CassetteError as exc:
        raise SettingsError(str(exc)) from exc
    except yaml.YAMLError as exc:
        problem = " ".join(str(exc).split()).replace('in "<byte string>", ', "at ")
        raise SettingsError(f"{path}: no YAML: {problem}") from exc
    except (NodeTypeError, TooDeepError) as exc:
        raise SettingsError(f"{path}: {exc}") from exc
    if plugin is not None:
        value = {"plugin": plugin, **value}
    settings = site_from(value, file=str(path))
    try:
        core_traits(wordpress_of(settings, built_in().find(settings.plugin, place="$.plugin")))
    except MockError as exc:
        raise SettingsError(f"{path}: {exc}") from exc
    return settings
