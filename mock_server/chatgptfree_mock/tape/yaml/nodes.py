"""
Read YAML as nodes: text is kept as written, and nothing is ever executed.

PyYAML composes nodes (libyaml, where it is built in); no constructor of PyYAML is asked, so a tag can't call anything.
Reading nodes instead of values keeps `no` a word and `2026-11-23` a text, and is faster.  Before composing, the depth
of suspicious files is taken from the parser's events: libyaml's composer runs out of stack on deep nesting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import yaml

from chatgptfree_mock.tape.decoding.base64_text import decode_base64

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
            return _tag_of_plain(value) if implicit[0] and value is not None else _STR
        return _TAG + ("seq" if kind is yaml.SequenceNode else "map")


_LOADER: Final = _Loader
_TAG: Final = "tag:yaml.org,2002:"
_STR: Final = _TAG + "str"
_NULL: Final = _TAG + "null"
_MERGE: Final = _TAG + "merge"
_NO_BRACKETS: Final = bytes(sorted(set(range(256)) - set(b"[]{}")))
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")
_ONE_INDICATOR: Final = bytes.maketrans(b"?:", b"--")
_ALIAS: Final = re.compile(rb"\*(?<=[\s\[,{:-]\*)[^\s*]")
_INT: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT: Final = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|nan)", re.IGNORECASE)
_SPECIAL: Final = re.compile(r"\.(inf|nan)", re.IGNORECASE)
_SET: Final = _TAG + "set"
_BINARY: Final = (_TAG + "binary", "!binary")
"""The latter is how Ruby's Psych writes it."""
_TEXT_CLASS: Final = re.compile(_TAG + r"python/object/(?:new|apply):(?:\w+\.)*(?:istr|upstr|str|unicode)")
"""Python's text type and subclasses of it; multidict's `istr` and `upstr` are aiohttp's header names."""
_WORDS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@lru_cache(16384)
def _tag_of_plain(value: str) -> str:
    """Return the tag of a scalar without quotes, as PyYAML's own `resolve` does."""
    resolvers = yaml.SafeLoader.yaml_implicit_resolvers
    tried = (*resolvers.get(value[:1], ()), *resolvers.get(None, ()))
    return next((tag for tag, pattern in tried if pattern.match(value)), _STR)


class NodeTypeError(Exception):
    """A node has the wrong type."""

    def __init__(self, problem: str, node: yaml.Node, repair: str = "") -> None:
        super().__init__(problem)
        self.problem, self.node, self.repair = problem, node, repair


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
    loader = _LOADER(data)
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
        for event in yaml.parse(data, Loader=_LOADER):
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
        weight = 1 + sum(self.of(child) for child in _children(node))
        if weight > MAX_VALUES:
            raise TooDeepError(f"aliases that expand to more than {MAX_VALUES:,} values")
        self._known[id(node)] = weight
        return weight


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value
    else:
        yield from node.value


def check_keys(node: yaml.Node) -> None:
    """
    Look for duplicate keys in a mapping; YAML forbids them, and PyYAML takes the last.

    Raises:
        NodeTypeError: there is one; the message names the line of the duplicate.
    """
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, yaml.ScalarNode) or id(each) in seen:
            continue
        seen.add(id(each))
        keys: set[str] = set()
        for key, _ in each.value if isinstance(each, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
                if key.value in keys:
                    raise NodeTypeError(f"line {key.start_mark.line + 1}: the key `{key.value}` is there twice", key)
                keys.add(key.value)
        waiting += _children(each)


def mapping(node: yaml.Node, what: str, *, null: str = "") -> dict[str, yaml.Node]:
    """
    Return the entries of a mapping by the text of their keys; merge keys (`<<`) are followed.

    *what* is what complaints call the node, *null* the text of a key that is null: JSON data has `null`.
    """
    if not isinstance(node, yaml.MappingNode):
        raise NodeTypeError(f"{what} must be a mapping, not {kind_of(node)}", node)
    entries: dict[str, yaml.Node] = {}
    merged: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if key.tag == _MERGE:
            for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                merged = {**mapping(source, "what `<<` names"), **merged}
        else:
            entries[null if is_null(key) else text(key, "a key")] = value
    return {**merged, **entries} if merged else entries


def sequence(node: yaml.Node, what: str) -> list[yaml.Node]:
    """Return the items of a list."""
    if not isinstance(node, yaml.SequenceNode):
        raise NodeTypeError(f"{what} must be a list, not {kind_of(node)}", node)
    items: list[yaml.Node] = node.value
    return items


def text(node: yaml.Node, what: str) -> str:
    """
    Return a scalar as it is written in the file, whatever type YAML would give it; null is empty.

    An instance of a subclass of Python's text type counts as its text: aiohttp's header names, for one.
    """
    if not isinstance(node, yaml.ScalarNode):
        if _is_text_class(node):
            return text(_first_argument(node), what)
        raise NodeTypeError(f"{what} must be text, not {kind_of(node)}", node)
    if node.tag == _NULL:
        return ""
    if node.tag in _BINARY:
        return octets(node).decode("latin-1")
    if node.tag != _STR:
        _check_tag(node)
    value: str = node.value
    # A JSON file may have halves of surrogate pairs, which no encoding has.
    return value if value.isascii() else value.encode(errors="replace").decode()


def _is_text_class(node: yaml.Node) -> bool:
    return node.tag not in _KNOWN_TAGS and _TEXT_CLASS.fullmatch(node.tag) is not None


def _first_argument(node: yaml.Node) -> yaml.Node:
    """PyYAML writes `!!python/object/new:` with a list of arguments, or with a mapping that has `args`."""
    arguments = mapping(node, "text").get("args") if isinstance(node, yaml.MappingNode) else node
    items = sequence(arguments, "the arguments of text") if arguments is not None else []
    if not items or not isinstance(items[0], yaml.ScalarNode):
        raise NodeTypeError("text without its characters", node)
    return items[0]


def members(node: yaml.Node) -> list[yaml.Node]:
    """Return the items of a list or a `!!set`, those of lists in it included; anything else is its only item."""
    if isinstance(node, yaml.SequenceNode) and not _is_text_class(node):
        return [item for each in node.value for item in members(each)]
    if node.tag == _SET and isinstance(node, yaml.MappingNode):
        return [key for key, _ in node.value]
    return [node]


def header_nodes(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    """
    Yield name and value of each header in the order of the file.

    Raises:
        NodeTypeError: *node* is not a mapping, nor a list of pairs.
    """
    if node is None or is_null(node):
        return
    if isinstance(node, yaml.SequenceNode):
        for pair in node.value:
            parts = sequence(pair, "a header")
            if len(parts) != 2:
                raise NodeTypeError("a header in a list must be [name, value]", pair)
            name = text(parts[0], "a header's name")
            yield from ((name, value) for value in members(parts[1]))
        return
    for name, value in mapping(node, "`headers`").items():
        yield from ((name, each) for each in members(value))


def octets(node: yaml.Node) -> bytes:
    """Return the bytes of a scalar: `!!binary` decoded, text in UTF-8."""
    if not isinstance(node, yaml.ScalarNode):
        raise NodeTypeError(f"must be text or !!binary, not {kind_of(node)}", node)
    if node.tag not in _BINARY:
        _check_tag(node)
        value: str = "" if is_null(node) else node.value
        # JSON has halves of surrogate pairs, which UTF-8 proper has not; as three bytes each they survive.
        return value.encode(errors="surrogatepass")
    try:
        return decode_base64(node.value)
    except ValueError as exc:
        raise NodeTypeError(f"broken base64: {exc}", node, "paste the base64 again, or write the body as text") from exc


def plain(node: yaml.Node) -> Any:
    """Return a node as plain data; only the JSON spellings of numbers are numbers, and dates stay text."""
    if node.tag == _SET:
        return [plain(item) for item in members(node)]
    if _is_text_class(node):
        return text(node, "a value")
    if isinstance(node, yaml.SequenceNode):
        _check_tag(node)
        return [plain(item) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        _check_tag(node)
        return {key: plain(value) for key, value in mapping(node, "a value", null="null").items()}
    return _scalar(node)


def _scalar(node: yaml.Node) -> Any:
    tag = node.tag.removeprefix(_TAG)
    value: str = node.value
    if tag == "null":
        return None
    if node.tag in _BINARY:
        return octets(node)
    if tag == "bool":
        return _WORDS.get(value.lower(), value)
    if tag == "int" and _INT.fullmatch(value):
        return int(value)
    if tag == "float" and _FLOAT.fullmatch(value):
        return float(_SPECIAL.sub(r"\1", value))
    _check_tag(node)
    return value


def is_null(node: yaml.Node) -> bool:
    """Return whether the node is YAML's null."""
    return bool(node.tag == _NULL)


def kind_of(node: yaml.Node) -> str:
    """Return the type of a node in words, for an error message."""
    if is_null(node):
        return "empty"
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    return "a list" if isinstance(node, yaml.SequenceNode) else f"`{node.value[:40]}`"


_KNOWN_TAGS: Final = {
    _TAG + name
    for name in (
        "null",
        "bool",
        "int",
        "float",
        "binary",
        "timestamp",
        "str",
        "seq",
        "map",
        "value",
        "merge",
        "python/str",
        "python/unicode",
        "python/tuple",
    )
} | {"!binary", "!ruby/sym", "!ruby/symbol"}
"""YAML's own, what vcrpy writes under Python 2 for text, and Ruby's symbols; none of them runs anything here."""


def _check_tag(node: yaml.Node) -> None:
    if node.tag not in _KNOWN_TAGS:
        name = node.tag.replace(_TAG, "!!")
        raise NodeTypeError(f"the tag {name} is not allowed", node, "nothing in a cassette is run; write plain text")


def place_of(root: yaml.Node, wanted: yaml.Node) -> str:
    """Return the path from *root* to *wanted*, such as `$.interactions[0].response`."""
    waiting: list[tuple[yaml.Node, str]] = [(root, "$")]
    seen: set[int] = set()
    while waiting:
        node, path = waiting.pop()
        if node is wanted:
            return path
        if id(node) in seen or isinstance(node, yaml.ScalarNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                name = key.value if isinstance(key, yaml.ScalarNode) else "?"
                waiting += [(value, f"{path}.{name}"), (key, f"{path}.{name}")]
        else:
            waiting += [(item, f"{path}[{number}]") for number, item in enumerate(node.value)]
    return "$"
