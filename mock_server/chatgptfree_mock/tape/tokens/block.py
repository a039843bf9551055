"""Edit the block `x-tokens` in the text of a file; entries that a person wrote are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import yaml
from msgspec import convert
from msgspec.structs import replace

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.in_place import Appended, Changes, change_json, change_yaml
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.tokens.classifying import FoundToken
from chatgptfree_mock.tape.tokens.token_block import Token, TokenRefusal, ValueShape, tokens_as_data
from chatgptfree_mock.tape.tokens.token_plan import plan_tokens
from chatgptfree_mock.tape.yaml.composing import compose_file
from chatgptfree_mock.tape.yaml.reading import read

Entries = tuple[Mapping[str, Any], ...]
_DECLARED: Final = {"shape": ValueShape, "lives": float, "refused": TokenRefusal}
"""What an entry may declare: redaction leaves values of other shapes, and the rest is known to a person alone."""


class ActingTokens(NamedTuple):
    """Entries of a block that can act on replay, and a line for each that cannot."""

    entries: Entries
    notes: tuple[str, ...] = ()


def acting(cassette: Cassette, tokens: Iterable[Token]) -> ActingTokens:
    """Return the *tokens* that can act on a replay of *cassette*; redaction may have removed the value of one."""
    entries: list[Mapping[str, Any]] = []
    notes: list[str] = []
    for entry in tokens_as_data(list(tokens)):
        try:
            plan_tokens(replace(cassette, tokens=(entry,)))
        except CassetteError as exc:
            notes.append(f"left out of x-tokens: {exc.problem}")
        else:
            entries.append(entry)
    return ActingTokens(tuple(entries), tuple(notes))


def new_entries(cassette: Cassette, entries: Iterable[Mapping[str, Any]]) -> Entries:
    """Return the *entries* with places that the block of *cassette* does not have yet."""
    there = {key for entry in cassette.tokens for key in _keys(entry)}
    return tuple(entry for entry in entries if not there & _keys(entry))


def as_declared(cassette: Cassette, found: Iterable[FoundToken]) -> tuple[FoundToken, ...]:
    """Return *found* with `shape`, `lives` and `refused` of the block of *cassette*: no recording shows all of that."""
    entries = {key: entry for entry in cassette.tokens for key in _keys(entry)}
    return tuple(_as_declared(each, entries) for each in found)


def _as_declared(found: FoundToken, entries: Mapping[tuple[str, int, str], Mapping[str, Any]]) -> FoundToken:
    places = ((found.token.name, back.interaction, back.place) for back in found.token.back)
    entry = next((entries[place] for place in places if place in entries), {})
    declared: dict[str, Any] = {
        key: convert(entry[key], kind) for key, kind in _DECLARED.items() if entry.get(key) is not None
    }
    return FoundToken(token=replace(found.token, **declared), value=found.value, why=found.why)


def not_found(cassette: Cassette, entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names in the block of *cassette* that are not among *entries*, which are all that were found."""
    seen = {key for entry in entries for key in _keys(entry)}
    return [entry["name"] for entry in cassette.tokens if not seen & _keys(entry)]


def with_entries(data: bytes, cassette: Cassette, entries: Sequence[Mapping[str, Any]], *, file: str) -> str:
    """
    Return the text of a file with *entries* added to its block.

    Args:
        data: the bytes of the file.
        cassette: what it holds.
        entries: the entries to add; see `new_entries`.
        file: its name in error messages; one that ends with `.json` means JSON.

    Raises:
        CassetteError: the file has no place for the block.
    """
    root = compose_file(data, file)
    if not isinstance(root, yaml.MappingNode):
        raise CassetteError("x-tokens has no place in a list of interactions", file=file, repair="record it again")
    changes: Changes = {("x-tokens",): Appended(tuple(entries)) if cassette.tokens else list(entries)}
    try:
        text = data.decode()
        changed = change_json(text, changes) if root.start_mark is None else change_yaml(text, root, changes)
        read(changed.encode(), file=file)
    except (ValueError, TypeError, CassetteError) as exc:
        raise CassetteError(
            f"x-tokens has no place in it: {exc}", file=file, repair="record or import it again"
        ) from exc
    return changed


def _keys(entry: Mapping[str, Any]) -> set[tuple[str, int, str]]:
    return {(entry["name"], each["interaction"], each["place"]) for each in entry["back"]}
