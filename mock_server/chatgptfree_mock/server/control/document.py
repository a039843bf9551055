"""The description of the API (OpenAPI 3.1), with the schema of the settings inserted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from chatgptfree_mock import json_schema
from chatgptfree_mock.server.control.calls import as_json
from chatgptfree_mock.server.control.keys import SITES


async def openapi(request: web.Request) -> web.StreamResponse:
    """Return the description of the API."""
    return as_json(document(request.app[SITES].root.spec.pack.Settings))


def document(settings: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the OpenAPI document with the schema of *settings*, the settings type of a pack."""
    described: dict[str, Any] = msgspec.json.decode((Path(__file__).parents[1] / "openapi.json").read_bytes())
    (site,), schemas = json_schema.components([settings], ref_template="#/components/schemas/{name}")
    described["components"]["schemas"].update(schemas, Settings=site)
    return described
