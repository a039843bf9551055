"""Words of a delivery that no recorded answer has a use for: the journal and a warning name them."""

from __future__ import annotations

import pytest
from tests.support.raw_client import RawClient

from chatgptfree_mock.errors import MockWarning
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response

BODIES = {
    "/json": b'{"a": "b"}',
    "/lines": b'{"a": 1}\n{"a": 2}\n',
    "/stream": b"data: 1\r\n\r\ndata: 2\r\n\r\n",
    "/czech": "Žluť".encode(),
    "/none": b"",
}
UNUSED = {
    ("chunks=events", "/json"): "event of an event stream",
    ("chunks=events", "/lines"): "event of an event stream",
    ("chunks=lines", "/json"): "line end",
    ("chunks=crlf", "/lines"): "CR before LF",
    ("chunks=utf8", "/stream"): "character of several bytes",
    ("chunks=at:10,20", "/json"): "byte at that offset",
    ("chunks=bytes", "/none"): "body",
    ("pace=recorded", "/json"): "recorded times",
    ("pace=x4", "/stream"): "recorded times",
}


def tape(*, timed: bool = False) -> Cassette:
    made = []
    for path, body in BODIES.items():
        chunks = ((1, len(body)),) if timed and body else ()
        response = Response(status=200 if body else 204, body=body, chunks=chunks)
        made.append(Interaction(request=Request(method="GET", uri=f"https://a{path}"), response=response))
    return Cassette(interactions=tuple(made))


@pytest.mark.asyncio
@pytest.mark.parametrize(("word", "path"), [pytest.param(*key, id=" ".join(key)) for key in UNUSED])
async def test_a_word_without_use_is_in_the_journal_and_a_warning(word: str, path: str) -> None:
    site = MockSite(cassette=tape(), delivery=word)
    await site.__aenter__()
    assert site.warnings == []
    async with RawClient(site.url) as client:
        await client.get(path)
    line = f"`{word}` did not act: the answer has no {UNUSED[word, path]}"
    assert site.journal[-1].why[-1] == f"warning: {line}"
    assert site.warnings == [line]
    with pytest.warns(MockWarning, match=line):
        await site.__aexit__(None, None, None)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("chunks=events", "/stream"),
        ("chunks=lines", "/lines"),
        ("chunks=crlf", "/stream"),
        ("chunks=utf8", "/czech"),
        ("chunks=at:9,20", "/json"),
        ("chunks=every:99", "/json"),
        ("chunks=bytes pace=instant", "/json"),
        ("pace=recorded", "/json"),
        ("pace=every:1ms", "/json"),
    ],
)
async def test_a_word_that_acted_once_is_not_warned_of(word: str, path: str) -> None:
    async with MockSite(cassette=tape(timed=True), delivery=word) as site, RawClient(site.url) as client:
        for asked in ("/none", path, "/none"):
            await client.get(asked)
        assert site.warnings == []


@pytest.mark.asyncio
async def test_without_settings_there_is_no_warning() -> None:
    async with MockSite(cassette=tape()) as site, RawClient(site.url) as client:
        await client.get("/json")
        assert (site.warnings, [why for why in site.journal[-1].why if "warning" in why]) == ([], [])


@pytest.mark.asyncio
async def test_an_answer_without_a_body_does_not_replace_the_reason_of_one_with_a_body() -> None:
    site = MockSite(cassette=tape(), delivery="chunks=utf8")
    await site.__aenter__()
    async with RawClient(site.url) as client:
        for asked in ("/none", "/stream", "/none"):
            await client.get(asked)
    line = "`chunks=utf8` did not act: the answer has no character of several bytes"
    assert site.warnings == [line]
    with pytest.warns(MockWarning, match=line):
        await site.__aexit__(None, None, None)
