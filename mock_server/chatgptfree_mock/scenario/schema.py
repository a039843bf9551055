"""The scenario format as JSON Schema, generated from the types, so that editors can complete and check."""

from __future__ import annotations

from typing import Any

import msgspec

from chatgptfree_mock.contract import registry
from chatgptfree_mock.scenario.model import Scenario

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(pack: str = registry.DEFAULT) -> dict[str, Any]:
    """
    Return the schema of a scenario file for sites of *pack*.

    Raises:
        PackError: there is no such pack.
    """
    settings = registry.load(pack).Settings
    (scenario, site), components = msgspec.json.schema_components([Scenario, settings], ref_template="#/$defs/{name}")
    components["Scenario"]["properties"]["site"] = site
    return {"$schema": DIALECT, "title": "chatgptfree scenario", **scenario, "$defs": components}
