"""
Change single values in the text of a cassette: comments, order, quotes and all other lines stay as they are.

A change has its place (keys and indexes) and the new value in the form of the file; `REMOVED` removes an entry, and
`Appended` adds items at the end of a list.  YAML is changed in its text, by the marks of its nodes; JSON, which has no
comments, as data, and written with the indentation that it had.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
import yaml

from chatgptfree_mock.tape.yaml.marks import YamlMarks
from chatgptfree_mock.tape.yaml.scalars import in_flow, scalar
from chatgptfree_mock.tape.yaml.writing import octets, stream_value

REMOVED: Final = object()
"""In place of a value: the entry is removed."""
NodePath = tuple[str | int, ...]
Changes = Mapping[NodePath, Any]
"""The new values by place."""


class Appended(msgspec.Struct, frozen=True):
    """In place of a value: these items are added at the end of the existing list."""

    items: tuple[Any, ...]


_ANCHOR: Final = re.compile(r"&\S+\s+")


class InPlaceEdit(msgspec.Struct, frozen=True):
    """Replaces the characters from *start* to *end* by *text*."""

    start: int
    end: int
    text: str


def change_json(text: str, changes: Changes) -> str:
    """Return the JSON *text* with *changes* in it, in the order of its keys."""
    data = json.loads(text)
    for (*holders, key), value in changes.items():
        inner = data
        for step in holders:
            inner = inner[step]
        if value is REMOVED:
            del inner[key]
        else:
            if isinstance(value, bytes):
                raise TypeError("bytes have no place in JSON")
            if isinstance(value, Appended):
                inner[key].extend(value.items)
            else:
                inner[key] = value
    again = json.dumps(data, ensure_ascii=text.isascii(), **_layout(text))
    return again + text[len(text.rstrip()) :]


def _layout(text: str) -> dict[str, Any]:
    """Return the arguments of `json.dumps` for the indentation of *text*, or for its spacing if it is one line."""
    indented = re.match(r"\s*[\[{]\s*?\n([ \t]+)", text)
    if indented:
        return {"indent": indented[1]}
    colon = re.match(r'\s*(?:\[\s*)?\{"(?:[^"\\]|\\.)*":( ?)', text)
    comma = re.search(r'(?:[\]}"]|\d)(, ?)"', text)
    return {"separators": (comma[1] if comma else ", ", f":{colon[1]}" if colon else ": ")}


def change_yaml(text: str, root: yaml.Node, changes: Changes) -> str:
    """Return the YAML *text*, which *root* was composed from, with *changes* in it."""
    source = _EditedSource(text)
    edits = {edit for place, value in changes.items() for edit in source.edits(root, place, value)}
    done: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < position:
            raise ValueError("two changes of one place")
        done += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join([*done, text[position:]])


class _EditedSource:
    """The text, and where its lines begin."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._marks = YamlMarks(text)

    def edits(self, root: yaml.Node, place: NodePath, value: Any) -> Iterable[InPlaceEdit]:
        """Return what has to be changed so that *value* comes to *place*."""
        parent, entry = root, -1
        node = root
        for step in place:
            parent = node
            entry = _index(node, step)
            if entry < 0:
                return [self._added(parent, str(step), value)]
            node = node.value[entry][1] if isinstance(node, yaml.MappingNode) else node.value[entry]
        if value is REMOVED:
            return [self._removed(parent, entry)]
        if isinstance(value, Appended):
            return [self._appended(node, list(value.items))]
        return self._replaced(node, str(place[-1]), value, flow=_is_flow(parent), margin=self._margin(parent))

    def _margin(self, parent: yaml.Node) -> int:
        """Return how far the lines of a value in *parent* are indented."""
        return int(parent.start_mark.column) + 2

    def _replaced(self, node: yaml.Node, key: str, value: Any, *, flow: bool, margin: int) -> list[InPlaceEdit]:
        start, end = self._marks.at(node.start_mark), self._end(node)
        kept = _ANCHOR.match(self._text, start)
        start = kept.end() if kept and kept.end() < end else start
        if self._is_alone(node) and not flow and isinstance(value, str):
            new = scalar(value)
        else:
            new = _yaml_value(key, value, flow=flow or self._is_alone(node), margin=margin)
        if not isinstance(node, yaml.ScalarNode) and not _is_flow(node):
            new = f"  {new}"  # a list may be no further in than its key, which nothing but a list may be
        if self._text[end - 1 : end] in "\r\n":
            new += "\n"
        return [InPlaceEdit(start, end, new)]

    def _is_alone(self, node: yaml.Node) -> bool:
        return isinstance(node, yaml.ScalarNode) and node.style not in ("|", ">")

    def _added(self, parent: yaml.Node, key: str, value: Any) -> InPlaceEdit:
        """Put an entry before the first of a mapping."""
        first = self._marks.at(parent.value[0][0].start_mark)
        if _is_flow(parent):
            return InPlaceEdit(first, first, f"{key}: {_yaml_value(key, value, flow=True, margin=0)}, ")
        margin = int(parent.start_mark.column)
        lines = _yaml_value(key, value, flow=False, margin=margin + 2)
        gap = "" if lines.startswith("\n") else " "
        return InPlaceEdit(first, first, f"{key}:{gap}{lines}\n{' ' * margin}")

    def _appended(self, there: yaml.Node, items: list[Any]) -> InPlaceEdit:
        """Put *items* after the last of a list that is not empty."""
        end = self._end(there.value[-1])
        if _is_flow(there):
            return InPlaceEdit(end, end, "".join(f", {_yaml_value('', item, flow=True, margin=0)}" for item in items))
        lines = _data(items, flow=False, margin=int(there.start_mark.column))
        begun = self._text[end - 1 : end] in ("\r", "\n")  # a block scalar ends with its line
        return InPlaceEdit(end, end, f"{lines[1:]}\n" if begun else lines)

    def _removed(self, parent: yaml.Node, entry: int) -> InPlaceEdit:
        items = [pair[0] if isinstance(pair, tuple) else pair for pair in parent.value]
        ends = [pair[1] if isinstance(pair, tuple) else pair for pair in parent.value]
        start, end = self._marks.at(items[entry].start_mark), self._end(ends[entry])
        if not _is_flow(parent):
            return self._whole_lines(parent, entry, start, end)
        if entry + 1 < len(items):
            return InPlaceEdit(start, self._marks.at(items[entry + 1].start_mark), "")
        return InPlaceEdit(self._end(ends[entry - 1]) if entry else start, end, "")

    def _whole_lines(self, parent: yaml.Node, entry: int, start: int, end: int) -> InPlaceEdit:
        if len(parent.value) == 1:
            raise ValueError("the only entry of a block")
        if entry == 0:  # the first may be after the dash of a list
            return InPlaceEdit(start, self._marks.at(parent.value[1][0].start_mark), "")
        line = next(begin for begin in reversed(self._marks.starts) if begin <= start)
        after = next((begin for begin in self._marks.starts if begin >= end), len(self._text))
        return InPlaceEdit(line, after, "")

    def _end(self, node: yaml.Node) -> int:
        """Return where a node ends; the mark of a block is where the next one begins, after any comments."""
        if isinstance(node, yaml.ScalarNode) or _is_flow(node) or not node.value:
            return self._marks.at(node.end_mark)
        last = node.value[-1]
        return self._end(last[1] if isinstance(last, tuple) else last)


def _is_flow(node: yaml.Node) -> bool:
    return bool(getattr(node, "flow_style", False))


def _index(node: yaml.Node, step: str | int) -> int:
    if isinstance(step, int):
        return step
    return next((number for number, (key, _) in enumerate(node.value) if key.value == step), -1)


def _yaml_value(key: str, value: Any, *, flow: bool, margin: int) -> str:
    match value:
        case bytes() | str() if flow:
            return _one_line(value)
        case bytes():
            return octets(value, margin)
        case str():
            return octets(value.encode(), margin)
        case tuple():
            return stream_value(key, value, margin)
        case _:
            return _data(value, flow=flow, margin=margin)


def _one_line(value: bytes | str) -> str:
    if isinstance(value, str):
        return in_flow(value)
    return f"!!binary {base64.b64encode(value).decode()}" if value else "''"


def _data(value: Any, *, flow: bool, margin: int) -> str:
    options: dict[str, Any] = {"allow_unicode": True, "sort_keys": False, "width": 2**20}
    lines: str = yaml.safe_dump(value, default_flow_style=True if flow else None, **options)
    lines = lines.removesuffix("...\n").rstrip("\n")
    if not isinstance(value, dict | list) or flow or not value or lines[0] in "[{":
        return lines
    return "\n" + "\n".join(" " * margin + line for line in lines.split("\n"))


def changed(before: Any, after: Any, place: NodePath) -> Changes:
    """Return the differences between two values of plain data, as deep as their structures agree."""
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        return {
            inner: value for key in before for inner, value in changed(before[key], after[key], (*place, key)).items()
        }
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return {inner: value for number, pair in pairs for inner, value in changed(*pair, (*place, number)).items()}
    return {} if before == after and type(before) is type(after) else {place: after}
