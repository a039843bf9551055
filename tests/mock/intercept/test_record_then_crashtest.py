"""A client whose https address is fixed: recorded through the proxy, then crash-tested from the recording alone."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
from tests.support import tapes
from tests.support.command_line import run_in_process
from tests.support.raw_upstream import chunked, head, raw_upstream
from tests.support.recording import write_in_this_process

from chatgptfree_mock.cli import run
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.files import load

CLIENT = """
import json, sys, urllib.request
request = urllib.request.Request("https://127.0.0.1:{port}/v1/chat/completions",
                                 json.dumps({{"messages": [{{"role": "user", "content": sys.argv[1]}}]}}).encode(),
                                 {{"Content-Type": "application/json"}})
ended = False
for line in urllib.request.urlopen(request, timeout=300):
    if line.startswith(b"data: [DONE]"):
        ended = True
    elif line.startswith(b"data: "):
        choices = json.loads(line[6:]).get("choices") or [{{}}]
        print(choices[0].get("delta", {{}}).get("content", ""), end="")
sys.exit(0 if ended else "cut off")
"""
SCRIPT = [
    head("Content-Type: text/event-stream", "Transfer-Encoding: chunked"),
    *chunked(*(tapes.completion("Otters ", "hold ", "hands").encode().splitlines(keepends=True))),
]


async def start(*words: str, cwd: Path) -> tuple[int | None, str, str]:
    """Run `chatgptfree-mock` with *words* as a process."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chatgptfree_mock", *words),
        cwd=cwd,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def recorded(folder: Path) -> str:
    """Let the client ask a site through `record`, write `tape.yaml` in *folder*, and return the site's address."""
    async with raw_upstream(SCRIPT, "keep", tls=True) as site:
        (folder / "client.py").write_text(CLIENT.format(port=site.url.rpartition(":")[2]))
        record = ["record", site.url, "--insecure", "--intercept", "--out", "tape.yaml", "--"]
        code, out, err = await start(*record, sys.executable, "client.py", "What do otters do?", cwd=folder)
    assert (code, out) == (0, "Otters hold hands"), err
    return site.url


@pytest.fixture(autouse=True)
def _past_every_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the variables of a user that lead past every proxy."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def test_the_whole_way(tmp_path: Path) -> None:
    url = asyncio.run(recorded(tmp_path))
    (interaction,) = load(tmp_path / "tape.yaml").interactions
    assert interaction.request.uri == f"{url}/v1/chat/completions"
    # The site is gone: whatever answers now is the recording.
    variants = ["--variant", "chunks/bytes", "--variant", "cut/close-half", "--variant", "tls/*"]
    options = ["--cassette", "tape.yaml", "--intercept", "--timeout", "60", "--json", "card.json"]
    client = ["--", sys.executable, "client.py", "{message}"]
    done = run_in_process(run, "crashtest", *options, *variants, *client, folder=tmp_path)
    card = json.loads((tmp_path / "card.json").read_text())
    verdicts = {result["variant"]: result["verdict"] for result in card["results"]}
    assert (done.returncode, set(verdicts.values())) == (0, {"right"}), done.stdout + done.stderr
    assert {"chunks/bytes", "cut/close-half", "tls/expired", "tls/wrong-name"} <= verdicts.keys()


PAST_THE_PROXY = "import sys, urllib.request as u; u.build_opener(u.ProxyHandler({})).open(sys.argv[1])"
ELSEWHERE = "import urllib.request as u\ntry: u.urlopen('http://elsewhere.invalid/')\nexcept OSError: pass"
UNTRUSTING = f"""import os, sys
del os.environ['SSL_CERT_FILE']
{ELSEWHERE.replace("'http://elsewhere.invalid/'", "sys.argv[1].replace('http:', 'https:')")}"""
ANOTHER_PORT = ELSEWHERE.replace("http://elsewhere.invalid/", "https://127.0.0.1:8443/")
NO_REQUEST = "pass"
OTHER_SITE = (
    "this proxy answers for 127.0.0.1:PORT and connects to nothing else; another port is another site: "
    "`--intercept 127.0.0.1:8443` answers for `127.0.0.1:8443`, and `record` records it by itself"
)


@pytest.mark.parametrize(
    ("options", "code", "lines"),
    [
        pytest.param(["--intercept"], PAST_THE_PROXY, ["no request for 127.0.0.1:PORT came through the proxy; "]),
        pytest.param(
            ["--intercept"],
            ELSEWHERE,
            [
                (
                    "the client asked the proxy for other hosts only: GET http://elsewhere.invalid/ is refused: "
                    "this proxy answers for 127.0.0.1:PORT"
                )
            ],
        ),
        pytest.param(
            ["--intercept"],
            ANOTHER_PORT,
            [f"the client asked the proxy for other hosts only: CONNECT 127.0.0.1:8443 is refused: {OTHER_SITE}"],
        ),
        pytest.param(
            ["--intercept"],
            UNTRUSTING,
            ["CONNECT 127.0.0.1:PORT: the TLS handshake failed: tlsv1 alert unknown ca, as if the client did not"],
        ),
        pytest.param([], NO_REQUEST, []),
    ],
)
def test_a_client_that_leaves_nothing_to_record_is_reported(
    options: list[str], code: str, lines: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_in_this_process(monkeypatch)
    with MockSite() as site:
        words = ["record", site.url, *options, "--out", "tape.yaml", "--", sys.executable, "-c", code, "{url}"]
        done = run_in_process(run, *words, folder=tmp_path)
        port = site.url.rpartition(":")[2]
    assert done.returncode == 0
    nothing = "nothing was recorded, and there is no tape.yaml: no new exchange with the site has ended"
    found = done.stderr.splitlines()
    assert len(found) == len(lines) + 1
    for line, wanted in zip(found, [*lines, nothing], strict=True):
        assert line.startswith(f"! {wanted.replace('PORT', port)}")
