"""A recorded session with a token, its replay, and a client that sends back what it gets."""

from __future__ import annotations

import re
from typing import Any

import httpx
from msgspec.structs import replace

from chatgptfree_mock.server.running_site import RunningSite
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.token_block import tokens_as_data


def with_block(cassette: Cassette, **changes: Any) -> Cassette:
    """Return *cassette* with its tokens, each with *changes*."""
    tokens = tokens_as_data([each.token for each in find_tokens(cassette)])
    return replace(cassette, tokens=tuple({**each, **changes} for each in tokens))


def replayed(cassette: Cassette, **how: Any) -> MockSite:
    return MockSite(pack="recorded", cassette=cassette, **how)


PAGE = '<meta name="csrf-token" content="{}">'
TOKEN, SID, OLD = "a3f09b2c17d4e5f6a7b8", "q8Zk3Lm0Pw9xTr5Y", "ffee09b2c17d4e5f6a70"


def visit(*, refusal: bool = False, cookie: bool = True) -> Cassette:
    """Return a page with a token, a question with it and, before that, one with an old token that is refused."""
    given = (("Set-Cookie", f"sid={SID}; Path=/"),) if cookie else ()
    sent = (("Cookie", f"sid={SID}"),) if cookie else ()

    def question(token: str, status: int, text: str) -> Interaction:
        headers = (("Content-Type", "application/x-www-form-urlencoded"), *sent)
        body = f"csrf={token}&post_id=4711&message=hi".encode()
        request = Request(method="POST", uri="https://chat.invalid/ask", headers=headers, body=body)
        return Interaction(request=request, response=Response(status=status, body=text.encode()))

    text = PAGE.format(TOKEN) + '<b data-post-id="4711">'
    page = Interaction(
        request=Request(method="GET", uri="https://chat.invalid/"),
        response=Response(headers=(("Content-Type", "text/html"), *given), body=text.encode()),
    )
    refused = [question(OLD, 419, '{"error":"page expired"}')] if refusal else []
    return Cassette(interactions=(page, *refused, question(TOKEN, 200, "hello")))


def browser(site: RunningSite, address: str = "127.0.0.1") -> httpx.Client:
    """Return a client with a cookie jar, or a new one of it."""
    return httpx.Client(base_url=site.url, transport=httpx.HTTPTransport(verify=False, local_address=address))


def token_of(client: httpx.Client) -> str:
    found = re.search('content="([^"]*)"', client.get("/").text)
    assert found is not None
    return found[1]


def ask(client: httpx.Client, token: str | None, **changed: str) -> httpx.Response:
    fields = {"post_id": "4711", "message": "hi", **changed}
    return client.post("/ask", data=fields if token is None else {"csrf": token, **fields})


def last_reason(site: RunningSite) -> str:
    return " ".join(list(site.journal)[-1].why)
