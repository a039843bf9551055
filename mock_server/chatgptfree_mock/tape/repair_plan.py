"""
Plan the changes of a cassette's file that turn its interactions into others, in the file's own form.

Each body is written back in its place and form: text, base64, parsed JSON.  `in_place` carries the plan out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import yaml
from msgspec.structs import replace

from chatgptfree_mock.tape.encoded_body import as_written
from chatgptfree_mock.tape.in_place import REMOVED, Appended, NodePath, change_json, change_yaml, changed
from chatgptfree_mock.tape.model import Cassette, Headers, Interaction, Response
from chatgptfree_mock.tape.stored_body import Form, StoredBody, request_body, response_body
from chatgptfree_mock.tape.yaml.composing import compose_file
from chatgptfree_mock.tape.yaml.dialect import dialect_of, interactions_of, uri_key
from chatgptfree_mock.tape.yaml.nodes import NodeTypeError, mapping, members, plain, text
from chatgptfree_mock.tape.yaml.reading import read
from chatgptfree_mock.tape.yaml.writing import stream_data

_MARK = "\ufeff"


def repaired_text(data: bytes, *, file: str, before: Cassette, after: Cassette) -> str:
    """
    Return the text of the file with *after* in place of *before*; all else in it stays as it is.

    *data*: the bytes of the file.  *before*: what was read from it; *after*: as many interactions.

    Raises:
        ValueError: the file cannot be changed like this: a value is shared by an alias, or has an unusual form.
    """
    original = data.decode()
    bare = original.removeprefix(_MARK)
    root = compose_file(data, file)
    if root is None:
        raise ValueError("the file is empty")
    try:
        changes = dict(_plan(root, before, after))
        changer = change_json(bare, changes) if root.start_mark is None else change_yaml(bare, root, changes)
    except (NodeTypeError, IndexError, KeyError, TypeError) as exc:
        raise ValueError(str(exc)) from exc
    again = read(changer.encode(), file=file)
    if _sorted(again) != _sorted(after):
        raise ValueError("a value is shared by an alias")
    return _MARK * original.startswith(_MARK) + changer


def _stored_interactions(cassette: Cassette) -> list[Interaction]:
    return [replace(each, response=as_written(each.response)) for each in cassette.interactions]


def _sorted(cassette: Cassette) -> list[Interaction]:
    """Return the exchanges as they are written, without the order of headers: a new one may be anywhere."""
    return [
        replace(each, response=replace(each.response, headers=tuple(sorted(each.response.headers))))
        for each in _stored_interactions(cassette)
    ]


def _plan(root: yaml.Node, before: Cassette, after: Cassette) -> Iterator[tuple[NodePath, Any]]:
    path, nodes = interactions_of(root)
    key: NodePath = () if path == "$" else (path.removeprefix("$."),)
    left_out = {each.place.partition("]")[0] for each in before.left_out}
    numbers = [number for number in range(len(nodes)) if f"{path}[{number}" not in left_out]
    for number, old, new in zip(numbers, _stored_interactions(before), _stored_interactions(after), strict=True):
        yield from _interaction_changes(nodes[number], (*key, number), old, new, path=path)
    if isinstance(root, yaml.MappingNode):
        yield from _recording_changes(before.recording, after.recording)


def _recording_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[NodePath, Any]]:
    if after and not before:
        yield ("x-recording",), dict(after)
        return
    for key, value in after.items():
        if before.get(key) != value:
            yield ("x-recording", key), value


def _interaction_changes(
    node: yaml.Node, place: NodePath, old: Interaction, new: Interaction, *, path: str
) -> Iterator[tuple[NodePath, Any]]:
    entries = mapping(node, "an interaction")
    request, response = mapping(entries["request"], "`request`"), mapping(entries["response"], "`response`")
    dialect = dialect_of(path, node, request, response)
    at = (*place, "request")
    if old.request.uri != new.request.uri:
        yield (*at, uri_key(request)), new.request.uri
    yield from _header_changes(request.get("headers"), (*at, "headers"), old.request.headers, new.request.headers)
    stored = request_body(request, dialect)
    yield from _body_changes(stored, at, old.request.body, new.request.body)
    at = (*place, "response")
    if old.response.reason != new.response.reason:
        yield (*at, "status", "message"), new.response.reason
    yield from _header_changes(response.get("headers"), (*at, "headers"), old.response.headers, new.response.headers)
    stored = response_body(entries["response"], response, dialect, bodiless=True)
    yield from _body_changes(stored, at, old.response.body, new.response.body)
    if "x-stream" in response:
        yield from _stream_changes(plain(response["x-stream"]), (*at, "x-stream"), new.response)


def _body_changes(
    stored: StoredBody, place: NodePath, old: bytes | None, new: bytes | None
) -> Iterator[tuple[NodePath, Any]]:
    if old == new:
        return
    if not stored.path or old is None or new is None:
        raise ValueError("a body that is not in the file")
    path = (*place, *stored.path)
    if stored.form is Form.JSON:
        yield from changed(stored.encoded(old), stored.encoded(new), path).items()
    else:
        yield path, stored.encoded(new)


def _header_changes(
    node: yaml.Node | None, place: NodePath, old: Headers, new: Headers
) -> Iterator[tuple[NodePath, Any]]:
    if old == new or node is None:
        return
    places: dict[str, list[NodePath]] = {}
    for name, at in _header_places(node):
        places.setdefault(name, []).append(at)
    for name, found in places.items():
        values = [value for key, value in new if key == name]
        if not values:
            yield (*place, found[0][0]), REMOVED
            continue
        before = [value for key, value in old if key == name]
        for at, was, value in zip_longest(found, before, values):
            if was != value:
                yield (*place, *at), value
    yield from _added_headers(node, place, [(name, value) for name, value in new if name not in places])


def _added_headers(
    node: yaml.Node, place: NodePath, added: Sequence[tuple[str, str]]
) -> Iterator[tuple[NodePath, Any]]:
    """Yield *added* headers in the form that the others have: pairs, lists of values, or values."""
    if isinstance(node, yaml.SequenceNode):
        if added:
            yield place, Appended(tuple([name, value] for name, value in added))
        return
    listed = any(isinstance(value, yaml.SequenceNode) for value in mapping(node, "`headers`").values())
    for name, value in added:
        yield (*place, name), [value] if listed else value


def _header_places(node: yaml.Node) -> Iterator[tuple[str, NodePath]]:
    """Yield name and place of each header, in the order of `header_nodes`."""
    named: list[tuple[str, NodePath, yaml.Node]]
    if isinstance(node, yaml.SequenceNode):
        named = [(text(pair.value[0], "a name"), (number, 1), pair.value[1]) for number, pair in enumerate(node.value)]
    else:
        named = [(name, (name,), value) for name, value in mapping(node, "`headers`").items()]
    for name, at, value in named:
        if isinstance(value, yaml.SequenceNode) and len(members(value)) == len(value.value):
            yield from ((name, (*at, number)) for number in range(len(value.value)))
        else:
            yield name, at


def _stream_changes(stored: Mapping[str, Any], place: NodePath, new: Response) -> Iterator[tuple[NodePath, Any]]:
    wanted = stream_data(new)
    for key in ("raw", "raw_chunks"):
        if key in stored and key not in wanted:
            yield (*place, key), REMOVED
    for key in ("chunks", "raw_chunks"):
        if key in stored and key in wanted and [tuple(pair) for pair in stored[key]] != list(wanted[key]):
            yield (*place, key), tuple(wanted[key])
    names = [name for name, _ in new.headers]
    order = stored.get("header_order")
    if order and sorted(order) != sorted(names):
        yield (*place, "header_order"), tuple(names)
