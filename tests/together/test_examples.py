"""The clients in examples/ get the good answers that they were written for, on the releases of their time."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chatgptfree_mock.serving import MockSite

EXAMPLES = Path(__file__).parents[2] / "examples"
TEXT = "Hello 👋, it's « fine »"
CLASSIC = ["1.8.79", "1.8.93", "2.2"]
NEW = ["2.3", "2.4.71"]


def answer(release: str, *command: str) -> tuple[int, str]:
    settings = {"plugin": release, "model": {"reply": TEXT}}
    with MockSite(settings=settings, delivery="pace=instant") as site:
        done = subprocess.run([*command, site.url, "Hello"], capture_output=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout.removesuffix("\n")


@pytest.mark.parametrize("release", CLASSIC)
@pytest.mark.parametrize("name", ["requests_regex.py", "aiohttp_lines.py"])
def test_python(name: str, release: str) -> None:
    assert answer(release, sys.executable, str(EXAMPLES / name)) == (0, TEXT)


@pytest.mark.other_clients
@pytest.mark.parametrize("release", CLASSIC)
def test_curl(release: str) -> None:
    assert answer(release, "sh", str(EXAMPLES / "curl_loop.sh")) == (0, TEXT)


@pytest.mark.other_clients
@pytest.mark.parametrize("release", CLASSIC)
def test_fetch(release: str) -> None:
    assert answer(release, "node", str(EXAMPLES / "fetch_split.mjs")) == (0, TEXT)


@pytest.mark.other_clients
@pytest.mark.timeout(300)
@pytest.mark.parametrize("release", NEW)
def test_event_source(release: str, tmp_path: Path) -> None:
    for name in ("eventsource.mjs", "package.json"):
        shutil.copy(EXAMPLES / name, tmp_path)
    install = ["npm", "install", "--no-audit", "--no-fund", "--prefer-offline"]
    subprocess.run(install, cwd=tmp_path, capture_output=True, check=True)
    assert answer(release, "node", str(tmp_path / "eventsource.mjs")) == (0, TEXT)
