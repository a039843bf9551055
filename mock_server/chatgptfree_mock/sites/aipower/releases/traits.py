"""
Traits of a release: fields with values, and a sentence for the meaning of each value.

The sentences are for authors of clients.  Changes between two releases are described by the sentences of the traits
that differ, so there is no separate changelog to maintain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, fields, replace
from functools import cache
from typing import Any, TypeVar, get_type_hints

import msgspec

from chatgptfree_mock.errors import SettingsError, key_problem
from chatgptfree_mock.suggestion import nearest_or_all

T = TypeVar("T")


def trait(default: Any, meaning: Mapping[Any, str] | str, *, topic: str) -> Any:
    """
    Make a field of a dataclass of traits.

    *default* is the value in the oldest release.  *meaning* has a sentence for each value, or one sentence with ``{}``
    in the place of the value.  *topic* is the heading of the sentence in lists.
    """
    return field(default=default, metadata={"meaning": meaning, "topic": topic})


def switch(*, on: str, off: str, topic: str, default: bool = False) -> Any:
    """Make a field that is True or False, with a sentence for each; see `trait`."""
    return trait(default, {True: on, False: off}, topic=topic)


class TraitDescription(msgspec.Struct, frozen=True, kw_only=True):
    """One trait in words."""

    trait: str
    topic: str
    value: object
    sentence: str


def describe(traits: Any) -> Iterator[TraitDescription]:
    """Yield every trait in words, in the order of the fields."""
    for spec in fields(traits):
        value = getattr(traits, spec.name)
        meaning = spec.metadata["meaning"]
        shown = (", ".join(map(str, value)) if isinstance(value, tuple) else str(value)) or "nothing"
        sentence = meaning.replace("{}", shown) if isinstance(meaning, str) else meaning[value]
        yield TraitDescription(trait=spec.name, topic=spec.metadata["topic"], value=value, sentence=sentence)


def change(traits: T, changes: Mapping[str, object], *, place: str) -> T:
    """
    Return *traits*, a dataclass, with *changes* (plain data by field name).

    *place* is the path of *changes* in its file, such as ``$.traits``.

    Raises:
        SettingsError: there is no such trait, or it cannot have that value.
    """
    if not changes:
        return traits
    kind: Any = type(traits)
    types = _types(kind)
    for name in changes:
        if name not in types:
            hint = nearest_or_all(name, types)
            raise SettingsError(f"unknown trait `{name}` - at `{place}`{hint}")
    values = {name: _converted(value, types[name], f"{place}.{name}") for name, value in changes.items()}
    return replace(traits, **values)  # type: ignore[type-var]  # T is one of the dataclasses of traits


def _converted(value: object, kind: Any, place: str) -> Any:
    if isinstance(value, int) and value < 0:
        raise SettingsError(f"a number from 0 on is wanted, not {value} - at `{place}`")
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as exc:
        problem, _, inner = str(exc).partition(" - at `$")
        raise SettingsError(
            f"{key_problem(problem)} - at `{place}{inner.removesuffix('`')}`{_choices(value, kind)}"
        ) from exc


def _choices(value: object, kind: Any) -> str:
    words = [str(word) for word in getattr(kind, "__args__", ()) if isinstance(word, str)]
    return nearest_or_all(str(value), words) if words else ""


@cache
def _types(kind: type[object]) -> dict[str, Any]:
    return get_type_hints(kind)
