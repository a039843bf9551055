"""The formats of the files that people write and read, from the schemas that `chatgptfree-mock schema` prints."""

from __future__ import annotations

from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.contract import registry
from chatgptfree_mock.scenario.schema import scenario_schema
from chatgptfree_mock.tape.cassette_schema import cassette_schema
from reference_pages.schemas import Schema, keys


def of_a_scenario() -> str:
    """Return the keys of a scenario; those of `site` are on the page about settings."""
    schema = scenario_schema()
    schema["properties"]["site"] = {"type": "object", "description": "The settings of the site, see Settings."}
    return keys(schema, prefix="scenario")


def of_a_cassette() -> str:
    """Return the keys of a cassette."""
    return keys(cassette_schema(), prefix="cassette")


def of_a_release() -> str:
    """Return the keys of a release's file; traits come last, as they are many."""
    return keys(_with_traits_last(registry.load(DEFAULT_PACK).release_schema()), prefix="release")


def _with_traits_last(schema: Schema) -> Schema:
    late = ("traits", "providers")
    properties = schema["properties"]
    ordered = [*(key for key in properties if key not in late), *late]
    return {**schema, "properties": {key: properties[key] for key in ordered}}
