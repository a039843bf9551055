"""The console's files: each is served, and what they offer and import exists."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp
import pytest
from tests.support.many_cases import for_each

from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server import console
from chatgptfree_mock.serving import MockServer

FOLDER = Path(console.__file__).parent
SCRIPTS = sorted(FOLDER.glob("*.js"))


def offered(words: str) -> list[str]:
    """Return what the page offers for a field."""
    page = (FOLDER / "console.html").read_text()
    found = re.search(rf'<datalist id="{words}">(.*?)</datalist>', page, re.DOTALL)
    assert found is not None
    return found[1].split("<option>")[1:]


@pytest.mark.parametrize("key", ["chunks", "pace", "fault"])
def test_every_word_that_the_page_offers_is_a_word_of_the_delivery(key: str) -> None:
    words = offered({"chunks": "chunk-words", "pace": "pace-words", "fault": "fault-words"}[key])
    assert len({str(Delivery.from_mapping({key: word})) for word in words}) == len(words) > 1


@pytest.mark.asyncio
async def test_every_script_that_is_imported_is_served() -> None:
    imported = {name for file in SCRIPTS for name in re.findall(r'from "\./([\w.]+)"', file.read_text())}
    assert imported == {file.name for file in SCRIPTS} - {"console.js"}
    async with MockServer() as server, aiohttp.ClientSession() as session:
        for name in [*imported, "console.js"]:
            async with session.get(f"{server.url}/__mock__/{name}") as response:
                assert (response.status, response.content_type) == (200, "text/javascript")


@for_each("file", SCRIPTS, ids=lambda file: file.name)
def test_no_script_makes_markup_of_text_or_keeps_the_token(file: Path) -> None:
    code = file.read_text()
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|localStorage|sessionStorage|cookie =", code
    )
    assert len(code.splitlines()) < 200
