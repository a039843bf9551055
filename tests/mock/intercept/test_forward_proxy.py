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
from tests.support.many_cases import for_each

from chatgptfree_mock.errors import InterceptError, ServingError
from chatgptfree_mock.intercept.authority import Authority
from chatgptfree_mock.intercept.environment import advice, export_lines, variables
from chatgptfree_mock.intercept.forward_proxy import ForwardProxy
from chatgptfree_mock.intercept.hosts import InterceptedHosts, host_of, recorded_hosts
from chatgptfree_mock.intercept.tls_fault import TlsFault

HOST = "chat.example"
HOSTS = InterceptedHosts([HOST])


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


def get(proxy: ForwardProxy, url: str, **more: object) -> requests.Response:
    proxies = {"http": proxy.url, "https": proxy.url}
    options = {"verify": str(proxy.authority.certificate), **more}
    return requests.get(url, proxies=proxies, timeout=300, **options)  # type: ignore[arg-type]


@pytest.mark.asyncio
async def test_a_host_leads_to_the_server_under_its_own_name(authority: Authority) -> None:
    async with ForwardProxy(web.Server(handler), InterceptedHosts([HOST, "*.other.example"]), authority) as proxy:
        secure = await asyncio.to_thread(get, proxy, f"https://{HOST}/a?b=c")
        below = await asyncio.to_thread(get, proxy, "https://deep.other.example/")
        plain = await asyncio.to_thread(get, proxy, f"http://{HOST}/a")
    assert secure.text == f"https://{HOST}/a?b=c"
    assert below.text == "https://deep.other.example/"
    assert plain.text == f"http://{HOST}http://{HOST}/a"
    assert proxy.connections == 3
    assert proxy.refused == {}


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/", "http://elsewhere.example/", "https://chat.example.evil/"]
)
@pytest.mark.asyncio
async def test_every_other_host_is_refused_and_noted(authority: Authority, url: str) -> None:
    async with ForwardProxy(web.Server(handler), HOSTS, authority) as proxy:
        try:
            status = (await asyncio.to_thread(get, proxy, url)).status_code
        except requests.exceptions.ProxyError as exc:
            status = 403 if "403 Forbidden" in str(exc) else 0
    assert status == 403
    assert len(proxy.refused) == 1
    assert f"answers for {HOST} and connects to nothing else" in next(iter(proxy.refused))
    assert (proxy.asked, proxy.connections) == (1, 0)


@pytest.mark.asyncio
async def test_aiohttp_with_its_own_pool_keeps_the_connection(authority: Authority) -> None:
    context = ssl.create_default_context(cafile=str(authority.certificate))
    async with ForwardProxy(web.Server(handler), HOSTS, authority) as proxy, aiohttp.ClientSession() as session:
        for number in range(3):
            async with session.get(f"https://{HOST}/{number}", proxy=proxy.url, ssl=context) as response:
                assert await response.text() == f"https://{HOST}/{number}"
    assert proxy.connections == 1


@pytest.mark.asyncio
async def test_a_chunk_is_not_held_back_until_the_next(authority: Authority) -> None:
    arrived = asyncio.Event()

    async def patient(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        for word in (b"one", b"two", b"three"):
            await response.write(word)
            await arrived.wait()
            arrived.clear()
        return response

    context = ssl.create_default_context(cafile=str(authority.certificate))
    async with ForwardProxy(web.Server(patient), HOSTS, authority) as proxy, aiohttp.ClientSession() as session:
        words = []
        async with session.get(f"https://{HOST}/", proxy=proxy.url, ssl=context) as response:
            async for word, _ in response.content.iter_chunks():
                words.append(word)
                arrived.set()
    assert words == [b"one", b"two", b"three", b""]


@pytest.mark.asyncio
async def test_the_certificate_passes_the_strict_checks_of_python_3_13(authority: Authority) -> None:
    context = ssl.create_default_context(cafile=str(authority.certificate))
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    async with (
        ForwardProxy(web.Server(handler), InterceptedHosts([HOST, "127.0.0.1"]), authority) as proxy,
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
    proxy = ForwardProxy(web.Server(handler), HOSTS, authority, fault=fault)
    async with proxy, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError, match=reason):
            await session.get(f"https://{HOST}/", proxy=proxy.url, ssl=context)


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
    async with ForwardProxy(web.Server(handler), HOSTS, authority) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
        writer.write(head)
        assert (await reader.read()).startswith(f"HTTP/1.1 {status} ".encode())
        writer.close()


@pytest.mark.asyncio
async def test_a_client_without_tls_is_disconnected(authority: Authority) -> None:
    async with ForwardProxy(web.Server(handler), HOSTS, authority) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
        writer.write(f"CONNECT {HOST}:443 HTTP/1.1\r\n\r\n".encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert b"HTTP" not in await reader.read()
        writer.close()


@for_each(
    "text",
    [
        *("", " ", "https://", "a b", "*", "a.*.b", "[::1", "https://[x", "a/b", "a.example/", "a?b", "u@a.example"),
        "https://user:password@a.example/",
        *("a,b", "a..b", ".a", "-a.example", "a-.example", "*.", "*.*.a", "a%20b", "x" * 64, "a." * 130 + "a"),
    ],
)
def test_what_is_not_a_host_is_refused(text: str) -> None:
    with pytest.raises(InterceptError, match="is not a host to intercept"):
        host_of(text)


def test_recorded_addresses_with_a_user_are_intercepted_at_their_host() -> None:
    assert recorded_hosts(["https://ada:pw@a.example/x", "http://[::1]:8080/", "/x"]) == ("a.example", "[::1]:8080")


def test_no_hosts_and_a_ca_that_cannot_be_written_are_errors(tmp_path: Path) -> None:
    with pytest.raises(InterceptError, match="no host to intercept: name one"):
        InterceptedHosts([])
    with pytest.raises(InterceptError, match="can't write the certificate of the CA"):
        Authority(tmp_path / "missing")


@pytest.mark.asyncio
async def test_a_certificate_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that is full by then."""
    authority = Authority(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    async with ForwardProxy(web.Server(handler), HOSTS, authority) as proxy:
        answer = await asyncio.to_thread(named, proxy, f"{HOST}:443", HOST)
    sentence = f"can't write the certificate of {HOST}: No such file or directory; set TMPDIR to a folder that can be"
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert sentence.encode() in answer
    assert next(iter(proxy.refused)).startswith(f"CONNECT {HOST}:443: {sentence}")
    assert proxy.connections == 1


def test_the_variables_are_for_a_shell(authority: Authority) -> None:
    store, java = authority.trust_store, "-Xmx1g"
    values = variables("http://127.0.0.1:8083", authority.certificate, store, password="p", java_options=java)
    assert values["HTTPS_PROXY"] == values["http_proxy"] == "http://127.0.0.1:8083"
    assert values["NO_PROXY"] == ""
    assert values["SSL_CERT_FILE"] == values["NODE_EXTRA_CA_CERTS"] == str(authority.certificate)
    assert {"-Xmx1g", "-Dhttps.proxyPort=8083"} < set(values["JAVA_TOOL_OPTIONS"].split())
    assert f"export JAVA_TOOL_OPTIONS='{values['JAVA_TOOL_OPTIONS']}'" in export_lines(values)


@for_each(
    ("text", "host"),
    [
        ("chatgptfree.ai", "chatgptfree.ai"),
        ("https://ChatGPTFree.ai:443/chat/?a=b", "chatgptfree.ai"),
        ("https://ChatGPTFree.ai:8443/chat/?a=b", "chatgptfree.ai:8443"),
        ("*.example.com", "*.example.com"),
        ("chatgptfree.ai.", "chatgptfree.ai"),
        ("::1", "::1"),
        ("https://[::1]:8080/", "[::1]:8080"),
        ("127.0.0.1:8080", "127.0.0.1:8080"),
        ("*.example.com:8080", "*.example.com:8080"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("*.bücher.example", "*.xn--bcher-kva.example"),
        ("my_host", "my_host"),
    ],
)
def test_a_host_may_be_written_as_people_do(text: str, host: str) -> None:
    assert host_of(text) == host
    assert host_of(host) == host


@pytest.mark.parametrize(
    ("hosts", "host", "port", "other"),
    [
        (["a.example"], "a.example", 443, 8443),
        (["a.example:8443"], "A.example.", 8443, 443),
        (["a.example:8443"], "a.example", 8443, None),
        (["*.a.example:8443"], "b.a.example", 8443, 80),
        (["[::1]:8443"], "::1", 8443, 443),
        (["::1"], "0:0:0:0:0:0:0:1", 80, 8080),
    ],
)
def test_another_port_is_another_site(hosts: list[str], host: str, port: int, other: int | None) -> None:
    found = InterceptedHosts(hosts)
    assert found.refusal(host, port) == ""
    assert "another port is another site: `--intercept " in found.refusal(host, other)
    assert found.refusal("elsewhere.example", port) == (f"this proxy answers for {found} and connects to nothing else")


@pytest.mark.parametrize("url", [f"https://{HOST}:8443/", f"http://{HOST}:8080/"])
@pytest.mark.asyncio
async def test_a_host_is_refused_at_another_port_until_it_is_named_with_it(authority: Authority, url: str) -> None:
    async with ForwardProxy(web.Server(handler), HOSTS, authority) as proxy:
        try:
            status = (await asyncio.to_thread(get, proxy, url)).status_code
        except requests.exceptions.ProxyError as exc:
            status = 403 if "403 Forbidden" in str(exc) else 0
    (reason,) = proxy.refused
    assert (status, proxy.connections) == (403, 0)
    assert reason.endswith(
        f"is refused: this proxy answers for {HOST} and connects to nothing else; another port is another site: "
        f"`--intercept {host_of(url)}` answers for `{host_of(url)}`, and `record` records it by itself"
    )
    async with ForwardProxy(web.Server(handler), InterceptedHosts([HOST, url]), authority) as proxy:
        assert (await asyncio.to_thread(get, proxy, url)).status_code == 200


def test_hosts_are_whole_names() -> None:
    hosts = InterceptedHosts(["a.example", "*.b.example"])
    assert [name in hosts for name in ("a.example", "A.EXAMPLE.", "x.b.example", "y.x.b.example")] == [True] * 4
    assert [name in hosts for name in ("x.a.example", "b.example", "xb.example", "a.example.evil", "")] == [False] * 5


@pytest.mark.asyncio
async def test_a_kept_connection_is_refused_for_another_host_as_well(authority: Authority) -> None:
    """A client may ask for several plain hosts on one connection to its proxy (RFC 9112, section 3.2.2)."""

    async def guarded(request: web.BaseRequest) -> web.StreamResponse:
        refusal = proxy.refusal(request.method, request.raw_path)
        return web.Response(text="mock", status=403 if refusal else 200)

    async with ForwardProxy(web.Server(guarded), HOSTS, authority) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
        for host, status in ((HOST, b"200"), ("elsewhere.example", b"403")):
            writer.write(f"GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.split()[1] == status
            await reader.readexactly(4)
        writer.close()
    assert len(proxy.refused) == 1


@pytest.mark.asyncio
async def test_a_proxy_has_settled_when_no_handshake_is_under_way(authority: Authority) -> None:
    async with ForwardProxy(web.Server(handler), HOSTS, authority) as proxy:
        await proxy.settled()
        reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
        writer.write(f"CONNECT {HOST}:443 HTTP/1.1\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        settled = asyncio.ensure_future(proxy.settled())
        await asyncio.sleep(0)
        assert not settled.done()
        writer.close()
        await settled
        assert next(iter(proxy.refused)).startswith(f"CONNECT {HOST}:443: the client left during the TLS handshake")


@pytest.mark.asyncio
async def test_a_client_that_does_not_trust_the_certificate_is_noted(authority: Authority) -> None:
    async with ForwardProxy(web.Server(handler), HOSTS, authority) as proxy, aiohttp.ClientSession() as session:
        with pytest.raises(requests.exceptions.SSLError):
            await asyncio.to_thread(get, proxy, f"https://{HOST}/", verify=True)
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(f"https://{HOST}/", proxy=proxy.url)
        await proxy.settled()
    report, left = proxy.refused
    advice = ", as if the client did not trust the certificate: the CA is in SSL_CERT_FILE, REQUESTS_CA_BUNDLE, "
    assert report.startswith(f"CONNECT {HOST}:443: the TLS handshake failed: tlsv1 alert unknown ca{advice}")
    assert left.startswith(f"CONNECT {HOST}:443: the client left during the TLS handshake")


def named(proxy: ForwardProxy, target: str, name: str) -> bytes:
    """Ask for `/` at *target* by CONNECT, with *name* in the TLS handshake, and return the beginning of the answer."""
    port = int(proxy.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=300) as connection:
        connection.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        answer = connection.recv(4096)
        if not answer.startswith(b"HTTP/1.1 200 "):
            return answer
        context = ssl.create_default_context(cafile=str(proxy.authority.certificate))
        with context.wrap_socket(connection, server_hostname=name) as session:
            session.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            return session.recv(4096)


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:DB8:0:0::1]:443", "2001:db8::1"),
        ("chat.example.:443", "chat.example"),
        ("CHAT.example:443", "chat.example"),
        ("chat.example:443", "cdn.example"),
    ],
)
@pytest.mark.asyncio
async def test_a_host_may_be_spelled_otherwise_and_another_host_be_named_in_the_handshake(
    target: str, name: str, authority: Authority
) -> None:
    hosts = InterceptedHosts([HOST, "2001:0db8::0001", "cdn.example"])
    async with ForwardProxy(web.Server(handler), hosts, authority) as proxy:
        assert (await asyncio.to_thread(named, proxy, target, name)).startswith(b"HTTP/1.1 200 ")
        assert proxy.refused == {}


@pytest.mark.asyncio
async def test_a_host_that_is_not_intercepted_is_not_certified_and_its_name_is_noted(authority: Authority) -> None:
    async with ForwardProxy(web.Server(handler), HOSTS, authority) as proxy:
        with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
            await asyncio.to_thread(named, proxy, f"{HOST}:443", "cdn.example")
        await proxy.settled()
    (reason,) = proxy.refused
    assert reason.endswith("or because it is not for `cdn.example`, the name that the client gave (SNI)")


@pytest.mark.asyncio
async def test_a_port_that_is_taken_is_one_sentence(authority: Authority) -> None:
    async with ForwardProxy(web.Server(handler), HOSTS, authority) as proxy:
        port = int(proxy.url.rpartition(":")[2])
        with pytest.raises(ServingError, match=f"port {port} on .* is taken; choose another with --proxy-port"):
            await ForwardProxy(web.Server(handler), HOSTS, authority, port=port).__aenter__()


@pytest.mark.parametrize(
    ("command", "expected", "unexpected"),
    [
        (["python3.12", "client.py"], "trust_env=True", "EnvHttpProxyAgent"),
        (["./client.py"], "trust_env=True", "EnvHttpProxyAgent"),
        (["/usr/bin/node", "client.mjs"], "22.21", "trust_env"),
        (["java", "-jar", "client.jar"], "unless it is built with another .proxy", "trust_env"),
    ],
)
def test_advice_is_in_the_language_of_the_command(command: list[str], expected: str, unexpected: str) -> None:
    assert expected in advice(command)
    assert unexpected not in advice(command)
    assert expected in advice(["./client"])
