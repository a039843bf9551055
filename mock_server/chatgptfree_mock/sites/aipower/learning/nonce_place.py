"""
The place of the nonce on a recorded page, and its form.

A release file can put a nonce anywhere into the attributes of a chat, and nowhere else; the mock's nonces are those of
WordPress.  If the recorded page has its nonce elsewhere, or in another form, the imitated page has no valid nonce.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from chatgptfree_mock.sites.aipower.learning.draft import Draft
from chatgptfree_mock.sites.aipower.learning.exchanges import SortedExchange

_USUAL: Final = re.compile("[0-9a-f]{10}")
_PLACES: Final = (
    ("in a hidden input", r"<input\b[^>]*{}"),
    ("in a script", r"<script\b[^>]*>(?:(?!</script)[\s\S])*{}"),
    ("in a tag of its own", r"<(?!/)[^>]*{}"),
)


def learn_nonce(draft: Draft, exchange: SortedExchange, sent: Collection[str]) -> None:
    """Note in *draft* if the page of *exchange* has a nonce that files cannot express; *sent* are later nonces."""
    tags = "".join(chat.tag for chat in exchange.page.chats)
    inside = sorted(nonce for nonce in sent if nonce in tags)
    page = exchange.interaction.response.body.decode(errors="replace")
    elsewhere = sorted(nonce for nonce in sent if nonce in page)
    if not inside and elsewhere:
        place = next((words for words, found in _PLACES if _is_at(found, elsewhere[0], page)), "elsewhere on the page")
        draft.lack(
            exchange.name,
            f"the nonce is {place}, where no release file can put it, so the page of this release has none",
        )
    elif inside and not any(map(_USUAL.fullmatch, inside)):
        letters = len(inside[0])
        draft.lack(
            exchange.name,
            f"the nonce is not ten hexadecimal digits but {letters} characters; the mock's are those of WordPress",
        )


def _is_at(pattern: str, nonce: str, page: str) -> bool:
    return re.search(pattern.replace("{}", re.escape(nonce)), page, re.IGNORECASE) is not None
