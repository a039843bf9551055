"""The scenario format as JSON Schema, generated from the types, so that editors can complete and check."""

from __future__ import annotations

from chatgptfree_mock import json_schema
from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.contract import registry
from chatgptfree_mock.scenario.model import Scenario


def scenario_schema(pack: str = DEFAULT_PACK) -> json_schema.Schema:
    """
    Return the schema of a scenario file for sites of *pack*.

    Raises:
        PackError: there is no such pack.
    """
    chosen = registry.load(pack)
    schema = json_schema.document("chatgptfree scenario", Scenario)
    (site,), components = json_schema.components([chosen.Settings])
    name = chosen.Settings.__name__
    components[name] = json_schema.with_texts(components[name], chosen.version_keys)
    schema["properties"]["site"] = {**site, "description": "The settings of the site."}
    schema["properties"]["pack"]["default"] = chosen.name
    return {**schema, "$defs": {**schema["$defs"], **components}}
