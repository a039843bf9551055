"""
Find the message that a person typed in the recorded requests; it becomes `{message}`.

Pure.  All requests up to the answer are searched.  Of the values with a fitting name, the last not empty counts; one
among a program's own texts or in the history of a conversation only where there is no other.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from msgspec import Struct

from chatgptfree_mock.crashtest.recording.message_rank import MessageRank, rank_of
from chatgptfree_mock.tape.json_value import json_or_none
from chatgptfree_mock.tape.model import Interaction
from chatgptfree_mock.tape.request_key import RequestKey

ACTION_NAMES: Final = frozenset(
    {"action", "command", "event", "method", "op", "operation", "operationname", "task", "type"}
)
"""The names of fields with the action of a request."""
_ROLES: Final = ("role", "from", "sender", "author")
_USERS: Final = frozenset({"user", "human"})
_GRAPHQL: Final = re.compile(r"\s*(?:query|mutation|subscription)\b[^{]*\{|\s*\{\s*\w+")


class MessageCandidate(Struct, frozen=True, kw_only=True):
    """A text in a request: *value*, and its *place*, such as ``POST /v1/chat, messages[0].content``."""

    value: str
    place: str


class RequestText(Struct, frozen=True, kw_only=True):
    """
    A text of a request and its *path*, such as ``messages[0].content``.

    *turn_is_last*: whether the user's turn that it belongs to ends its list of turns; None outside of such a list.
    """

    path: str
    value: str
    turn_is_last: bool | None = None


class MessageSearch(Struct, frozen=True, kw_only=True):
    """
    Candidates for the message: the *found* ones, the most likely one first.

    *from_responses*: values that an earlier response gave out, which are never taken.
    """

    found: tuple[MessageCandidate, ...] = ()
    from_responses: tuple[MessageCandidate, ...] = ()


def find_message(interactions: Sequence[Interaction]) -> MessageSearch:
    """
    Search the requests of *interactions*, the last of which has the answer, for the message.

    A value that repeats the address or names an action is not a candidate, nor is a value of an earlier response.
    """
    hosts = {RequestKey.from_request(each.request).host for each in interactions}
    ranked: list[tuple[MessageRank, MessageCandidate]] = []
    received: list[MessageCandidate] = []
    for place, interaction in enumerate(interactions):
        key = RequestKey.from_request(interaction.request)
        earlier = [each.response.body for each in interactions[:place]]
        for rank, candidate in _message_candidates(key, hosts):
            if came_from(candidate.value, earlier):
                received.append(candidate)
            else:
                ranked.append((rank, candidate))
    return MessageSearch(found=_best_first(ranked), from_responses=tuple(dict.fromkeys(reversed(received))))


def message_of(key: RequestKey) -> MessageCandidate | None:
    """Return what is most likely the message of the request *key* alone; None if it has none."""
    return next(iter(_best_first(list(_message_candidates(key, set())))), None)


def _best_first(ranked: Sequence[tuple[MessageRank, MessageCandidate]]) -> tuple[MessageCandidate, ...]:
    """Return each candidate once, those with the highest rank first, of several the last."""
    worst_first = sorted(ranked, key=lambda each: each[0])
    return tuple(dict.fromkeys(candidate for _, candidate in reversed(worst_first)))


def _message_candidates(key: RequestKey, hosts: set[str]) -> Iterator[tuple[MessageRank, MessageCandidate]]:
    """Yield the texts of the request *key* that may be the message with their ranks; *hosts* are the sites' own."""
    actions = {value for name, value in (*key.query, *key.form) if name.lower() in ACTION_NAMES}
    for candidate in request_texts(key):
        value = candidate.value
        rank = rank_of(candidate.path, turn_is_last=candidate.turn_is_last, request_path=key.path)
        is_other = value in actions or _GRAPHQL.match(value) or _is_address(value, key, hosts)
        if rank is not None and value.strip() and not is_other:
            yield rank, MessageCandidate(value=value, place=f"{key.method} {key.path}, {candidate.path}")


def request_texts(key: RequestKey) -> Iterator[RequestText]:
    """Yield the texts of a request: query, then form or JSON, and the JSON inside a field."""
    for name, value in (*key.query, *(key.form_fields if key.kind == "form" else ())):
        inner = _parsed(value)
        if inner is None:
            yield RequestText(path=name, value=value)
        else:
            yield from _of_json(inner, name)
    if key.kind == "JSON":
        yield from _of_json(key.json, "")


def _parsed(value: str) -> Any:
    """Return the JSON in a field, None if there is none."""
    return json_or_none(value) if value.startswith(("{", "[")) else None


def _of_json(value: Any, path: str) -> Iterator[RequestText]:
    """Yield the texts in *value*; of a list of turns, only those of the user's last."""
    left: list[tuple[str, Any, bool | None]] = [(path, value, None)]
    while left:
        path, value, turn_is_last = left.pop()
        inner: list[tuple[str, Any, bool | None]] = []
        if isinstance(value, str):
            yield RequestText(path=path, value=value, turn_is_last=turn_is_last)
        elif isinstance(value, dict):
            inner = [(f"{path}.{name}" if path else name, each, turn_is_last) for name, each in value.items()]
        elif isinstance(value, list):
            inner = [(f"{path}[{at}]", value[at], is_last) for at, is_last in _turns(value, turn_is_last)]
        left += reversed(inner)


def _turns(values: list[Any], outer: bool | None) -> list[tuple[int, bool | None]]:
    """Return the indexes of *values* to look into, each with whether it is a user's turn that nobody has answered."""
    roles = [_role(turn) for turn in values]
    if not any(roles):
        return [(at, outer) for at in range(len(values))]
    last = max((at for at, role in enumerate(roles) if role), default=0)
    users = [at for at, role in enumerate(roles) if role in _USERS]
    return [(at, at == last and outer is not False) for at in users[-1:]]


def _role(turn: object) -> str:
    """Return what a turn of a conversation names as its speaker, empty if it names none."""
    if not isinstance(turn, dict):
        return ""
    return next((turn[name].lower() for name in _ROLES if isinstance(turn.get(name), str)), "")


def _is_address(value: str, key: RequestKey, hosts: set[str]) -> bool:
    bare = value.strip()
    found = re.fullmatch(r"(?:https?:)?//([^/:?#\s]+)\S*", bare)
    if found and found[1].lower() in hosts:
        return True
    return bare in (key.host, key.path, key.target) or bare in hosts - {""}


def came_from(value: str, bodies: Sequence[bytes]) -> bool:
    """Return whether an earlier response gave *value* out, as a whole value of JSON, an attribute or an element."""
    return any(found.search(body) for found in _value_patterns(value) for body in bodies)


def _value_patterns(value: str) -> list[re.Pattern[bytes]]:
    escaped = json.dumps(value)[1:-1]
    as_json = {escaped, json.dumps(value, ensure_ascii=False)[1:-1], escaped.replace("/", "\\/")}
    spellings = {value, *as_json, *(html.escape(each) for each in (value, *as_json))}
    return [
        re.compile(rb"""(?:["'>]|&quot;|&#0?34;)\s*""" + re.escape(each) + rb"""\s*(?:["'<]|\\"|&quot;|&#0?34;)""")
        for each in (spelling.encode("utf-8", "surrogatepass") for spelling in spellings)
    ]
