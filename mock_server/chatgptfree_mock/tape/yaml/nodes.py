"""
Read the values of YAML nodes: text is kept as written, and nothing is ever executed.

Reading nodes instead of values keeps `no` a word and `2026-11-23` a text, and is faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import yaml

from chatgptfree_mock.tape.decoding.base64_text import decode_base64
from chatgptfree_mock.tape.yaml.composing import STR, TAG

_NULL: Final = TAG + "null"
_MERGE: Final = TAG + "merge"
_INT: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT: Final = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|nan)", re.IGNORECASE)
_SPECIAL: Final = re.compile(r"\.(inf|nan)", re.IGNORECASE)
_SET: Final = TAG + "set"
_BINARY: Final = (TAG + "binary", "!binary")
"""The latter is how Ruby's Psych writes it."""
_TEXT_CLASS: Final = re.compile(TAG + r"python/object/(?:new|apply):(?:\w+\.)*(?:istr|upstr|str|unicode)")
"""Python's text type and subclasses of it; multidict's `istr` and `upstr` are aiohttp's header names."""
_WORDS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class NodeTypeError(Exception):
    """A node has the wrong type."""

    def __init__(self, problem: str, node: yaml.Node, repair: str = "") -> None:
        super().__init__(problem)
        self.problem, self.node, self.repair = problem, node, repair


def check_keys(node: yaml.Node, *, apart_from: Iterable[yaml.Node] = ()) -> None:
    """
    Look for duplicate keys in *node*, at any depth; YAML forbids them, and PyYAML takes the last.

    *apart_from*: nodes that are not looked into.

    Raises:
        NodeTypeError: there is one; the message names the line of the duplicate, unless the file is JSON.
    """
    seen = {id(each) for each in apart_from}
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, yaml.ScalarNode) or id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, yaml.MappingNode):
            _check_keys_of(each)
            waiting += [inner for pair in each.value for inner in pair]
        else:
            waiting += each.value


def _check_keys_of(node: yaml.MappingNode) -> None:
    keys = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE]
    names = {key.value for key in keys}
    if len(names) == len(keys):
        return
    for key in keys:
        if key.value not in names:
            line = f"line {key.start_mark.line + 1}: " if key.start_mark else ""
            raise NodeTypeError(f"{line}duplicate key `{key.value}`", key, "keep one of the two")
        names.remove(key.value)


def mapping(node: yaml.Node, what: str, *, null: str = "") -> dict[str, yaml.Node]:
    """
    Return the entries of a mapping by the text of their keys; merge keys (`<<`) are followed.

    *what* is what complaints call the node, *null* the text of a key that is null: JSON data has `null`.
    """
    if not isinstance(node, yaml.MappingNode):
        raise NodeTypeError(f"{what} must be a mapping, not {node_type(node)}", node)
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
        raise NodeTypeError(f"{what} must be a list, not {node_type(node)}", node)
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
        raise NodeTypeError(f"{what} must be text, not {node_type(node)}", node)
    if node.tag == _NULL:
        return ""
    if node.tag in _BINARY:
        return octets(node).decode("latin-1")
    if node.tag != STR:
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
        raise NodeTypeError(f"must be text or !!binary, not {node_type(node)}", node)
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
    tag = node.tag.removeprefix(TAG)
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


def node_type(node: yaml.Node) -> str:
    """Return the type of a node in words, for an error message."""
    if is_null(node):
        return "empty"
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    return "a list" if isinstance(node, yaml.SequenceNode) else f"`{node.value[:40]}`"


_KNOWN_TAGS: Final = {
    TAG + name
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
        name = node.tag.replace(TAG, "!!")
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
