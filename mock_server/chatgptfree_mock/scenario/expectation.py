"""The result that a scenario expects of a client."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chatgptfree_mock.contract.settings import SettingsPart
from chatgptfree_mock.tape.extra_keys import Count

ErrorKind = Literal[
    "page",
    "challenge",
    "nonce",
    "rate_limited",
    "refused",
    "upstream",
    "protocol",
    "interrupted",
    "timeout",
    "connection",
    "too_large",
    "model",
]
"""The kinds of error that a good client distinguishes."""

DEFAULT_SECONDS = 10.0


class Big(SettingsPart, frozen=True, kw_only=True):
    """A text that is too long to write out: *text* repeated."""

    text: str
    """The text that repeats."""
    times: Count
    """The number of times that it is repeated."""
    head: str = ""
    """The text before the repeated one; empty by default."""
    tail: str = ""
    """The text after it; empty by default."""


class Expect(SettingsPart, frozen=True, kw_only=True):
    """
    The result that is expected of a client: the exact *text*, or an *error* of one of these kinds after *partial*.

    *pages* and *posts* are the largest numbers of requests for that; *seconds* is the time limit.
    """

    text: str | Big | None = None
    """The whole answer, character for character."""
    error: ErrorKind | list[ErrorKind] | None = None
    """The kind of error to be reported, or several kinds, any of which is right."""
    partial: str | Big = ""
    """With `error`: the text before the error."""
    pages: Count | None = None
    """The largest number of pages that a client may fetch; by default any number."""
    posts: Count | None = None
    """The largest number of requests to the chat, and, apart, of answers fetched by GET; by default any number."""
    seconds: Annotated[float, msgspec.Meta(gt=0)] = DEFAULT_SECONDS
    """The time limit for a client."""
    disguises: list[str] = msgspec.field(default_factory=list)
    """Parts of error texts that a naive client mistakes for an answer."""

    def __post_init__(self) -> None:
        if (self.text is None) == (self.error is None):
            raise ValueError("`expect` needs either `text` or `error`, and not both")
        if self.text is not None and self.partial:
            raise ValueError("`partial` goes with `error`: it is the text delivered before")
        if isinstance(self.error, list) and not self.error:
            raise ValueError("`error` lists no kind")

    @property
    def kinds(self) -> tuple[ErrorKind, ...]:
        """Return the kinds of error that are right; empty if a text is expected."""
        if self.error is None:
            return ()
        return (self.error,) if isinstance(self.error, str) else tuple(self.error)

    @property
    def delivered(self) -> str:
        """Return the expected output: the text, or the partial one."""
        wanted = self.text if self.text is not None else self.partial
        return wanted if isinstance(wanted, str) else wanted.head + wanted.text * wanted.times + wanted.tail
