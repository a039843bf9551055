"""Scenarios whose TLS is broken: with a client that is intercepted, and refused without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from chatgptfree_mock.cli import run
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.server.mock_server import MockServer
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.server.temporary_site import open_site

CLIENT = """
import ssl, sys, urllib.error, urllib.request
context = ssl.create_default_context()
if "--careless" in sys.argv:
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
try:
    page = urllib.request.urlopen(sys.argv[1], context=context, timeout=300).read()
except OSError as error:
    sys.exit(str(error))
print("taken" if page else "empty", end="")
"""
PAGE = "responses: [{to: page, headers: {Content-Type: text/html}, body: hello}]"
SCENARIOS = {
    "expired": f"title: e\ndelivery: {{tls: expired}}\n{PAGE}\nexpect: {{error: connection}}\n",
    "wrong-name": f"title: w\ndelivery: {{tls: wrong-name}}\n{PAGE}\nexpect: {{error: connection}}\n",
    "whole": f"title: w\n{PAGE}\nexpect: {{text: taken}}\n",
}
CAREFUL = {f"transport/{name}": "right" for name in SCENARIOS}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own" / "transport").mkdir(parents=True)
    for name, text in SCENARIOS.items():
        (tmp_path / "own" / "transport" / f"{name}.yaml").write_text(text)
    return tmp_path / "own"


def crash_test(folder: Path, *words: str, intercept: bool = True) -> dict[str, dict[str, Any]]:
    """Return the results of a Python client on the scenarios in *folder*, by name."""
    card = folder.parent / "card.json"
    options = ["--scenarios", str(folder), "--json", str(card), *(["--intercept"] if intercept else [])]
    for name in SCENARIOS:
        options += ["--scenario", f"transport/{name}"]
    run(["crashtest", *options, "--", sys.executable, "-c", CLIENT, "{url}", *words])
    return {each["scenario"]: each for each in json.loads(card.read_bytes())["results"]}


def test_a_client_has_to_refuse_a_wrong_certificate(folder: Path) -> None:
    assert {name: each["verdict"] for name, each in crash_test(folder).items()} == CAREFUL


def test_a_client_that_takes_any_certificate_is_wrong(folder: Path) -> None:
    found = crash_test(folder, "--careless")
    assert {name: each["reason"] for name, each in found.items()} == {
        "transport/expired": "it accepted a certificate that has expired",
        "transport/wrong-name": "it accepted the certificate of another site",
        "transport/whole": "the whole answer",
    }
    assert found["transport/expired"]["verdict"] == "wrong"


def test_without_a_proxy_it_is_not_applicable(folder: Path) -> None:
    found = crash_test(folder, intercept=False)
    assert found["transport/expired"]["verdict"] == "not applicable"
    assert found["transport/expired"]["reason"] == "it breaks TLS (expired), which needs --intercept"
    assert found["transport/whole"]["verdict"] == "right"


def test_its_address_without_tls_gets_advice(folder: Path) -> None:
    with MockServer(ServerConfig(scenarios=(folder,))) as server:
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{server.url}/s/transport/expired/", timeout=300)
        assert caught.value.code == 404
        words = caught.value.read().decode()
    assert "the scenario transport/expired breaks TLS (expired), and this address has none" in words
    assert "`crashtest --intercept`" in words


def test_a_test_has_it_beside_intercept(folder: Path) -> None:
    with MockServer(ServerConfig(scenarios=(folder,))) as server:
        with open_site(server, "t", {"scenario": "transport/expired", "intercept": True}) as site:
            environment = {**os.environ, **site.environment}
            command = [sys.executable, "-c", CLIENT, "https://chatgptfree.ai/"]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "certificate has expired" in done.stderr
        with (
            pytest.raises(SettingsError, match=r"breaks TLS \(expired\), which needs intercept=True"),
            open_site(server, "t", {"scenario": "transport/expired"}),
        ):
            pass
        options = {"scenario": "transport/expired", "intercept": True, "tls_fault": "wrong-name"}
        with pytest.raises(SettingsError, match=r"sets its own TLS fault \(expired\)"), open_site(server, "t", options):
            pass
