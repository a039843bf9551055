"""
From the text of a cassette to its values: files of vcrpy's format 1, with or without our own keys, and its relatives.

vcrpy's keys are read leniently, as vcrpy reads them (bodies null, text, `!!binary` or JSON data; headers as text or
list; httpx recordings of older releases).  `dialect` recognises the files of other tools, `stored_body` finds their
bodies.  Our own keys are strict, see `recording`.  One interaction that cannot be read is left out and listed.  Every
complaint names the file, the place in it and, where there is one, the repair.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import yaml

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.suggestion import nearest
from chatgptfree_mock.tape.encoded_body import decoded
from chatgptfree_mock.tape.extra_keys import Recording, StreamRecord, strict
from chatgptfree_mock.tape.foreign_formats import naming_foreign_formats
from chatgptfree_mock.tape.model import BODILESS, Cassette, Chunk, Headers, Interaction, LeftOut, Request, Response
from chatgptfree_mock.tape.repair import refitted
from chatgptfree_mock.tape.stored_body import request_body, response_body
from chatgptfree_mock.tape.tokens.token_block import tokens_as_data, tokens_from_data
from chatgptfree_mock.tape.yaml.composing import compose_file
from chatgptfree_mock.tape.yaml.dialect import (
    CassetteDialect,
    check_request,
    dialect_of,
    interactions_of,
    nearest_key,
    status_of,
    uri_key,
)
from chatgptfree_mock.tape.yaml.nodes import (
    NodeTypeError,
    check_keys,
    header_nodes,
    is_null,
    mapping,
    place_of,
    plain,
    text,
)

_RESPONSE: Final = ("status", "headers", "body", "x-stream")
_TOP: Final = ("interactions", "version", "x-recording", "x-tokens", "metadata")
_OTHER_PROTOCOLS: Final = {"grpc_interactions": "gRPC", "ws_interactions": "WebSocket"}
"""cassetter's: what is in them cannot be replayed over HTTP."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})
"""RFC 9110 section 9.1 and RFC 5789; clients write these in any case, and send them in capitals."""
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}


class RepairLog(msgspec.Struct, kw_only=True):
    """Passed to `read` to repair chunk lists that don't add up; it records what was repaired."""

    repaired: list[tuple[str, str]] = msgspec.field(default_factory=list)
    """Place and problem."""


class _YamlSource(msgspec.Struct, frozen=True, kw_only=True):
    file: str | None
    repair_log: RepairLog | None


def read(
    data: bytes, *, file: str | None = None, repair_log: RepairLog | None = None, refuse: bool = False
) -> Cassette:
    """
    Read a cassette from the bytes of its file; *file* is what complaints call it.

    An interaction that cannot be read is left out and listed in `Cassette.left_out`; with *refuse* it is an error.

    Raises:
        CassetteError: it is not a cassette, `x-recording` is wrong, or none of its interactions can be read.
    """
    with naming_foreign_formats(data, file=file):
        with _collector_paused():
            cassette = _read(data, file, repair_log)
        if cassette.left_out and (refuse or not cassette.interactions):
            first = cassette.left_out[0]
            raise CassetteError(first.problem, file=file, place=first.place, repair=first.repair)
    return cassette


@contextmanager
def _collector_paused() -> Iterator[None]:
    """
    Pause the garbage collector while nodes are made.

    A large cassette is some 100,000 nodes, none of them garbage before the end: looking for it takes 70 % of the time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _read(data: bytes, file: str | None, repair_log: RepairLog | None) -> Cassette:
    root = compose_file(data, file)
    if root is None:
        raise CassetteError("the file is empty", file=file, repair="a cassette has at least `interactions: []`")
    try:
        return _cassette(root, _YamlSource(file=file, repair_log=repair_log))
    except NodeTypeError as exc:
        raise CassetteError(exc.problem, file=file, place=place_of(root, exc.node), repair=exc.repair) from exc
    except RecursionError as exc:
        raise CassetteError("refused: nested too deeply", file=file) from exc


def _cassette(root: yaml.Node, source: _YamlSource) -> Cassette:
    path, nodes = interactions_of(root)
    check_keys(root, apart_from=nodes)
    top = mapping(root, "a cassette") if isinstance(root, yaml.MappingNode) else {}
    left_out = [
        LeftOut(file=source.file, place=f"$.{key}", problem=f"{len(top[key].value)} {protocol} interactions")
        for key, protocol in _OTHER_PROTOCOLS.items()
        if top.get(key) is not None and top[key].value
    ]
    interactions: list[Interaction] = []
    for number, node in enumerate(nodes):
        place = f"{path}[{number}]"
        try:
            check_keys(node)
            interactions.append(_interaction(node, path, place, source))
        except NodeTypeError as exc:
            inside = place_of(node, exc.node).removeprefix("$")
            left_out.append(LeftOut(file=source.file, place=place + inside, problem=exc.problem, repair=exc.repair))
        except CassetteError as exc:
            left_out.append(LeftOut(file=source.file, place=exc.place or place, problem=exc.problem, repair=exc.repair))
    return Cassette(
        interactions=tuple(interactions),
        recording=_recording(top, source),
        path=source.file,
        left_out=tuple(left_out),
        tokens=_tokens(top, len(nodes), source),
    )


def _recording(top: dict[str, yaml.Node], source: _YamlSource) -> dict[str, Any]:
    _refuse_near_miss(top, _TOP)
    if "x-recording" not in top:
        return {}
    recording: dict[str, Any] = plain(top["x-recording"])
    strict(recording, Recording, place="$.x-recording", file=source.file)
    return recording


def _tokens(top: dict[str, yaml.Node], interactions: int, source: _YamlSource) -> tuple[dict[str, Any], ...]:
    if "x-tokens" not in top:
        return ()
    value = plain(top["x-tokens"])
    return tuple(tokens_as_data(tokens_from_data(value, interactions=interactions, file=source.file)))


def _interaction(node: yaml.Node, path: str, place: str, source: _YamlSource) -> Interaction:
    entries = mapping(node, "an interaction")
    for part in ("request", "response"):
        if part not in entries:
            raise NodeTypeError(f"no `{part}`", node, nearest_key(part, entries))
    of_request, of_response = mapping(entries["request"], "`request`"), mapping(entries["response"], "`response`")
    dialect = dialect_of(path, node, of_request, of_response)
    request = _request(entries["request"], of_request, dialect)
    response = _response(entries["response"], of_response, f"{place}.response", source, dialect, method=request.method)
    return Interaction(request=request, response=response)


def _request(node: yaml.Node, entries: dict[str, yaml.Node], dialect: CassetteDialect) -> Request:
    check_request(dialect, entries)
    key = uri_key(entries)
    for name in ("method", key):
        if name not in entries or is_null(entries[name]):
            raise NodeTypeError(f"no `{name}`", node)
    return Request(
        method=_method(text(entries["method"], "`method`")),
        uri=_uri(entries[key], dialect),
        headers=_headers(entries.get("headers")),
        body=request_body(entries, dialect).data,
    )


def _method(name: str) -> str:
    capitals = name.removeprefix(":").upper()  # a symbol of Ruby's
    return capitals if capitals in _METHODS else name


def _uri(node: yaml.Node, dialect: CassetteDialect) -> str:
    uri = text(node, "`uri`")
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError as exc:
        raise NodeTypeError(f"no address: {exc}", node, "write it with scheme and host") from exc
    port = _DEFAULT_PORTS.get(parts.scheme, "")
    if dialect is CassetteDialect.RUBY and port and parts.netloc.endswith(port):  # as Ruby VCR 1 wrote every address
        return uri.replace(parts.netloc, parts.netloc.removesuffix(port), 1)
    return uri


def _headers(node: yaml.Node | None) -> Headers:
    return tuple((name, text(value, f"the header {name}")) for name, value in header_nodes(node))


def _response(
    node: yaml.Node,
    entries: dict[str, yaml.Node],
    place: str,
    source: _YamlSource,
    dialect: CassetteDialect,
    *,
    method: str,
) -> Response:
    status, reason = status_of(node, entries, dialect)
    bodiless = status in BODILESS or status < 200 or method == "HEAD"
    body = response_body(node, entries, dialect, bodiless=bodiless).data or b""
    headers = _headers(entries.get("headers"))
    record = entries.get("x-stream")
    if record is None:
        _refuse_near_miss(entries, _RESPONSE)
        return decoded(Response(status=status, reason=reason, headers=headers, body=body))
    stream = strict(plain(record), StreamRecord, place=f"{place}.x-stream", file=source.file)
    response = Response(
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
    return decoded(response)


def _adding_up(chunks: list[tuple[int, int]], body: bytes, place: str, source: _YamlSource) -> tuple[Chunk, ...]:
    covered = sum(size for _, size in chunks)
    problem = f"the chunks cover {covered} bytes of {len(body)}"
    if chunks and covered != len(body) and source.repair_log is not None:
        source.repair_log.repaired.append((place, problem))
        chunks = refitted(chunks, body)
    elif chunks and covered != len(body):
        raise CassetteError(
            problem,
            file=source.file,
            place=place,
            repair="`chatgptfree-mock lint --fix` repairs the lengths after an edit of the body",
        )
    earlier = 0
    for number, (due, _) in enumerate(chunks):
        if due < earlier:
            problem = f"chunk {number} comes at {due} ms, before the one at {earlier} ms"
            raise CassetteError(
                problem, file=source.file, place=place, repair="times count from the request and only grow"
            )
        earlier = due
    return tuple(chunks)


def _in_order(headers: Headers, order: list[str]) -> Headers:
    if sorted(name for name, _ in headers) != sorted(order):
        return headers
    left: dict[str, list[str]] = {}
    for name, value in headers:
        left.setdefault(name, []).append(value)
    return tuple((name, left[name].pop(0)) for name in order)


def _refuse_near_miss(entries: dict[str, yaml.Node], known: tuple[str, ...]) -> None:
    """Foreign keys pass, as in vcrpy; one that is ours but for a slip does not pass in silence."""
    for key, node in entries.items():
        if key not in known and key.startswith("x-"):
            near = nearest(key, [name for name in known if name.startswith("x-")], likeness=0.75)
            if near and near not in entries:
                raise NodeTypeError(f"unknown key `{key}`", node, f"did you mean `{near}`?")
