"""
From an element of a page to a chat: the bot, the nonce and the address.

All values of one bot come from one element.  Where it lacks a place that all known releases have, the value is looked
for by structure in the same element, with a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from chatgptfree.core.page import unfamiliar
from chatgptfree.core.page.addresses import AjaxAddress, web_url
from chatgptfree.core.page.chat_page import ChatElement, is_nonce
from chatgptfree.core.page.element_values import ElementValues, read_config, wpaicg_values
from chatgptfree.core.page.scripts import ConfigOf, Scripts
from chatgptfree.messages import Bot

_WPAICG: Final = "wpaicg"
_CLASSES: Final = frozenset(
    {"wpaicg-chat-shortcode", "wpaicg-chatbox", "aipkit_chat_container", "aipkit_popup_wrapper"}
)
_OF_IMAGES: Final = "wpaicg-img-nonce"
"""The hidden input that each chat of 1.x has beside its own nonce; no chat is asked with that one."""

# The free edition of 2.3.31 refuses every stream, but answers as one JSON object.
_NEVER_STREAMS: Final = frozenset({"2.3.31"})


def has_config(node: LexborNode) -> bool:
    """Return whether *node* has the configuration of a chat of AIPKit."""
    return unfamiliar.find_config(_attributes(node)) is not None


def of_unknown_class(tree: LexborHTMLParser) -> list[LexborNode]:
    """Return the elements with the data of a chat, where no element has the class of a known one."""
    found = [node for node in tree.css("body *") if unfamiliar.is_chat(_own_attributes(node)) or _is_wpaicg(node)]
    inside = {inner.mem_id for node in found for inner in node.css("*") if inner.mem_id != node.mem_id}
    return [node for node in found if node.mem_id not in inside]


def _is_wpaicg(node: LexborNode) -> bool:
    """Return whether *node*, of an unknown class, is a chat of 1.x, which has a nonce and a bot and no ajax address."""
    attributes = _own_attributes(node)
    values = unfamiliar.data_of(attributes)
    named = any(each.startswith(_WPAICG) for each in attributes.get("class", "").split())
    return named and None not in (unfamiliar.find_nonce(values), unfamiliar.find_bot_id(values))


def _own_attributes(node: LexborNode) -> dict[str, str]:
    return {name.lower(): value or "" for name, value in node.attributes.items()}


def _attributes(node: LexborNode) -> dict[str, str]:
    """Return the attributes of a chat, and the values of its hidden inputs by their names, else their ids."""
    inputs = [each.attributes for each in node.css("input[type='hidden' i]") if each.id != _OF_IMAGES]
    named = {
        unfamiliar.input_name(each.get("name") or each.get("id") or ""): each.get("value") or "" for each in inputs
    }
    return {**named, **_own_attributes(node)}


def chat_of(node: LexborNode, scripts: Scripts, base: str, site_ajax: AjaxAddress, release: str | None) -> ChatElement:
    """
    Return the chat of *node*.

    *base*: what addresses on the page are relative to.  *site_ajax*: the address of the site's `admin-ajax.php`.
    """
    attributes = _attributes(node)
    classes = attributes.get("class", "").split()
    known = bool(_CLASSES.intersection(classes))
    if any(each.startswith(_WPAICG) for each in classes):
        kind: Literal["shortcode", "widget"] = "widget" if "wpaicg-chatbox" in classes else "shortcode"
        chat = _wpaicg_chat(attributes, kind, base, site_ajax, release)
    else:
        chat = aipkit_chat(attributes, scripts.config_of, base, site_ajax, release)
    if known:
        return chat
    note = f"the chat is an element {node.tag} of class {' '.join(classes)[:80]!r}, which no known release has"
    return replace(chat, unfamiliar=(*chat.unfamiliar, note))


def _wpaicg_chat(
    attributes: dict[str, str],
    kind: Literal["shortcode", "widget"],
    base: str,
    site_ajax: AjaxAddress,
    release: str | None,
) -> ChatElement:
    stream = attributes.get("data-openai_stream_nav")
    values, notes = wpaicg_values(attributes, release)
    bot = Bot(
        id=values["data-bot-id"].strip() or "0",
        name=attributes.get("data-ai-name", ""),
        kind=kind,
        streaming=None if stream is None else stream.strip() == "1",
    )
    nonce = values["data-nonce"].strip()
    return ChatElement(
        bot=bot,
        nonce=nonce if is_nonce(nonce) else None,
        nonce_found="" if is_nonce(nonce) else nonce[:80],
        # 1.9.16 puts a stray "<" before the widget's number.
        post_id=_number(values["data-post-id"].strip().lstrip("<")),
        names_post_id="data-post-id" in attributes or bool(values["data-post-id"]),
        ajax_url=site_ajax.url,
        page_url=web_url(base, attributes.get("data-url", "")) or base,
        unfamiliar=(*notes, *_unusable_address(base, site_ajax.unusable)),
    )


def aipkit_chat(
    attributes: dict[str, str],
    script: ConfigOf,
    base: str,
    site_ajax: AjaxAddress,
    release: str | None,
) -> ChatElement:
    """Return the chat of AIPKit with these *attributes*, whose configuration *script* may hold in their place."""
    written = attributes.get("data-config", "")
    values = read_config(attributes, script)
    config = values.config
    popup = "aipkit_popup_wrapper" in attributes.get("class", "").split()
    streaming = config.get("streamEnabled")
    in_one_piece = streaming is False or (streaming is True and release in _NEVER_STREAMS)
    bot_id = attributes.get("data-bot-id", "").strip() or _id(values.bot_id) or _number_at_end(attributes)
    bot = Bot(
        id=bot_id,
        name=_words(config.get("headerName")),
        provider=_words(config.get("provider")),
        generation="aipkit-json" if in_one_piece else "aipkit",
        kind="popup" if popup else "inline",
        streaming=streaming is not False,
    )
    nonce = values.nonce.strip()
    found = nonce if config else written
    return ChatElement(
        bot=bot,
        nonce=nonce if is_nonce(nonce) else None,
        nonce_found="" if is_nonce(nonce) else found[:80],
        post_id=_number(values.post_id),
        ajax_url=web_url(base, values.ajax_url) or site_ajax.url,
        page_url=base,
        config=config,
        release=release,
        unfamiliar=(*values.notes, *_odd_values(bot_id, base, values)),
    )


def _odd_values(bot_id: str, base: str, values: ElementValues) -> Iterator[str]:
    """Yield the values that no known release writes like this, in words."""
    if bot_id and not _number(bot_id):
        yield f"the bot's id is {bot_id[:80]!r}, not a number"
    yield from _unusable_address(base, values.ajax_url)


def _unusable_address(base: str, address: str) -> Iterator[str]:
    if address.strip() and not web_url(base, address):
        yield f"the ajax address is {address[:80]!r}, so the site's default one is taken"


def _id(value: object) -> str:
    """Return a bot's id: a number as of all known releases, or a word that can be one."""
    return _number(value) or (value.strip() if isinstance(value, str) and unfamiliar.is_id(value.strip("0 ")) else "")


def _number(value: object) -> str:
    """Return a post or bot id as digits; empty for anything else, and for 0, which means none."""
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if text.isascii() and text.isdecimal() and text.strip("0") else ""


def _number_at_end(attributes: dict[str, str]) -> str:
    return _number(attributes.get("id", "").rpartition("_")[2])


def _words(value: object) -> str:
    return value if isinstance(value, str) else ""
