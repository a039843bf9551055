"""The chats of a page: their bots, their nonces, and the addresses at which they are asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit

from chatgptfree.core.protocol.site import origin
from chatgptfree.errors import NoNonceFound, PageError, UnknownModelError
from chatgptfree.messages import Bot, Generation, ReplyWarning

_HEX: Final = frozenset("0123456789abcdef")


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

    @property
    def lacks_nonce(self) -> str:
        """Return the words for a nonce that is missing, with what is there instead."""
        instead = f" (there is {self.nonce_found!r})" if self.nonce_found else ""
        return f"the nonce of bot {self.bot.id}{instead}"


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
        missing = [line for line in self.missing if line not in {chat.lacks_nonce for chat in lacking.values()}]
        missing += [f"the nonce of bot {bot} on the page; the site gave one on request" for bot in lacking]
        return replace(self, chats=given, missing=tuple(missing))


def is_nonce(text: str) -> bool:
    """Return whether *text* can be a nonce of WordPress: ten lower-case hexadecimal digits."""
    return len(text) == 10 and _HEX.issuperset(text)


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
