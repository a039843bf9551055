"""
Write a cassette as YAML or JSON: for people to read and edit, and the same every time.

Bodies are literal blocks wherever YAML can hold them so (not those with a carriage return or a control character), what
is printable stays as it is, headers keep their order.  No dumper of PyYAML is used for the body of the file: the C one
escapes emoji, the other is slow and folds, and both sort keys.  Text is bare only where all readers of YAML 1.1 and 1.2
agree on it: PyYAML's two loaders, libyaml, ruamel.yaml and Ruby's Psych differ over `?`, `:` and numbers.
In JSON, which has no bytes, a body that is not UTF-8 is `base64_string`, betamax's key for it; vcrpy cannot read that.
"""

from __future__ import annotations

import base64
import json
import re
import textwrap
from collections.abc import Iterable
from typing import Any, Final

import yaml

from chatgptfree_mock.tape.encoded_body import as_written
from chatgptfree_mock.tape.header_syntax import storable
from chatgptfree_mock.tape.model import Cassette, Chunk, End, Headers, Interaction, Request, Response
from chatgptfree_mock.tape.yaml.scalars import UNPRINTABLE, in_flow, scalar

_WIDTH: Final = 116


class _Dumper(yaml.SafeDumper):
    """Writes `x-recording`: lists indented, no aliases."""

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def write(cassette: Cassette) -> str:
    """Return the text of a cassette's file."""
    head = "version: 1\n"
    if cassette.recording:
        head += _free({"x-recording": dict(cassette.recording)})
    if cassette.tokens:
        head += _free({"x-tokens": list(map(dict, cassette.tokens))})
    if not cassette.interactions:
        return head + "interactions: []\n"
    return head + "interactions:\n" + "".join(map(write_interaction, cassette.interactions))


def write_json(cassette: Cassette) -> str:
    """Return the text of a cassette's file in JSON, as vcrpy's own JSON serializer has it, but in the order of YAML."""
    top: dict[str, Any] = {"version": 1}
    if cassette.recording:
        top["x-recording"] = dict(cassette.recording)
    if cassette.tokens:
        top["x-tokens"] = list(map(dict, cassette.tokens))
    top["interactions"] = [_as_data(each) for each in cassette.interactions]
    return json.dumps(top, indent=2, ensure_ascii=False) + "\n"


def _as_data(interaction: Interaction) -> dict[str, Any]:
    request, response = interaction.request, as_written(interaction.response)
    request_data: dict[str, Any] = {"method": request.method, "uri": request.uri, "headers": _grouped(request.headers)}
    body = None if request.body is None else _json_body(request.body)
    request_data["body"] = body.get("string", body) if body else body
    response_data: dict[str, Any] = {
        "status": {"code": response.status, "message": response.reason},
        "headers": _grouped(response.headers),
        "body": _json_body(response.body),
    }
    stream = stream_data(response)
    if stream:
        response_data["x-stream"] = {key: _base64(value) if key == "raw" else value for key, value in stream.items()}
    return {"request": request_data, "response": response_data}


def _json_body(body: bytes) -> dict[str, str]:
    try:
        return {"string": body.decode()}
    except UnicodeDecodeError:
        return {"encoding": "binary", "base64_string": _base64(body)}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def write_interaction(interaction: Interaction) -> str:
    """Return the lines of one interaction under `interactions:`, for files written piece by piece."""
    return "- request:\n" + _request(interaction.request) + "  response:\n" + _response(interaction.response)


def _free(value: dict[str, Any]) -> str:
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_WIDTH, default_flow_style=False)


def _request(request: Request) -> str:
    body = "null" if request.body is None else octets(request.body, 6)
    return (
        f"    method: {scalar(request.method)}\n"
        f"    uri: {scalar(request.uri)}\n"
        f"    headers:{_headers(request.headers)}\n"
        f"    body: {body}\n"
    )


def _response(response: Response) -> str:
    response = as_written(response)
    return (
        f"    status: {{code: {response.status:03}, message: {in_flow(response.reason)}}}\n"
        f"    headers:{_headers(response.headers)}\n"
        f"    body:\n      string: {octets(response.body, 8)}\n"
        f"{_stream(response)}"
    )


def _headers(headers: Headers) -> str:
    if not headers:
        return " {}"
    return "".join(
        f"\n      {_key(name)}: [{', '.join(in_flow(value) for value in values)}]"
        for name, values in _grouped(headers).items()
    )


def _grouped(headers: Headers) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(storable(name), []).append(storable(value))
    return values


def _key(name: str) -> str:
    key = in_flow(name)
    # YAML finds a key only if its colon comes within 1,024 characters, unless it is marked as one.
    return f"? {key}\n      " if len(key) > 512 else key


def stream_data(response: Response) -> dict[str, Any]:
    """Return the data of `x-stream` for *response*: empty if the rest of the interaction is sufficient."""
    order = [storable(name) for name, _ in response.headers]
    scattered = order != [name for name, values in _grouped(response.headers).items() for _ in values]
    known = response.chunks or response.raw is not None or response.ended is not None
    if not (known or scattered or response.end is not End.COMPLETE):
        return {}
    found: dict[str, Any] = {"schema": 1, "chunks": response.chunks, "end": str(response.end)}
    if response.ended is not None:
        found["ended"] = response.ended
    if scattered:
        found["header_order"] = order
    if response.raw is not None:
        found |= {"raw": response.raw, "raw_chunks": response.raw_chunks}
    return found


def _stream(response: Response) -> str:
    lines = [f"      {key}: {stream_value(key, value, 8)}\n" for key, value in stream_data(response).items()]
    return "    x-stream:\n" + "".join(lines) if lines else ""


def stream_value(key: str, value: Any, indent: int) -> str:
    """Return the text of one value of `x-stream`; lines after the first are indented by *indent*."""
    match key:
        case "chunks" | "raw_chunks":
            return _chunks(value, indent)
        case "header_order":
            return f"[{_wrapped(map(in_flow, value), indent)}]"
        case "raw":
            return _binary(value, indent)
        case _:
            return str(value)


def _chunks(chunks: Iterable[Chunk], indent: int) -> str:
    return f"[{_wrapped((f'[{due}, {size}]' for due, size in chunks), indent)}]"


def _wrapped(items: Iterable[str], indent: int) -> str:
    """Fill lines with the items of a flow list; no item is cut."""
    lines = [""]
    for item in items:
        if lines[-1] and len(lines[-1]) + len(item) > _WIDTH - 20:
            lines.append("")
        lines[-1] += f"{item}, "
    return ("\n" + " " * indent).join(line.rstrip() for line in lines).rstrip(",")


def octets(value: bytes, indent: int) -> str:
    """Return a body as YAML writes it in a block: lines are indented by *indent*."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return _binary(value, indent)
    if "\n" in text and text.strip("\n") and not UNPRINTABLE.search(text):
        return _literal(text, indent)
    return scalar(text)


def _binary(value: bytes, indent: int) -> str:
    encoded = base64.b64encode(value).decode()
    return "!!binary |\n" + textwrap.indent("\n".join(textwrap.wrap(encoded, 100)), " " * indent)


def _literal(text: str, indent: int) -> str:
    first = text.lstrip("\n")[:1]
    # Where the text itself begins with a blank, its own indentation can't be distinguished from the block's.
    indicator = "2" if text[0] in "\n \t" or first in " \t" else ""
    chomping = "-" if text[-1] != "\n" else "+" if text[-2:] == "\n\n" else ""
    margin = " " * indent
    body = re.sub(r"\n(?=[^\n])", "\n" + margin, text)
    if text[0] != "\n":
        body = margin + body
    return f"|{indicator}{chomping}\n{body.removesuffix(chr(10))}"
