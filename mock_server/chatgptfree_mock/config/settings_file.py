"""The settings of a site from a YAML file; errors name the file, the place and the nearest existing word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from chatgptfree_mock import json_schema
from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.config.site import NO_TABLE, PACK, choose_site, pack_name
from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.settings import settings_data
from chatgptfree_mock.contract.site_spec import SiteSpec
from chatgptfree_mock.errors import MockError, SettingsError
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.yaml.nodes import is_null
from chatgptfree_mock.tape.yaml.user_file import yaml_document


def load_settings(
    path: Path,
    *,
    pack: str | None = None,
    plugin: str | None = None,
    cassettes: Sequence[Cassette] = (),
    table: Mapping[str, str] = NO_TABLE,
) -> SiteSpec:
    """
    Return the site that the file at *path* describes; an empty file means all defaults.

    The other arguments are those of `choose_site`.

    Raises:
        SettingsError: the file can't be read, is not YAML, or names something that does not exist.
    """

    def spec_of(node: yaml.Node | None) -> SiteSpec:
        node = None if node is None or is_null(node) else node
        data = {} if node is None else settings_data(node, (PACK,))
        chosen = registry.load(pack_name(data, pack=pack, table=table))
        data = {} if node is None else settings_data(node, chosen.version_keys)
        spec = choose_site(data, pack=pack, plugin=plugin, cassettes=cassettes, table=table, file=str(path))
        spec.pack.check(spec.settings)
        return spec

    try:
        with yaml_document(path) as node:
            return spec_of(node)
    except MockError as exc:
        problem = str(exc)
        raise SettingsError(problem if problem.startswith(str(path)) else f"{path}: {problem}") from exc


def settings_schema(pack: str = DEFAULT_PACK) -> json_schema.Schema:
    """
    Return the JSON Schema of a settings file for sites of *pack*.

    Raises:
        PackError: there is no such pack.
    """
    chosen = registry.load(pack)
    schema = json_schema.document("chatgptfree settings", chosen.Settings, texts=chosen.version_keys)
    named = {"type": "string", "default": DEFAULT_PACK, "description": "The site pack that imitates the site."}
    return {**schema, "properties": {PACK: named, **schema["properties"]}}
