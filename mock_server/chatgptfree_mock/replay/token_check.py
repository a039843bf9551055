"""Check the token in a request against the values that were given out."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from chatgptfree_mock.tape.tokens.token_block import TokenClass
from chatgptfree_mock.tape.tokens.token_plan import RequiredToken


class Sender(Struct, frozen=True, kw_only=True, gc=False):
    """The sender of a request, identified by a cookie that the site has set, else by its address."""

    jar: str = ""
    """The id of the cookie jar; empty if the request has no cookie that the site gave out."""
    address: str = ""

    @property
    def key(self) -> str:
        """Return the key under which the values of this sender are stored."""
        return self.jar or f"@{self.address}"


class Given(Struct, frozen=True, kw_only=True, gc=False):
    """A value that was given out."""

    recorded: str
    """The recorded value that it replaces."""
    sender: Sender
    at: float
    """Seconds of the site's clock."""
    life: int = 0
    """The `TokenMemory.life` at the time."""

    def belongs_to(self, sender: Sender) -> bool:
        """Return whether *sender* got the token: the cookie jar is the same, or the address if one had no jar."""
        if self.sender.jar and sender.jar:
            return self.sender.jar == sender.jar
        return self.sender.address == sender.address


def problem(
    required: RequiredToken,
    brought: str | None,
    given: Given | None,
    *,
    sender: Sender,
    accepted: Collection[str],
    life: float | None,
    now: float,
    since: int = 0,
) -> str | None:
    """
    Return the reason why a request does not satisfy *required*, in words; None if it does.

    Args:
        required: the token and its place.
        brought: the value at that place; None if there is none.
        given: the record of that value; None if it was never given out.
        sender: the sender of the request.
        accepted: the recorded values whose replacements are accepted at this place.
        life: seconds for which a value is accepted; None: no limit.
        now: seconds of the site's clock.
        since: the `TokenMemory.life` in which a value must have been given out.
    """
    if required.token.kind not in (TokenClass.TOKEN, TokenClass.CONSTANT):
        return None
    if not brought:
        return "it is missing"
    if required.token.kind is TokenClass.CONSTANT:
        # A constant that contains a token is given out with the minted one in it.
        same = brought == required.value or (given is not None and given.recorded == required.value)
        return None if same else f"it is {brought[:60]!r}, and the site gave out {required.value[:60]!r}"
    if given is None:
        return "it is the recorded value, not one of this visit" if brought in accepted else "it was never given out"
    if given.recorded not in accepted:
        return "it was given out for another purpose"
    if not given.belongs_to(sender):
        return "it was given to another visitor"
    if given.life < since:
        return "it has expired"
    if life is not None and now >= given.at + life:
        return f"it expired after {life:g} s"
    return None
