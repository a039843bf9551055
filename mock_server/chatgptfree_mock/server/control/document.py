"""
The description of the API (OpenAPI 3.1).

`openapi.json` has the paths and the responses, which are plain data; the schemas of requests are made from the classes
that read them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
from aiohttp import web

from chatgptfree_mock import json_schema
from chatgptfree_mock.server.control.bodies import ClockChange, DeliveryWords, Live, NewSite, Push
from chatgptfree_mock.server.control.calls import as_json
from chatgptfree_mock.server.control.keys import SITES
from chatgptfree_mock.server.journal_query import JournalExport

_BODIES: Final = (NewSite, DeliveryWords, ClockChange, Live, Push, JournalExport)
_SCHEMAS: Final = "#/components/schemas/"


async def openapi(request: web.Request) -> web.StreamResponse:
    """Return the description of the API."""
    return as_json(document(request.app[SITES].root.spec.pack.Settings))


def document(settings: type[msgspec.Struct]) -> dict[str, Any]:
    """
    Return the OpenAPI document with the schema of *settings*, the settings type of a pack.

    The structs that the settings are made of have the prefix `Settings.`, since a pack may name them as it likes.
    """
    described: dict[str, Any] = msgspec.json.decode((Path(__file__).parents[1] / "openapi.json").read_bytes())
    schemas = described["components"]["schemas"]
    (site,), parts = json_schema.components([settings], ref_template=f"{_SCHEMAS}Settings.{{name}}")
    schemas.update({f"Settings.{name}": part for name, part in parts.items()}, Settings=site)
    _, bodies = json_schema.components(_BODIES, ref_template=f"{_SCHEMAS}{{name}}")
    schemas.update(bodies)
    of_new_site = schemas["NewSite"]["properties"]
    of_new_site["settings"] = {"$ref": f"{_SCHEMAS}Settings", "description": of_new_site["settings"]["description"]}
    return described
