"""Finding the chat on a page, decently or as people do it."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

from tests.support.naive.habits import Habit, Habits
from tests.support.naive.http import RefusedNonceError

_NONCE = re.compile(r"[0-9a-f]{10}")
_CLASSES = ("wpaicg-chat-shortcode", "wpaicg-chatbox", "aipkit_chat_container", "aipkit_popup_wrapper")


@dataclass(frozen=True, kw_only=True)
class Chat:
    """What is needed to ask."""

    aipkit: bool
    ajax: str
    nonce: str
    bot: str = "0"
    post: str = ""
    streams: bool = True


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the elements that may hold a chat."""
        values = {name: value or "" for name, value in attrs}
        classes = values.get("class", "").split()
        if tag == "div" and any(name in classes for name in _CLASSES):
            self.found.append(values)


def find(page: bytes, url: str, bot: str | None, habits: Habits) -> Chat:
    """Return the chat to be asked."""
    text = page.decode("utf-8", "strict" if Habit.DECODES_STRICTLY in habits else "replace")
    if Habit.SCRAPES_WITH_A_REGEX in habits:
        return _scraped(text, url)
    if Habit.WANTS_ATTRIBUTES_ON_ONE_LINE in habits:
        found = re.findall(r'data-nonce="([0-9a-f]{10})" data-post-id="(\d+)"', text)[0]
        return Chat(aipkit=False, ajax=_guess(url), nonce=found[0], post=found[1])
    if Habit.KNOWS_DATA_NONCE_ONLY in habits:
        return Chat(aipkit=False, ajax=_guess(url), nonce=re.findall(r'data-nonce=["\']([^"\']+)', text)[0])
    elements = _Elements()
    elements.feed(text)
    chats = [chat for values in elements.found if (chat := _chat(values, url, habits)) is not None]
    if Habit.TAKES_THE_FIRST_NONCE in habits:
        nonce = re.search(r"nonce\W{1,12}([0-9a-f]{10})", text)
        return Chat(aipkit="data-config" in text, ajax=_guess(url), nonce=nonce[1] if nonce else "")
    if not chats and Habit.KNOWS_SHORTCODES_ONLY in habits:
        raise IndexError("list index out of range")
    if not chats:
        raise RefusedNonceError("there is no chat on the page")
    if Habit.REFUSES_TWO_OF_A_KIND in habits:
        (only,) = chats
        return only
    wanted = [chat for chat in chats if bot is None or chat.bot == bot or Habit.TAKES_THE_FIRST_BOT in habits]
    return wanted[-1 if Habit.TAKES_THE_LAST_CHAT in habits else 0]


def _scraped(text: str, url: str) -> Chat:
    if "aipkit" in text:
        bot, config = re.findall(r"data-bot-id=\"(\d+)\" data-config='([^']+)'", text)[0]
        return Chat(aipkit=True, ajax=_guess(url), nonce=json.loads(html.unescape(config))["nonce"], bot=bot)
    nonce, post = re.findall(r'data-nonce="([0-9a-f]{10})"\n +data-post-id="(\d+)"\n', text)[0]
    return Chat(aipkit=False, ajax=_guess(url), nonce=nonce, post=post)


def _chat(values: dict[str, str], url: str, habits: Habits) -> Chat | None:
    classes = values.get("class", "").split()
    simple = "wpaicg-chat-shortcode" in classes or "aipkit_chat_container" in classes
    if Habit.KNOWS_SHORTCODES_ONLY in habits and not simple:
        return None
    if "data-config" in values:
        config = json.loads(values["data-config"])
        nonce, bot, post = config["nonce"], values["data-bot-id"], str(config["postId"])
        ajax = _guess(url) if Habit.GUESSES_THE_AJAX_ADDRESS in habits else config["ajaxUrl"]
        streams = config.get("streamEnabled", True)
    elif "data-nonce" in values:
        nonce, bot, post = values["data-nonce"], values.get("data-bot-id", "0"), values.get("data-post-id", "")
        ajax, streams = _guess(url), True
        if Habit.NEEDS_A_POST_ID in habits:
            post = re.findall(r"^[1-9][0-9]*$", post)[0]
    else:
        return None
    if Habit.TAKES_ANY_NONCE not in habits and not _NONCE.fullmatch(nonce):
        return None
    return Chat(aipkit="data-config" in values, ajax=ajax, nonce=nonce, bot=bot, post=post, streams=streams)


def _guess(url: str) -> str:
    return urljoin(url, "wp-admin/admin-ajax.php")
