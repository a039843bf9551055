"""JSON Schemas of structs: what msgspec makes of the types, and the docstrings of the source as descriptions."""

from __future__ import annotations

from typing import Literal

import msgspec

from chatgptfree_mock.json_schema import components, document, field_docs


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """What others have too."""

    size: int = 0
    """A size
    in bytes.

    And more.
    """


class Inner(Base, frozen=True, kw_only=True):
    """Inside."""

    words: list[str] = msgspec.field(default_factory=lambda: ["a"])
    """Some words."""
    bare: int = 1


class Outer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Outside."""

    plugin: str = "2.4"
    """A release."""
    note: str | None = None
    inner: dict[str, list[Inner | None]] = {}
    kind: Literal["x", "y"] = "x"


def test_docstrings_are_found_for_inherited_fields_too() -> None:
    assert field_docs(Inner) == {"size": "A size in bytes.\n\nAnd more.", "words": "Some words."}


def test_structs_in_containers_are_described() -> None:
    _, definitions = components([Outer])
    inner = definitions["Inner"]
    assert inner["description"] == "Inside."
    assert inner["properties"]["words"]["description"] == "Some words."
    assert "description" not in inner["properties"]["bare"]


def test_the_default_of_a_factory_is_shown() -> None:
    _, definitions = components([Inner])
    assert definitions["Inner"]["properties"]["words"]["default"] == ["a"]


def test_version_numbers_may_look_like_numbers() -> None:
    schema = document("a title", Outer, texts=("plugin", "note"))
    assert schema["title"] == "a title"
    assert schema["additionalProperties"] is False
    assert schema["properties"]["plugin"] == {
        "type": ["string", "number"],
        "default": "2.4",
        "description": "A release.",
    }
    assert schema["properties"]["note"]["type"] == ["string", "number", "null"]
    assert schema["properties"]["kind"]["enum"] == ["x", "y"]
