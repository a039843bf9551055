"""
The chats of a page: their bots, their nonces, and the addresses at which they are asked.

The document is parsed as a browser would, never searched with patterns, so that quotes, order, case and
minifiers don't matter, and comments, templates, scripts and other plugins' nonces don't count.  All values
of one bot come from one element.  What is missing stays missing: nothing is borrowed or guessed but the
address of ``admin-ajax.php``, which the page names elsewhere too.  Where an element lacks a place that all
known releases have, its value is looked for by structure in the same element, with a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal
from urllib.parse import parse_qs, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from chatgptfree.core.page import unfamiliar
from chatgptfree.core.page.addresses import PLUGIN, AjaxAddress, base_url, site_ajax_address, web_url
from chatgptfree.core.page.block_page import CHAT_ELEMENTS, excerpt, recognise, title_of
from chatgptfree.core.page.document import UnparsableError, parse
from chatgptfree.core.page.element_values import ElementValues, read_config, wpaicg_values
from chatgptfree.core.page.scripts import ConfigOf, Scripts
from chatgptfree.core.protocol import charset
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.core.protocol.site import origin
from chatgptfree.errors import (
    ChallengeError,
    ChatError,
    ErrorFacts,
    NoNonceFound,
    PageError,
    RateLimitedError,
    UnknownModelError,
    UpstreamError,
)
from chatgptfree.messages import Bot, Generation, ReplyWarning

_WPAICG: Final = "wpaicg"
_CLASSES: Final = frozenset(
    {"wpaicg-chat-shortcode", "wpaicg-chatbox", "aipkit_chat_container", "aipkit_popup_wrapper"}
)
_BESIDE_POPUPS: Final = ".aipkit_chat_container:not([data-config])"
_NEWER: Final = "unfamiliar-page"
_HEX: Final = frozenset("0123456789abcdef")

_OF_IMAGES: Final = "wpaicg-img-nonce"
"""The hidden input that each chat of 1.x has beside its own nonce; no chat is asked with that one."""
_SHORTCODES: Final = ("[wpaicg_chatgpt", "[aipkit_chatbot")

# The free edition of 2.3.31 refuses every stream, but answers as one JSON object.
_NEVER_STREAMS: Final = frozenset({"2.3.31"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatElement:
    """One chat on a page: a bot and what is needed to ask it."""

    bot: Bot
    nonce: str | None = field(repr=False)
    """None if the element has none that WordPress could have made; `nonce_found` is what it has instead."""
    nonce_found: str = ""
    post_id: str = ""
    names_post_id: bool = True
    """Whether the element has an attribute for a post id, which may be empty."""
    ajax_url: str
    page_url: str
    config: dict[str, Any] = field(default_factory=dict, repr=False)
    """AIPKit's `data-config`."""
    release: str | None = None
    """The release of the plugin, such as `2.4.71`; None if the page does not name it."""
    unfamiliar: tuple[str, ...] = ()
    """The differences from all known releases, in words."""

    @property
    def generation(self) -> Generation:
        """Return the protocol that this chat is asked with."""
        return self.bot.generation

    @property
    def has_nonce_endpoint(self) -> bool:
        """Return whether the site hands out fresh nonces without a page (2.3.41 and later)."""
        return "popupLabelEnabled" in self.config


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatPage:
    """A page with at least one chat on it, in the order of the document."""

    url: str
    release: str | None
    chats: tuple[ChatElement, ...]
    missing: tuple[str, ...] = ()
    """The values that a chat of this kind usually has and this page lacks, in words."""
    warnings: tuple[ReplyWarning, ...] = ()
    """Warnings about the origin of the page."""

    @property
    def bots(self) -> tuple[Bot, ...]:
        """Return each bot once."""
        return tuple({chat.bot.id: chat.bot for chat in reversed(self.chats)}.values())[::-1]

    def find(self, wanted: str | None) -> ChatElement:
        """
        Return the chat of the bot with the id or the name *wanted*; the first one for None.

        Raises:
            UnknownModelError: no bot of the page has it; the message lists those that exist.
        """
        fitting = [chat for chat in self.chats if wanted is None or chat.bot.id == wanted]
        if not fitting and wanted is not None:
            name = wanted.strip().casefold()
            fitting = [chat for chat in self.chats if chat.bot.name.strip().casefold() == name]
        if not fitting:
            there = ", ".join(f"{bot.id} ({bot.name})" if bot.name else bot.id for bot in self.bots)
            error = UnknownModelError(f"no bot {wanted!r} on the page; there is {there}", url=self.url)
            error.warnings = self.warnings
            raise error
        same_bot = [chat for chat in fitting if chat.bot.id == fitting[0].bot.id]
        return next((chat for chat in same_bot if chat.nonce), same_bot[0])

    def with_nonce(self, nonce: str) -> ChatPage:
        """Return this page with *nonce* in all its chats: a visitor has the same one in each."""
        given = tuple(replace(chat, nonce=nonce, nonce_found="") for chat in self.chats)
        lacking = {chat.bot.id: chat for chat in self.chats if not chat.nonce}
        missing = [line for line in self.missing if line not in {_no_nonce_of(chat) for chat in lacking.values()}]
        missing += [f"the nonce of bot {bot} on the page; the site gave one on request" for bot in lacking]
        return replace(self, chats=given, missing=tuple(missing))


def is_nonce(text: str) -> bool:
    """Return whether *text* can be a nonce of WordPress: ten lower-case hexadecimal digits."""
    return len(text) == 10 and _HEX.issuperset(text)


def read_page(head: ResponseHead, body: bytes) -> ChatPage:
    """
    Parse the chats on a usable page.

    Raises:
        ChallengeError: a block page answers in place of the site.
        NoNonceFound: no chat on the page has a nonce; `excerpt` shows what is there instead.
        PageError, RateLimitedError, UpstreamError: by the status.
    """
    page = parse_page(head, body)
    if not any(chat.nonce for chat in page.chats):
        raise no_nonce(page)
    return page


def no_nonce(page: ChatPage) -> NoNonceFound:
    """Return an error that shows what the chats of *page* have in place of a nonce."""
    instead = [f"bot {chat.bot.id} has {chat.nonce_found!r}" for chat in page.chats if chat.nonce_found]
    error = NoNonceFound(url=page.url, excerpt="; ".join(instead) or "the chats on the page have no nonce at all")
    error.warnings = page.warnings
    return error


def no_bot_id(page: ChatPage) -> PageError:
    """Return an error for a chat on *page* that does not name its bot, which every site requires."""
    return PageError("the chat on the page has no id of a bot", url=page.url)


def elsewhere(chat: ChatElement, page: ChatPage) -> PageError:
    """Return an error for a *chat* that is asked at another site than *page* is on."""
    there = urlsplit(chat.ajax_url)
    return PageError(
        f"the chat on the page is asked at {chat.ajax_url}, which is on another site, {origin(chat.ajax_url)};"
        f" to send the message there, allow the host {there.hostname!r} (allow_hosts)",
        url=page.url,
    )


def parse_page(head: ResponseHead, body: bytes) -> ChatPage:
    """
    Parse the chats on a page, also those without a nonce.

    Raises:
        ChatError: as `read_page`, and `NoNonceFound` only if there is no chat at all.
    """
    if block_page := recognise(head, body):
        raise block_page
    if head.status != 200:
        raise _by_status(head, body)
    try:
        tree = parse(charset.decode(head, body))
    except UnparsableError as error:
        raise PageError(f"the page can't be read: {error}", status=head.status, url=head.url) from error
    tree.strip_tags(["noscript", "template"])  # not there for a browser in which a chat works
    base = base_url(tree, head.url)
    release = _release(tree)
    site_ajax = site_ajax_address(tree, head, base)
    # In a popup the wrapper has all the values, and the container inside has none.
    popups = tree.css_first(".aipkit_popup_wrapper") is not None
    inside = {node.mem_id for node in tree.css(_BESIDE_POPUPS)} if popups else ()
    nodes = [node for node in tree.css(CHAT_ELEMENTS) if node.mem_id not in inside or _has_config(node)]
    scripts = Scripts(tree)
    chats = tuple(_chat(node, scripts, base, site_ajax, release) for node in nodes or _of_unknown_class(tree))
    chats = chats or tuple(_aipkit_chat({}, each.of_any, base, site_ajax, release) for each in scripts.of_json)
    if not chats:
        raise NoNonceFound(
            "No nonce found, because there is no chat on the page",
            status=head.status,
            url=head.url,
            excerpt=_instead(tree, body),
        )
    missing = tuple(_missing(release, chats))
    return ChatPage(url=head.url, release=release, chats=chats, missing=missing, warnings=_unfamiliar(chats))


def _has_config(node: LexborNode) -> bool:
    return unfamiliar.find_config(_attributes(node)) is not None


def _of_unknown_class(tree: LexborHTMLParser) -> list[LexborNode]:
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


def _unfamiliar(chats: tuple[ChatElement, ...]) -> tuple[ReplyWarning, ...]:
    found = [f"bot {chat.bot.id}: {'; '.join(chat.unfamiliar)}" for chat in chats if chat.unfamiliar]
    detail = "the page has another form than this client expects, so what it needs was found by structure: "
    return (ReplyWarning(code=_NEWER, detail=detail + " / ".join(found)),) if found else ()


def _by_status(head: ResponseHead, body: bytes) -> ChatError:
    status = head.status
    facts = ErrorFacts(status=status, url=head.url, excerpt=excerpt(body), retry_after=head.retry_after)
    if status == 429:
        return RateLimitedError("too many requests for the page", **facts)
    if status >= 500:
        return UpstreamError(f"the site failed with status {status}", **facts)
    if status in (401, 403):
        return ChallengeError(f"the site does not show its page (status {status})", **facts)
    return PageError(f"no page there (status {status})", **facts)


def _instead(tree: LexborHTMLParser, body: bytes) -> str:
    """Describe a page without a chat in a few words."""
    if not body.strip():
        return "the page is empty"
    title = title_of(tree)
    there = f"title {title!r}" if title else "no title"
    unresolved = next((word for word in _SHORTCODES if word in tree.text()), None)
    if unresolved:
        there += f", the shortcode {unresolved}…] unresolved"
    return f"no chat element on the page ({there}): {excerpt(body)}"


def _missing(release: str | None, chats: tuple[ChatElement, ...]) -> list[str]:
    missing = [] if release else ["the release of the plugin"]
    for chat in chats:
        if not chat.bot.id:
            missing.append("the id of a bot")
        if not chat.nonce:
            missing.append(_no_nonce_of(chat))
        if not chat.post_id:
            missing.append(f"the post id of bot {chat.bot.id}")
    return missing


def _no_nonce_of(chat: ChatElement) -> str:
    instead = f" (there is {chat.nonce_found!r})" if chat.nonce_found else ""
    return f"the nonce of bot {chat.bot.id}{instead}"


def _own_attributes(node: LexborNode) -> dict[str, str]:
    return {name.lower(): value or "" for name, value in node.attributes.items()}


def _attributes(node: LexborNode) -> dict[str, str]:
    """Return the attributes of a chat, and the values of its hidden inputs by their names, else their ids."""
    inputs = [each.attributes for each in node.css("input[type='hidden' i]") if each.id != _OF_IMAGES]
    named = {
        unfamiliar.input_name(each.get("name") or each.get("id") or ""): each.get("value") or "" for each in inputs
    }
    return {**named, **_own_attributes(node)}


def _chat(node: LexborNode, scripts: Scripts, base: str, site_ajax: AjaxAddress, release: str | None) -> ChatElement:
    attributes = _attributes(node)
    classes = attributes.get("class", "").split()
    known = bool(_CLASSES.intersection(classes))
    if any(each.startswith(_WPAICG) for each in classes):
        kind: Literal["shortcode", "widget"] = "widget" if "wpaicg-chatbox" in classes else "shortcode"
        chat = _wpaicg_chat(attributes, kind, base, site_ajax, release)
    else:
        chat = _aipkit_chat(attributes, scripts.config_of, base, site_ajax, release)
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


def _aipkit_chat(
    attributes: dict[str, str],
    script: ConfigOf,
    base: str,
    site_ajax: AjaxAddress,
    release: str | None,
) -> ChatElement:
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
        yield f"the ajax address is {address[:80]!r}, so the site's usual one is taken"


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


def _release(tree: LexborHTMLParser) -> str | None:
    """Return the release of the plugin that its own assets carry; others on the page have versions of their own."""
    for selector, attribute, path in (
        (f"script[src*='{PLUGIN}']", "src", "dist/js/public-main.bundle.js"),
        (f"script[src*='{PLUGIN}']", "src", "public/js/wp-ai-content-generator-public.js"),
        (f"link[href*='{PLUGIN}']", "href", "public/css/wp-ai-content-generator-public.css"),
    ):
        for node in tree.css(selector):
            address = _path_and_query(node.attributes.get(attribute) or "")
            if address is None or not address[0].endswith(PLUGIN + path):
                continue
            version = parse_qs(address[1]).get("ver", [""])[0]
            if all(part.isdecimal() for part in version.split(".")) and version.count("."):
                return version
    return None


def _path_and_query(address: str) -> tuple[str, str] | None:
    """Return path and query of *address*, or None if it is not an address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return parts.path, parts.query
