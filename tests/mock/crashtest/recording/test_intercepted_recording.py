"""`crashtest --cassette --intercept`: the client has the recorded address, and a proxy leads it to the replay."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.support import tapes

from chatgptfree_mock.cli import run

CLIENT = """
import json, ssl, sys, urllib.request
body = json.dumps({"stream": True, "messages": [{"role": "user", "content": sys.argv[1]}]}).encode()
headers = {"Content-Type": "application/json"}
request = urllib.request.Request("https://api.example.com/v1/chat/completions", body, headers)
context = ssl._create_unverified_context() if "careless" in sys.argv else None
text = urllib.request.urlopen(request, context=context).read().decode()
for line in text.splitlines():
    if line.startswith("data: {") and ("careless" not in sys.argv or line.endswith("}")):
        print(json.loads(line[6:])["choices"][0]["delta"].get("content", ""), end="")
if "careless" not in sys.argv and "[DONE]" not in text:
    sys.exit("the stream ended early")
"""


def crash_test(tmp_path: Path, *words: str, script: str = CLIENT) -> tuple[int, dict[str, Any]]:
    tape, client, card = tmp_path / "tape.yaml", tmp_path / "client.py", tmp_path / "card.json"
    tapes.write(tape, tapes.COMPLETION)
    client.write_text(script)
    options = ["--cassette", str(tape), "--intercept", "--variant", "tls/*", "--variant", "chunks/bytes"]
    code = run(["crashtest", *options, "--json", str(card), "--", sys.executable, str(client), "{message}", *words])
    return code, json.loads(card.read_bytes())


def verdicts(card: dict[str, Any]) -> dict[str, str]:
    return {result["variant"]: result["verdict"] for result in card["results"]}


def test_a_careful_client_fails_on_every_tls_fault(tmp_path: Path) -> None:
    code, card = crash_test(tmp_path)
    names = ("chunks/bytes", "tls/expired", "tls/wrong-name", "tls/cut-without-close-notify")
    assert (code, verdicts(card)) == (0, dict.fromkeys(names, "right"))
    assert all(result["requests"] > 0 for result in card["results"])
    assert " --intercept -- " in card["results"][0]["again"]


def test_a_careless_client_is_found_out(tmp_path: Path) -> None:
    code, card = crash_test(tmp_path, "careless")
    found = verdicts(card)
    assert (code, found.pop("chunks/bytes")) == (1, "right")
    assert found == {
        "tls/expired": "wrong",
        "tls/wrong-name": "wrong",
        "tls/cut-without-close-notify": "silent loss",
    }
    reasons = {result["variant"]: result["reason"] for result in card["results"]}
    assert reasons["tls/expired"] == "it accepted a certificate that has expired"
    assert reasons["tls/wrong-name"] == "it accepted the certificate of another site"


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("print('no request')", "not intercepted: no request for api.example.com came through the proxy; aiohttp uses"),
        (
            CLIENT.replace("api.example.com", "cdn.example.com"),
            "not intercepted: the client asked the proxy for other hosts only: CONNECT cdn.example.com:443 is refused",
        ),
        (
            "import os; del os.environ['SSL_CERT_FILE']" + CLIENT,
            "never asked: CONNECT api.example.com:443: the TLS hand",
        ),
    ],
)
def test_a_client_that_is_not_intercepted_gets_advice(script: str, problem: str, tmp_path: Path) -> None:
    code, card = crash_test(tmp_path, script=script)
    assert code == 2
    assert card["problem"].startswith(problem)


def test_a_port_is_never_answered_with_the_recording_of_another(tmp_path: Path) -> None:
    """The story has the same address twice, and the client asks for the second one only."""
    tape, client, card = tmp_path / "tape.yaml", tmp_path / "client.py", tmp_path / "card.json"
    other = {**tapes.COMPLETION["request"], "uri": "https://api.example.com:8443/v1/chat/completions"}
    answer = tapes.exchange("POST", "", tapes.completion("Another", " site")).get("response")
    tapes.write(tape, tapes.COMPLETION, {"request": other, "response": answer})
    client.write_text(CLIENT.replace("api.example.com", "api.example.com:8443"))
    options = ["--cassette", str(tape), "--intercept", "--answer", "2", "--variant", "chunks/bytes"]
    assert run(["crashtest", *options, "--json", str(card), "--", sys.executable, str(client), "{message}"]) == 0
    assert json.loads(card.read_bytes())["truth"] == "Another site"
    tapes.write(tape, tapes.COMPLETION)
    options = ["--cassette", str(tape), "--intercept"]
    assert run(["crashtest", *options, "--json", str(card), "--", sys.executable, str(client), "{message}"]) == 2
    assert "CONNECT api.example.com:8443 is refused" in json.loads(card.read_bytes())["problem"]


def test_tls_faults_need_a_proxy_and_the_proxy_a_process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tape = str(tapes.write(tmp_path / "tape.yaml", tapes.COMPLETION))
    assert run(["crashtest", "--cassette", tape, "--variant", "tls/expired", "--", "true"]) == 2
    assert run(["crashtest", "--cassette", tape, "--intercept", "--callable", "os:getcwd"]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert "`tls/expired`: only a client that is intercepted is served by TLS; add --intercept" in first
    assert "--intercept sets variables for the process of a client" in second


def test_variants_of_tls_are_not_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["crashtest", "--intercept", "--scenario", "tls/expired", "--", "true"]) == 2
    assert capsys.readouterr().err == (
        "chatgptfree-mock: `tls/expired`: no such scenario; with a recording, "
        "`--cassette PATH --intercept --variant 'tls/*'` tries TLS faults\n"
    )


def test_hosts_may_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tape = tapes.write(tmp_path / "tape.yaml", tapes.COMPLETION)
    (tmp_path / "client.py").write_text(CLIENT.replace("api.example.com", "other.example"))
    words = ["--cassette", str(tape), "--intercept", "other.example", "--variant", "chunks/bytes"]
    assert run(["crashtest", *words, "--", sys.executable, str(tmp_path / "client.py"), "{message}"]) == 0
    assert "answers delivered: 1 of 1" in capsys.readouterr().out


def test_a_client_that_bypasses_the_proxy_for_the_answer_alone_is_advised(tmp_path: Path) -> None:
    around = (
        "import sys, urllib.request\n"
        "def ask(): return urllib.request.urlopen('https://api.example.com/v1/models', context=context)\n"
        "import ssl; context = ssl.create_default_context()\n"
        "try: ask()\n"
        "except OSError: pass\n"
        "urllib.request.build_opener(urllib.request.ProxyHandler({})).open('http://127.0.0.1:9/v1/chat/completions')\n"
    )
    code, card = crash_test(tmp_path, script=around)
    assert code == 2
    assert "through the proxy came GET /v1/models only, and no request for the answer; " in card["problem"]
    assert "trust_env" in card["problem"]
