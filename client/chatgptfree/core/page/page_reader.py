"""
From a response to the chats on its page.

The document is parsed as a browser would, never searched with patterns, so that quotes, order, case and minifiers don't
matter, and comments, templates, scripts and other plugins' nonces don't count.  What is missing stays missing: nothing
is borrowed or guessed but the address of ``admin-ajax.php``, which the page names elsewhere too.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs, urlsplit

from selectolax.lexbor import LexborHTMLParser

from chatgptfree.core.page.addresses import PLUGIN, base_url, site_ajax_address
from chatgptfree.core.page.block_page import CHAT_ELEMENTS, excerpt, recognise, title_of
from chatgptfree.core.page.chat_elements import aipkit_chat, chat_of, has_config, of_unknown_class
from chatgptfree.core.page.chat_page import ChatElement, ChatPage, no_nonce
from chatgptfree.core.page.document import UnparsableError, parse
from chatgptfree.core.page.release_number import order
from chatgptfree.core.page.scripts import Scripts
from chatgptfree.core.protocol import charset
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import (
    ChallengeError,
    ChatError,
    ErrorFacts,
    NoNonceFound,
    PageError,
    RateLimitedError,
    UpstreamError,
)
from chatgptfree.messages import ReplyWarning

_BESIDE_POPUPS: Final = ".aipkit_chat_container:not([data-config])"
_NEWER: Final = "unfamiliar-page"
_SHORTCODES: Final = ("[wpaicg_chatgpt", "[aipkit_chatbot")


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
    nodes = [node for node in tree.css(CHAT_ELEMENTS) if node.mem_id not in inside or has_config(node)]
    scripts = Scripts(tree)
    chats = tuple(chat_of(node, scripts, base, site_ajax, release) for node in nodes or of_unknown_class(tree))
    chats = chats or tuple(aipkit_chat({}, each.of_any, base, site_ajax, release) for each in scripts.of_json)
    if not chats:
        raise NoNonceFound(
            "No nonce found, because there is no chat on the page",
            status=head.status,
            url=head.url,
            excerpt=_instead(tree, body),
        )
    missing = tuple(_missing(release, chats))
    return ChatPage(url=head.url, release=release, chats=chats, missing=missing, warnings=_unfamiliar(chats))


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
            missing.append(chat.lacks_nonce)
        if not chat.post_id:
            missing.append(f"the post id of bot {chat.bot.id}")
    return missing


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
            if order(version) and version.count("."):
                return version
    return None


def _path_and_query(address: str) -> tuple[str, str] | None:
    """Return path and query of *address*, or None if it is not an address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return parts.path, parts.query
