"""
The formats of cassettes by tool, and their different keys.

| dialect | file | request | response |
|---|---|---|---|
| vcrpy | ``interactions`` | ``uri`` | ``status: {code, message}`` |
| cassetter | ``interactions`` | ``uri`` | ``status: 200`` |
| betamax, Ruby VCR 2 to 6 | ``http_interactions`` | ``uri`` | ``status: {code, message}`` |
| Ruby VCR 1 | a list with a tag | ``uri`` | ``status: {code, message}`` |
| go-vcr 1 to 4 | ``interactions`` | ``url`` | ``code: 200``, ``status: 200 OK`` |
| php-vcr, EasyVCR, ExVCR | a list | ``url`` or ``uri`` | ``status: {code, message}`` or ``status_code: 200`` |
| R's vcr | ``http_interactions`` | ``uri`` | ``status: {status_code, reason}`` |
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import yaml

from chatgptfree_mock.suggestion import nearest
from chatgptfree_mock.tape.yaml.nodes import NodeTypeError, is_null, mapping, node_type, sequence, text

_RUBY_1: Final = "!ruby/struct:VCR::HTTPInteraction"
_KEYS_OF_REQUESTS: Final = ("method", "uri", "headers", "body", "parsed_body")
_CONTENT_ELSEWHERE: Final = ("form", "post_fields", "post_files", "request_body")
"""The keys besides `body` in which go-vcr, php-vcr and ExVCR keep a request's data."""


class CassetteDialect(StrEnum):
    """The tool in whose format an interaction is."""

    VCRPY = "vcrpy"
    CASSETTER = "cassetter"
    RUBY = "betamax or Ruby VCR"
    GO = "go-vcr"
    LIST = "php-vcr, EasyVCR or ExVCR"


def interactions_of(root: yaml.Node) -> tuple[str, list[yaml.Node]]:
    """
    Return the path to the list of interactions, and its nodes.

    Raises:
        NodeTypeError: there is no such list.
    """
    if isinstance(root, yaml.SequenceNode):
        _refuse_other_lists(root)
        return "$", list(root.value)
    top = mapping(root, "a cassette")
    for key in ("interactions", "http_interactions"):
        if key in top:
            return f"$.{key}", sequence(top[key], f"`{key}`")
    if "log" in top:
        raise NodeTypeError("this is a HAR", root, "`chatgptfree-mock import` makes a cassette of it")
    raise NodeTypeError("no `interactions`", root, nearest_key("interactions", top))


def _refuse_other_lists(root: yaml.SequenceNode) -> None:
    """Refuse lists that are not cassettes: those of vcrpy's format 0, which has no addresses, and of other tools."""
    if not root.value:
        raise NodeTypeError("an empty list", root, "record it again")
    first = root.value[0]
    if first.tag == _RUBY_1:
        return
    entry = mapping(first, "an entry") if isinstance(first, yaml.MappingNode) else {}
    request = entry.get("request")
    if request is not None:
        entries = mapping(request, "`request`") if isinstance(request, yaml.MappingNode) else {}
        if not {"uri", "url"} & entries.keys():
            raise NodeTypeError("this is vcrpy's format 0", root, "record it again, or run vcrpy's migration script")
        return
    keys = f" with the keys {', '.join(entry)}" if entry else ""
    raise NodeTypeError(f"not a cassette: a list of entries{keys}", root)


def dialect_of(
    path: str, node: yaml.Node, request: Mapping[str, yaml.Node], response: Mapping[str, yaml.Node]
) -> CassetteDialect:
    """
    Return the format of an interaction.

    Args:
        path: the path to the list that it is in, as `interactions_of` returns it.
        node: the interaction.
        request: the entries of its request.
        response: the entries of its response.
    """
    if path == "$.http_interactions" or node.tag == _RUBY_1:
        return CassetteDialect.RUBY
    if path == "$":
        return CassetteDialect.LIST
    if "url" in request and "uri" not in request and "code" in response:
        return CassetteDialect.GO
    return CassetteDialect.CASSETTER if isinstance(response.get("status"), yaml.ScalarNode) else CassetteDialect.VCRPY


def check_request(dialect: CassetteDialect, request: Mapping[str, yaml.Node]) -> None:
    """
    Check a request for keys that would be ignored although they may contain a part of it.

    Raises:
        NodeTypeError: there is such a key.
    """
    if dialect is CassetteDialect.VCRPY or dialect is CassetteDialect.CASSETTER:
        for key, node in request.items():
            if key not in _KEYS_OF_REQUESTS:
                raise NodeTypeError(f"unknown key `{key}`", node, f"vcrpy has {', '.join(_KEYS_OF_REQUESTS[:4])} here")
    elif "body" not in request or not request["body"].value:
        for key in _CONTENT_ELSEWHERE:
            if key in request and not is_null(request[key]) and request[key].value:
                raise NodeTypeError(f"what was sent is in `{key}`, not in `body`", request[key], "record it again")


def uri_key(request: Mapping[str, yaml.Node]) -> str:
    """Return the key under which a request has its address."""
    return "url" if "url" in request and "uri" not in request else "uri"


def status_of(node: yaml.Node, response: Mapping[str, yaml.Node], dialect: CassetteDialect) -> tuple[int, str]:
    """
    Return the status code of a response and its reason phrase, empty if there is none.

    *node*: the response; *response*: its entries.

    Raises:
        NodeTypeError: there is no code, or not one of three digits.
    """
    if dialect is CassetteDialect.GO:
        line = text(response["status"], "`status`") if "status" in response else ""
        return _code(response["code"]), line.partition(" ")[2]
    if "status" in response:
        status = response["status"]
        if isinstance(status, yaml.ScalarNode):
            return _code(status), ""
        parts = mapping(status, "`status`")
        if "status_code" in parts:  # as R's vcr has it
            return _code(parts["status_code"]), text(parts["reason"], "`reason`") if "reason" in parts else ""
        if "code" not in parts:
            raise NodeTypeError("no `code`", status, nearest_key("code", parts))
        return _code(parts["code"]), text(parts["message"], "`message`") if "message" in parts else ""
    if "status_code" in response:  # as vcrpy recorded httpx up to its release 5
        return _status_code(node, response)
    raise NodeTypeError("no `status`", node, nearest_key("status", response))


def _status_code(node: yaml.Node, response: Mapping[str, yaml.Node]) -> tuple[int, str]:
    code = response["status_code"]
    if isinstance(code, yaml.SequenceNode) and len(code.value) == 3:  # ExVCR of Erlang's httpc: version, code, reason
        return _code(code.value[1]), text(code.value[2], "the reason in `status_code`")
    if is_null(code) and "type" in response and text(response["type"], "`type`") == "error":
        reason = text(response["body"], "`body`") if "body" in response else ""
        what = f"a request that failed, without a response ({reason})" if reason else "a request that failed"
        raise NodeTypeError(what, node, "take it out, or record it again")
    return _code(code), text(response["reason"], "`reason`") if "reason" in response else ""


def _code(node: yaml.Node) -> int:
    digits = text(node, "`code`")
    if not (digits.isascii() and digits.isdigit() and len(digits) == 3):
        raise NodeTypeError(f"a status code has three digits, not {node_type(node)}", node)
    return int(digits)


def nearest_key(wanted: str, entries: Mapping[str, yaml.Node]) -> str:
    """Return the repair for a key that is missing: the key that was meant for it; empty if none looks so."""
    near = nearest(wanted, entries, likeness=0.6)
    return f"`{near}` should be `{wanted}`" if near else ""
