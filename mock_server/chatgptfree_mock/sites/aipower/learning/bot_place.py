"""Find the bot of a recorded chat: its id is in the usual place, has a similar name, or is sent in requests."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final, get_args

from chatgptfree_mock.sites.aipower.learning.recorded_page import RecordedChat
from chatgptfree_mock.sites.model_api.settings import Provider

_USUAL: Final = ("botId", "bot-id")
_NAME: Final = re.compile(r"(?:(?:chat)?bot|assistant)(?:[_-]?id)?|chat[_-]?id", re.IGNORECASE)
_OF_A_PAGE: Final = re.compile(r"(?:post|page)(?:[_-]?id)?", re.IGNORECASE)


def bot_id_of(chat: RecordedChat, requested: Collection[str], own: Mapping[str, str]) -> str:
    """
    Return the id in digits, empty if there is none.

    *requested*: the bot ids in requests.  *own*: the words for ids under new names, by name.
    """
    values = {**chat.attributes, **chat.config}
    numbers = {name: str(value).strip() for name, value in values.items() if not isinstance(value, bool)}
    ids = {name: text for name, text in numbers.items() if text.isascii() and text.isdecimal()}
    usual = [ids[name] for name in (*_USUAL, *_called("bot_id", own)) if name in ids]
    named = [text for name, text in ids.items() if _NAME.fullmatch(name)]
    # A short number may mean anything, so without a matching name only a long one counts.
    sent = [text for text in ids.values() if text in requested and len(text) > 3]
    fitting = [text for text in named if text in requested]
    return next(iter([*usual, *fitting, *sent, *named]), "")


def bot_of(chat: RecordedChat, requested: Collection[str], own: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of the bot of *chat*; for *requested* and *own* see `bot_id_of`."""
    config, data = chat.config, chat.attributes
    written = bot_id_of(chat, requested, own)
    if chat.generation == "wpaicg":
        streams = data.get("openai_stream_nav", "1").strip() == "1"
        memory = data.get("memory-limit", "").strip()
        return {
            "id": int(written or 0),
            "name": data.get("ai-name", "AI"),
            "stream": True,
            "announce_stream": streams,
            "place": chat.kind,
            **({"memory_limit": int(memory)} if memory.isdecimal() else {}),
        }
    return {
        "id": int(written or 0),
        "name": str(config.get("headerName", "AI")),
        "place": chat.kind,
        "speech": config.get("ttsEnabled") is True,
        "announce_stream": config.get("streamEnabled") is not False,
        "conversation_state": True
        in (config.get("enableOpenAIConversationState"), config.get("enableGoogleConversationState")),
        **({"provider": config["provider"]} if config.get("provider") in get_args(Provider) else {}),
    }


def post_id_of(chat: RecordedChat, own: Mapping[str, str]) -> int:
    """Return the id of the page, by its usual name, one of *own* or a similar one; 0 if there is none."""
    values = {**chat.attributes, **chat.config}
    names = ("postId", "post-id", *_called("post_id", own), *(name for name in values if _OF_A_PAGE.fullmatch(name)))
    numbers = (str(values.get(name, "")).lstrip("<") for name in names)
    return next((int(text) for text in numbers if text.isascii() and text.isdecimal() and text.strip("0")), 0)


def _called(word: str, own: Mapping[str, str]) -> list[str]:
    return [name for name, each in own.items() if each == word]
