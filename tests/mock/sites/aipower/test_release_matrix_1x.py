"""
The matrix of the releases of WPAICG: 105 requests, each put to 14 releases of the imitation.

`tests/data/matrix_1x.tsv` holds what the real releases did: in a row, the same letter means the same answer (status,
headers, body, calls of the model's API), another letter means another answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any, Literal
from urllib.parse import urlencode

import pytest
from tests.support.many_cases import for_each
from tests.support.situations_1x import DELTAS, ROUTER, SITUATIONS, Situation, settings_of

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.aipower.settings import site_from
from chatgptfree_mock.sites.aipower.site import AipowerSite
from chatgptfree_mock.sites.wordpress.nonces import NonceMint

NOW = 1_731_000_000.0
HOST = "http://127.0.0.1:18093"
TABLE = Path(__file__).parents[3] / "data" / "matrix_1x.tsv"
HTML = "  a <b>bold</b> & \"q\" 's' back\\slash %41 line1\nline2\ttab  two 👋 3<4 "
HISTORY = (
    '[{"id": "", "text": "Human: Hello"}, {"id": "77", "text": "AI: Hi there"}, {"id": "", "text": "Human: Hello"}]'
)

MORE: Mapping[str, Situation] = {
    "banned_word_twice": Situation(settings={"banned": {"words": ["forbidden", "evil"]}}),
    "limit_noclientid2": Situation(settings={"limit": {"tokens": 5}}, asked_before=True),
    "nonce_expired_noreferer": Situation(nonce="expired"),
    "openrouter_errmid": Situation(router={**ROUTER, "error_midway": {"after": 4}}),
    "openrouter_half": Situation(router={**ROUTER, "dies_after": 4, "half_event": True}),
    "openrouter_split": Situation(router={**ROUTER, "split": [1, 6]}),
    "up_401empty": Situation(model={"http_error": {"status": 401, "message": "", "code": "invalid_api_key"}}),
    "up_429": Situation(model={"http_error": {"status": 429, "message": "You exceeded your current quota."}}),
    "up_badjson": Situation(model={"garbage": True}),
    "up_empty": Situation(model={"empty": True}),
    "up_eof": Situation(model={"ends_after": 4}),
    "up_errmidjson": Situation(model={"error_midway": {"after": 4, "plain_json": True}}),
    "up_nodone": Situation(model={"no_end_mark": True}),
}
FIELDS: Mapping[str, Mapping[str, str | None]] = {
    "action_unknown": {"action": "wpaicg_nope"},
    "banned_word": {"message": "this is FORBIDDEN stuff"},
    "banned_word_twice": {"message": "forbidden and evil"},
    "bot_buffered": {"bot_id": "6"},
    "bot_stream": {"bot_id": "5"},
    "botid_unknown": {"bot_id": "99999"},
    "history_clean": {"wpaicg_chat_history": HISTORY, "wpaicg_chat_client_id": "AbCdEf1234", "chat_id": "12345"},
    "limit_first": {"wpaicg_chat_client_id": "AbCdEf1234"},
    "limit_second": {"wpaicg_chat_client_id": "AbCdEf1234"},
    "msg_empty": {"message": ""},
    "msg_html": {"message": HTML},
    "msg_missing": {"message": None},
    "msg_newlines": {"message": "first\n\nthird\r\nfourth"},
    "msg_space": {"message": "   "},
    "msg_tagsonly": {"message": "<b></b>"},
    "msg_zero": {"message": "0"},
    "widget": {"action": "wpaicg_chatbox_message"},
    "widget_fresh": {"action": "wpaicg_chatbox_message"},
}


def rows() -> Iterator[tuple[str, dict[str, str]]]:
    head, *lines = TABLE.read_text().splitlines()
    releases = head.split("\t")[1:]
    for line in lines:
        case, *letters = line.split("\t")
        yield case, {name: letter for name, letter in zip(releases, letters, strict=True) if letter != "-"}


def nonce_of(case: str, site: AipowerSite) -> str | None:
    mint = NonceMint(salt=site.settings.nonce_salt.encode())
    if "missing" in case and "nonce" in case:
        return None
    if "nonce_bad" in case:
        return "0123456789"
    ticks = {"nonce_expired": 3, "nonce_prev_tick": 1}
    ago = next((ticks_ago for name, ticks_ago in ticks.items() if case.startswith(name)), 0)
    return mint.issue("wpaicg-chatbox", now=NOW, ticks_ago=ago)


def request_of(case: str, site: AipowerSite) -> SiteRequest:
    fields: dict[str, str | None] = {
        "_wpnonce": nonce_of(case, site),
        "post_id": "4",
        "url": f"{HOST}/chat",
        "action": "wpaicg_chat_shortcode_message",
        "message": "Hello, who are you?",
        "bot_id": "14" if case.startswith("openrouter") else "0",
        **FIELDS.get(case, {}),
    }
    sent = {name: value for name, value in fields.items() if value is not None}
    method: Literal["GET", "POST"] = "GET" if case.startswith("get_query") else "POST"
    in_query = case.startswith(("get_query", "post_query"))
    kind, body = multipart(sent) if case == "msg_multipart" else ("application/x-www-form-urlencoded", urlencode(sent))
    headers = [("Content-Type", kind)]
    if case == "get_query_es":
        headers = [("Accept", "text/event-stream"), ("Referer", f"{HOST}/chat/")]
    elif "noreferer" not in case and case != "msg_noheaders":
        headers += [("Origin", HOST), ("Referer", f"{HOST}/chat/")]
    return SiteRequest(
        method=method,
        path="/wp-admin/admin-ajax.php",
        query=body if in_query else "",
        headers=tuple(headers),
        body=b"" if in_query else body.encode(),
        base_url=HOST,
    )


def multipart(fields: Mapping[str, str]) -> tuple[str, str]:
    parts = (f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields.items())
    return "multipart/form-data; boundary=x", "".join(parts) + "--x--\r\n"


def settings_for(release: str, case: str) -> dict[str, Any]:
    base = case.removesuffix("_s").removesuffix("_b")
    settings = settings_of(release, case)
    found = MORE.get(base)
    if found is None:
        return settings
    settings["model"] = {"reply": DELTAS, **found.model}
    if found.router is not None:
        settings["bots"].append(
            {"id": 14, "provider": "OpenRouter", "stream": case.endswith("_s"), "model": found.router}
        )
    return {**settings, **found.settings}


def answer(release: str, case: str) -> tuple[object, ...]:
    """Return all of an answer that the matrix compares."""
    base = case.removesuffix("_s").removesuffix("_b")
    site = AipowerSite(site_from(settings_for(release, case)), now=lambda: NOW, random=Random(1))
    request = request_of(base, site)
    if (MORE.get(base) or SITUATIONS.get(base) or Situation()).asked_before:
        site.answer(request)
    reply = site.answer(request)
    body = re.sub(rb'"model":"[^"]*"', b'"model":"M"', reply.response.body)
    return reply.response.status, reply.response.headers, body, len(reply.upstream)


@for_each(("case", "letters"), [pytest.param(case, letters, id=case) for case, letters in rows()])
def test_releases_differ_where_the_real_ones_did(case: str, letters: dict[str, str]) -> None:
    answers = {release: answer(release, case) for release in letters}
    first_with = {letter: release for release, letter in reversed(letters.items())}
    for release, letter in letters.items():
        assert answers[release] == answers[first_with[letter]], f"{release} is not like {first_with[letter]}"
    different = {answers[release] for release in first_with.values()}
    assert len(different) == len(first_with), "two releases answer alike that really differ"


SAME_CODE = (
    "1.8.80 1.8.81",
    "1.8.82 1.8.83 1.8.84",
    "1.8.91 1.8.92 1.8.93 1.8.94",
    "1.8.97 1.8.98 1.8.99",
    "1.9.1 1.9.2",
    "1.9.4 1.9.5 1.9.6 1.9.7 1.9.8",
    "1.9.9 1.9.11 1.9.12 1.9.13",
    "1.9.16 1.9.17 1.9.18 2.2",
)
"""Releases whose server code is the same."""


@pytest.mark.parametrize("releases", SAME_CODE, ids=lambda releases: releases.partition(" ")[0] + " and on")
def test_releases_with_the_same_code_answer_alike(releases: str) -> None:
    first, *others = releases.split()
    for case, _ in rows():
        expected = answer(first, case)
        for other in others:
            assert answer(other, case) == expected, f"{other} is not like {first}: {case}"
