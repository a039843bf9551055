"""The rows N of the catalogue of edge cases: how nonces are refused, renewed and stormed."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from tests.support.asking import ask_server, ask_site
from tests.support.raw_server import Answer, RawRequest, RawServer
from tests.support.raw_site import (
    AJAX_PATH,
    CACHED,
    EXPIRED_200,
    EXPIRED_403,
    NONCES,
    aipkit_config,
    aipkit_element,
    aipkit_events,
    as_json,
    buffered,
    document,
    response,
    streamed,
    wpaicg_page,
)

import chatgptfree
from chatgptfree import ChatClient

GOOD = streamed("Hello")
FRESH = [wpaicg_page(NONCES[0]), wpaicg_page(NONCES[1])]
REST = as_json(
    {"code": "rest_cookie_invalid_nonce", "message": "Cookie check failed", "data": {"status": 403}},
    status="403 Forbidden",
)


def aipkit_refusal(**data: str) -> bytes:
    return as_json({"success": False, "data": data}, status="403 Forbidden")


def old_aipkit_page(nonce: str) -> bytes:
    """Return a page of a release without the nonce endpoint."""
    config = aipkit_config(nonce)
    del config["popupLabelEnabled"]
    return response(document(aipkit_element(config)))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(EXPIRED_200, id="n01: 200 JSON"),
        pytest.param(EXPIRED_403, id="n02: 403 with the expired link"),
        pytest.param(response("-1", status="403 Forbidden"), id="n03: minus one"),
        pytest.param(REST, id="n05: a REST nonce"),
    ],
)
async def test_n01_n02_n03_n05_n07_a_refused_nonce_is_renewed_and_the_message_sent_again(refusal: bytes) -> None:
    outcome = await ask_site(refusal, GOOD, pages=FRESH)
    assert (outcome.text, outcome.kind, outcome.counts) == ("Hello", "right", (2, 2))
    assert [request.fields.get("_wpnonce") for request in outcome.requests if request.method == "POST"] == [
        NONCES[0],
        NONCES[1],
    ]


@pytest.mark.asyncio
async def test_n03_zero_means_no_such_action_or_no_nonce() -> None:
    for status in ("400 Bad Request", "200 OK"):
        outcome = await ask_site(response("0", status=status))
        assert (outcome.kind, outcome.text, outcome.counts) == ("protocol", "", (1, 1))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "refusal",
    [
        aipkit_refusal(message="Security check failed. Please refresh the page and try again."),
        aipkit_refusal(message="Security check failed (nonce).", code="nonce_failure"),
        aipkit_refusal(message="Your session has expired", code="nonce_failure_cache_sse"),
    ],
    ids=["no code", "nonce_failure", "nonce_failure_cache_sse"],
)
async def test_n04_each_refusal_of_generation_2_is_recognised(refusal: bytes) -> None:
    pages = [old_aipkit_page(NONCES[0]), old_aipkit_page(NONCES[1])]

    def answer(request: RawRequest) -> Answer:
        if request.path != AJAX_PATH:
            return [pages.pop(0)]
        if request.fields["_ajax_nonce"] == NONCES[0]:
            return [refusal]
        return [CACHED if request.method == "POST" else aipkit_events("Hello")]

    with RawServer(answer) as server:
        outcome = await ask_server(server)
    assert (outcome.text, outcome.kind) == ("Hello", "right")


@pytest.mark.asyncio
async def test_n04_a_prompt_about_nonces_is_not_a_refusal() -> None:
    echoed = as_json(
        {"status": "error", "msg": "Could not answer: why does the nonce fail? Nonce verification failed?"}
    )
    outcome = await ask_site(echoed, pages=FRESH, message="why does the nonce fail?")
    assert (outcome.kind, outcome.counts) == ("upstream", (1, 1))
    assert (await ask_site(streamed("Nonce verification failed"))).text == "Nonce verification failed"


@pytest.mark.asyncio
async def test_n08_cookies_of_the_page_go_with_the_message() -> None:
    page = response(document(wpaicg_page().partition(b"\r\n\r\n")[2].decode()), headers=[("Set-Cookie", "visitor=v1")])
    outcome = await ask_site(GOOD, pages=[page])
    assert outcome.requests[1].header("Cookie") == "visitor=v1"


@pytest.mark.asyncio
async def test_n09_many_callers_fetch_one_page() -> None:
    def answer(request: RawRequest) -> Answer:
        return [buffered("Hello") if request.path == AJAX_PATH else wpaicg_page()]

    with RawServer(answer) as server:
        async with ChatClient(server.url) as chat:
            await asyncio.gather(*(chat.ask("Hello") for _ in range(20)))
        assert server.count("GET") == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("refusal", [EXPIRED_200, EXPIRED_403], ids=["200", "403"])
async def test_n10_a_site_that_refuses_for_ever_is_left_alone(refusal: bytes) -> None:
    changing = await ask_site(refusal, pages=FRESH)
    assert (changing.kind, changing.counts) == ("nonce", (2, 2))
    stale = await ask_site(refusal, pages=FRESH[:1])
    assert (stale.kind, stale.counts) == ("nonce", (2, 2))


@pytest.mark.asyncio
async def test_n07_a_passing_refusal_is_outlived_also_where_the_page_has_the_same_nonce() -> None:
    outcome = await ask_site(EXPIRED_403, GOOD, pages=FRESH[:1])
    assert (outcome.text, outcome.counts) == ("Hello", (2, 2))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "gate",
    [
        response("Du musst das Kästchen anklicken!"),
        as_json({"success": False, "data": {"code": "ts_required"}}, status="403 Forbidden"),
        as_json({"success": False, "data": {"code": "deepseek_ts_required", "message": "Verify"}}),
        as_json({"success": False, "data": {"deepseek_ts_required": True, "message": "Verify"}}),
        as_json({"success": False, "data": "ts_required"}),
        as_json({"status": "success", "msg": "Verify", "ts_required": True}),
        streamed(end='data: {"msg":"Verify","ts_required":true}\n\n'),
    ],
    ids=["consent", "Turnstile", "of one bot", "as a flag", "as a word", "beside a success", "in a stream"],
)
async def test_n12_a_gate_is_not_an_answer(gate: bytes) -> None:
    outcome = await ask_site(gate)
    assert (outcome.kind, outcome.text, outcome.counts) == ("challenge", "", (1, 1))


def test_n14_no_nonce_is_shipped() -> None:
    """A frozen fallback always looks fine and is always refused."""
    for path in Path(chatgptfree.__file__).parent.rglob("*.py"):
        assert not re.search(r"[\"'][0-9a-f]{10}[\"']", path.read_text(encoding="utf-8")), path.name
