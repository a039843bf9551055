"""The properties of a site's pages that a comparison needs."""

from __future__ import annotations

import re
from typing import Final

import msgspec


class PageMarks(msgspec.Struct, frozen=True, kw_only=True):
    """How to find the chat and its token in a page, and the parts that depend on site or visit; all may be empty."""

    chats: tuple[str, ...] = ()
    """The CSS classes of the elements with a chat's settings."""
    config: str = "data-config"
    """The attribute with a chat's settings as JSON."""
    variables: re.Pattern[str] | None = None
    """Finds a script variable whose value is a JSON object; group 1 is its name, and the match ends at the object."""
    release: re.Pattern[str] | None = None
    """Finds the release of the site's software; group 1 is its number."""
    token: re.Pattern[str] | None = None
    """Matches a whole token of the site."""
    own_attributes: frozenset[str] = frozenset()
    """Attributes of a chat whose values differ between sites or visits."""
    text_attributes: frozenset[str] = frozenset()
    """Attributes whose value may be any text, so that a number there is not another type."""
    own_keys: frozenset[str] = frozenset()
    """Keys of the settings whose values differ between sites or visits."""
    prefixes: tuple[str, ...] = ()
    """The words, in small letters, that begin the site's own names: a client needs what has one in its name."""
    question: tuple[str, ...] = ("message",)
    """The fields of a request that distinguish questions, the most important first."""
    endpoint: str = ""
    """The path to which a chat sends requests; anything before it in a URL is the folder of the site."""

    def is_token(self, name: str, value: object) -> bool:
        """
        Return whether *value*, under *name*, is a token, by the name or by the form of the value.

        Digits alone may be any number, except those with leading zeros, by which redaction replaces tokens.
        """
        if not isinstance(value, str) or not value:
            return False
        is_number = value.isdigit() and not value.startswith("0000")
        return "nonce" in name.lower() or (self.has_form(value) and not is_number)

    def has_form(self, value: str) -> bool:
        """Return whether *value* has the form of a token."""
        return self.token is not None and self.token.fullmatch(value) is not None


ANY_PAGE: Final = PageMarks()
"""For an unknown site: a chat is an element with settings, or with a token beside other data."""
