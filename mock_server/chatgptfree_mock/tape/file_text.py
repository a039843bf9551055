"""
Split the text of a cassette's file, so that interactions can be added and everything else stays unchanged.

YAML is cut by the marks of its nodes, JSON by its decoder; comments, order and quotes stay in the pieces.  The text of
`x-recording` is replaced only where it is what `writing` makes of it, that is, where nobody has edited it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec
import yaml
from msgspec.structs import replace

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.model import Cassette, Interaction
from chatgptfree_mock.tape.yaml.composing import compose
from chatgptfree_mock.tape.yaml.marks import YamlMarks
from chatgptfree_mock.tape.yaml.nodes import plain
from chatgptfree_mock.tape.yaml.writing import write, write_interaction, write_json

_BOM: Final = "\ufeff"
_KEY: Final = "interactions"
_JSON_SPACE: Final = re.compile(r"[ \t\r\n]*")
_JSON: Final = json.JSONDecoder()


class FileText(msgspec.Struct, frozen=True, kw_only=True):
    """A file split into the text before `x-recording`, that, the rest of the head, interactions and tail."""

    before: str
    recording: dict[str, Any] | None
    """`x-recording`, empty if there is none; None if it must stay as it is, in *before* or *after*."""
    between: str
    pieces: tuple[str, ...] = ()
    after: str = ""
    margin: int | None = 0
    """The indentation of the list's items, in columns; None in JSON."""

    @classmethod
    def new(cls, *, as_json: bool) -> FileText:
        """Return a file without interactions."""
        if as_json:
            start = '{\n  "version": 1,\n  '
            return cls(before=start, recording={}, between=f'"{_KEY}": [', after="\n  ]\n}\n", margin=None)
        return cls(before="version: 1\n", recording={}, between=f"{_KEY}:\n")

    @classmethod
    def of(cls, data: bytes, *, file: str) -> FileText:
        """
        Split the file of a valid cassette.

        Raises:
            CassetteError: nothing can be added to it: its list is not `interactions`, or written in a way (YAML in
                brackets, another encoding than UTF-8) that has no place for a block.
        """
        try:
            text = data.decode()
            if text.lstrip(_BOM).lstrip()[:1] == "{":
                return _cut_json(text)
            return _cut_yaml(text)
        except (ValueError, yaml.YAMLError, RecursionError) as exc:
            problem = str(exc) if type(exc) is ValueError else "it is laid out in another way than a recording"
            raise CassetteError(
                f"nothing can be added to it: {problem}", file=file, repair="name another file"
            ) from exc

    def piece(self, interaction: Interaction, *, first: bool) -> str:
        """Return the text of *interaction* in this file's layout, as the *first* or a further item of its list."""
        if self.margin is None:
            return ("" if first else ",") + _json_item(interaction)
        text = write_interaction(interaction)
        if not self.margin:
            return text
        margin = " " * self.margin
        return "".join(margin + line if line != "\n" else line for line in text.splitlines(keepends=True))

    def whole(self, recording: dict[str, Any], pieces: Sequence[str]) -> str:
        """Return the text with *pieces* as its interactions, and *recording* where `x-recording` may be changed."""
        head = self._head(recording) if self.recording is not None and recording else ""
        return "".join([self.before, head, self.between, *pieces, self.after])

    def with_fixed_head(self) -> FileText:
        """Return the same text with an `x-recording` that is never changed."""
        if self.recording is None:
            return self
        head = self._head(self.recording) if self.recording else ""
        return replace(self, before=self.before + head + self.between, recording=None, between="")

    def _head(self, recording: dict[str, Any]) -> str:
        return _yaml_head(recording) if self.margin is not None else f"{_json_head(recording)},\n  "


def _yaml_head(recording: dict[str, Any]) -> str:
    return write(Cassette(recording=recording)).removeprefix("version: 1\n").removesuffix(f"{_KEY}: []\n")


def _json_head(recording: dict[str, Any]) -> str:
    return json.dumps({"x-recording": recording}, indent=2, ensure_ascii=False)[1:-1].strip()


def _json_item(interaction: Interaction) -> str:
    empty = '  "interactions": [\n'
    text = write_json(Cassette(interactions=(interaction,)))
    return "\n" + text[text.index(empty) + len(empty) :].removesuffix("\n  ]\n}\n")


def _cut_yaml(text: str) -> FileText:
    bom = _BOM if text.startswith(_BOM) else ""
    text = text.removeprefix(_BOM)
    root = compose(text.encode())
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise ValueError("it is not a cassette in block style")
    entries = {key.value: (key, value) for key, value in root.value if isinstance(key, yaml.ScalarNode)}
    if _KEY not in entries or not isinstance(entries[_KEY][1], yaml.SequenceNode):
        raise ValueError("it has no list `interactions`")
    marks = YamlMarks(text)
    key, items = entries[_KEY]
    _refuse_go_vcr(items)
    begin, end, pieces = _cut_items(text, items, marks)
    head = _cut_head(text, marks, entries.get("x-recording"), marks.at(key.start_mark), begin)
    if not items.value:  # `[]`, which becomes a block
        head[2] = head[2].rstrip() + "\n"
        end = text.find("\n", end) + 1 or len(text)
    before, recording, between = head
    margin = int(items.start_mark.column) if items.value else 0
    return FileText(
        before=bom + before, recording=recording, between=between, pieces=pieces, after=text[end:], margin=margin
    )


def _refuse_go_vcr(items: yaml.SequenceNode) -> None:
    """Refuse a file of go-vcr, which could not read an interaction in vcrpy's format."""
    first = plain(items.value[0]) if items.value else None
    if isinstance(first, dict) and "url" in (first.get("request") or {}):
        raise ValueError("it is a cassette of go-vcr")


def _cut_items(text: str, items: yaml.SequenceNode, marks: YamlMarks) -> tuple[int, int, tuple[str, ...]]:
    """Return where the list begins and ends, and the text of each item: the lines from its dash to the next."""
    begin, end = marks.at(items.start_mark), marks.at(items.end_mark)
    if not items.value:
        return begin, end, ()
    if items.flow_style:
        raise ValueError("its interactions are written in brackets")
    margin = int(items.start_mark.column)
    dash = re.compile(rf"^ {{{margin}}}-(?=\s)", re.MULTILINE)
    starts = [begin - margin]
    for item in items.value[:-1]:
        found = dash.search(text, marks.at(item.end_mark) - margin)
        if found is None:
            raise ValueError("its items are laid out in an unusual way")
        starts.append(found.start())
    pieces = [text[start:stop] for start, stop in zip(starts, [*starts[1:], end], strict=True)]
    pieces[-1] = pieces[-1].rstrip(" ") if pieces[-1].endswith(" ") else pieces[-1]
    if not pieces[-1].endswith("\n"):
        pieces[-1] += "\n"
    return begin - margin, end, tuple(pieces)


def _cut_head(
    text: str, marks: YamlMarks, entry: tuple[yaml.Node, yaml.Node] | None, key: int, begin: int
) -> list[Any]:
    """Return what comes before `x-recording`, its data if it may be written again, and what follows up to the list."""
    if entry is None:
        return [text[:key], {}, text[key:begin]]
    start, end = marks.at(entry[0].start_mark), marks.at(entry[1].end_mark)
    recording = plain(entry[1])
    if end > begin or text[start:end] != _yaml_head(recording):
        return [text[:begin], None, ""]
    return [text[:start], recording, text[end:begin]]


def _cut_json(text: str) -> FileText:
    spans, begin, end = _json_spans(text)
    borders = [begin, *(stop for _, stop in spans)]
    pieces = tuple(text[start:stop] for start, stop in pairwise(borders))
    before, recording, between = text[:begin], None, ""
    head_data = _JSON.decode(text.lstrip(_BOM)).get("x-recording")
    head = f"{_json_head(head_data)},\n  " if head_data else ""
    if head and before.count(head) == 1:
        before, _, between = before.partition(head)
        recording = head_data
    return FileText(
        before=before, recording=recording, between=between, pieces=pieces, after=text[borders[-1] : end], margin=None
    )


def _json_spans(text: str) -> tuple[list[tuple[int, int]], int, int]:
    """Return from and to of each item of `interactions`, where the list begins after its bracket, and the length."""
    at = _skip(text, text.index("{") + 1)
    while text[at] != "}":
        key, at = _JSON.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)
        if key == _KEY:
            return list(_json_items(text, at)), at + 1, len(text)
        _, at = _JSON.raw_decode(text, at)
        at = _skip(text, at)
        at = _skip(text, at + 1) if text[at] == "," else at
    raise ValueError("it has no list `interactions`")


def _json_items(text: str, at: int) -> Iterable[tuple[int, int]]:
    if text[at] != "[":
        raise ValueError("its `interactions` are not a list")
    at = _skip(text, at + 1)
    while text[at] != "]":
        start = at
        _, at = _JSON.raw_decode(text, start)
        yield start, at
        at = _skip(text, at)
        at = _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    space = _JSON_SPACE.match(text, at)
    return space.end() if space else at
