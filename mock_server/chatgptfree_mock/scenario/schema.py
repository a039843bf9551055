"""The scenario format as JSON Schema, generated from the types, so that editors can complete and check."""

from __future__ import annotations

from typing import Any

import msgspec

from chatgptfree_mock.scenario.model import Scenario

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Return the schema of a scenario file."""
    return {"$schema": DIALECT, "title": "chatgptfree scenario", **msgspec.json.schema(Scenario)}
