"""The way of a request through the modules, as CONTRIBUTING lists it: a newcomer can follow it with a debugger."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import aiohttp

import chatgptfree_mock
from chatgptfree_mock.serving import MockSite

ROOT = Path(chatgptfree_mock.__file__).parent
CONTRIBUTING = Path(__file__).parents[3] / "CONTRIBUTING.md"
MOST = 12


def listed() -> list[str]:
    """Return the modules of the walk, in order."""
    text = CONTRIBUTING.read_text()
    walk = text[text.index("A question to the chat") :].partition(";")[0]
    return re.findall(r"`([\w/]+\.py)`", walk)


async def ask(note: Callable[[FrameType, str, Any], None]) -> Any:
    """Put a question to a site, call *note* for each call in this thread until the answer is in, and return it."""
    settings = {"plugin": "1.8.93", "bots": [{"stream": False}]}
    async with MockSite(settings=settings) as site, aiohttp.ClientSession() as session:
        fields = {"action": "wpaicg_chat_shortcode_message", "message": "Hello", "_wpnonce": site.nonce}
        before = sys.getprofile()
        sys.setprofile(note)
        try:
            async with session.post(f"{site.url}/wp-admin/admin-ajax.php", data=fields) as response:
                return await response.json()
        finally:
            sys.setprofile(before)


def test_a_question_passes_the_modules_of_the_map_in_their_order() -> None:
    passed: dict[str, None] = {}

    def note(frame: FrameType, event: str, _: Any) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(ROOT):
            passed.setdefault(path.relative_to(ROOT).as_posix())

    answer = asyncio.run(ask(note))
    assert answer["status"] == "success"
    walk = listed()
    assert [module for module in passed if module in walk] == walk
    assert 0 < len(walk) <= MOST


def test_every_module_of_the_four_ways_exists() -> None:
    text = CONTRIBUTING.read_text()
    ways = text[text.index("Four ways through the code") : text.index("Where to look, and where")]
    client = CONTRIBUTING.parent / "client/chatgptfree"
    named = re.findall(r"`((?!tests/)[\w/]+\.py)`", ways)
    assert len(named) > MOST
    assert [name for name in named if not (ROOT / name).is_file() and not (client / name).is_file()] == []
