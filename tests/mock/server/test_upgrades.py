"""Requests that offer HTTP/2 on the way, as curl does: the mock answers in HTTP/1.1 and ignores the offer."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import httpx

from chatgptfree_mock.serving import MockSite

OFFER = (
    "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n"
)


def test_an_offer_of_http_2_is_ignored() -> None:
    with MockSite(plugin="1.8.93", reply="Hello") as site:
        parts = urlsplit(site.url)
        with socket.create_connection((str(parts.hostname), parts.port), timeout=300) as connection:
            connection.sendall(OFFER.format(host=parts.netloc).encode())
            head = b""
            while b"\r\n\r\n" not in head:
                data = connection.recv(65536)
                assert data
                head += data
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nupgrade:" not in head.lower()


def test_a_websocket_gets_an_ordinary_response_and_the_journal_has_the_reason() -> None:
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    with MockSite(plugin="1.8.93", reply="Hello") as site:
        assert httpx.get(site.url, headers=headers).status_code == 200
        assert "the client asked for a websocket, which the mock does not have" in site.journal[-1].why[-1]
