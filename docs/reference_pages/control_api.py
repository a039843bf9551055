"""The control API, from the OpenAPI document that a running mock hands out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.contract import registry
from chatgptfree_mock.server.control import document
from reference_pages.markdown import code, prose, sections, table

_METHODS = ("get", "put", "post", "patch", "delete")


def routes() -> str:
    """Return what all routes share, then each with its path below that of the API, parameters, bodies and responses."""
    whole = document(registry.load(DEFAULT_PACK).Settings)
    found = ((path, method, item) for path, item in whole["paths"].items() for method in _METHODS if method in item)
    each_route = sections(
        (code(f"{method.upper()} {path}"), _route(whole, item, item[method])) for path, method, item in found
    )
    return f"{prose(whole['info']['description'])}\n\n{each_route}"


def _route(whole: dict[str, Any], item: dict[str, Any], operation: dict[str, Any]) -> str:
    parameters = [_resolved(whole, each) for each in (*item.get("parameters", ()), *operation.get("parameters", ()))]
    parts = [prose(operation["summary"]), prose(operation.get("description", ""))]
    if parameters:
        rows = [(code(each["name"]), each["in"], prose(each.get("description", ""))) for each in parameters]
        parts.append(table(("parameter", "in", "meaning"), rows))
    parts += _body(whole, operation)
    answers = operation["responses"].items()
    meanings = [(code(status), prose(_resolved(whole, each)["description"])) for status, each in answers]
    return "\n\n".join([*filter(None, parts), table(("status", "meaning"), meanings)])


def _body(whole: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return
    schema = _resolved(whole, content["schema"])
    if keys := schema.get("properties"):
        rows = [(code(name), prose(_resolved(whole, each).get("description", ""))) for name, each in keys.items()]
        yield table(("key of the body", "meaning"), rows)
    if "example" in content:
        yield f"```json\n{json.dumps(content['example'], ensure_ascii=False, indent=2)}\n```"


def _resolved(whole: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """Return *value*, or what it refers to; what is beside the reference has precedence."""
    if "$ref" not in value:
        return value
    found: Any = whole
    for key in value["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    return {**_resolved(whole, found), **value}
