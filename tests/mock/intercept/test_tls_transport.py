"""A TLS connection does what a plain one does: borders, cuts, resets, pauses, unread bytes."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.tls_client import TlsClient

from chatgptfree_mock.contract import registry
from chatgptfree_mock.errors import InterceptError, MockWarning
from chatgptfree_mock.intercept.tls_fault import TlsFault
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server.mock_server import MockServer
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response

HOST = "chat.example"
BODY = bytes(range(256)) * 12_000
SMALL_BUFFER = 4096


def tape(body: bytes = BODY, *, chunks: tuple[tuple[int, int], ...] = ()) -> Cassette:
    headers = (("Content-Type", "application/octet-stream"), ("Transfer-Encoding", "chunked"))
    request = Request(method="GET", uri=f"https://{HOST}/x")
    response = Response(headers=headers, body=body, chunks=chunks)
    return Cassette(interactions=(Interaction(request=request, response=response),))


def client(environment: dict[str, str], *, buffer: int | None = None, early: bool = False) -> TlsClient:
    port = int(environment["HTTPS_PROXY"].rpartition(":")[2])
    return TlsClient(HOST, port, environment["SSL_CERT_FILE"], buffer=buffer, early=early)


def until(reached: Callable[[], bool]) -> None:
    async def wait() -> None:
        while not reached():  # noqa: ASYNC110 - what happens on the server's thread gives no event here
            await asyncio.sleep(0.01)

    asyncio.run(wait())


@pytest.mark.parametrize("early", [False, True], ids=["in turn", "a ClientHello right behind CONNECT"])
def test_chunks_are_those_of_the_recording(early: bool) -> None:
    cassette = tape(b"Hello there!", chunks=((0, 5), (1, 1), (2, 6)))
    with (
        MockSite(pack="recorded", cassette=cassette, intercept=True) as site,
        client(site.environment, early=early) as session,
    ):
        session.get("/x", HOST)
        received = b"".join(session.until(b"0\r\n\r\n"))
    assert received.partition(b"\r\n\r\n")[2] == b"5\r\nHello\r\n1\r\n \r\n6\r\nthere!\r\n0\r\n\r\n"


@pytest.mark.parametrize(("fault", "end"), [("reset@50%", "ConnectionResetError"), ("truncate@50%", "close_notify")])
def test_a_cut_comes_where_it_was_asked_for_however_slowly_the_client_reads(fault: str, end: str) -> None:
    delivery = {"pace": "instant", "chunks": "every:100000", "fault": fault}
    with (
        MockSite(pack="recorded", cassette=tape(), intercept=True, delivery=delivery) as site,
        client(site.environment, buffer=SMALL_BUFFER) as session,
    ):
        session.get("/x", HOST)
        received, ended = session.rest()
    rest, body = received.partition(b"\r\n\r\n")[2], b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        body, rest = body + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    assert (len(body), ended) == (len(BODY) // 2, end)
    assert BODY.startswith(body)


def test_a_client_that_reads_nothing_is_let_go() -> None:
    tapes, delivery = (tape(BODY * 6),), Delivery.parse(chunks="every:10000")
    config = ServerConfig(pack=registry.load("recorded"), cassettes=tapes, delivery=delivery, write_seconds=0.1)
    with MockServer(config, intercept=True) as server, client(server.environment, buffer=SMALL_BUFFER) as session:
        session.get("/x", HOST)
        until(lambda: any(exchange.end == "client-closed" for exchange in server.journal))
        assert "took nothing of this answer" in " ".join(server.journal[0].why)


def test_many_requests_on_one_session() -> None:
    with (
        MockSite(pack="recorded", cassette=tape(b"x" * 70_000), intercept=True) as site,
        client(site.environment) as session,
    ):
        for _ in range(20):
            session.get("/x", HOST)
            session.until(b"\r\n0\r\n\r\n")
        assert [(exchange.path, exchange.end) for exchange in site.journal] == [("/x", "complete")] * 20


@pytest.mark.parametrize(("fault", "end"), [(None, "close_notify"), (TlsFault.NO_CLOSE_NOTIFY, "end of file")])
def test_a_session_ends_without_close_notify_if_that_is_the_fault(fault: TlsFault | None, end: str) -> None:
    delivery = {"fault": "close-delimited"}
    with (
        MockSite(pack="recorded", cassette=tape(b"x"), intercept=True, tls_fault=fault, delivery=delivery) as site,
        client(site.environment) as session,
    ):
        session.get("/x", HOST)
        received, ended = session.rest()
    assert (received[-5:], ended) == (b"\r\n\r\nx", end)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("wrong-name", f"Hostname mismatch, certificate is not valid for '{HOST}'."),
        ("expired", "certificate has expired"),
    ],
)
def test_a_certificate_is_wrong_if_that_is_the_fault(fault: str, reason: str) -> None:
    def visit() -> str:
        with MockSite(pack="recorded", cassette=tape(b"x"), intercept=True, tls_fault=fault) as site:
            with pytest.raises(ssl.SSLCertVerificationError) as raised:
                client(site.environment)
            until(lambda: bool(site.warnings))
        return raised.value.verify_message

    with pytest.warns(MockWarning, match=f"CONNECT {HOST}:443: the TLS handshake failed: "):
        assert visit() == reason


def test_no_folder_for_the_ca_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    site = MockSite(intercept=True)
    with pytest.raises(InterceptError, match=r"no folder for the certificate of the CA: .*; set TMPDIR to a folder"):
        site.__enter__()
    with MockSite(port=int(site.url.rpartition(":")[2])):  # the port is free again
        pass
