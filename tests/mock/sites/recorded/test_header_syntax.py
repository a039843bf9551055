"""Headers that cannot be sent as they are, for their name or a line break in the value: a warning names them."""

from __future__ import annotations

import asyncio
import http.client

import pytest

from chatgptfree_mock.errors import MockWarning
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response

NAMES = ["X Name", "X-Name ", "(a)", "naïve", "X:Y", "a/b", ""]


def tape(name: str, value: str = "1") -> Cassette:
    headers = (("Content-Type", "text/plain"), (name, value), ("X-After", "2"))
    response = Response(headers=headers, body=b"hello")
    return Cassette(
        path="a.yaml",
        interactions=(Interaction(request=Request(method="GET", uri="https://a.example/"), response=response),),
    )


def fetched(host: str, port: int) -> tuple[bytes, dict[str, str]]:
    connection = http.client.HTTPConnection(host, port, timeout=300)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        return answer.read(), dict(answer.getheaders())
    finally:
        connection.close()


async def asked(site: MockSite) -> tuple[bytes, dict[str, str]]:
    async with site:
        host, _, port = site.url.removeprefix("http://").partition("/")[0].partition(":")
        return await asyncio.to_thread(fetched, host, int(port))


@pytest.mark.asyncio
@pytest.mark.parametrize("name", NAMES)
async def test_the_rest_of_the_answer_arrives_and_a_warning_names_the_header(name: str) -> None:
    site = MockSite(cassette=tape(name))
    with pytest.warns(MockWarning, match="not sent"):
        body, headers = await asked(site)
    assert site.warnings == [f"a.yaml #1: not sent, as no header can have such a name: {name!r}"]
    assert body == b"hello"
    assert name not in headers
    assert headers["X-After"] == "2"


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["X-Name", "x", "!#$%&'*+.^_`|~1"])
async def test_a_name_that_a_header_can_have_is_sent(name: str) -> None:
    site = MockSite(cassette=tape(name))
    _, headers = await asked(site)
    assert site.warnings == []
    assert headers[name] == "1"


@pytest.mark.asyncio
@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r"])
async def test_a_line_break_in_a_value_begins_no_header(line_break: str) -> None:
    site = MockSite(cassette=tape("X-Odd", f"a{line_break}X-Injected: yes"))
    with pytest.warns(MockWarning, match="line break"):
        body, headers = await asked(site)
    assert site.warnings == ["a.yaml #1: sent with a blank for a line break in the value: 'X-Odd'"]
    assert (body, headers["X-After"], "X-Injected" in headers) == (b"hello", "2", False)
    assert headers["X-Odd"].split() == ["a", "X-Injected:", "yes"]


@pytest.mark.asyncio
@pytest.mark.parametrize("value", ['filename="Grüße.txt"', "👋", "naïve", "a\xa0b"])
async def test_utf8_that_was_read_as_latin1_is_sent_as_it_was(value: str) -> None:
    read = value.encode().decode("latin-1")  # as http.client and therefore vcrpy have it
    for recorded in (read, value):
        _, headers = await asked(MockSite(cassette=tape("X-Name", recorded)))
        assert headers["X-Name"] == read
