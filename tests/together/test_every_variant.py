"""The reference client gets every variant of its answers right, on recordings of three releases."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support import reference
from tests.support.pages import SHORT_PAGES
from tests.support.recording import recording
from tests.support.releases import NEWEST
from tests.support.time_limits import open_stalls

from chatgptfree_mock.cli import run
from chatgptfree_mock.serving import MockSite

RELEASES = ("1.8.93", "2.3.93", NEWEST)
REPLY = "Hello there,\n\nI am *é* 👋: https://example.com/, and more words."


async def record(release: str, file: Path) -> None:
    """Record the page, the nonce, the question and the answer of one visit."""
    async with (
        MockSite(settings=SHORT_PAGES, plugin=release, reply=REPLY) as site,
        recording(site.url, file) as recorder,
    ):
        assert "".join([text async for text in reference.ask(recorder.url, "Who are you?")]) == REPLY


def check(release: str, folder: Path, *options: str, least: int) -> None:
    tape, card = folder / "tape.yaml", folder / "card.json"
    asyncio.run(record(release, tape))
    words = ["--cassette", str(tape), "--json", str(card), "-n", "6", "--timeout", "60", *options]
    assert run(["crashtest", *words, "--callable", "tests.support.reference:ask"]) == 0
    found = json.loads(card.read_bytes())
    assert found["truth"] == REPLY
    assert found["message"] == "Who are you?"
    assert all(score["right"] == score["of"] >= least for score in found["scores"].values())


@pytest.fixture(autouse=True)
def short_patience_at_stalls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the client give up soon where the answer never goes on, and there alone."""
    stalled_at, ask = open_stalls(monkeypatch), reference.ask

    def ask_impatiently(url: str, message: str, bot: str | None = None, timeout: float = 5) -> AsyncIterator[str]:
        return ask(url, message, bot, 0.1 if stalled_at(url) else timeout)

    monkeypatch.setattr(reference, "ask", ask_impatiently)


@pytest.mark.parametrize("release", RELEASES)
def test_one_of_each_kind(release: str, tmp_path: Path) -> None:
    check(release, tmp_path, "--grade", "1,2,3", least=20)


@pytest.mark.other_clients
@pytest.mark.timeout(600)
@pytest.mark.parametrize("release", RELEASES)
def test_all_of_them(release: str, tmp_path: Path) -> None:
    check(release, tmp_path, "--all", "--grade", "1,2,3", least=200)
