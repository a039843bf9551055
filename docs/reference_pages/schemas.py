"""A file format as a list of its keys, from its JSON Schema: type, default and description of each."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reference_pages.markdown import code, prose, sections, term

Schema = dict[str, Any]
_LONGEST_DEFAULT = 60
_PREFIX = "#/$defs/"
_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "nothing",
    "object": "mapping",
    "array": "list",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An object of a format: the name of its definition, and its place, such as ``front.cache``."""

    name: str
    paths: tuple[str, ...]
    schema: Schema

    @property
    def anchor(self) -> str:
        """Return the id of its section."""
        return f"part-{_anchor(self.paths[0])}"

    def anchor_of(self, key: str) -> str:
        """Return the id of one of its keys."""
        return _anchor(f"{self.paths[0]}.{key}")


def keys(schema: Schema, *, prefix: str, level: int = 3) -> str:
    """
    Return the keys of the format *schema*: those of the whole file, then a section for each object inside it.

    *prefix* begins every id, as a page may show several formats; *level* is that of the headings.
    """
    whole, *parts = parts_of(schema, prefix)
    anchors = {part.name: part.anchor for part in parts}
    titled = ((part, sections([(_title(part, prefix), _keys(part, anchors))], level=level)) for part in parts)
    return "\n".join([_keys(whole, anchors), *(f"({part.anchor})=\n{text}" for part, text in titled)])


def parts_of(schema: Schema, prefix: str) -> list[Part]:
    """Return the objects of *schema*, the outermost first, each with all its places."""
    definitions = schema.get("$defs", {})
    places: dict[str, list[str]] = {"": [prefix]}
    waiting = [""]
    for name in waiting:
        whole = schema if name == "" else definitions[name]
        for key, value in whole.get("properties", {}).items():
            for target, path in _targets(value, f"{places[name][0]}.{key}"):
                if target not in places:
                    waiting.append(target)
                places.setdefault(target, []).append(path)
    first = Counter(paths[0] for paths in places.values())
    for name, paths in places.items():
        if first[paths[0]] > 1:  # several objects may be there
            paths[0] += f" ({name})"
    found = ((name, schema if name == "" else definitions[name]) for name in places)
    return [Part(name=name, paths=tuple(places[name]), schema=each) for name, each in found if "properties" in each]


def _targets(schema: Schema, path: str) -> Iterator[tuple[str, str]]:
    """Yield the definitions that the value at *path* may be, and the path of each."""
    if "$ref" in schema:
        yield schema["$ref"].removeprefix(_PREFIX), path
    for each in schema.get("anyOf", ()):
        yield from _targets(each, path)
    if isinstance(items := schema.get("items"), dict):
        yield from _targets(items, f"{path}[]")
    if isinstance(values := schema.get("additionalProperties"), dict):
        yield from _targets(values, f"{path}.*")


def _title(part: Part, prefix: str) -> str:
    return ", ".join(code(path.removeprefix(f"{prefix}.")) for path in part.paths)


def _keys(part: Part, anchors: dict[str, str]) -> str:
    required = part.schema.get("required", ())
    terms = [
        term(
            name,
            [_facts(value, anchors, required=name in required), prose(value.get("description", ""))],
            anchor=part.anchor_of(name),
        )
        for name, value in part.schema["properties"].items()
    ]
    about = prose(part.schema.get("description", "")) if part.name else ""
    return "\n".join([f"{about}\n", *terms])


def _facts(schema: Schema, anchors: dict[str, str], *, required: bool) -> str:
    facts = [words(schema, anchors)]
    if required:
        facts.append("required")
    elif "default" in schema:
        default = json.dumps(schema["default"], ensure_ascii=False)
        if schema["default"] is not None and len(default) <= _LONGEST_DEFAULT:
            facts.append(f"default {code(default)}")
    return "; ".join(facts)


def words(schema: Schema, anchors: dict[str, str]) -> str:
    """Return the type of a value in words."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_PREFIX)
        return f"[{name}](#{anchors[name]})" if name in anchors else name
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(words(each, anchors) for each in schema["anyOf"]))
    if "enum" in schema:
        return " ".join(code(json.dumps(value).strip('"')) for value in schema["enum"])
    kinds = schema.get("type", "any value")
    if isinstance(kinds, list):
        return " or ".join(_TYPES[kind] for kind in kinds)
    return f"{_TYPES.get(kinds, kinds)}{_limits(schema)}{_inside(schema, anchors)}"


def _limits(schema: Schema) -> str:
    limits = {"minimum": "at least {}", "exclusiveMinimum": "above {}", "maximum": "at most {}", "pattern": "as `{}`"}
    found = [words.format(schema[key]) for key, words in limits.items() if key in schema]
    return f", {', '.join(found)}" if found else ""


def _inside(schema: Schema, anchors: dict[str, str]) -> str:
    if isinstance(items := schema.get("items"), dict):
        return f" of: {words(items, anchors)}"
    if "prefixItems" in schema:
        return f" of {len(schema['prefixItems'])}: {', '.join(words(each, anchors) for each in schema['prefixItems'])}"
    if isinstance(values := schema.get("additionalProperties"), dict) and values:
        return f" of names to: {words(values, anchors)}"
    return ""


def _anchor(path: str) -> str:
    return re.sub(r"[^\w]+", "-", path.replace("[]", "").replace(".*", "")).replace("_", "-").strip("-")
