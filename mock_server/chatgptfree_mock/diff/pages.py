"""Pages for the author of a client: the elements that carry a chat, and what they hold."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any, Final

import msgspec

from chatgptfree_mock.contract.page_marks import ANY_PAGE, PageMarks
from chatgptfree_mock.tape.json_value import json_object

_QUOTES: Final = re.compile(r"""(?<![^\s"'<>/=])([^\s"'<>/=]+)(\s*)=\s*(["']?)""")
# The look-behind changes no match: it keeps a long word from being tried from each of its letters.


_SCRIPT: Final = re.compile(r"<script\b[^>]*>(.*?)</script", re.IGNORECASE | re.DOTALL)
_PLAIN: Final = re.compile(
    r"(?<![\w.$])(?:(?:var|let|const)[ \t]+|(?:window|globalThis|self)\.)([A-Za-z_$][\w$]{0,80})[ \t]*="
    r"[ \t]*([\"'])([^\"'\\\s<>]{1,200})\2",
    re.ASCII,
)


class Element(msgspec.Struct, frozen=True, kw_only=True):
    """One element that carries a chat."""

    attributes: dict[str, str]
    quotes: dict[str, str]
    """How each value is written: `"`, `'` or bare, with blanks before the equals sign or without."""
    config_name: str = ANY_PAGE.config
    """The attribute that holds its settings."""

    @property
    def config(self) -> dict[str, Any]:
        """Return the settings in the element's data-config; empty if there are none that can be read."""
        return json_object(self.attributes.get(self.config_name, ""))


class ComparedPage(msgspec.Struct, kw_only=True):
    """The chats of a page, by the name of their element, and the site's own variables, found by *marks*."""

    chats: dict[str, Element] = msgspec.field(default_factory=dict)
    variables: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    tokens: tuple[str, ...] = ()
    """The names of script variables that are tokens and nothing else: `var chatNonce = "…"`."""
    release: str = ""
    marks: PageMarks = ANY_PAGE


class _PageParser(HTMLParser):
    def __init__(self, marks: PageMarks) -> None:
        super().__init__(convert_charrefs=True)
        self.page = ComparedPage(marks=marks)
        self._templates = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._templates += tag == "template"
        if self._templates:
            return  # a browser does not show templates
        attributes = {name: value or "" for name, value in attrs}
        classes = attributes.get("class", "").split()
        known = next((name for name in self.page.marks.chats if name in classes), None)
        if known is None and not _carries_chat(attributes, self.page.marks):
            return
        name = f"{tag}.{known or next(iter(classes), '')}".rstrip(".")
        number = sum(each == name or each.startswith(f"{name} #") for each in self.page.chats) + 1
        written = self.get_starttag_text() or ""
        quotes = {
            found[1].lower(): (found[3] or "no quotes") + (" after blanks" if found[2] else "")
            for found in _QUOTES.finditer(written)
        }
        here = {each: quotes.get(each, "no value") for each in attributes}
        self.page.chats[name if number == 1 else f"{name} #{number}"] = Element(
            attributes=attributes, quotes=here, config_name=_config_name(attributes, self.page.marks)
        )

    def handle_endtag(self, tag: str) -> None:
        self._templates = max(0, self._templates - (tag == "template"))


def _config_name(attributes: dict[str, str], marks: PageMarks) -> str:
    """Return the attribute that holds the settings: that of *marks*, or, where it is renamed, one with a token."""
    if marks.config in attributes:
        return marks.config
    data = {name: json_object(value) for name, value in attributes.items() if name.startswith("data-")}
    with_token = (name for name, config in data.items() if any(token_paths(config, marks.is_token)))
    return next(with_token, marks.config)


def _carries_chat(attributes: dict[str, str], marks: PageMarks) -> bool:
    """Whether an element without a known class looks like a chat: it has a config, or a nonce beside other data."""
    data = {name: value for name, value in attributes.items() if name.startswith("data-")}
    return marks.config in data or (len(data) > 1 and any(marks.is_token(name, value) for name, value in data.items()))


def page_of(text: str, marks: PageMarks = ANY_PAGE) -> ComparedPage:
    """Return the chats of a page, as *marks* describe them; anything else in it is left out."""
    reader = _PageParser(marks)
    reader.feed(text)
    reader.close()
    for found in marks.variables.finditer(text) if marks.variables is not None else ():
        try:
            value, _ = json.JSONDecoder().raw_decode(text, found.end())
        except (ValueError, RecursionError):
            continue
        reader.page.variables[found[1]] = value
    reader.page.tokens = tuple(dict.fromkeys(_plain_tokens(text, marks)))
    version = marks.release.search(text) if marks.release is not None else None
    reader.page.release = version[1] if version else ""
    return reader.page


def _plain_tokens(text: str, marks: PageMarks) -> Iterator[str]:
    for script in _SCRIPT.finditer(text):
        for found in _PLAIN.finditer(script[1]):
            if marks.is_token(found[1], found[3]):
                yield found[1]


def token_paths(value: dict[str, Any], is_token: Callable[[str, object], bool], above: str = "") -> Iterator[str]:
    """Yield the paths of tokens in *value*, such as `nonce` or `security.token`."""
    for key, each in value.items():
        if isinstance(each, dict):
            yield from token_paths(each, is_token, f"{above}{key}.")
        elif is_token(key, each):
            yield f"{above}{key}"
