"""The reference client against every release of the plugin: right answers, and right errors for what can go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chatgptfree import ChatClient
from chatgptfree.errors import ChatError
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.wordpress.releases import RELEASES, Release, find

PIECES = ["Hel", 'lo "you" & <b>', " 👋", "\n", "bye"]
TEXT = "".join(PIECES)
HALF = "".join(PIECES[:2])
FAILURES: dict[str, tuple[dict[str, Any], set[str], str]] = {
    "an error of the API": ({"http_error": {"status": 429, "message": 'Slow "down"', "code": "x"}}, {"upstream"}, ""),
    "a gateway's error page": ({"html_error": 502}, {"upstream", "protocol"}, ""),
    "garbage": ({"garbage": True}, {"upstream", "protocol"}, ""),
    "nobody there": ({"refused": True}, {"upstream", "protocol"}, ""),
    "a broken connection": ({"dies_after": 2}, {"upstream", "interrupted"}, HALF),
    "half an event": ({"dies_after": 2, "half_event": True}, {"upstream", "interrupted"}, HALF),
    "an error in mid-stream": ({"error_midway": {"after": 2}}, {"upstream"}, HALF),
    "no text": ({"empty": True}, {"upstream", "protocol"}, ""),
}
"""What the model's API does, how the client may call it, and the text that came before it in a stream."""
CAN_NOT_STREAM = {"2.3.31"}
"""This one refuses every stream, so the client asks for the answer in one piece."""


def releases_that_differ() -> Iterator[Release]:
    """Yield the first release of each that behave alike."""
    seen: list[object] = []
    for release in RELEASES:
        if release.traits not in seen:
            seen.append(release.traits)
            yield release


def only_streams(release: str) -> bool:
    """Tell whether there is no other way to ask on this release."""
    return not getattr(find(release).traits, "message_action", True)


def site_on(release: str, *, stream: bool, **model: Any) -> MockSite:
    """Return a site that answers at once."""
    settings = {
        "bots": [{"stream": stream}],
        "model": {"reply": PIECES, "first_ms": 0, "piece_ms": 0, **model},
        "page_kilobytes": 0,
    }
    return MockSite(plugin=release, settings=settings)


@pytest.mark.asyncio
@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "buffered"])
@pytest.mark.parametrize("release", [release.name for release in RELEASES])
async def test_the_text_is_right_on_every_release(release: str, stream: bool) -> None:
    async with site_on(release, stream=stream) as site, ChatClient(site.url) as chat:
        reply = await chat.ask("Hello")
    assert (reply.text, reply.warnings) == (TEXT, ())


@pytest.mark.asyncio
@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "buffered"])
@pytest.mark.parametrize("release", [release.name for release in releases_that_differ()])
async def test_a_failure_of_the_model_is_an_error_on_every_release(release: str, stream: bool) -> None:
    for name, (model, kinds, partial) in FAILURES.items():
        async with site_on(release, stream=stream, **model) as site, ChatClient(site.url) as chat:
            with pytest.raises(ChatError) as caught:
                await chat.ask("Hello")
        assert caught.value.kind in kinds, name
        streamed = only_streams(release) or (stream and release not in CAN_NOT_STREAM)
        assert caught.value.partial == (partial if streamed else ""), name
