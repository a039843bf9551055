"""
Convert plain data from YAML or JSON to structs; each error names the place and the nearest word.

The settings of every pack are `SettingsPart` structs and are read here, so that errors are worded alike.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Collection
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import msgspec
import yaml

from chatgptfree_mock.errors import SettingsError, key_problem
from chatgptfree_mock.suggestion import nearest_or_all
from chatgptfree_mock.tape.yaml.nodes import is_null, mapping, plain, text

T = TypeVar("T")
Size = Annotated[int, msgspec.Meta(ge=1)]
HttpStatus = Annotated[int, msgspec.Meta(ge=100, le=599)]


class SettingsPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of all settings: immutable, by name only, no unknown keys."""


def settings_data(node: yaml.Node, versions: Collection[str]) -> dict[str, Any]:
    """
    Return the mapping *node* as plain data.

    The keys in *versions* hold version numbers, which are text although YAML reads `plugin: 2.3` as a number.

    Raises:
        NodeTypeError: it is not a mapping, or contains a value that settings cannot have.
    """
    return {
        key: text(value, key) if key in versions and not is_null(value) else plain(value)
        for key, value in mapping(node, "the settings").items()
    }


def convert(value: object, kind: type[T], *, file: str | None = None, place: str = "$") -> T:
    """
    Convert plain data to a struct of type *kind*.

    *file* and *place* (such as ``$.site``) are where the value was read, for the message.

    Raises:
        SettingsError: a key or a value is wrong; the message names the place and the nearest key or word.
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as exc:
        raise SettingsError(_explain(str(exc), kind, file, place)) from exc


def _explain(problem: str, kind: type, file: str | None, start: str) -> str:
    found = re.search(r" - at `\$(.*)`", problem)
    there = _types_at(found[1] if found else "", kind)
    wrong = re.search(r"unknown field `([^`]*)`|Invalid enum value '([^']*)'", problem)
    hint = ""
    keys = [name for struct in there if _is_struct(struct) for name in _fields(struct)]
    if wrong and wrong[1] is not None:
        hint = nearest_or_all(wrong[1], keys) if keys else ""
    elif problem.startswith("Expected `object") and keys:
        hint = f"; its keys are {', '.join(keys)}"
    elif wrong:
        words = [str(word) for one in there if get_origin(one) is Literal for word in get_args(one)]
        hint = nearest_or_all(wrong[2], words) if words else ""
    meant = next((one.description for one in there if isinstance(one, msgspec.Meta) and one.description), "")
    if meant:
        problem = re.sub("Expected `str` matching regex '.*'", lambda _: f"expected {meant}", problem)
    if start != "$":
        problem = problem.replace(" - at `$", f" - at `{start}") if found else f"{problem} - at `{start}`"
    return (f"{file}: " if file else "") + key_problem(problem) + hint


def _types_at(place: str, kind: Any) -> list[Any]:
    """Return the types that a value at *place*, such as ``.bots[0].provider``, may have."""
    there = _alternatives(kind)
    for name in re.findall(r"\.(\w+)|\[[^\]]*\]", place):
        inner = [_fields(struct).get(name) for struct in there if _is_struct(struct)]
        items = [item for array in there for item in get_args(array)]
        there = [deep for one in (inner if name else items) for deep in _alternatives(one)]
    return there


def _alternatives(kind: Any) -> list[Any]:
    """Return the members of a union, or *kind* itself; of an annotated one with its `msgspec.Meta`."""
    match get_origin(kind):
        case typing.Annotated:
            return [*_alternatives(get_args(kind)[0]), *get_args(kind)[1:]]
        case typing.Union | types.UnionType:
            return [deep for one in get_args(kind) for deep in _alternatives(one)]
        case _:
            return [kind]


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _fields(struct: Any) -> dict[str, Any]:
    return {field.encode_name: field.type for field in msgspec.structs.fields(struct)}
