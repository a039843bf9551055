"""A forward proxy with CONNECT: clients that know nothing of the mock reach it, and nothing else."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path

import aiohttp
import pytest
import requests  # noqa: TID251 - a client that knows nothing of the mock
from aiohttp import web

from chatgptfree_mock.intercept.authority import Authority, InterceptError, TlsFault
from chatgptfree_mock.intercept.environment import export_lines, variables
from chatgptfree_mock.intercept.forward_proxy import ForwardProxy, host_of

HOST = "chat.example"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


async def handler(request: web.BaseRequest) -> web.StreamResponse:
    """Answer with what was asked, in two chunks."""
    response = web.StreamResponse()
    response.enable_chunked_encoding()
    await response.prepare(request)
    await response.write(f"{request.scheme}://{request.headers['Host']}".encode())
    await response.write(request.raw_path.encode())
    return response


async def until_closed(request: web.BaseRequest) -> web.StreamResponse:
    """Answer with a body that ends with the connection."""
    request.transport.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 300_000)  # type: ignore[union-attr]
    request.transport.close()  # type: ignore[union-attr]
    return web.Response()


def get(proxy: ForwardProxy, url: str, **more: object) -> requests.Response:
    proxies = {"http": proxy.url, "https": proxy.url}
    verify = str(proxy.authority.certificate)
    return requests.get(url, proxies=proxies, verify=verify, timeout=30, **more)  # type: ignore[arg-type]


@pytest.mark.asyncio
async def test_a_host_leads_to_the_server_under_its_own_name(authority: Authority) -> None:
    async with ForwardProxy(web.Server(handler), [HOST, "*.other.example"], authority) as proxy:
        secure = await asyncio.to_thread(get, proxy, f"https://{HOST}/a?b=c")
        below = await asyncio.to_thread(get, proxy, "https://deep.other.example/")
        plain = await asyncio.to_thread(get, proxy, f"http://{HOST}/a")
    assert secure.text == f"https://{HOST}/a?b=c"
    assert below.text == "https://deep.other.example/"
    assert plain.text == f"http://{HOST}http://{HOST}/a"
    assert not proxy.not_intercepted
    assert proxy.refused == {}


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/", "http://elsewhere.example/", "https://chat.example.evil/"]
)
@pytest.mark.asyncio
async def test_every_other_host_is_refused_and_noted(authority: Authority, url: str) -> None:
    async with ForwardProxy(web.Server(handler), [HOST], authority) as proxy:
        try:
            status = (await asyncio.to_thread(get, proxy, url)).status_code
        except requests.exceptions.ProxyError as exc:
            status = 403 if "403 Forbidden" in str(exc) else 0
    assert status == 403
    assert len(proxy.refused) == 1
    assert f"stands in for {HOST} and leads nowhere else" in next(iter(proxy.refused))
    assert proxy.not_intercepted


@pytest.mark.asyncio
async def test_aiohttp_with_its_own_pool_keeps_the_connection(authority: Authority) -> None:
    context = ssl.create_default_context(cafile=str(authority.certificate))
    async with ForwardProxy(web.Server(handler), [HOST], authority) as proxy, aiohttp.ClientSession() as session:
        for number in range(3):
            async with session.get(f"https://{HOST}/{number}", proxy=proxy.url, ssl=context) as response:
                assert await response.text() == f"https://{HOST}/{number}"
    assert proxy.connects == {HOST: 1}


@pytest.mark.asyncio
async def test_the_certificate_passes_the_strict_checks_of_python_3_13(authority: Authority) -> None:
    context = ssl.create_default_context(cafile=str(authority.certificate))
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    async with (
        ForwardProxy(web.Server(handler), [HOST, "127.0.0.1"], authority) as proxy,
        aiohttp.ClientSession() as session,
    ):
        for host in (HOST, "127.0.0.1"):
            async with session.get(f"https://{host}/", proxy=proxy.url, ssl=context) as response:
                assert response.status == 200


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(TlsFault.WRONG_NAME, "Hostname mismatch"), (TlsFault.EXPIRED, "certificate has expired")],
)
@pytest.mark.asyncio
async def test_a_certificate_can_be_wrong(authority: Authority, fault: TlsFault, reason: str) -> None:
    context = ssl.create_default_context(cafile=str(authority.certificate))
    proxy = ForwardProxy(web.Server(handler), [HOST], authority, fault=fault)
    async with proxy, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError, match=reason):
            await session.get(f"https://{HOST}/", proxy=proxy.url, ssl=context)


@pytest.mark.parametrize("fault", [None, TlsFault.NO_CLOSE_NOTIFY])
@pytest.mark.asyncio
async def test_a_session_ends_with_close_notify_unless_that_is_the_fault(
    authority: Authority, fault: TlsFault | None
) -> None:
    async with ForwardProxy(web.Server(until_closed), [HOST], authority, fault=fault) as proxy:
        body, ended_well = await asyncio.to_thread(read_to_the_end, proxy)
    assert body.count(b"x") == 300_000
    assert ended_well is (fault is None)


def read_to_the_end(proxy: ForwardProxy) -> tuple[bytes, bool]:
    """Return all bytes of one answer, and whether the TLS session was closed, by Python's own ssl."""
    context = ssl.create_default_context(cafile=str(proxy.authority.certificate))
    port = int(proxy.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as raw:
        raw.sendall(f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        assert raw.recv(1000).startswith(b"HTTP/1.1 200 ")
        with context.wrap_socket(raw, server_hostname=HOST, suppress_ragged_eofs=False) as secure:
            secure.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            parts = []
            try:
                while part := secure.recv(65536):
                    parts.append(part)
            except ssl.SSLEOFError:
                return b"".join(parts), False
            return b"".join(parts), True


@pytest.mark.parametrize(
    ("head", "status"),
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", 400, id="a request to the proxy itself"),
        pytest.param(b"CONNECT chat.example HTTP/1.1\r\n\r\n", 400, id="no port"),
        pytest.param(b"\xff\xfe\r\n\r\n", 400, id="garbage"),
        pytest.param(b"CONNECT x:443 HTTP/1.1\r\nA: " + b"a" * 70_000, 431, id="a head without end"),
    ],
)
@pytest.mark.asyncio
async def test_bad_requests_are_answered(authority: Authority, head: bytes, status: int) -> None:
    async with ForwardProxy(web.Server(handler), [HOST], authority) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
        writer.write(head)
        assert (await reader.read()).startswith(f"HTTP/1.1 {status} ".encode())
        writer.close()


@pytest.mark.asyncio
async def test_a_client_that_speaks_no_tls_is_let_go(authority: Authority) -> None:
    async with ForwardProxy(web.Server(handler), [HOST], authority) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
        writer.write(f"CONNECT {HOST}:443 HTTP/1.1\r\n\r\n".encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert b"HTTP" not in await reader.read()
        writer.close()


@pytest.mark.parametrize("text", ["", " ", "https://", "a b"])
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(InterceptError, match="is not a host to stand in for"):
        host_of(text)


def test_no_hosts_and_a_ca_that_cannot_be_written_are_errors(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(InterceptError, match="no host to stand in for"):
        ForwardProxy(asyncio.Protocol, [], authority)
    with pytest.raises(InterceptError, match="can't write the certificate of the CA"):
        Authority(tmp_path / "missing")


def test_the_variables_are_for_a_shell(authority: Authority) -> None:
    values = variables("http://127.0.0.1:8083", authority.certificate, authority.trust_store)
    assert values["HTTPS_PROXY"] == values["http_proxy"] == "http://127.0.0.1:8083"
    assert values["NO_PROXY"] == ""
    assert values["SSL_CERT_FILE"] == values["NODE_EXTRA_CA_CERTS"] == str(authority.certificate)
    assert "-Dhttps.proxyPort=8083" in values["JAVA_TOOL_OPTIONS"].split()
    assert f"export JAVA_TOOL_OPTIONS='{values['JAVA_TOOL_OPTIONS']}'" in export_lines(values)
