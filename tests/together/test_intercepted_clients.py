"""curl and Node behind `--intercept`, as judges of the variables: they share no code with this project."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from chatgptfree_mock.serving import MockSite

pytestmark = [pytest.mark.other_clients, pytest.mark.filterwarnings("ignore::chatgptfree_mock.errors.MockWarning")]

FETCH = "fetch(process.argv[1]).then(async r => console.log(r.status, await r.text()), e => console.log(e.cause.code))"
HTTPS_THROUGH_CONNECT = """
const http = require('http'), tls = require('tls'), fs = require('fs');
const proxy = new URL(process.env.HTTPS_PROXY);
const tunnel = {host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: 'chatgptfree.ai:443'};
http.request(tunnel).on('connect', (response, socket) => {
  const secure = tls.connect({socket, servername: 'chatgptfree.ai'}, () =>
    secure.write('GET /robots.txt HTTP/1.1\\r\\nHost: chatgptfree.ai\\r\\nConnection: close\\r\\n\\r\\n'));
  secure.on('error', e => console.log(e.code)).on('data', data => process.stdout.write(data));
}).end();
"""


@pytest.fixture
def site() -> Iterator[MockSite]:
    with MockSite(intercept=True) as running:
        yield running


def run(site: MockSite, *command: str) -> subprocess.CompletedProcess[str]:
    assert shutil.which(command[0]), f"{command[0]} is not installed; these tests were asked for and need it"
    environment = {**os.environ, **site.environment}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def node_version() -> tuple[int, ...]:
    done = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return tuple(map(int, done.stdout.strip().removeprefix("v").split(".")[:2]))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_curl(scheme: str, site: MockSite) -> None:
    done = run(site, "curl", "-sS", f"{scheme}://chatgptfree.ai/robots.txt")
    assert done.stdout.endswith(f"Sitemap: {scheme}://chatgptfree.ai/wp-sitemap.xml\n")
    refused = run(site, "curl", "-sS", f"{scheme}://elsewhere.example/")
    assert "refused" in refused.stdout or refused.returncode == 56


@pytest.mark.parametrize(
    ("fault", "code", "reason"),
    [("expired", 60, "certificate has expired"), ("wrong-name", 60, "no alternative certificate subject name matches")],
)
def test_curl_finds_what_is_wrong_with_a_certificate(fault: str, code: int, reason: str) -> None:
    with MockSite(intercept=True, tls_fault=fault) as site:
        done = run(site, "curl", "-sS", "https://chatgptfree.ai/")
    assert done.returncode == code
    assert reason in done.stderr


def test_node_trusts_the_certificate(site: MockSite) -> None:
    done = run(site, "node", "-e", HTTPS_THROUGH_CONNECT)
    assert "Sitemap: https://chatgptfree.ai/wp-sitemap.xml" in done.stdout


def test_fetch_uses_the_proxy_from_node_22_21_on() -> None:
    version = node_version()
    with MockSite(intercept="chat.invalid") as site:  # a name that leads nowhere without the proxy (RFC 6761)
        done = run(site, "node", "-e", FETCH, "https://chat.invalid/robots.txt")
        warnings = site.warnings
    if version >= (24,) or (22, 21) <= version < (23,):
        assert (done.stdout[:4], warnings) == ("200 ", [])
    else:
        assert done.stdout in ("ENOTFOUND\n", "EAI_AGAIN\n")
        assert "22.21" in warnings[0]
