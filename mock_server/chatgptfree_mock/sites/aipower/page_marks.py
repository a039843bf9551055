"""The chat in the plugin's pages, for comparisons: classes, variables and attributes of releases 1.8.79 to 2.4.x."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from chatgptfree_mock.contract.page_marks import PageMarks
from chatgptfree_mock.contract.releases import Releases
from chatgptfree_mock.sites.aipower.match_rules import AJAX
from chatgptfree_mock.tape.model import Cassette

_PLUGIN: Final = b"gpt3-ai-content-generator/"
PAGE_MARKS: Final = PageMarks(
    chats=("wpaicg-chat-shortcode", "wpaicg-chatbox", "aipkit_chat_container", "aipkit_popup_wrapper"),
    variables=re.compile(r"\bvar\s+(\w*(?:wpaicg|aipkit)\w*)\s*=\s*(?=\{)", re.IGNORECASE),
    release=re.compile(r"gpt3-ai-content-generator/[^\s\"'>]*?[?&](?:amp;|#0*38;)?ver=(\d+\.[\d.]+)"),
    token=re.compile("[0-9a-f]{10}"),  # as wp_create_nonce makes them
    own_attributes=frozenset({"id", "data-nonce", "data-post-id", "data-bot-id"}),
    text_attributes=frozenset({"data-post-id", "data-bot-id", "data-url"}),
    own_keys=frozenset({"nonce", "ajaxUrl", "userIp", "botId", "postId"}),
    prefixes=("aipkit", "wpaicg"),
    question=("message", "bot_id"),
    endpoint=AJAX,
)


def releases_in_pages(cassettes: Iterable[Cassette], releases: Releases) -> tuple[str, ...]:
    """Return the *releases* named in the URLs of the plugin's files on the pages in *cassettes*, each once."""
    bodies = (each.response.body for cassette in cassettes for each in cassette.interactions)
    pages = (body.decode("latin-1") for body in bodies if _PLUGIN in body)
    found = (mark[1] for page in pages if PAGE_MARKS.release and (mark := PAGE_MARKS.release.search(page)))
    return tuple(name for name in dict.fromkeys(found) if name in releases.names)
