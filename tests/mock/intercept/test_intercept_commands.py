"""`--intercept` on the command line: `serve`, `record` and `crashtest`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TextIO

import pytest
from tests.support.command_line import run_until_visited

from chatgptfree_mock import cli
from chatgptfree_mock.intercept.command_options import as_json, in_words
from chatgptfree_mock.server.mock_server import MockServer
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.files import load

FIXED = """
import sys, urllib.request
for address in sys.argv[1:]:
    print(urllib.request.urlopen(address, timeout=300).read().decode())
"""
CLIENT = """
import json, re, sys
from urllib.parse import urlencode
from urllib.request import urlopen
page = urlopen("https://chatgptfree.ai/").read().decode()
fields = {name: re.search(rf'data-{name}="([^"]*)"', page)[1] for name in ("nonce", "post-id", "bot-id")}
form = {"_wpnonce": fields["nonce"], "post_id": fields["post-id"], "bot_id": fields["bot-id"], "url": "https://x",
        "message": sys.argv[1], "action": "wpaicg_chat_shortcode_message"}
answer = urlopen("https://chatgptfree.ai/wp-admin/admin-ajax.php", urlencode(form).encode()).read().decode()
for line in answer.splitlines():
    if line.startswith("data: {"):
        print(json.loads(line[6:])["choices"][0].get("delta", {}).get("content", ""), end="")
"""


def run_fixed(environment: dict[str, str], *addresses: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", FIXED, *addresses]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)


def test_serve_prints_lines_for_a_shell_and_warns_at_its_end() -> None:
    options = ["--plugin", "1.8.93", "--intercept", "chatgptfree.ai,cdn.example", "--env"]
    lines: list[str] = []

    def visit(out: TextIO, _: TextIO) -> None:
        lines.extend(out.readline() for _ in range(15))
        addresses = "https://chatgptfree.ai/ https://elsewhere.example/"
        script = f"{''.join(lines)}exec '{sys.executable}' -c '{FIXED}' {addresses}"
        done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
        assert "<html" in done.stdout
        assert "403 Forbidden" in done.stderr

    served = run_until_visited(cli.run, visit, "serve", "--port", "0", *options)
    assert (served.stdout, lines[0][:31]) == ("", "export HTTPS_PROXY=http://127.0")
    assert served.stderr == (
        "warning: CONNECT elsewhere.example:443 is refused: this proxy answers for chatgptfree.ai, cdn.example and "
        "connects to nothing else\n"
    )
    certificate = next(line for line in lines if "SSL_CERT_FILE" in line).rstrip().partition("=")[2]
    assert not Path(certificate).exists()


@pytest.mark.filterwarnings("ignore::chatgptfree_mock.errors.MockWarning")
def test_a_running_proxy_is_described_for_programs_and_people() -> None:
    with MockServer(intercept=["chatgptfree.ai", "cdn.example"]) as server:
        assert server.intercepted is not None
        data = as_json(server.intercepted.interception)
        proxy, certificate = in_words(server.intercepted.interception)
    assert data["hosts"] == ["chatgptfree.ai", "cdn.example"]
    assert data["environment"]["HTTPS_PROXY"] == data["proxy"]
    assert data["environment"]["SSL_CERT_FILE"] == data["certificate"]
    assert proxy == f"Proxy for chatgptfree.ai, cdn.example: {data['proxy']}"
    assert data["certificate"] in certificate


def test_record_keeps_what_a_client_with_a_fixed_address_does(tmp_path: Path) -> None:
    words = ["record", "--port", "0", "--intercept", "--env", "--out", "chat.yaml"]
    with MockSite(plugin="1.8.93") as site:

        def visit(out: TextIO, _: TextIO) -> None:
            lines = [out.readline() for _ in range(15)]
            environment = dict(line.removeprefix("export ").rstrip().split("=", 1) for line in lines)
            del environment["JAVA_TOOL_OPTIONS"]
            done = run_fixed(environment, f"{site.url}/chat/")
            assert "<html" in done.stdout, done.stderr
            assert f'"{site.url}/' in done.stdout.replace("\\/", "/"), "its own addresses are left as they are"

        recorded = run_until_visited(cli.run, visit, *words, site.url, number=signal.SIGINT, folder=tmp_path)
    assert "came through the proxy" not in recorded.stderr
    (interaction,) = load(tmp_path / "chat.yaml").interactions
    assert interaction.request.uri == f"{site.url}/chat/"


def crashtest(
    tmp_path: Path, script: str, *options: str, intercept: str = "--intercept"
) -> tuple[int, list[dict[str, object]]]:
    (tmp_path / "client.py").write_text(script, encoding="utf-8")
    results = tmp_path / "results.json"
    words = ["crashtest", "--scenario", "stream/comments", *options, "--json", str(results)]
    code = cli.run([*words, intercept, "--", sys.executable, str(tmp_path / "client.py"), "{message}"])
    return code, json.loads(results.read_text(encoding="utf-8"))["results"]


def test_a_client_with_a_fixed_address_is_crash_tested(tmp_path: Path) -> None:
    code, (result,) = crashtest(tmp_path, CLIENT)
    assert (result["verdict"], code) == ("right", 0), result
    assert " --intercept -- " in str(result["reproduce"])


@pytest.mark.parametrize(
    ("script", "verdict", "reason"),
    [
        pytest.param(
            "print('no request')",
            "not intercepted",
            "no request for chatgptfree.ai, *.chatgptfree.ai came through the proxy; aiohttp uses HTTPS_PROXY only "
            "with ClientSession(trust_env=True), httpx and requests unless trust_env=False",
            id="it bypasses the proxy",
        ),
        pytest.param(
            "import os; del os.environ['SSL_CERT_FILE']\n" + CLIENT,
            "never asked",
            "CONNECT chatgptfree.ai:443: the TLS handshake failed: tlsv1 alert unknown ca",
            id="it does not trust the certificate",
        ),
        pytest.param(
            CLIENT.replace("chatgptfree.ai", "elsewhere.example"),
            "not intercepted",
            "the client asked the proxy for other hosts only: CONNECT elsewhere.example:443 is refused",
            id="it asks for another host",
        ),
    ],
)
def test_a_client_that_cannot_be_intercepted_gets_advice(
    script: str, verdict: str, reason: str, tmp_path: Path
) -> None:
    code, (result,) = crashtest(tmp_path, script)
    assert (result["verdict"], code) == (verdict, 2)
    assert reason in str(result["reason"])


def test_the_port_of_a_site_that_is_not_asked_is_named(tmp_path: Path) -> None:
    _, (result,) = crashtest(tmp_path, "print('no request')", intercept="--intercept=chatgptfree.ai:8443")
    assert str(result["reason"]).startswith("no request for chatgptfree.ai:8443 came through the proxy")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["serve", "--env"], "without --intercept there is no proxy; leave out --env"),
        (["serve", "--tls-fault", "expired", "--proxy-port", "1"], "leave out --tls-fault, --proxy-port"),
        (["serve", "--intercept", "--env", "--json"], "--env and --json both print to stdout"),
        (["serve", "--intercept", "--workers", "2"], "--intercept needs one process; leave out --workers"),
        (["serve", "--intercept", "a b"], "`a b` is not a host to intercept"),
        (["serve", "--intercept", "a.example,"], "a host is missing beside a comma"),
        (["serve", "--intercept", "a.example:0"], "`a.example:0` is not a host to intercept"),
        (["serve", "--intercept", "--intercept=a.example"], "`--intercept` is given with hosts and without"),
        (["serve", "--pack", "recorded", "--intercept"], "there is no host to intercept: name one"),
        (["record", "http://127.0.0.1:1", "--env"], "without --intercept there is no proxy; leave out --env"),
        (["crashtest", "--intercept", "--callable", "os:getcwd"], "--intercept sets variables for the process"),
        (["crashtest", "--", "true"], "use --intercept if its address is fixed"),
    ],
)
def test_bad_input_is_one_sentence(words: list[str], error: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(words) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert error in err
