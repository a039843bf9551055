"""
Find the message that a person typed in the recorded requests; it becomes `{message}`.

Pure.  All requests up to the answer are searched.  Of the leaves with a fitting name, the last not empty counts.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from chatgptfree_mock.tape.json_value import json_or_none
from chatgptfree_mock.tape.model import Interaction
from chatgptfree_mock.tape.request_key import RequestKey

_WORDS: Final = "message|prompt|query|question|input|text|content|msg|q"
_EXACT: Final = re.compile(_WORDS, re.IGNORECASE)
_COMPOUND: Final = re.compile(rf".*(?:[_-](?:{_WORDS})|(?-i:Message|Prompt|Query|Question|Input|Text))", re.IGNORECASE)
"""Names such as `user_message` and `chatInput`, which count if no leaf has one of the plain names."""
ACTION_NAMES: Final = frozenset(
    {"action", "command", "event", "method", "op", "operation", "operationname", "task", "type"}
)
"""The names of fields with the action of a request."""
_ROLES: Final = ("role", "from", "sender", "author")
_USERS: Final = frozenset({"user", "human"})
_GRAPHQL: Final = re.compile(r"\s*(?:query|mutation|subscription)\b[^{]*\{|\s*\{\s*\w+")
_LAST_NAME: Final = re.compile(r"[^\[\].]+(?=[\[\]\d.]*$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLeaf:
    """A text in a request: *value*, and its *place*, such as ``POST /v1/chat, messages[0].content``."""

    value: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSearch:
    """
    Candidates for the message: the *found* leaves, the most likely one first.

    *from_responses*: leaves that an earlier response gave out, which are never taken.
    """

    found: tuple[MessageLeaf, ...] = ()
    from_responses: tuple[MessageLeaf, ...] = ()


def find_message(interactions: Sequence[Interaction]) -> MessageSearch:
    """
    Search the requests of *interactions*, the last of which has the answer, for the message.

    A leaf that repeats the address or names an action is not a candidate, nor is a value of an earlier response.
    """
    hosts = {RequestKey.from_request(each.request).host for each in interactions}
    exact: list[MessageLeaf] = []
    compound: list[MessageLeaf] = []
    received: list[MessageLeaf] = []
    for place, interaction in enumerate(interactions):
        key = RequestKey.from_request(interaction.request)
        earlier = [each.response.body for each in interactions[:place]]
        for name, leaf in message_leaves(key, hosts):
            kind = exact if _EXACT.fullmatch(name) else compound
            (received if came_from(leaf.value, earlier) else kind).append(leaf)
    return MessageSearch(
        found=tuple(dict.fromkeys(reversed(exact or compound))), from_responses=tuple(dict.fromkeys(reversed(received)))
    )


def message_leaves(key: RequestKey, hosts: set[str]) -> Iterator[tuple[str, MessageLeaf]]:
    """Yield the names and leaves of the request *key* that may be a message, in order; *hosts* are the sites' own."""
    actions = {value for name, value in (*key.query, *key.form) if name.lower() in ACTION_NAMES}
    for path, value in leaves(key):
        name = _name(path)
        fits = _EXACT.fullmatch(name) or _COMPOUND.fullmatch(name)
        taken = value in actions or _GRAPHQL.match(value) or _is_address(value, key, hosts)
        if value.strip() and fits and not taken:
            yield name, MessageLeaf(value=value, place=f"{key.method} {key.path}, {path}")


def leaves(key: RequestKey) -> Iterator[tuple[str, str]]:
    """Yield the texts of a request with their paths: query, then form or JSON, and the JSON inside a field."""
    for name, value in (*key.query, *(key.form_fields if key.kind == "form" else ())):
        inner = _parsed(value)
        if inner is None:
            yield name, value
        else:
            yield from _of_json(inner, name)
    if key.kind == "JSON":
        yield from _of_json(key.json, "")


def _parsed(value: str) -> Any:
    """Return the JSON in a field, None if there is none."""
    return json_or_none(value) if value.startswith(("{", "[")) else None


def _of_json(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield the texts in *value* with their paths; of a list of turns, only those of the user's last."""
    left = [(path, value)]
    while left:
        path, value = left.pop()
        inner: list[tuple[str, Any]] = []
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            inner = [(f"{path}.{name}" if path else name, each) for name, each in value.items()]
        elif isinstance(value, list):
            roles = [_role(turn) for turn in value]
            users = [at for at, role in enumerate(roles) if role in _USERS]
            inner = [(f"{path}[{at}]", each) for at, each in enumerate(value) if not any(roles) or at in users[-1:]]
        left += reversed(inner)


def _role(turn: object) -> str:
    """Return what a turn of a conversation names as its speaker, empty if it names none."""
    if not isinstance(turn, dict):
        return ""
    return next((turn[name].lower() for name in _ROLES if isinstance(turn.get(name), str)), "")


def _name(path: str) -> str:
    """Return the last name in *path*, such as `content` of ``messages[0].content`` or of ``messages[0][content]``."""
    found = _LAST_NAME.search(re.sub(r"(?:\[\d*\])+$", "", path))
    return found[0] if found else ""


def _is_address(value: str, key: RequestKey, hosts: set[str]) -> bool:
    bare = value.strip()
    found = re.fullmatch(r"(?:https?:)?//([^/:?#\s]+)\S*", bare)
    if found and found[1].lower() in hosts:
        return True
    return bare in (key.host, key.path, key.target) or bare in hosts - {""}


def came_from(value: str, bodies: Sequence[bytes]) -> bool:
    """Return whether an earlier response gave *value* out, as a whole value of JSON, an attribute or an element."""
    return any(found.search(body) for found in _whole(value) for body in bodies)


def _whole(value: str) -> list[re.Pattern[bytes]]:
    escaped = json.dumps(value)[1:-1]
    as_json = {escaped, json.dumps(value, ensure_ascii=False)[1:-1], escaped.replace("/", "\\/")}
    spellings = {value, *as_json, *(html.escape(each) for each in (value, *as_json))}
    return [
        re.compile(rb"""(?:["'>]|&quot;|&#0?34;)\s*""" + re.escape(each) + rb"""\s*(?:["'<]|\\"|&quot;|&#0?34;)""")
        for each in (spelling.encode("utf-8", "surrogatepass") for spelling in spellings)
    ]
