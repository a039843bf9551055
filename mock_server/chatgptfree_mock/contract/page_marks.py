"""The marks of a kind of site that a comparison of pages needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMarks:
    """How to find the chat and its token in a page, and what belongs to one site or visit; all of it may be empty."""

    chats: tuple[str, ...] = ()
    """The CSS classes of the elements that carry a chat."""
    config: str = "data-config"
    """The attribute that holds a chat's settings as JSON."""
    variables: re.Pattern[str] | None = None
    """Finds a script variable whose value is a JSON object; group 1 is its name, and the match ends at the object."""
    release: re.Pattern[str] | None = None
    """Finds the release of the site's software; group 1 is its number."""
    token: re.Pattern[str] | None = None
    """What a token of the site is in full."""
    own_attributes: frozenset[str] = frozenset()
    """Attributes of a chat whose values differ between sites or visits."""
    text_attributes: frozenset[str] = frozenset()
    """Attributes whose value may be any text, so that another spelling is not another type."""
    own_keys: frozenset[str] = frozenset()
    """Keys of the settings whose values differ between sites or visits."""
    endpoint: str = ""
    """The path that a chat is asked at; what precedes it in an address is the folder that the site is in."""

    def is_token(self, name: str, value: object) -> bool:
        """
        Return whether *value*, under *name*, is a token: by its name, or by its form.

        Digits alone may be any number, but for those that begin with zeros, which redaction puts in a token's place.
        """
        if not isinstance(value, str) or not value:
            return False
        is_number = value.isdigit() and not value.startswith("0000")
        return "nonce" in name.lower() or (self.has_form(value) and not is_number)

    def has_form(self, value: str) -> bool:
        """Return whether *value* has the form of a token."""
        return self.token is not None and self.token.fullmatch(value) is not None


ANY_PAGE: Final = PageMarks()
"""Nothing is known of the site: a chat is an element that has settings, or a token beside other data."""
