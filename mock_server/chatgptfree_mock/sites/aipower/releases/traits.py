"""
How a trait of a release is written down: a field with its value, and with the sentence that its value stands for.

The sentences are for authors of clients.  What changed between two releases is told by the sentences of the traits that
differ, so there is no second history to keep.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any


def trait(default: Any, says: Mapping[Any, str] | str, *, topic: str) -> Any:
    """
    Make a field of a dataclass of traits.

    *says* holds a sentence per value, or one sentence with ``{}`` where the value belongs.
    """
    return field(default=default, metadata={"says": says, "topic": topic})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One trait in words."""

    trait: str
    topic: str
    value: object
    sentence: str


def describe(traits: Any) -> Iterator[Said]:
    """Yield every trait in words, in the order of the fields."""
    for spec in fields(traits):
        value = getattr(traits, spec.name)
        says = spec.metadata["says"]
        told = ", ".join(map(str, value)) or "nothing" if isinstance(value, tuple) else value
        sentence = says.format(told) if isinstance(says, str) else says[value]
        yield Said(trait=spec.name, topic=spec.metadata["topic"], value=value, sentence=sentence)
