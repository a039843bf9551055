"""The JSON Schema of a release's file, with every trait and the meaning of each of its values."""

from __future__ import annotations

import json
from dataclasses import Field, fields
from typing import Any, Final, get_args

from chatgptfree_mock import json_schema
from chatgptfree_mock.json_schema import Schema
from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.aipower.releases.providers import ProviderTraits
from chatgptfree_mock.sites.aipower.releases.release_file import TEXTS, ReleaseFile
from chatgptfree_mock.sites.aipower.releases.wpaicg_traits import WpaicgTraits
from chatgptfree_mock.sites.model_api.settings import Provider

_TRAITS: Final = (AipkitTraits, WpaicgTraits, ProviderTraits)


def release_schema() -> Schema:
    """Return the schema of a file with one release."""
    schema = json_schema.document("chatgptfree release", ReleaseFile, texts=TEXTS)
    references, definitions = json_schema.components(_TRAITS)
    for kind in _TRAITS:
        _describe(definitions[kind.__name__], kind)
    of_aipkit, of_wpaicg, of_a_provider = references
    properties = schema["properties"]
    properties["traits"] = {**properties["traits"], "anyOf": [of_aipkit, of_wpaicg]}
    properties["providers"] = {
        **{key: value for key, value in properties["providers"].items() if key != "additionalProperties"},
        "properties": {
            name: {
                "description": f"How the release calls {name}, where that differs from the base; null: it does not.",
                "anyOf": [of_a_provider, {"type": "null"}],
            }
            for name in get_args(Provider)
        },
        "additionalProperties": False,
    }
    return {**schema, "$defs": {**schema["$defs"], **definitions}}


def _describe(definition: Schema, kind: type[Any]) -> None:
    """Describe each trait; none has a default, because a trait missing from a file is as in the base."""
    definition["additionalProperties"] = False
    for trait in fields(kind):
        schema = definition["properties"][trait.name]
        schema.pop("default", None)
        schema["description"] = _meaning(trait)


def _meaning(trait: Field[Any]) -> str:
    meaning = trait.metadata["meaning"]
    if isinstance(meaning, str):
        return meaning.replace("{}", "…")
    return "\n\n".join(f"`{json.dumps(value).strip(chr(34))}`: {sentence}" for value, sentence in meaning.items())
