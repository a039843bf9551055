"""
The situations in which a recorded site may have answered: its settings, and the nonce and key of the request.

A recording does not contain the site's settings or the behaviour of the model's API.  So an exchange is tried in each
of these situations, and the one with the nearest response counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.sites.aipower.learning.exchanges import RecordedEvent, SortedExchange
from chatgptfree_mock.sites.aipower.releases.wording import SENTENCES
from chatgptfree_mock.tape.json_value import json_or_none

Settings = Mapping[str, Any]
_CODED: Final = re.compile(
    r"(?:[\w ]*API Error(?: \(HTTP (?P<status>\d{3})\))?: )?(?P<message>.*?)(?: \((?:Code: )(?P<code>[^()]*)\))?",
    re.DOTALL,
)
_UNESCAPED: Final = re.compile(r'\{"choices":\[\{"delta":\{"content":"(.*)"\}\}\]\}', re.DOTALL)
_OWN_SENTENCES: Final = frozenset(sentence for known in SENTENCES.values() for sentence in known)
_LONGEST: Final = 2000
THROTTLED: Final = "the address has asked as often as it may in a minute"


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """One guess; *words* name it for people, empty for the default one."""

    words: str = ""
    settings: Settings = msgspec.field(default_factory=dict)
    """Settings of the site to override."""
    model: Settings = msgspec.field(default_factory=dict)
    """Settings of the model to override."""
    nonce: Literal["good", "as sent"] = "good"
    key: Literal["fresh", "as sent", "used"] = "fresh"
    asked_before: bool = False
    only_bots_on_page: bool = False
    quotes: bool = False
    """Whether it quotes the response's own words, and so is tried on every release."""

    @property
    def assumed(self) -> bool:
        """Return whether it assumes more than the recording shows."""
        return bool(self.words)


DEFAULT_SITUATION: Final = Situation()


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Dependencies between the recorded requests."""

    nonces: frozenset[str] = frozenset()
    """The nonces that the site gave out, on pages or on request."""
    sent: frozenset[str] = frozenset()
    """The nonces that requests carried."""
    keys: frozenset[str] = frozenset()
    """The keys given for messages."""
    bots: frozenset[str] = frozenset()
    """The ids of the bots that requests name."""
    used: frozenset[int] = frozenset()
    """The exchanges whose key had been used by an earlier exchange."""

    def of(self, exchange: SortedExchange) -> Situation:
        """Return the situation of *exchange* as far as the recording shows it."""
        if exchange.purpose == "page":
            return DEFAULT_SITUATION
        nonce, key = exchange.nonce, exchange.key.field("cache_key")
        good = not nonce or nonce in self.nonces
        known = not key or key in self.keys or not self.keys
        used = exchange.number in self.used
        return Situation(
            nonce="good" if good else "as sent", key="used" if used and known else "fresh" if known else "as sent"
        )


def situations(exchange: SortedExchange, shown: Situation) -> Iterator[Situation]:
    """Yield the situations in which *exchange* may have been recorded, *shown* first."""
    yield shown
    if exchange.purpose == "page":
        return
    if shown.nonce != "good" or shown.key == "as sent":
        yield Situation(words="nonce and key are good, from a page and a call that were not recorded")
    if shown.nonce == "good":
        yield replace(shown, words="the nonce is no longer accepted", nonce="as sent")
    if exchange.key.field("cache_key") is not None and shown.key != "as sent":
        yield replace(shown, words="the key is no longer known", key="as sent")
    if shown.key != "used":
        yield Situation(words="the key was used before", key="used")
    if exchange.key.field("cache_key") is not None:
        cache = {"object_cache": True}
        yield Situation(words="the key was used before, on a site with an object cache", key="used", settings=cache)
    others = [*_of_the_owner(exchange)]
    if exchange.purpose in ("stream", "answer"):
        others += _of_the_model(exchange)
    # A fact holds in every situation: a key that was seen to be used before stays used.
    yield from (replace(each, key="used") for each in others) if shown.key == "used" else others


def _of_the_owner(exchange: SortedExchange) -> Iterator[Situation]:
    word = max(re.findall(r"\w+", exchange.key.field("message") or "") or ["Hello"], key=len)
    yield Situation(words="the bot does not exist", only_bots_on_page=True)
    yield Situation(words="the site has no API key", settings={"api_key": False})
    yield Situation(words="the message has a banned word", settings={"banned": {"words": [word]}})
    yield Situation(words="the address is banned", settings={"banned": {"ips": ["127.0.0.1"]}})
    yield Situation(words="the quota is used up", settings={"limit": {"tokens": 1}}, asked_before=True)
    yield Situation(words=THROTTLED, settings={"requests_per_minute": 1}, asked_before=True)
    yield Situation(words="the message is flagged", settings={"moderation": {"words": [word]}})


def _of_the_model(exchange: SortedExchange) -> Iterator[Situation]:
    deltas = len(deltas_of(exchange))
    yield Situation(words="the model's API is Chat Completions", model={"api": "chat-completions"})
    yield Situation(words="the model cites sources", model={"citations": True})
    yield Situation(words="the answer reached its longest", model={"finish": "length"})
    if not deltas:
        yield Situation(words="the answer is empty", model={"empty": True})
    yield Situation(words="the model's API ended without its end mark", model={"no_end_mark": True})
    yield Situation(words="the model's API could not be reached", model={"refused": True})
    yield Situation(words="the model's API sent an HTML page", model={"html_error": 502})
    yield Situation(words="the model's API broke off", model={"dies_after": deltas})
    half = {"dies_after": deltas, "half_event": True}
    yield Situation(words="the model's API broke off in the middle of an event", model=half)
    yield Situation(words="the model's API ended early", model={"ends_after": deltas})
    for error in dict.fromkeys(_errors(exchange)):
        message, code, status = error
        fields = {"message": message, **({"code": code} if code else {})}
        failed, midway = {"http_error": {"status": status, **fields}}, {"error_midway": {"after": deltas, **fields}}
        # Only inside a stream may the plugin's own sentence replace the API's; elsewhere that would explain any
        # refusal.
        own = message in _OWN_SENTENCES
        if not own:
            yield Situation(words="the model's API failed", model=failed, quotes=True)
        if not own or exchange.purpose == "stream":
            yield Situation(words="the model failed while it answered", model=midway, quotes=True)


def _errors(exchange: SortedExchange) -> Iterator[tuple[str, str, int]]:
    """Yield message, code and status of the API errors that the words in the response may come from."""
    status = exchange.interaction.response.status
    for text in error_texts(exchange):
        found = _CODED.fullmatch(text[:_LONGEST])
        if found is not None and found["message"]:
            known = int(found["status"] or (status if status >= 400 else 500))
            yield found["message"], found["code"] or "", known


def error_texts(exchange: SortedExchange) -> Iterator[str]:
    """Yield the texts in a response that may be an error message."""
    if exchange.purpose == "stream":
        values = [event.value for event in exchange.events if "rror" in event.data]
        if text := _streamed_as_text(exchange):
            yield text
        # The key of the message may have a new name.
        named = [event.value for event in exchange.events if "rror" in event.name]
        yield from dict.fromkeys(text for value in named for _, text in _texts(value))
    else:
        values = [json_or_none(exchange.interaction.response.body)]
    for value in values:
        yield from (text for key, text in _texts(value) if key in ("error", "message", "msg"))


def _streamed_as_text(exchange: SortedExchange) -> str:
    """
    Return the words of an HTTP error as WPAICG streams them: in events `message`, and all of it twice.

    It puts them between quotes as they are, so words with a quote in them are not JSON (1.8.91/up_429rate_s).
    """
    deltas = (_UNESCAPED.fullmatch(event.data) for event in exchange.events if event.name == "message")
    text = "".join(found[1] for found in deltas if found is not None)
    half = text[: len(text) // 2]
    return (half if text == half * 2 else text).strip()


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, name)


def deltas_of(exchange: SortedExchange) -> list[str]:
    """Return the deltas of the answer: the text of each unnamed event, or of the most frequent one."""
    return [] if exchange.purpose == "answer" else deltas_in(exchange.events)


def deltas_in(events: Iterable[RecordedEvent]) -> list[str]:
    """Return the deltas of the answer in the *events* of a stream."""
    found: dict[str, list[str]] = {}
    for event in events:
        text = _piece(event.value)
        if text is not None:
            found.setdefault(event.name, []).append(text)
    # A named event that occurs once, with one text, may also be a refusal.
    named = [texts for texts in found.values() if len(texts) > 1]
    return found.get("") or max(named, key=len, default=[])


def _piece(value: Any) -> str | None:
    """Return the text in an event: the value of its only key, or the text of a chat completion chunk."""
    if not isinstance(value, dict):
        return None
    choices = value.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        delta = choices[0].get("delta")
        text = delta.get("content") if isinstance(delta, dict) else None
        return text if isinstance(text, str) and text else None
    texts = list(value.values())
    return texts[0] if len(texts) == 1 and isinstance(texts[0], str) and "error" not in value else None
