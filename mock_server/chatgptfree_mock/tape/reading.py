"""
From the text of a cassette to its values: any file that vcrpy's format 1 covers, with or without our own keys.

vcrpy's keys are read leniently, as vcrpy reads them (bodies null, text, `!!binary` or JSON data; headers as text or
list; httpx recordings of older releases).  Our own keys are strict, see `recording`.  Every complaint names the file,
the place in it and, where there is one, the repair.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import yaml

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.suggestion import nearest
from chatgptfree_mock.tape.mending import refitted
from chatgptfree_mock.tape.model import Cassette, Chunk, Headers, Interaction, Request, Response
from chatgptfree_mock.tape.recording import Recording, Stream, strict
from chatgptfree_mock.tape.yaml_nodes import (
    MisfitError,
    TooDeepError,
    compose,
    is_null,
    kind_of,
    mapping,
    octets,
    place_of,
    plain,
    sequence,
    text,
)

_REQUEST: Final = ("method", "uri", "headers", "body")
_RESPONSE: Final = ("status", "headers", "body", "x-stream")
_TOP: Final = ("interactions", "version", "x-recording", "metadata")
_PYTHON: Final = "tag:yaml.org,2002:python/object/"
_WRAPPED: Final = (_PYTHON + "new:_io.BytesIO", _PYTHON + "apply:builtins.iter")


@dataclass(slots=True, kw_only=True)
class Lenience:
    """Given to `read`, it mends chunk lists that don't add up, and notes what was mended and what can't be kept."""

    mended: list[tuple[str, str]] = field(default_factory=list)
    """Place and problem."""
    foreign: list[str] = field(default_factory=list)
    """Places of keys that are neither vcrpy's nor ours: they are read past, and lost when the file is written anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    file: str | None
    lenience: Lenience | None

    def note_foreign(self, place: str, entries: dict[str, yaml.Node], known: tuple[str, ...]) -> None:
        if self.lenience is not None:
            self.lenience.foreign += [f"{place}.{key}" for key in entries if key not in known]


def read(data: bytes, *, file: str | None = None, lenience: Lenience | None = None) -> Cassette:
    """
    Read a cassette from the bytes of its file; *file* is what complaints call it.

    Raises:
        CassetteError: it is no cassette, or one of our own keys is wrong.
    """
    with _collector_paused():
        return _read(data, file, lenience)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """
    Keep the garbage collector from walking the nodes while they are made.

    A large cassette is some 100,000 nodes, none of them garbage before the end: looking for it takes 70 % of the time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _read(data: bytes, file: str | None, lenience: Lenience | None) -> Cassette:
    root = _root(data, file)
    if root is None:
        raise CassetteError("the file is empty", file=file, repair="a cassette has at least `interactions: []`")
    try:
        return _cassette(root, _Source(file=file, lenience=lenience))
    except MisfitError as exc:
        raise CassetteError(exc.problem, file=file, place=place_of(root, exc.node), repair=exc.repair) from exc


def _root(data: bytes, file: str | None) -> yaml.Node | None:
    try:
        if file is not None and file.endswith(".json"):
            return yaml.representer.SafeRepresenter().represent_data(msgspec.json.decode(data))
        return compose(data)
    except msgspec.DecodeError as exc:
        raise CassetteError(f"not JSON: {exc}", file=file) from exc
    except yaml.YAMLError as exc:
        raise CassetteError(f"not YAML: {_in_one_line(exc)}", file=file) from exc
    except (TooDeepError, RecursionError) as exc:
        raise CassetteError(f"refused: {exc}", file=file, repair="a cassette needs nothing of the kind") from exc


def _in_one_line(exc: yaml.YAMLError) -> str:
    mark = getattr(exc, "problem_mark", None)
    problem = getattr(exc, "problem", None) or getattr(exc, "reason", None) or str(exc).splitlines()[0]
    if mark is not None:
        return f"{problem} in line {mark.line + 1}, column {mark.column + 1}"
    position = getattr(exc, "position", None)
    return f"{problem} at byte {position}" if position is not None else str(problem)


def _cassette(root: yaml.Node, source: _Source) -> Cassette:
    if isinstance(root, yaml.SequenceNode):
        raise MisfitError("this is vcrpy's format 0", root, "record it again, or run vcrpy's migration script")
    top = mapping(root, "a cassette")
    if "interactions" not in top:
        raise MisfitError("no `interactions`", root, _nearest("interactions", top))
    interactions = tuple(
        _interaction(node, f"$.interactions[{number}]", source)
        for number, node in enumerate(sequence(top["interactions"], "`interactions`"))
    )
    recording: dict[str, Any] = {}
    if "x-recording" in top:
        recording = plain(top["x-recording"])
        strict(recording, Recording, place="$.x-recording", file=source.file)
    else:
        _refuse_near_miss(top, _TOP)
    source.note_foreign("$", top, ("interactions", "version", "x-recording"))
    return Cassette(interactions=interactions, recording=recording, path=source.file)


def _interaction(node: yaml.Node, place: str, source: _Source) -> Interaction:
    entries = mapping(node, "an interaction")
    for part in ("request", "response"):
        if part not in entries:
            raise MisfitError(f"no `{part}`", node, _nearest(part, entries))
    source.note_foreign(place, entries, ("request", "response"))
    return Interaction(
        request=_request(entries["request"]), response=_response(entries["response"], f"{place}.response", source)
    )


def _request(node: yaml.Node) -> Request:
    entries = mapping(node, "`request`")
    for key in entries:
        if key not in _REQUEST:
            raise MisfitError(f"unknown key `{key}`", entries[key], f"vcrpy knows {', '.join(_REQUEST)} here")
    for key in ("method", "uri"):
        if key not in entries:
            raise MisfitError(f"no `{key}`", node)
    return Request(
        method=text(entries["method"], "`method`"),
        uri=text(entries["uri"], "`uri`"),
        headers=_headers(entries.get("headers")),
        body=_request_body(entries.get("body")),
    )


def _request_body(node: yaml.Node | None) -> bytes | None:
    if node is None or is_null(node):
        return None
    if node.tag in _WRAPPED:
        parts = _first_octets(node)
        return b"".join(parts)
    if isinstance(node, yaml.ScalarNode):
        return octets(node)
    return json.dumps(plain(node)).encode()


def _first_octets(node: yaml.Node) -> list[bytes]:
    """Find the bytes in what vcrpy wrote for a file-like or an iterated body."""
    if isinstance(node, yaml.ScalarNode):
        return [octets(node)]
    if isinstance(node, yaml.MappingNode):
        entries = mapping(node, "a body")
        inner = entries.get("args", entries.get("state"))
        return _first_octets(inner) if inner is not None else []
    items = sequence(node, "a body")
    if items and isinstance(items[0], yaml.SequenceNode):
        return [octets(item) for item in items[0].value]
    return _first_octets(items[0]) if items else []


def _headers(node: yaml.Node | None) -> Headers:
    if node is None or is_null(node):
        return ()
    if isinstance(node, yaml.SequenceNode):
        pairs = [sequence(pair, "a header") for pair in node.value]
        for pair, told in zip(pairs, node.value, strict=True):
            if len(pair) != 2:
                raise MisfitError("a header in a list must be [name, value]", told)
        named = [(text(name, "a header's name"), value) for name, value in pairs]
    else:
        named = list(mapping(node, "`headers`").items())
    found: list[tuple[str, str]] = []
    for name, value in named:
        values = value.value if isinstance(value, yaml.SequenceNode) else (value,)
        found.extend((name, text(each, f"the header {name}")) for each in values)
    return tuple(found)


def _response(node: yaml.Node, place: str, source: _Source) -> Response:
    entries = mapping(node, "`response`")
    source.note_foreign(place, entries, _RESPONSE)
    status, reason = _status(node, entries)
    body = _response_body(entries)
    headers = _headers(entries.get("headers"))
    told = entries.get("x-stream")
    if told is None:
        _refuse_near_miss(entries, _RESPONSE)
        return Response(status=status, reason=reason, headers=headers, body=body)
    stream = strict(plain(told), Stream, place=f"{place}.x-stream", file=source.file)
    return Response(
        status=status,
        reason=reason,
        headers=_in_order(headers, stream.header_order),
        body=body,
        chunks=_adding_up(stream.chunks, body, f"{place}.x-stream.chunks", source),
        end=stream.end,
        ended=stream.ended,
        raw=stream.raw,
        raw_chunks=_adding_up(stream.raw_chunks, stream.raw or b"", f"{place}.x-stream.raw_chunks", source),
    )


def _status(node: yaml.Node, entries: dict[str, yaml.Node]) -> tuple[int, str]:
    if "status" in entries:
        told = entries["status"]
        if isinstance(told, yaml.ScalarNode):
            return _code(told), ""
        parts = mapping(told, "`status`")
        if "code" not in parts:
            raise MisfitError("no `code`", told, _nearest("code", parts))
        return _code(parts["code"]), text(parts["message"], "`message`") if "message" in parts else ""
    if "status_code" in entries:  # as vcrpy recorded httpx up to its release 5
        return _code(entries["status_code"]), ""
    raise MisfitError("no `status`", node, _nearest("status", entries))


def _code(node: yaml.Node) -> int:
    told = text(node, "`code`")
    if not (told.isascii() and told.isdigit() and len(told) == 3):
        raise MisfitError(f"a status code has three digits, not {kind_of(node)}", node)
    return int(told)


def _response_body(entries: dict[str, yaml.Node]) -> bytes:
    node = entries.get("body", entries.get("content"))
    if node is None or is_null(node):
        return b""
    if isinstance(node, yaml.ScalarNode):
        return octets(node)
    inner = mapping(node, "`body`").get("string")
    return b"" if inner is None else octets(inner)


def _adding_up(told: list[tuple[int, int]], body: bytes, place: str, source: _Source) -> tuple[Chunk, ...]:
    covered = sum(size for _, size in told)
    problem = f"the chunks cover {covered} bytes of {len(body)}"
    if told and covered != len(body) and source.lenience is not None:
        source.lenience.mended.append((place, problem))
        told = refitted(told, body)
    elif told and covered != len(body):
        raise CassetteError(
            problem,
            file=source.file,
            place=place,
            repair="`chatgptfree-mock lint --fix` mends the lengths after an edit of the body",
        )
    earlier = 0
    for number, (due, _) in enumerate(told):
        if due < earlier:
            problem = f"chunk {number} comes at {due} ms, before the one at {earlier} ms"
            raise CassetteError(
                problem, file=source.file, place=place, repair="times count from the request and only grow"
            )
        earlier = due
    return tuple(told)


def _in_order(headers: Headers, order: list[str]) -> Headers:
    if sorted(name for name, _ in headers) != sorted(order):
        return headers
    left: dict[str, list[str]] = {}
    for name, value in headers:
        left.setdefault(name, []).append(value)
    return tuple((name, left[name].pop(0)) for name in order)


def _nearest(wanted: str, entries: dict[str, yaml.Node]) -> str:
    near = nearest(wanted, entries, likeness=0.6)
    return f"`{near}` should be `{wanted}`" if near else ""


def _refuse_near_miss(entries: dict[str, yaml.Node], known: tuple[str, ...]) -> None:
    """Foreign keys pass, as in vcrpy; one that is ours but for a slip does not pass in silence."""
    for key, node in entries.items():
        if key not in known and key.startswith("x-"):
            near = nearest(key, [name for name in known if name.startswith("x-")], likeness=0.75)
            if near:
                raise MisfitError(f"unknown key `{key}`", node, f"did you mean `{near}`?")
