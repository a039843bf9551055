"""
Pages as a client author sees them: the elements that carry a chat, their attributes, and the keys of their config.

Values are compared only as kinds (a number, a nonce, nothing …), for they belong to one site; what is another setting
and not another kind is a note.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final

from chatgptfree_mock.drift.findings import Finding, came_and_went, changed
from chatgptfree_mock.drift.masking import masked, quoted
from chatgptfree_mock.drift.shapes import Shape, shape_of

_CHATS: Final = ("wpaicg-chat-shortcode", "wpaicg-chatbox", "aipkit_chat_container", "aipkit_popup_wrapper")
_QUOTES: Final = re.compile(r"""([^\s"'<>/=]+)(\s*)=\s*(["']?)""")
_OBJECT: Final = re.compile(r"\bvar\s+(\w*(?:wpaicg|aipkit)\w*)\s*=\s*(?=\{)", re.IGNORECASE)
_VERSION: Final = re.compile(r"gpt3-ai-content-generator/[^\s\"'>]*?[?&](?:amp;|#0*38;)?ver=(\d+\.[\d.]+)")
_OWN: Final = frozenset({"nonce", "ajaxUrl", "userIp", "botId", "postId"})
"""Keys of a config whose values belong to one visit or one site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element that carries a chat."""

    attributes: dict[str, str]
    quotes: dict[str, str]
    """How each value is written: `"`, `'` or bare, with blanks before the equals sign or without."""

    @property
    def config(self) -> dict[str, Any]:
        """Return its `data-config`, empty if it has none that can be read."""
        try:
            value = json.loads(self.attributes.get("data-config", ""))
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(slots=True, kw_only=True)
class Page:
    """The chats of a page, by the name of their element, and the plugin's own variables."""

    chats: dict[str, Element] = field(default_factory=dict)
    variables: dict[str, dict[str, Any]] = field(default_factory=dict)
    release: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._templates = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._templates += tag == "template"
        if self._templates:
            return  # nobody sees what is in a template
        attributes = {name: value or "" for name, value in attrs}
        classes = attributes.get("class", "").split()
        known = next((name for name in _CHATS if name in classes), None)
        if known is None and "data-config" not in attributes and not {"data-nonce", "data-bot-id"} <= attributes.keys():
            return
        name = f"{tag}.{known or next(iter(classes), '')}".rstrip(".")
        number = sum(each == name or each.startswith(f"{name} #") for each in self.page.chats) + 1
        written = self.get_starttag_text() or ""
        quotes = {
            found[1].lower(): (found[3] or "no quotes") + (" after blanks" if found[2] else "")
            for found in _QUOTES.finditer(written)
        }
        here = {each: quotes.get(each, "no value") for each in attributes}
        self.page.chats[name if number == 1 else f"{name} #{number}"] = Element(attributes=attributes, quotes=here)

    def handle_endtag(self, tag: str) -> None:
        self._templates = max(0, self._templates - (tag == "template"))


def page_of(text: str) -> Page:
    """Read the chats off a page; what is no chat is passed over."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    for found in _OBJECT.finditer(text):
        try:
            value, _ = json.JSONDecoder().raw_decode(text, found.end())
        except (ValueError, RecursionError):
            continue
        reader.page.variables[found[1]] = value
    version = _VERSION.search(text)
    reader.page.release = version[1] if version else ""
    return reader.page


def compare_pages(before: Page, after: Page) -> list[Finding]:
    """Say what differs between the chats of two pages."""
    found = changed("page", "plugin's release:", before.release, after.release, note=True)
    found += came_and_went("page", "elements", before.chats, after.chats)
    for name in before.chats:
        if name in after.chats:
            found += _compare_elements(name, before.chats[name], after.chats[name])
    found += came_and_went("page", "variables", before.variables, after.variables)
    for name, value in before.variables.items():
        if name in after.variables:
            found += came_and_went("page", f"{name} keys", value, after.variables[name])
    return found


def _compare_elements(name: str, before: Element, after: Element) -> list[Finding]:
    old, new = before.attributes, after.attributes
    found = came_and_went("page", f"{name} attributes", old, new)
    common = [each for each in old if each in new]
    if common != [each for each in new if each in old]:
        found.append(Finding(topic="page", says=f"{name} attributes stand in another order"))
    for each in common:
        found += changed("page", f"{name} {each} is written with", before.quotes[each], after.quotes[each])
        if each == "data-config":
            continue
        kinds = _kind(each, old[each]), _kind(each, new[each])
        if kinds[0] != kinds[1] and "nothing" not in kinds:
            says = f"{name} {each} holds {kinds[1]}, {quoted(new[each])}, not {kinds[0]}"
            found.append(Finding(topic="page", says=says))
        elif masked(old[each]) != masked(new[each]) and each not in ("id", "data-nonce", "data-post-id", "data-bot-id"):
            found += changed("page", f"{name} {each}", quoted(old[each], 40), quoted(new[each], 40), note=True)
    return found + _compare_configs(before, after)


def _kind(name: str, value: str) -> str:
    if not value:
        return "nothing"
    if name == "data-nonce":
        return "a nonce" if re.fullmatch("[0-9a-f]{10}", value) else "what is no nonce"
    if re.fullmatch(r"[-+]?\d+(\.\d+)?", value):
        return "a number"
    if re.match(r"https?://", value):
        return "an address"
    return "text" if name in ("data-post-id", "data-bot-id", "data-url") else "a word"


def _compare_configs(before: Element, after: Element) -> list[Finding]:
    old, new = before.config, after.config
    if not old and not new:
        return []
    found = came_and_went("config", "data-config keys", _paths(old), _paths(new))
    common = [key for key in old if key in new]
    if common != [key for key in new if key in old]:
        found.append(Finding(topic="config", says="data-config keys stand in another order"))
    for key in common:
        then, now = (shape_of([config[key]]) for config in (old, new))
        if _top(then) != _top(now):
            says = f"data-config {key} holds {' or '.join(_top(now))}, not {' or '.join(_top(then))}"
            found.append(Finding(topic="config", says=says))
        elif old[key] != new[key] and key not in _OWN and key != "text":
            then_said, now_said = (_short(json.dumps(config[key], ensure_ascii=False)) for config in (old, new))
            says = f"data-config {key} {then_said} → {now_said}"
            found.append(Finding(topic="config", says=says, note=True))
    return found


def _paths(config: dict[str, Any]) -> list[str]:
    texts = config.get("text")
    return [*config, *(f"text.{name}" for name in (texts if isinstance(texts, dict) else {}))]


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[:limit] + "…"


def _top(shape: Shape) -> tuple[str, ...]:
    return shape.types[""]
