"""
Export exchanges of the journal as a scenario: the chat's answers, chunk for chunk, on their release.

The expected result is an argument, since no code can derive it.  Pages are left out: the imitation renders them, with
addresses and nonces that are valid when the scenario is played.
"""

from __future__ import annotations

import base64
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.contract.registry import base_name
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.site_spec import SiteSpec
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.journal import Exchange
from chatgptfree_mock.scenario.expectation import DEFAULT_SECONDS
from chatgptfree_mock.scenario.model import scenario_from
from chatgptfree_mock.server.journal_export import ExportedFile, cassette_of, file_stem, is_cut
from chatgptfree_mock.tape.encoded_body import as_stored
from chatgptfree_mock.tape.forms import form_of
from chatgptfree_mock.tape.model import End, Headers, Interaction, Response
from chatgptfree_mock.tape.redaction import Rules

_MESSAGES: Final = ("message", "user_message")
_DEFAULT_MESSAGE: Final = "Hello"


class _ScenarioDumper(yaml.SafeDumper):
    """Writes text of several lines as a literal block, if YAML can represent it."""


def _represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_ScenarioDumper.add_representer(str, _represent)

_CHAT_KINDS: Final = ("ask", "answer")
"""The kinds of requests that a scenario has responses for."""


def scenario_file(
    exchanges: Sequence[Exchange], rules: Rules, spec: SiteSpec, *, title: str, expect: Mapping[str, Any]
) -> ExportedFile:
    """
    Return *exchanges* as a scenario on the release of *spec*.

    *expect*: the expected result of a client, with `text`, or with `error` and perhaps `partial`; it may also have
    `pages`, `posts`, `seconds` and `disguises`, as in a scenario's file.

    Raises:
        SettingsError: no answer of the chat is among them, one is not known to its end, or *expect* is wrong.
    """
    of_chat = [exchange for exchange in exchanges if spec.kind(_request_of(exchange)) in _CHAT_KINDS]
    notes = [f"#{each.number} is left out: the site makes it itself" for each in exchanges if each not in of_chat]
    _check_whole(of_chat)
    cassette, further = cassette_of(of_chat, rules)
    names = [spec.pack.action(spec.settings, _request_of(exchange)) for exchange in of_chat]
    repeated, pack = Counter(names), base_name(spec.pack.name)
    responses = [
        {"to": name, **({"times": 1} if repeated[name] > 1 else {}), **_static_response(interaction.response)}
        for name, interaction in zip(names, cassette.interactions, strict=True)
    ]
    message, missing = _message_of(cassette.interactions)
    longest = max(exchange.ms or 0.0 for exchange in of_chat) / 1000
    patience = {"seconds": math.ceil(longest + DEFAULT_SECONDS)} if longest > DEFAULT_SECONDS / 2 else {}
    value: dict[str, Any] = {
        "title": title or f"As in the journal: {', '.join(f'#{exchange.number}' for exchange in of_chat)}",
        **({} if pack == DEFAULT_PACK else {"pack": pack}),
        "site": {spec.pack.release_key: spec.release} if spec.pack.release_key else {},
        "message": message,
        "responses": responses,
        "expect": {**patience, **expect},
    }
    scenario_from(value)
    return ExportedFile(
        name=f"{file_stem(of_chat)}.yaml",
        type="application/yaml",
        text=yaml.dump(value, Dumper=_ScenarioDumper, allow_unicode=True, sort_keys=False, width=116),
        notes=[*notes, *further, *missing],
        redacted=cassette.recording["redacted"],
    )


def _check_whole(of_chat: Sequence[Exchange]) -> None:
    if not of_chat:
        raise SettingsError("no request of the chat is among these; choose the one whose answer the scenario is about")
    for exchange in of_chat:
        if is_cut(exchange):
            raise SettingsError(
                f"#{exchange.number}: only {len(exchange.response_body):,} of {exchange.sent:,} bytes of its answer "
                "are kept; record it as a cassette, and name that in `site: {model: {cassette: …}}`"
            )
        if exchange.end == End.CLIENT_CLOSED:
            raise SettingsError(
                f"#{exchange.number}: the client closed the connection, so the rest of its answer is not known"
            )


def _request_of(exchange: Exchange) -> SiteRequest:
    path, _, query = exchange.target.partition("?")
    return SiteRequest(
        method=exchange.method,
        path=path,
        query=query,
        headers=exchange.headers,
        body=exchange.body,
        base_url=exchange.base,
    )


def _static_response(response: Response) -> dict[str, Any]:
    """Return *response* in the format of a scenario's static response."""
    found: dict[str, Any] = {"status": response.status}
    found |= {"reason": response.reason} if response.reason else {}
    found["headers"] = _headers(response.headers)
    try:
        found["body"], chunks = response.body.decode(), response.chunks
    except UnicodeDecodeError:
        stored, chunks = as_stored(response) if response.raw_is_body else (response.body, response.chunks)
        found["base64"] = base64.b64encode(stored).decode()
    found |= {"chunks": [list(chunk) for chunk in chunks]} if chunks else {}
    return found if response.end is End.COMPLETE else found | {"end": str(response.end)}


def _headers(headers: Headers) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _message_of(interactions: Sequence[Interaction]) -> tuple[str, list[str]]:
    """Return the message of the first request, and a note if there is none."""
    for interaction in interactions:
        fields = dict(form_of(interaction.request))
        found = next((fields[name] for name in _MESSAGES if fields.get(name)), None)
        if found:
            return found, []
    return _DEFAULT_MESSAGE, [f"no message is in these requests, so `{_DEFAULT_MESSAGE}` is asked"]
