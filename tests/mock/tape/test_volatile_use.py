"""A volatile name that neither a recorded request nor one that came has is named; all others are not."""

from __future__ import annotations

import json

import pytest
from tests.support.many_cases import for_each
from tests.support.raw_client import RawClient

from chatgptfree_mock.errors import MockWarning
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.request_key import RequestKey
from chatgptfree_mock.tape.volatile import Volatile
from chatgptfree_mock.tape.volatile_use import VolatileUse

FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
REQUEST = Request(
    method="POST",
    uri="https://a.example/ask?q=1&utm_source=x",
    headers=(("Content-Type", "application/json"), ("X-Request-Id", "7")),
    body=json.dumps({"messages": [{"id": 1, "user-id": 2}], "data": '{"trace": {"a": 1}}'}).encode(),
)
FORM_REQUEST = Request(method="POST", uri="https://a.example/ask", headers=FORM, body=b"message=a&config={%22v%22:1}")


@for_each(
    "name",
    [
        *("q", "utm_*", "id", "user-id", "$.messages[0].id", "$.messages[*].id", '$.messages[0]["user-id"]', "trace"),
        *("$.data:$.trace.a", "x-request-id", "X-Request-*"),
    ],
)
def test_a_name_that_a_request_has_is_used(name: str) -> None:
    use = VolatileUse([name])
    use.note(RequestKey.from_request(REQUEST))
    assert use.outcomes() == {f"`volatile={name}`": None}


@pytest.mark.parametrize("name", ["message", "config", "v", "config:$.v"])
def test_a_name_that_a_form_has_is_used(name: str) -> None:
    use = VolatileUse([name])
    use.note(RequestKey.from_request(FORM_REQUEST))
    assert use.outcomes() == {f"`volatile={name}`": None}


@pytest.mark.parametrize(
    ("name", "required"),
    [
        ("id", ["id"]),
        ("id", ["$.messages[0].id"]),
        ("$.messages[*].id", ["$.messages[0].id"]),
        ("q", ["q"]),
        ("X-Request-Id", ["x-request-id"]),
    ],
)
def test_a_name_that_the_block_demands_has_no_effect(name: str, required: list[str]) -> None:
    use = VolatileUse([name])
    use.note(RequestKey.from_request(REQUEST), required)
    assert "the block x-tokens requires it" in str(use.outcomes()[f"`volatile={name}`"])
    use.note(RequestKey.from_request(REQUEST))
    assert use.outcomes() == {f"`volatile={name}`": None}


@pytest.mark.parametrize("name", ["utm", "ID", "$.messages.id", "$.id", "request-id"])
def test_a_name_that_no_request_has_is_named(name: str) -> None:
    use = VolatileUse([name, "q"])
    use.note(RequestKey.from_request(REQUEST))
    assert use.outcomes()["`volatile=q`"] is None
    assert "no recorded request has it" in str(use.outcomes()[f"`volatile={name}`"])


@pytest.mark.asyncio
async def test_it_is_a_warning_until_a_request_has_it() -> None:
    tape = Cassette(interactions=(Interaction(request=Request(method="GET", uri="https://a/p"), response=Response()),))
    site = MockSite(cassette=tape, volatile=["trace", "q"])
    await site.__aenter__()
    async with RawClient(site.url) as client:
        await client.get("/p?q=1")
    assert [line.partition(" ")[0] for line in site.warnings] == ["`volatile=trace`"]
    with pytest.warns(MockWarning, match="volatile=trace"):
        await site.__aexit__(None, None, None)


def test_a_volatile_header_is_not_compared_whatever_its_case() -> None:
    assert Volatile(("X-Request-Id",)).has_header("x-request-id")
