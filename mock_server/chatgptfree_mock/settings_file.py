"""The settings of a site from a YAML file; complaints name the file, the place and the nearest word that exists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from chatgptfree_mock.errors import CassetteError, MockError, SettingsError
from chatgptfree_mock.tape.files import read_bytes
from chatgptfree_mock.tape.yaml_nodes import MisfitError, TooDeepError, compose, is_null, mapping, plain, text
from chatgptfree_mock.wordpress.core import core_traits
from chatgptfree_mock.wordpress.pages import wordpress_of
from chatgptfree_mock.wordpress.releases import find
from chatgptfree_mock.wordpress.settings import SiteSettings, site_from

_LIMIT = 8 * 1024 * 1024
_RELEASES = ("plugin", "wordpress")


def load_settings(path: Path) -> SiteSettings:
    """
    Read the settings at *path*; an empty file means all defaults.

    Raises:
        SettingsError: it can't be read, is no YAML, or says something that does not exist.
    """
    try:
        node = compose(read_bytes(path, limit=_LIMIT))
        value = {} if node is None or is_null(node) else _values(node)
    except CassetteError as exc:
        raise SettingsError(str(exc)) from exc
    except yaml.YAMLError as exc:
        raise SettingsError(f"{path}: no YAML: {' '.join(str(exc).split())}") from exc
    except (MisfitError, TooDeepError) as exc:
        raise SettingsError(f"{path}: {exc}") from exc
    settings = site_from(value, file=str(path))
    try:
        core_traits(wordpress_of(settings, find(settings.plugin, place="$.plugin")))
    except MockError as exc:
        raise SettingsError(f"{path}: {exc}") from exc
    return settings


def _values(node: yaml.Node) -> dict[str, Any]:
    # `plugin: 2.3` is a release and not a number, though YAML thinks otherwise.
    return {
        key: text(value, key) if key in _RELEASES and not is_null(value) else plain(value)
        for key, value in mapping(node, "the settings").items()
    }
