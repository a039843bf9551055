"""The chats of a recorded page: attributes, keys and texts in their order, whatever their names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, Final, Literal

import msgspec

from chatgptfree_mock.sites.aipower.releases.release_file import Generation
from chatgptfree_mock.tape.json_value import json_object

ChatKind = Literal["shortcode", "widget", "inline", "popup"]
_KINDS: Final[Mapping[str, ChatKind]] = {
    "wpaicg-chat-shortcode": "shortcode",
    "wpaicg-chatbox": "widget",
    "aipkit_popup_wrapper": "popup",
    "aipkit_chat_container": "inline",
}
"""The classes of elements that carry a chat."""
_DATA: Final = "data-"
_ASSETS: Final = "gpt3-ai-content-generator/"
_VERSION: Final = re.compile(r"gpt3-ai-content-generator/[^\s\"'>]*?\.js[?&](?:amp;)?ver=(\d+\.[\d.]+)")
_PARAMS: Final = re.compile(r"\bwpaicgParams\s*=\s*(?=\{)")
_FEWEST_KEYS: Final = 5
"""An attribute with a JSON object of fewer keys is not taken for the config of a chat."""
_OWN_JSON: Final = frozenset({"data-custom-theme"})


class RecordedChat(msgspec.Struct, frozen=True, kw_only=True):
    """One element with the values of a chat; *tag* is its opening tag, unchanged."""

    kind: ChatKind
    tag: str
    attributes: Mapping[str, str]
    """The `data-` attributes without that prefix, in their order; names in lower case, as HTML has them."""
    config_name: str = ""
    """The attribute that holds the config, without `data-`; empty in WPAICG."""
    config: Mapping[str, Any] = msgspec.field(default_factory=dict)

    @property
    def generation(self) -> Generation:
        """Return which of the two protocols it belongs to."""
        return "aipkit" if self.config_name else "wpaicg"


class RecordedPage(msgspec.Struct, frozen=True, kw_only=True):
    """The plugin's parts of a page."""

    chats: tuple[RecordedChat, ...]
    params: Mapping[str, Any]
    """The object `wpaicgParams`, empty if there is none."""
    version: str
    """The release in the URLs of the plugin's scripts; empty if there is none."""
    outline: str
    """The comparable part: the opening tags of the chats, the plugin's variable and its assets."""
    traces: frozenset[str]
    """Classes and boolean attributes of the plugin's elements, and the names of its assets."""

    @property
    def whole(self) -> bool:
        """Return whether the page has elements of the plugin besides the tags that carry the chats."""
        return any(trace.startswith(("textarea", "button")) for trace in self.traces)

    def texts(self, chat: RecordedChat, text_key: str) -> Mapping[str, Any]:
        """Return the texts of *chat*: those under *text_key* of its config or, in WPAICG, the languages."""
        found = chat.config.get(text_key) if chat.config_name else self.params.get("languages")
        return found if isinstance(found, dict) else {}


def read_page(html: str) -> RecordedPage:
    """Parse the chats in *html*; the result has none if the page has none."""
    reader = _ChatReader()
    reader.feed(html)
    reader.close()
    params = _params(html)
    version = _VERSION.search(html)
    variable = f"<script>var wpaicgParams = {json.dumps(params)};</script>" if params else ""
    return RecordedPage(
        chats=tuple(reader.chats),
        params=params,
        version=version[1] if version else "",
        outline="".join(
            ["<html><body>", *(f"{chat.tag}</div>\n" for chat in reader.chats), variable, "</body></html>"]
        ),
        traces=frozenset(reader.traces),
    )


class _ChatReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.chats: list[RecordedChat] = []
        self.traces: set[str] = set()
        self._templates = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._templates += tag in ("template", "noscript")
        if self._templates:
            return
        attributes = dict(attrs)
        self.traces.update(_traces(tag, attributes))
        chat = _chat_of(attributes, self.get_starttag_text() or "")
        if chat is not None:
            self.chats.append(chat)

    def handle_endtag(self, tag: str) -> None:
        self._templates = max(0, self._templates - (tag in ("template", "noscript")))


def _chat_of(attributes: Mapping[str, str | None], tag: str) -> RecordedChat | None:
    data = {name[len(_DATA) :]: value or "" for name, value in attributes.items() if name.startswith(_DATA)}
    classes = (attributes.get("class") or "").split()
    kind = next((_KINDS[name] for name in _KINDS if name in classes), None)
    if kind in ("shortcode", "widget"):
        return RecordedChat(kind=kind, tag=tag, attributes=data) if len(data) >= _FEWEST_KEYS else None
    config_name, config = _config_of(data)
    if not config_name or (kind is None and not _asks(config)):
        return None
    return RecordedChat(kind=kind or "inline", tag=tag, attributes=data, config_name=config_name, config=config)


def _config_of(data: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """Return the attribute with the largest JSON object, and the object; nothing if all are small."""
    objects = {name: json_object(value) for name, value in data.items() if _DATA + name not in _OWN_JSON}
    name = max(objects, key=lambda each: len(objects[each]), default="")
    return (name, objects[name]) if name and len(objects[name]) >= _FEWEST_KEYS else ("", {})


def _asks(config: Mapping[str, Any]) -> bool:
    return any(isinstance(value, str) and "admin-ajax.php" in value for value in config.values())


def _params(html: str) -> dict[str, Any]:
    for found in _PARAMS.finditer(html):
        try:
            value, _ = json.JSONDecoder().raw_decode(html, found.end())
        except (ValueError, RecursionError):
            continue
        return dict(value)
    return {}


def _traces(tag: str, attributes: Mapping[str, str | None]) -> Iterator[str]:
    """Yield signs of the release in the plugin's elements and files, apart from the values of its chats."""
    for name in ("src", "href"):
        _, found, file = (attributes.get(name) or "").partition(_ASSETS)
        if found:
            path, _, query = file.partition("?")
            stamp = re.sub(r"\d+(\.\d+)+", "release", re.sub(r"\b\d{9,}\b", "time", query))
            yield f"{path} {stamp}"
    classes = (attributes.get("class") or "").split()
    for name in classes:
        if name.startswith(("aipkit", "wpaicg")):
            yield f"{tag}.{re.sub(r'[0-9]+', '#', name)}"
    if any(name.startswith(("aipkit", "wpaicg")) for name in classes):
        yield from (f"{tag}.{classes[0]}[{name}]" for name in attributes if name in ("inert", "name", "id"))
