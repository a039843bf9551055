"""The journal: its limits, its queries and its output."""

from __future__ import annotations

import asyncio
import base64
import gzip
import zlib

import pytest

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.journal import BODY, Exchange, Filter, Journal
from chatgptfree_mock.tape.model import Response

FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


def site_request(path: str = "/chat/", body: bytes = b"", *, method: str = "POST", query: str = "") -> SiteRequest:
    return SiteRequest(method=method, path=path, query=query, headers=FORM if body else (), body=body)


def write(journal: Journal, request: SiteRequest, *pieces: bytes, site: str = "/", end: str = "complete") -> Exchange:
    exchange = journal.begin(request, site=site, at=1_800_000_000.0)
    answer = Response(headers=(("Content-Type", "text/plain"),), body=b"".join(pieces))
    journal.decide(exchange, answer, ["nonce is fresh"])
    journal.wrote(exchange, [(index * 100.0, len(piece)) for index, piece in enumerate(pieces)], b"".join(pieces))
    journal.finish(exchange, end)
    return exchange


def test_an_exchange_is_described_from_request_to_end() -> None:
    journal = Journal()
    body = b"action=ask&message=Hello+there&_wpnonce=abc"
    write(journal, site_request("/wp-admin/admin-ajax.php", body), b"data: Hel\n", b"data: lo\n", end="reset")
    assert journal.text() == (
        "#1 POST /wp-admin/admin-ajax.php action=ask message='Hello there' _wpnonce=abc"
        " -> 200 text/plain, 19 bytes in 2 chunks, 100 ms, reset\n"
        "    why   nonce is fresh\n"
        "          0 ms     10  data: Hel\\n\n"
        "        100 ms      9  data: lo\\n"
    )


def test_an_answer_that_went_out_compressed_can_be_read() -> None:
    packed = gzip.compress(b"<html>" * 50)
    for body, expected in ((packed, "<html>" * 50), (b"no gzip", "no gzip")):
        exchange = write(Journal(), site_request("/"), body)
        exchange.response_headers += (("Content-Encoding", "gzip"),)
        assert exchange.as_json()["response"]["body"] == expected
        assert exchange.text().endswith("  (gzip)")


def test_an_answer_that_unpacks_to_more_than_is_kept_is_cut() -> None:
    exchange = write(Journal(), site_request("/"), zlib.compress(bytes(10 * BODY)))
    exchange.response_headers += (("Content-Encoding", "deflate"),)
    assert len(exchange.as_json()["response"]["body"]) == BODY


def test_an_unanswered_request_shows_as_such() -> None:
    journal = Journal()
    journal.begin(site_request(), site="/", at=0.0)
    assert journal.text() == "#1 POST /chat/ -> no answer yet, 0 bytes in 0 chunks, 0 ms, open"


def test_a_client_without_a_request_is_reported_too() -> None:
    assert Journal().text() == "(no request came)"


def test_only_the_last_exchanges_are_kept_and_the_rest_is_counted() -> None:
    journal = Journal(exchanges=2)
    for path in ("/a", "/b", "/c"):
        write(journal, site_request(path))
    assert [exchange.path for exchange in journal] == ["/b", "/c"]
    assert journal.total == 3
    assert journal.text().startswith("(1 earlier exchanges are no longer kept)\n")


def test_bodies_and_pieces_are_capped_but_counted_in_full() -> None:
    journal = Journal(body=5, chunks=2)
    exchange = write(journal, site_request(body=b"x" * 9), b"abc", b"def", b"ghi")
    assert (exchange.body, exchange.body_size) == (b"xxxxx", 9)
    assert exchange.response_body == b"abcde"
    assert (exchange.sent, len(exchange.chunks), exchange.chunks_left_out) == (9, 2, 1)


def test_a_site_writes_into_its_servers_journal_too() -> None:
    server = Journal()
    one, two = Journal(above=server), Journal(above=server)
    write(one, site_request("/one"), site="one")
    write(two, site_request("/two"), site="two")
    assert [exchange.path for exchange in one] == ["/one"]
    assert [(exchange.number, exchange.path) for exchange in server] == [(1, "/one"), (2, "/two")]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        pytest.param(Filter(), [1, 2, 3], id="everything"),
        pytest.param(Filter(site="a"), [1, 2], id="one site"),
        pytest.param(Filter(method="GET"), [3], id="a method"),
        pytest.param(Filter(path="/wp-*"), [1], id="a glob of paths"),
        pytest.param(Filter(action="ask"), [1, 3], id="an action, in form or query"),
        pytest.param(Filter(end="reset"), [2], id="an end"),
        pytest.param(Filter(after=2), [3], id="what came later"),
        pytest.param(Filter(status=404), [], id="nothing fits"),
    ],
)
def test_exchanges_are_selected(wanted: Filter, numbers: list[int]) -> None:
    journal = Journal()
    write(journal, site_request("/wp-admin/admin-ajax.php", b"action=ask"), site="a")
    write(journal, site_request(), site="a", end="reset")
    write(journal, site_request(method="GET", query="action=ask"), site="b")
    assert [exchange.number for exchange in journal.select(wanted)] == numbers


def test_multipart_fields_are_read() -> None:
    body = b'--B\r\nContent-Disposition: form-data; name="message"\r\n\r\nH\xc3\xa9 & more\r\n--B--\r\n'
    request = SiteRequest(
        method="POST", path="/", headers=(("Content-Type", "multipart/form-data; boundary=B"),), body=body
    )
    assert Journal().begin(request, site="/", at=0.0).fields == {"message": "Hé & more"}


@pytest.mark.parametrize("body", [b"", b"\xff\x00junk", b"--B\r\nno header at all", b"--B"])
def test_junk_in_a_multipart_body_reads_as_no_field(body: bytes) -> None:
    request = SiteRequest(
        method="POST", path="/", headers=(("Content-Type", "multipart/form-data; boundary=B"),), body=body
    )
    assert Journal().begin(request, site="/", at=0.0).fields == {}


def test_json_is_complete() -> None:
    journal = Journal()
    data = write(journal, site_request("/x", b"message=\xff", query="q=1"), b"ab", b"c").as_json()
    assert data["request"]["fields"] == {"message": "\ufffd", "q": "1"}
    assert data["response"]["chunks"] == [[0.0, 2], [100.0, 1]]
    assert data["why"] == ["nonce is fresh"]


@pytest.mark.asyncio
async def test_a_follower_gets_what_was_and_what_comes_each_once() -> None:
    journal = Journal()
    write(journal, site_request("/before"))
    still_open = journal.begin(site_request("/open"), site="/", at=0.0)
    follower = journal.follow()
    assert (await anext(follower)).path == "/before"
    waiting = asyncio.ensure_future(anext(follower))
    await asyncio.sleep(0)
    write(journal, site_request("/after"))
    assert (await waiting).path == "/after"
    journal.finish(still_open, "complete")
    assert (await anext(follower)).path == "/open"
    await follower.aclose()


@pytest.mark.asyncio
async def test_a_follower_of_the_server_gets_the_exchanges_of_its_sites() -> None:
    server = Journal()
    site = Journal(above=server)
    follower = server.follow(Filter(path="/b"))
    waiting = asyncio.ensure_future(anext(follower))
    await asyncio.sleep(0)
    write(site, site_request("/a"))
    write(site, site_request("/b"))
    assert (await waiting).path == "/b"
    await follower.aclose()


def test_an_exchange_has_its_address_two_clocks_and_its_length() -> None:
    journal = Journal()
    request = SiteRequest(method="GET", path="/chat/", query="a=1", base_url="http://127.0.0.1:8080/v/1.8.93")
    exchange = journal.begin(request, site="v/1.8.93", at=2_000_000_000.0, began=1_800_000_000.5)
    assert exchange.as_json()["ms"] is None
    journal.finish(exchange, "complete", ms=120.25)
    data = exchange.as_json()
    assert (data["at"], data["began"], data["ms"]) == (2_000_000_000.0, 1_800_000_000.5, 120.25)
    assert data["request"]["url"] == "http://127.0.0.1:8080/v/1.8.93/chat/?a=1"


def test_pieces_of_a_compressed_answer_are_known_in_the_decoded_bytes() -> None:
    packer = zlib.compressobj()
    pieces = [packer.compress(b"data: one\n") + packer.flush(zlib.Z_SYNC_FLUSH), packer.compress(b"data: two\n\n")]
    exchange = write(Journal(), site_request("/"), *pieces, packer.flush())
    exchange.response_headers += (("Content-Encoding", "deflate"),)
    data = exchange.as_json()["response"]
    assert data["body"] == "data: one\ndata: two\n\n"
    assert data["decoded_chunks"] == [10, 0, 11]
    assert [size for _, size in data["chunks"]] == [*map(len, pieces), data["size"] - sum(map(len, pieces))]


def test_bytes_that_are_not_text_are_in_the_json_unchanged() -> None:
    data = write(Journal(), site_request("/"), b"ab\xff\xf0\x9f").as_json()["response"]
    assert (data["body"], data["decoded_chunks"]) == ("ab\ufffd\ufffd", None)
    assert base64.b64decode(data["base64"]) == b"ab\xff\xf0\x9f"
    assert write(Journal(), site_request("/"), "é".encode()).as_json()["response"]["base64"] is None


def test_what_is_dropped_takes_no_memory() -> None:
    whole = Journal()
    sites = whole.below(), whole.below()
    for _ in range(3):
        for site in sites:
            write(site, site_request(body=bytes(10_000)), bytes(10_000))
    held = whole.memory.used
    sites[0].clear()
    assert (len(whole), len(sites[0]), len(sites[1])) == (3, 0, 3)
    assert whole.memory.used == held / 2
    whole.clear()
    assert (len(whole), len(sites[1]), whole.memory.used) == (0, 0, 0)
    write(sites[1], site_request(), b"again")
    assert (len(whole), len(sites[1]), whole.total) == (1, 1, 7)
