"""The import of aiohttp by a command that makes no TLS connection with it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chatgptfree_mock import cli
from chatgptfree_mock.cli import run
from chatgptfree_mock.crashtest.interruption import Interruption

PROBE = """
import os, sys
from chatgptfree_mock.no_certificates import import_aiohttp
import_aiohttp()
from aiohttp import connector
print(connector._SSL_CONTEXT_VERIFIED.cert_store_stats()["x509"], os.environ.get("SSL_CERT_FILE"))
"""


@pytest.mark.parametrize("given", [{}, {"SSL_CERT_FILE": "/etc/ours.pem"}], ids=["unset", "set"])
def test_no_certificate_is_read_and_clients_get_the_variable_as_it_was(
    given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    assert done.stdout == f"0 {given.get('SSL_CERT_FILE')}\n"


@pytest.mark.parametrize(
    "of", [["--cassette", "no-such-file.yaml"], ["--scenario", "no/such"]], ids=["recording", "mock"]
)
@pytest.mark.parametrize(
    ("client", "is_own_process", "left_out"),
    [
        (["--", "sh", "-c", "exit 3", "{url}"], True, True),
        (["--callable", "tests.support.tape_clients:usual"], True, False),
        (["--", "sh", "-c", "exit 3", "{url}"], False, False),
    ],
    ids=["command", "function", "inside-another-program"],
)
def test_certificates_are_left_out_where_nothing_in_the_process_may_need_them(
    of: list[str], client: list[str], is_own_process: bool, left_out: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    monkeypatch.setattr("chatgptfree_mock.cli.crashtest.import_aiohttp", lambda: calls.append("left out"))
    assert run(["crashtest", *of, *client], Interruption() if is_own_process else None) == 2
    assert bool(calls) is left_out


@pytest.mark.parametrize(
    ("words", "left_out"),
    [("serve --port 0", True), ("record http://127.0.0.1:9", True), ("watch https://x.test", False), ("demo", False)],
)
def test_commands_leave_them_out_in_a_process_of_their_own(
    words: str, left_out: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    monkeypatch.setattr("chatgptfree_mock.cli.import_aiohttp", lambda: calls.append("left out"))
    # The exit code shows whether it was done before the command is imported.
    monkeypatch.setattr("chatgptfree_mock.cli.run", lambda **_: len(calls))
    monkeypatch.setattr("gc.set_threshold", lambda _: None)
    monkeypatch.setattr("gc.freeze", lambda: None)
    monkeypatch.setattr("os._exit", sys.exit)  # of a process with threads
    monkeypatch.setattr(sys, "argv", ["chatgptfree-mock", *words.split()])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert bool(ended.value.code) is left_out
