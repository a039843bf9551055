"""Replays with a memory for tokens, over real sockets: minted, demanded, refused."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from msgspec.structs import replace
from tests.support import plain_http
from tests.support.command_line import run_in_process
from tests.support.token_client import RepeatingClient
from tests.support.token_replays import (
    PAGE,
    SID,
    TOKEN,
    ask,
    browser,
    last_reason,
    replayed,
    token_of,
    visit,
    with_block,
)
from tests.support.token_sessions import KnownSession, known_sessions

from chatgptfree_mock.cli import run
from chatgptfree_mock.clock import ManualClock
from chatgptfree_mock.errors import CassetteError, MockWarning
from chatgptfree_mock.tape import request_key
from chatgptfree_mock.tape.lint import check
from chatgptfree_mock.tape.lint_finding import LintFinding
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.tokens.token_plan import plan_tokens
from chatgptfree_mock.tape.yaml.reading import read
from chatgptfree_mock.tape.yaml.writing import write

SESSIONS = known_sessions()


def required(cassette: Cassette) -> set[int]:
    """Return the requests that have to bring a token."""
    return {b["interaction"] for each in cassette.tokens if each["class"] == "token" for b in each["back"]}


@pytest.mark.asyncio
@pytest.mark.parametrize("session", SESSIONS, ids=lambda each: each.name)
async def test_clients_that_return_the_values_they_got_are_answered(session: KnownSession) -> None:
    cassette = with_block(session.cassette)
    plan = plan_tokens(cassette)
    async with replayed(cassette) as site:
        client = RepeatingClient(cassette=cassette, url=site.url, values=[*plan.written, *values(cassette)])
        answers = await client.run()
        why = [line for exchange in site.journal for line in exchange.why]
    assert [answer.status for answer in answers] == [each.response.status for each in cassette.interactions], why
    tokens = {value for value in values(cassette) if value in client.held}
    assert tokens == values(cassette)
    assert all(client.held[value] != value for value in tokens)


def values(cassette: Cassette) -> set[str]:
    """Return the recorded values of the class `token`."""
    required_tokens = (required for each in plan_tokens(cassette).required_tokens.values() for required in each)
    return {required.value for required in required_tokens if required.token.kind == "token"}


@pytest.mark.asyncio
@pytest.mark.parametrize("session", SESSIONS, ids=lambda each: each.name)
async def test_a_client_with_the_recorded_values_is_refused_and_the_journal_names_the_token(
    session: KnownSession,
) -> None:
    cassette = with_block(session.cassette)
    async with replayed(cassette) as site:
        answers = await RepeatingClient(cassette=cassette, url=site.url).run()
        exchanges = list(site.journal)
    for number, (answer, exchange) in enumerate(zip(answers, exchanges, strict=True)):
        refused = number in required(cassette)
        assert answer.status == (403 if refused else cassette.interactions[number].response.status)
        assert any("it is the recorded value" in line for line in exchange.why) is refused


@pytest.mark.asyncio
@pytest.mark.parametrize("session", SESSIONS, ids=lambda each: each.name)
async def test_without_tokens_the_replay_is_blind(session: KnownSession) -> None:
    cassette = with_block(session.cassette)
    async with replayed(cassette, tokens="off") as site:
        answers = await RepeatingClient(cassette=cassette, url=site.url).run()
    assert [answer.body for answer in answers] == [each.response.body for each in cassette.interactions]


def test_each_cookie_jar_is_a_visitor_with_values_of_its_own() -> None:
    with replayed(with_block(visit())) as site, browser(site) as one, browser(site) as other:
        mine, theirs = token_of(one), token_of(other)
        assert one.cookies["sid"] != other.cookies["sid"]
        assert len({mine, theirs, TOKEN}) == 3
        assert re.fullmatch("[0-9a-f]{20}", mine)
        assert re.fullmatch("[A-Za-z0-9]{16}", one.cookies["sid"])
        assert token_of(one) == mine
        assert ask(one, mine).text == "hello"
        assert ask(other, mine).status_code == 403
        assert "`csrf` refused (form:csrf): it was given to another visitor" in last_reason(site)
        assert ask(other, theirs).text == "hello"


def test_a_page_for_visitors_with_a_session_is_theirs_alone() -> None:
    sid = "k3Jx9vQ2mZ7pLw5Rt8Yb"

    def interaction(method: str, path: str, body: bytes, cookie: str = "", sets: str = "") -> Interaction:
        request = Request(
            method=method, uri=f"https://x.example/{path}", headers=(("Cookie", cookie),) if cookie else ()
        )
        response = Response(headers=(("Set-Cookie", sets),) if sets else (), body=body)
        return Interaction(request=request, response=response)

    with_cookie = f"sid={sid}"
    tape = (
        interaction("GET", "me", b"log in"),
        interaction("POST", "login", b"", sets=f"{with_cookie}; Path=/"),
        interaction("GET", "me", b"Ada", with_cookie),
        interaction("POST", "logout", b"", with_cookie, "sid=; Max-Age=0; Path=/"),
        interaction("GET", "me", b"log in"),
    )
    with replayed(with_block(Cassette(interactions=tape))) as site, httpx.Client(base_url=site.url) as client:
        for _ in range(2):
            assert [client.get("/me").text for _ in range(2)] == ["log in"] * 2
            client.post("/login")
            assert [client.get("/me").text for _ in range(3)] == ["Ada"] * 3
            client.post("/logout")


def test_a_token_within_another_field_of_a_compressed_request_is_compared_as_recorded() -> None:
    page, question = visit(cookie=False).interactions
    asked = "csrf={}&post_id=4711&message=hi&next=https%3A%2F%2Fchat.invalid%2Fask%3Fcsrf%3D{}%26page%3D2"
    own = replace(question.request, body=asked.format(TOKEN, TOKEN).encode())
    recorded = Cassette(interactions=(page, Interaction(request=own, response=question.response)))
    with replayed(with_block(recorded)) as site, browser(site) as client:
        mine = token_of(client)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": "gzip"}
        sent = gzip.compress(asked.format(mine, mine).encode())
        assert client.post("/ask", content=sent, headers=headers).text == "hello", last_reason(site)
        other = gzip.compress(asked.format(mine, "0" * 20).encode())
        assert client.post("/ask", content=other, headers=headers).status_code == 404


def test_an_address_is_taken_apart_once_for_each_request(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    decoded = request_key.decoded_path

    def counted(raw: str) -> str:
        taken.append(raw)
        return decoded(raw)

    with replayed(with_block(visit())) as site, browser(site) as client:
        monkeypatch.setattr(request_key, "decoded_path", counted)
        assert ask(client, token_of(client)).text == "hello"
    assert taken == ["/", "/ask"]


def test_without_cookies_each_address_is_a_visitor() -> None:
    recorded = with_block(visit(cookie=False))
    with replayed(recorded) as site, browser(site) as one, browser(site, "127.0.0.2") as other:
        mine, theirs = token_of(one), token_of(other)
        assert mine != theirs
        assert ask(one, mine).text == "hello"
        assert ask(other, mine).status_code == 403
        assert ask(other, theirs).text == "hello"


def test_values_are_repeated_with_a_seed_and_differ_between_runs_without() -> None:
    def first(**how: int) -> str:
        with replayed(with_block(visit()), **how) as site, browser(site) as client:
            return token_of(client)

    assert first(seed=1) == first(seed=1) != first(seed=2)
    assert first() != first()


@pytest.mark.parametrize(
    ("token", "why"),
    [
        (TOKEN, "it is the recorded value, not one of this visit"),
        ("0" * 20, "it was never given out"),
        (None, "it is missing"),
    ],
)
def test_a_wrong_token_gets_the_status_of_the_block(token: str | None, why: str) -> None:
    recorded = with_block(visit(), refused={"status": 419})
    with replayed(recorded) as site, browser(site) as client:
        token_of(client)
        answer = ask(client, token)
        assert (answer.status_code, answer.text) == (419, f"token `csrf` refused (form:csrf): {why}\n")
        assert last_reason(site) == answer.text.strip()


@pytest.mark.parametrize("token", [TOKEN, "0" * 20, None, SID])
def test_a_wrong_token_gets_the_recorded_refusal(token: str | None) -> None:
    with replayed(with_block(visit(refusal=True))) as site, browser(site) as client:
        mine = token_of(client)
        answers = [ask(client, token), ask(client, mine), ask(client, mine), ask(client, token)]
        assert [answer.status_code for answer in answers] == [419, 200, 200, 419]
        assert answers[0].json() == {"error": "page expired"}
        assert "refused (form:csrf)" in last_reason(site)


def test_a_client_without_the_cookie_is_refused() -> None:
    with replayed(with_block(visit())) as site, browser(site) as one, browser(site) as bare:
        assert ask(bare, token_of(one)).status_code == 403
        assert "`sid` refused (cookie:sid): it is missing" in last_reason(site)


def test_a_constant_is_demanded_and_not_minted() -> None:
    with replayed(with_block(visit())) as site, browser(site) as client:
        assert 'data-post-id="4711"' in client.get("/").text
        assert ask(client, token_of(client), post_id="4712").status_code == 403
        assert "`post_id` refused (form:post_id): it is '4712', and the site gave out '4711'" in last_reason(site)


def test_a_value_is_refused_once_its_life_is_over() -> None:
    recorded = with_block(visit(cookie=False), lives=60)
    with replayed(recorded) as site, browser(site) as client:
        first = token_of(client)
        site.clock.turn(59)
        assert (ask(client, first).text, token_of(client)) == ("hello", first)
        site.clock.turn(1)
        assert ask(client, first).status_code == 403
        assert "it expired after 60 s" in last_reason(site)
        second = token_of(client)
        assert second != first
        assert ask(client, second).text == "hello"
        assert ask(client, first).status_code == 403


def test_a_time_is_written_as_now() -> None:
    text = "<form><input name='ts' value='1795651200123'></form>"
    page = Interaction(
        request=Request(method="GET", uri="https://chat.invalid/"), response=Response(body=text.encode())
    )
    sent = Request(method="GET", uri="https://chat.invalid/ask?ts=1795651200123")
    recording = {"recorded_at": "2026-11-25T20:00:00Z"}
    cassette = Cassette(interactions=(page, Interaction(request=sent, response=Response())), recording=recording)
    with replayed(with_block(cassette), clock=ManualClock(1_800_000_000.5)) as site:
        assert "value='1800000000500'" in plain_http.get(site.url).text
        assert plain_http.get(f"{site.url}/ask?ts=17").status_code == 200


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"back": [{"interaction": 1, "place": "form:nonce"}]}, "request 1 has no place `form:nonce`"),
        ({"from": {"interaction": 0, "part": "header:set-cookie"}}, "set-cookie of response 0 does not hold its value"),
        ({"from": {"interaction": 0, "part": "header:etag"}}, "response 0 has no part `header:etag`"),
        ({"from": {"interaction": 0, "part": "body", "decodings": ["base64"]}}, "after decoding base64"),
        ({"back": []}, "no request brings it back"),
        ({"from": None}, "a token needs `from`"),
        ({"refused": {"interaction": 7}}, "there is no interaction 7; the last is 1"),
        (
            {"from": {"interaction": 1, "part": "body"}, "back": [{"interaction": 1, "place": "form:csrf"}]},
            "request 1 has to bring it (`form:csrf`) before response 1 gives it out",
        ),
        (
            {"back": [{"interaction": 1, "place": "form:csrf"}, {"interaction": 1, "place": "form:post_id"}]},
            "its places hold different values: form:csrf, form:post_id",
        ),
    ],
)
def test_a_block_that_cannot_act_is_an_error_by_name_for_serve_and_lint(
    change: dict[str, Any], words: str, tmp_path: Path
) -> None:
    cassette = with_block(visit())
    entry = {key: value for key, value in {**cassette.tokens[0], **change}.items() if value is not None}
    broken = replace(cassette, tokens=(entry,))
    with pytest.raises(CassetteError, match=re.escape(words)) as caught:
        replayed(broken)
    assert "x-tokens[0]" in str(caught.value)
    text = write(broken)
    assert any(words in str(finding) for finding in check(text.encode(), file="a.yaml", now=datetime.now(UTC)))
    if "interaction 7" not in words:  # the file itself cannot be read then
        with replayed(broken, tokens="off") as site:
            assert TOKEN in plain_http.get(site.url).text
    file = tmp_path / "a.yaml"
    file.write_text(text, encoding="utf-8")
    for arguments in (["lint", str(file)], ["serve", "--cassettes", str(file), "--pack", "recorded"]):
        result = run_in_process(run, *arguments)
        assert result.returncode in (1, 2), arguments
        assert words in result.stdout + result.stderr


def test_a_token_of_an_interaction_that_was_left_out_is_an_error_by_name() -> None:
    text = write(with_block(visit())).replace("method: GET", "methud: GET")
    cassette = read(text.encode(), file="a.yaml")
    assert len(cassette.left_out) == 1
    with pytest.raises(CassetteError, match="interaction 0 could not be read"):
        replayed(cassette)


def lint(cassette: Cassette) -> list[LintFinding]:
    found = check(write(cassette).encode(), file="a.yaml", now=datetime.now(UTC))
    return [each for each in found if each.check == "tokens"]


def test_lint_finds_nothing_in_a_block_that_was_found() -> None:
    for session in SESSIONS:
        assert lint(with_block(session.cassette)) == [], session.name


CSRF, POST_ID = 0, 1
"""The numbers of entries in the block of `visit`."""


@pytest.mark.parametrize(
    ("number", "change", "place", "words"),
    [
        (CSRF, {}, ".back[0]", "`form:csrf` of request 1 is in x-tokens[0] already"),
        (CSRF, {"lives": 60}, ".back[0]", "already, and the two differ in what they require"),
        (CSRF, {"class": "client", "from": None}, ".back[0]", "already, and the two differ in what they require"),
        (CSRF, {"class": "constant"}, "", "cannot act: its value is that of `csrf`"),
        (POST_ID, {"name": "p", "class": "token", "shape": {"alphabet": "hex", "length": 9}}, "", "that of `post_id`"),
    ],
)
def test_an_entry_that_contradicts_or_repeats_another_is_a_finding(
    number: int, change: dict[str, Any], place: str, words: str
) -> None:
    cassette = with_block(visit(cookie=False))
    assert [entry["name"] for entry in cassette.tokens] == ["csrf", "post_id"]
    more = {key: value for key, value in {**cassette.tokens[number], **change}.items() if value is not None}
    (finding,) = lint(replace(cassette, tokens=(*cassette.tokens, more)))
    assert finding.place == f"$.x-tokens[2]{place}"
    assert words in finding.problem
    assert finding.repair


def test_a_place_that_one_entry_has_twice_is_a_finding() -> None:
    cassette = with_block(visit(cookie=False))
    entry = cassette.tokens[CSRF]
    twice = {**entry, "back": [*entry["back"], *entry["back"]]}
    (finding,) = lint(replace(cassette, tokens=(twice, cassette.tokens[POST_ID])))
    assert (finding.place, finding.serious) == ("$.x-tokens[0].back[1]", False)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"class": "constant", "lives": 60}, "lives"),
        ({"class": "clock", "lives": 60}, "lives"),
        ({"class": "clock", "refused": {"status": 419}}, "refused"),
        ({"class": "client"}, "from"),
    ],
)
def test_a_key_without_effect_on_its_class_is_a_finding(change: dict[str, Any], key: str) -> None:
    cassette = with_block(visit(cookie=False))
    (finding,) = lint(replace(cassette, tokens=({**cassette.tokens[CSRF], **change}, cassette.tokens[POST_ID])))
    assert finding.place == f"$.x-tokens[0].{key}"
    assert f"`{key}` has no effect on the class {change['class']}" in finding.problem
    assert finding.repair == f"remove `{key}`, or change the class"


def test_a_value_that_is_a_token_and_a_constant_is_an_error_for_serve() -> None:
    cassette = with_block(visit(cookie=False))
    other = {**cassette.tokens[CSRF], "class": "constant"}
    with pytest.raises(CassetteError, match="its value is that of `csrf`, and no request can bring it as it was"):
        replayed(replace(cassette, tokens=(*cassette.tokens, other)))


@pytest.mark.parametrize("name", ["post_id", "user_id", "model_id", "csrf_token", "thread_id"])
@pytest.mark.parametrize("first", [0, 1])
def test_an_id_in_a_path_and_in_a_field_is_of_one_class(name: str, first: int) -> None:
    json_type = (("Content-Type", "application/json"),)
    given = Interaction(
        request=Request(method="GET", uri="https://chat.invalid/"),
        response=Response(headers=json_type, body=json.dumps({name: TOKEN}).encode()),
    )
    asked = [
        Interaction(request=Request(method="GET", uri=f"https://chat.invalid/t/{TOKEN}"), response=OK),
        Interaction(
            request=Request(method="POST", uri="https://chat.invalid/ask", headers=json_type, body=given.response.body),
            response=OK,
        ),
    ]
    cassette = with_block(Cassette(interactions=(given, asked[first], asked[1 - first])))
    assert len({entry["class"] for entry in cassette.tokens}) == 1
    with replayed(cassette) as site, browser(site) as client:
        mine = client.get("/").json()[name]
        assert (mine == TOKEN) is (cassette.tokens[0]["class"] == "constant")
        assert client.get(f"/t/{mine}").text == "hello"
        assert client.post("/ask", json={name: mine}).text == "hello"


@pytest.mark.parametrize(("name", "acts"), [("csrf", False), ("post_id", False), ("cookie", False), ("message", True)])
def test_a_volatile_name_that_the_block_demands_is_a_warning(name: str, *, acts: bool) -> None:
    site = replayed(with_block(visit()), volatile=[name])
    site.__enter__()
    with browser(site) as client:
        assert ask(client, "0" * 20).status_code == 403
        assert ask(client, token_of(client)).text == "hello"
    line = f"`volatile={name}` did not act: the block x-tokens requires it"
    with nullcontext() if acts else pytest.warns(MockWarning, match=line):
        site.__exit__(None, None, None)


def test_a_volatile_name_that_the_block_demands_of_another_request_only_acts() -> None:
    page, question = visit(cookie=False).interactions
    other = Interaction(request=Request(method="GET", uri="https://chat.invalid/log?csrf=1"), response=OK)
    cassette = with_block(Cassette(interactions=(page, question)))
    with replayed(replace(cassette, interactions=(page, question, other)), volatile=["csrf"]) as site:
        assert plain_http.get(f"{site.url}/log?csrf=2").text == "hello"


def test_interactions_that_were_left_out_do_not_shift_the_block() -> None:
    broken = visit().interactions[0]
    cassette = with_block(visit())
    tokens = [
        {
            **each,
            "from": {**each["from"], "interaction": 1},
            "back": [{**back, "interaction": 2} for back in each["back"]],
        }
        for each in cassette.tokens
    ]
    moved = Cassette(interactions=(broken, *cassette.interactions), tokens=tuple(tokens))
    read_again = read(write(moved).replace("method: GET", "methud: GET", 1).encode(), file="a.yaml")
    with replayed(read_again) as site, browser(site) as client:
        assert ask(client, token_of(client)).text == "hello"
        assert ask(client, TOKEN).status_code == 403


def hidden_in(spell: Callable[[str], Request]) -> Cassette:
    """Return a page with a token, and a request that *spell* makes of it."""
    page = Response(headers=(("Content-Type", "text/html"),), body=PAGE.format(TOKEN).encode())
    get = Request(method="GET", uri="https://chat.invalid/")
    return Cassette(
        interactions=(Interaction(request=get, response=page), Interaction(request=spell(TOKEN), response=OK))
    )


OK = Response(body=b"hello")
SPELLINGS: dict[str, Callable[[str], Request]] = {
    "form:data:$.nonce": lambda token: Request(
        method="POST",
        uri="https://chat.invalid/ask",
        headers=(("Content-Type", "application/x-www-form-urlencoded"),),
        body=urlencode({"data": json.dumps({"message": "hi", "nonce": token})}).encode(),
    ),
    'json:$["csrf-token"]': lambda token: Request(
        method="POST",
        uri="https://chat.invalid/ask",
        headers=(("Content-Type", "application/json"),),
        body=json.dumps({"message": "hi", "csrf-token": token}).encode(),
    ),
    "header:authorization:nonce": lambda token: Request(
        method="GET",
        uri="https://chat.invalid/ask",
        headers=(("Authorization", f'Digest username="ann", nonce="{token}", nc=00000001, response="{token[::-1]}"'),),
    ),
    "cookie:csrf": lambda token: Request(
        method="GET",
        uri="https://chat.invalid/ask",
        headers=(("Cookie", f"csrf={token[:4]}%{ord(token[4]):X}{token[5:]}"),),
    ),
}


@pytest.mark.parametrize("place", SPELLINGS)
def test_a_token_within_another_value_is_demanded(place: str) -> None:
    spell = SPELLINGS[place]
    cassette = with_block(hidden_in(spell))
    assert [back["place"] for each in cassette.tokens if each["class"] == "token" for back in each["back"]] == [place]
    with replayed(cassette, match_on="method,path,query,body,headers") as site, browser(site) as client:

        def sent(token: str) -> httpx.Response:
            request = spell(token)
            return client.request(request.method, "/ask", headers=dict(request.headers), content=request.body)

        mine = token_of(client)
        assert sent(mine).text == "hello"
        for wrong in (TOKEN, "0" * 20):
            assert sent(wrong).status_code == 403
            assert f"refused ({place})" in last_reason(site)
        exchange = list(site.journal)[1]
        assert exchange.body == (spell(mine).body or b"")


def test_another_message_beside_a_token_in_a_field_is_not_recorded() -> None:
    with replayed(with_block(hidden_in(SPELLINGS["form:data:$.nonce"]))) as site, browser(site) as client:
        data = json.dumps({"nonce": token_of(client), "message": "something else"})
        assert client.post("/ask", data={"data": data}).status_code == 404
        data = json.dumps({"nonce": token_of(client), "message": "hi"}, indent=1)
        assert client.post("/ask", data={"data": data}).text == "hello"


def nested(token: str, depth: int) -> dict[str, Any]:
    """Return an object with *token* in JSON strings within JSON strings."""
    value: dict[str, Any] = {"nonce": token, "q": "hi"}
    for _ in range(depth):
        value = {"data": json.dumps(value), "x": [1]}
    return value


def nested_question(kind: str, token: str, depth: int) -> dict[str, Any]:
    """Return a question with *token* in JSON, as the arguments of httpx."""
    match kind:
        case "json":
            return {"json": nested(token, depth + 1)}
        case "list":
            return {"json": [json.dumps([nested(token, depth)])]}
        case "form":
            return {"data": {"payload": json.dumps(nested(token, depth))}}
        case _:
            return {"params": {"payload": json.dumps(nested(token, depth))}}


@pytest.mark.parametrize("kind", ["json", "list", "form", "query"])
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_wrong_token_in_json_within_json_is_refused_and_not_unknown(kind: str, depth: int) -> None:
    request = httpx.Request("POST", "https://chat.invalid/ask", **nested_question(kind, TOKEN, depth))
    sent = Request(
        method="POST", uri=str(request.url), headers=tuple(request.headers.items()), body=request.read() or None
    )
    page = visit(cookie=False).interactions[0]
    cassette = with_block(Cassette(interactions=(page, Interaction(request=sent, response=Response(body=b"hello")))))
    with replayed(cassette) as site, browser(site) as client:
        answers = [
            client.post("/ask", **nested_question(kind, token, depth))
            for token in (token_of(client), TOKEN, "0" * 20, "")
        ]
        other = client.post("/ask", **nested_question(kind, TOKEN, depth + 1))
    assert [each.status_code for each in (*answers, other)] == [200, 403, 403, 403, 404]
