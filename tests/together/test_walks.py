"""
The ways through the code, as CONTRIBUTING lists them: a newcomer can follow each with a debugger.

A way is what a debugger shows as the stack at some places where the thing that is followed changes hands: the modules
of this project from the outermost call inwards, place after place.  What such a module calls besides, and what returns
to it, is not on the way.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, cast
from urllib.parse import urlsplit

import aiohttp
import pytest

import chatgptfree
import chatgptfree_mock
from chatgptfree_mock.cli import run
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.files import load, recorded_file

CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"
ROOTS = tuple(Path(package.__file__ or "").parent for package in (chatgptfree_mock, chatgptfree))
TAPE = recorded_file("1.8.93", "msg_ok_s")
AT_ONCE = "pace=instant"
FIELDS = {"action": "wpaicg_chat_shortcode_message", "message": "Hello"}


def sections() -> list[str]:
    text = CONTRIBUTING.read_text()
    ways = text[text.index("Four ways through the code") : text.index("Where to look, and where")]
    return re.split(r"^- ", ways, flags=re.MULTILINE)[1:]


def listed(way: str) -> list[str]:
    """Return the modules of the *way* that begins so, in order; modules in parentheses are for another site."""
    (section,) = (section for section in sections() if section.startswith(way))
    first = re.sub(r"\([^)]*\)", "", section).partition(". ")[0]
    return re.findall(r"`((?!tests/)[\w/]+\.py)`", first)


def module_of(file: str) -> str | None:
    """Return the path of a *file* of this project below its package; None for other files."""
    return next((Path(file).relative_to(root).as_posix() for root in ROOTS if Path(file).is_relative_to(root)), None)


@contextmanager
def watched(*places: str, entry: str = "") -> Iterator[dict[str, None]]:
    """
    Return a context that collects the way by way of *places*, each as ``module.py:function``.

    *entry*: modules that only lead to it, as a regular expression.
    """
    passed: dict[str, None] = {}
    names = {place.rpartition(":")[2] for place in places}

    def note(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event != "call" or code.co_qualname not in names:
            return
        if f"{module_of(code.co_filename)}:{code.co_qualname}" not in places:
            return
        stack: list[str] = []
        inner: FrameType | None = frame
        while inner is not None:
            if (module := module_of(inner.f_code.co_filename)) is not None:
                stack.append(module)
            inner = inner.f_back
        passed.update(dict.fromkeys(module for module in reversed(stack) if not re.fullmatch(entry, module)))

    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield passed
    finally:
        sys.setprofile(before)
        threading.setprofile(None)


def question() -> list[str]:
    async def ask() -> dict[str, None]:
        async with (
            MockSite(settings={"plugin": "1.8.93", "bots": [{"stream": False}]}, delivery=AT_ONCE) as site,
            aiohttp.ClientSession() as session,
        ):
            with watched(
                "server/site_registry.py:SiteRegistry.find",
                "sites/aipower/wpaicg/access.py:refuse_nonce",
                "sites/aipower/wpaicg/output.py:Output.encoded",
                "sites/aipower/wpaicg/model.py:ModelApi.whole",
                "replay/scheduler.py:build_schedule",
                "wire/connection.py:Connection.write",
            ) as passed:
                fields = {**FIELDS, "_wpnonce": site.nonce}
                async with session.post(f"{site.url}/wp-admin/admin-ajax.php", data=fields) as response:
                    assert (await response.json())["status"] == "success"
        return passed

    return list(asyncio.run(ask()))


def recorded_answer() -> list[str]:
    request = load(TAPE).interactions[0].request

    async def ask() -> dict[str, None]:
        with watched(
            "tape/stored_body.py:response_body",
            "sites/recorded/cassette_player.py:CassettePlayer.play",
            "replay/scheduler.py:build_schedule",
            "replay/chunking.py:Chunking.sizes",
            "wire/connection.py:Connection.write",
            entry=r"server/mock_site\.py|keyword_arguments\.py",
        ) as passed:
            async with (
                MockSite(pack="recorded", cassette=TAPE, delivery=AT_ONCE) as site,
                aiohttp.ClientSession() as session,
            ):
                kind = {"Content-Type": "application/x-www-form-urlencoded"}
                address = f"{site.url}{urlsplit(request.uri).path}"
                async with session.post(address, data=request.body, headers=kind) as response:
                    assert b"data: [DONE]" in await response.read()
        return passed

    return list(asyncio.run(ask()))


def scenario() -> list[str]:
    with watched(
        "scenario/model.py:scenario_from",
        "crashtest/scenarios/plan.py:_case",
        "scenario/runs.py:Run.__init__",
        "crashtest/command.py:run",
        "crashtest/scenarios/verdict.py:judge",
        entry=r"cli/\w+\.py|crashtest/scenarios/command_line\.py",
    ) as passed:
        assert run(["crashtest", "--scenario", "text/markup", "--", sys.executable, "-c", "", "{url}"]) == 2
    return list(passed)


def delta() -> list[str]:
    async def ask() -> dict[str, None]:
        async with (
            MockSite(plugin="1.8.93", reply=["Hello ", "there ", "👋"], delivery=AT_ONCE) as site,
            chatgptfree.ChatClient(site.url) as client,
        ):
            await client.page()
            with watched(
                "core/protocol/http1.py:ResponseDecoder.feed",
                "core/protocol/event_stream.py:EventStreamDecoder.blocks",
                "core/answer/fast_path.py:FastPath.read_all",
                "core/answer/text_buffer.py:TextBuffer.add_all",
            ) as passed:
                async with client.stream("Hello") as reply:
                    assert [delta.text async for delta in reply]
        return passed

    return list(asyncio.run(ask()))


FOLLOWED: dict[str, Callable[[], list[str]]] = {
    "A question to the chat": question,
    "A recorded answer": recorded_answer,
    "A scenario": scenario,
    "Bytes": delta,
}
"""How each way is followed, by the words with which CONTRIBUTING begins it."""


@pytest.fixture(scope="module")
def ways() -> dict[str, list[str]]:
    """
    Return the modules of each way, found in a process of its own.

    CPython 3.11 runs in a circle where a profiler meets an exception that waits for a blocked thread, as other tests
    leave behind.
    """
    done = subprocess.run([sys.executable, __file__], capture_output=True, check=True, cwd=CONTRIBUTING.parent)
    return cast("dict[str, list[str]]", json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("way", "most"),
    [
        pytest.param("A question to the chat", 12, id="a question to the socket"),
        pytest.param("A recorded answer", 8, id="a recorded answer to the socket"),
        pytest.param("A scenario", 10, id="a scenario to a verdict"),
        pytest.param("Bytes", 8, id="bytes to a delta"),
    ],
)
def test_a_way_passes_the_modules_of_the_map_in_their_order(ways: dict[str, list[str]], way: str, most: int) -> None:
    assert ways[way] == listed(way)
    assert len(ways[way]) <= most


def test_every_module_of_the_four_ways_exists() -> None:
    named = [name for section in sections() for name in re.findall(r"`((?!tests/)[\w/]+\.py)`", section)]
    assert [name for name in named if not any((root / name).is_file() for root in ROOTS)] == []


if __name__ == "__main__":
    found = {way: follow() for way, follow in FOLLOWED.items()}
    sys.stdout.write("\n" + json.dumps(found) + "\n")
