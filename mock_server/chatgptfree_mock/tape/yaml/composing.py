"""
Compose the nodes of a YAML file, within limits.

PyYAML composes nodes (libyaml, where it is built in); no constructor of PyYAML is asked, so a tag can't call anything.
Before composing, the depth of suspicious files is taken from the parser's events: libyaml's composer runs out of stack
on deep nesting.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

import yaml

from chatgptfree_mock.errors import CassetteError

TAG: Final = "tag:yaml.org,2002:"
"""How YAML's own tags begin."""
STR: Final = TAG + "str"
MAX_DEPTH: Final = 200
"""Levels of nesting; a cassette has six."""
_TOO_DEEP: Final = f"more than {MAX_DEPTH} levels of nesting"
MAX_VALUES: Final = 1_000_000
"""Values that aliases may expand to."""

_BASE: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):  # type: ignore[misc]  # either of two classes
    """PyYAML's loader without resolvers by path, which nothing here has: it asks for them at each node."""

    def descend_resolver(self, current_node: object, current_index: object) -> None:
        """Go down one level."""

    def ascend_resolver(self) -> None:
        """Go up again."""

    def resolve(self, kind: type[yaml.Node], value: str | None, implicit: Any) -> str:
        """Return the tag of a node that has none: of a scalar by its text, unless it is quoted."""
        if kind is yaml.ScalarNode:
            return _tag_of_plain(value) if implicit[0] and value is not None else STR
        return TAG + ("seq" if kind is yaml.SequenceNode else "map")


_NO_BRACKETS: Final = bytes(sorted(set(range(256)) - set(b"[]{}")))
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")
_ONE_INDICATOR: Final = bytes.maketrans(b"?:", b"--")
_ALIAS: Final = re.compile(rb"\*(?<=[\s\[,{:-]\*)[^\s*]")


@lru_cache(16384)
def _tag_of_plain(value: str) -> str:
    """Return the tag of a scalar without quotes, as PyYAML's own `resolve` does."""
    resolvers = yaml.SafeLoader.yaml_implicit_resolvers
    tried = (*resolvers.get(value[:1], ()), *resolvers.get(None, ()))
    return next((tag for tag, pattern in tried if pattern.match(value)), STR)


class TooDeepError(Exception):
    """The text nests deeper than any cassette does, or its aliases expand without end."""


def compose(data: bytes) -> yaml.Node | None:
    """
    Read the one document in *data*; None if there is none.

    Raises:
        yaml.YAMLError: it is not YAML.
        TooDeepError: it is made to exhaust memory or stack.
    """
    if _may_be_deep(data):
        _check_depth(data)
    loader = _Loader(data)
    try:
        root: yaml.Node | None = loader.get_single_node()
    finally:
        loader.dispose()
    if root is not None and _ALIAS.search(data):
        _Weight().of(root)
    return root


def _may_be_deep(data: bytes) -> bool:
    return _may_be_deep_in_brackets(data) or _may_be_a_deep_block(data)


def _may_be_deep_in_brackets(data: bytes) -> bool:
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH // 2:
        return False
    left = data.translate(_ONE_KIND, _NO_BRACKETS)
    # Each round takes one level off; what never closes may be as deep as it is long.
    for _ in range(MAX_DEPTH // 4):
        if b"[]" not in left:
            break
        left = left.replace(b"[]", b"")
    return left.count(b"[") > MAX_DEPTH // 2


def _may_be_a_deep_block(data: bytes) -> bool:
    """In a block each level takes an indicator on the same line, or a column on the next."""
    half = MAX_DEPTH // 2
    return b"\n" + b" " * half in data or b"-" * half in data.translate(_ONE_INDICATOR, b" \t")


def _check_depth(data: bytes) -> None:
    depth = 0
    try:
        for event in yaml.parse(data, Loader=_Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise TooDeepError(_TOO_DEEP)
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError as exc:
        # Newer releases of libyaml have a limit of their own, and meet it while they look ahead for the first event.
        if "nesting depth" in str(exc):
            raise TooDeepError(_TOO_DEEP) from exc
        raise


class _Weight:
    """How many values a node has once its aliases are expanded; each node is looked at once."""

    def __init__(self) -> None:
        self._known: dict[int, int] = {}

    def of(self, node: yaml.Node) -> int:
        if isinstance(node, yaml.ScalarNode):
            return 1
        known = self._known.get(id(node))
        if known == 0:
            raise TooDeepError("an alias for a node that contains it")
        if known is not None:
            return known
        self._known[id(node)] = 0
        weight = 1 + sum(self.of(child) for child in children(node))
        if weight > MAX_VALUES:
            raise TooDeepError(f"aliases that expand to more than {MAX_VALUES:,} values")
        self._known[id(node)] = weight
        return weight


def children(node: yaml.Node) -> Iterator[yaml.Node]:
    """Yield the nodes directly in *node*: keys and values of a mapping, items of a list."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value
    else:
        yield from node.value


_COMPRESSED: Final = re.compile(rb"\x1f\x8b|\x28\xb5\x2f\xfd|PK\x03\x04|x[\x01\x5e\x9c\xda]")
"""The first bytes of gzip, zstd, zip and zlib (RFC 1950, window of 32 KiB); Ruby VCR can compress its files."""
_BRACKET: Final = re.compile(rb"\s*[\[{]")


def compose_file(data: bytes, file: str | None) -> yaml.Node | None:
    """
    Return the nodes of a file, None if it is empty; those of JSON have no marks.

    It is JSON where *file* ends with .json, and where only JSON's escapes of surrogate pairs keep it from being YAML.

    Raises:
        CassetteError: it is neither, or made to exhaust memory.
    """
    if _COMPRESSED.match(data):
        raise CassetteError("a compressed file", file=file, repair="unpack it")
    try:
        if file is not None and file.endswith(".json"):
            return _nodes_of_json(data)
        return compose(data)
    except ValueError as exc:
        raise CassetteError(f"not JSON: {exc}", file=file) from exc
    except yaml.YAMLError as exc:
        if _BRACKET.match(data):
            with suppress(ValueError, RecursionError):
                return _nodes_of_json(data)
        raise CassetteError(f"not YAML: {in_one_line(exc)}", file=file) from exc
    except TooDeepError as exc:
        raise CassetteError(f"refused: {exc}", file=file, repair="a cassette needs nothing of the kind") from exc
    except RecursionError as exc:
        raise CassetteError("refused: nested too deeply", file=file) from exc


class _JsonObject(list[tuple[str, Any]]):
    """The members of an object of JSON, in which a key may be twice."""


class _Representer(yaml.representer.SafeRepresenter):
    """PyYAML's, which also represents a `_JsonObject`, with all its members."""


def _mapping_node(representer: _Representer, members: _JsonObject) -> yaml.Node:
    return representer.represent_mapping(TAG + "map", members)


_Representer.add_representer(_JsonObject, _mapping_node)


def _nodes_of_json(data: bytes) -> yaml.Node:
    """
    Return the nodes of JSON as Python's own module reads it, with `NaN` and halves of surrogate pairs, as vcrpy writes.

    Raises:
        ValueError: it is not JSON.
    """
    return _Representer().represent_data(json.loads(data, object_pairs_hook=_JsonObject))


def in_one_line(exc: yaml.YAMLError | UnicodeDecodeError) -> str:
    """Return the problem and its place in the words of a message."""
    mark = getattr(exc, "problem_mark", None)
    problem = getattr(exc, "problem", None) or getattr(exc, "reason", None) or str(exc).splitlines()[0]
    if problem.startswith("but "):  # libyaml has the beginning of the sentence in the context
        problem = f"{getattr(exc, 'context', '')}, {problem}"
    if mark is not None:
        return f"{problem} in line {mark.line + 1}, column {mark.column + 1}"
    position = getattr(exc, "position", None)
    return f"{problem} at byte {position}" if position is not None else str(problem)
