"""The exchanges of a recording, sorted by purpose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import msgspec

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.learning.recorded_page import RecordedPage, read_page
from chatgptfree_mock.sites.aipower.request_kind import ANSWERS
from chatgptfree_mock.tape.json_value import json_or_none
from chatgptfree_mock.tape.model import Cassette, End, Interaction, Response
from chatgptfree_mock.tape.request_key import RequestKey
from chatgptfree_mock.variants.event_blocks import split_blocks

Purpose = Literal["page", "stream", "answer", "ajax"]
"""`answer`: an answer in one piece.  `ajax`: any other call of the plugin."""
NONCE_FIELDS: Final = ("_ajax_nonce", "_wpnonce", "security")
_CHAT: Final = ("aipkit_", "wpaicg_")
_OF_A_CHAT: Final = ("bot_id", "cache_key", "message")
"""Fields that identify a call of the chat, whatever the name of its action."""
_STREAM: Final = "text/event-stream"


class RecordedEvent(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One event of a recorded stream; *name* is empty for one without a name."""

    name: str
    data: str

    @cached_property
    def value(self) -> Any:
        """Return the data of the event, decoded from JSON; None if it is not JSON."""
        return json_or_none(self.data)


@dataclass(frozen=True, kw_only=True)
class SortedExchange:
    """One recorded interaction of the plugin; *number* counts from 1 over the whole recording."""

    number: int
    interaction: Interaction
    purpose: Purpose
    place: str
    """The name of the exchange in comments: its number, after the name of the file if there are several."""

    @cached_property
    def key(self) -> RequestKey:
        """Return the parsed request."""
        return RequestKey.from_request(self.interaction.request)

    @cached_property
    def events(self) -> tuple[RecordedEvent, ...]:
        """Return the events of a stream."""
        return events_of(self.interaction.response.body)

    @cached_property
    def page(self) -> RecordedPage:
        """Return the contents of a page, parsed."""
        return read_page(self.interaction.response.body.decode(errors="replace"))

    @property
    def action(self) -> str:
        """Return the action that the request names; empty if it names none."""
        return self.key.field("action") or ""

    @property
    def unregistered(self) -> bool:
        """Return whether the recorded site had no such action: WordPress then answers `0` with 400."""
        return self.interaction.response.status == 400 and self.interaction.response.body == b"0"

    @property
    def nonce(self) -> str:
        """Return the nonce in the request; empty if there was none."""
        return next((value for name in NONCE_FIELDS if (value := self.key.field(name))), "")

    @property
    def name(self) -> str:
        """Return the exchange in words, such as `3 (POST aipkit_cache_sse_message)`."""
        return f"{self.place} ({self.key.method} {self.action or self.key.path})"


def events_of(body: bytes) -> tuple[RecordedEvent, ...]:
    """Return the events of a stream, in their order."""
    return tuple(
        RecordedEvent(name=block.event.decode(errors="replace"), data=block.data.decode(errors="replace"))
        for block in split_blocks(body)
        if block.has_data
    )


def is_stream(response: Response) -> bool:
    """Return whether a response is an event stream, by its `Content-Type`."""
    return response.header("Content-Type").lower().startswith(_STREAM)


def exchanges_of(cassettes: Sequence[Cassette]) -> tuple[SortedExchange, ...]:
    """
    Return the exchanges to learn from, in the order of the recording.

    Raises:
        SettingsError: there is no page with a chat, or no streamed answer.
    """
    found = tuple(_exchanges(cassettes))
    file = next((cassette.path for cassette in cassettes if cassette.path), "the recording")
    if not any(each.purpose == "page" for each in found):
        pages = sum(_is_html(each) for cassette in cassettes for each in cassette.interactions)
        hint = f" (of its {pages} HTML pages none has a chat's values in attributes of its element)" if pages else ""
        raise SettingsError(f"{file}: no page with a chat is in it{hint}; record the page too, from the first visit on")
    if not any(each.purpose == "stream" for each in found):
        other = next((each for each in found if each.purpose == "answer"), None)
        kind = "" if other is None else other.interaction.response.header("Content-Type").partition(";")[0] or "no type"
        hint = "" if other is None else f" ({other.name} is {kind}, which is not an event stream)"
        raise SettingsError(
            f"{file}: no streamed answer is in it{hint}; record one with `chatgptfree-mock record URL --out FILE`, and "
            "ask a question in a browser, at the address that it prints, if the client gets no answer"
        )
    return found


def left_out(cassettes: Sequence[Cassette]) -> tuple[str, ...]:
    """
    Return in words the interactions that are not used, as they are not the chat's or were broken off by the client.

    Calls of an action are named one by one; files and pages, of which a visit has many, are counted.
    """
    calls, others = list[str](), list[str]()
    for cassette in cassettes:
        file = "" if len(cassettes) == 1 else f"{cassette.path or 'cassette'} "
        for index, interaction in enumerate(cassette.interactions, 1):
            if _purpose(interaction) is None:
                unused = SortedExchange(number=index, interaction=interaction, purpose="ajax", place=f"{file}{index}")
                (calls if unused.action else others).append(unused.name)
    if others:
        calls.append(others[0] if len(others) == 1 else f"{len(others)} files or pages, the first of them {others[0]}")
    return tuple(calls)


def _is_html(interaction: Interaction) -> bool:
    response = interaction.response
    html = response.header("Content-Type").lower().startswith("text/html")
    return html and response.status == 200 and interaction.request.method.upper() == "GET"


def _exchanges(cassettes: Sequence[Cassette]) -> Iterator[SortedExchange]:
    number = 0
    for cassette in cassettes:
        file = "" if len(cassettes) == 1 else f"{cassette.path or 'cassette'} "
        for index, interaction in enumerate(cassette.interactions, 1):
            number += 1
            purpose = _purpose(interaction)
            if purpose is not None:
                yield SortedExchange(number=number, interaction=interaction, purpose=purpose, place=f"{file}{index}")


def _purpose(interaction: Interaction) -> Purpose | None:
    """Return the kind of an interaction; None for files, other plugins and everything else."""
    key, response = RequestKey.from_request(interaction.request), interaction.response
    if response.end is End.CLIENT_CLOSED:
        return None  # its complete answer is not known
    action = key.field("action") or ""
    if action.startswith(_CHAT) or (action and _may_be_of_the_chat(key, response)):
        asks = action in ANSWERS
        return "stream" if is_stream(response) else "answer" if asks else "ajax"
    if not _is_html(interaction):
        return "ajax" if key.path.endswith("/admin-ajax.php") and key.method == "POST" and not action else None
    return "page" if read_page(response.body.decode(errors="replace")).chats else None


def _may_be_of_the_chat(key: RequestKey, response: Response) -> bool:
    """Return whether a call with an unfamiliar action may belong to the chat, under a new name."""
    sent = any(key.field(name) is not None for name in _OF_A_CHAT)
    return key.path.endswith("/admin-ajax.php") and (sent or is_stream(response))
