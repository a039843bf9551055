"""Why a value that a request brings is not accepted."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from chatgptfree_mock.tape.tokens.plan import Demand
from chatgptfree_mock.tape.tokens.record import TokenClass


class Visitor(Struct, frozen=True, kw_only=True):
    """Whoever asks: a cookie jar that the site knows, or else an address."""

    jar: str = ""
    """Empty: no cookie that the site gave out came with the request."""
    address: str = ""

    @property
    def key(self) -> str:
        """Return what values are minted for."""
        return self.jar or f"@{self.address}"


class Given(Struct, frozen=True, kw_only=True):
    """A value that was given out."""

    recorded: str
    """The recorded value in whose place it was given."""
    visitor: Visitor
    at: float
    """Seconds of the site's clock."""

    def belongs_to(self, visitor: Visitor) -> bool:
        """Return whether *visitor* may bring it: its jar, or its address while one of both had no cookies."""
        if self.visitor.jar and visitor.jar:
            return self.visitor.jar == visitor.jar
        return self.visitor.address == visitor.address


def problem(
    demand: Demand,
    brought: str | None,
    given: Given | None,
    *,
    visitor: Visitor,
    accepted: Collection[str],
    life: float | None,
    now: float,
) -> str | None:
    """
    Return why a request that should satisfy *demand* is refused, in words; None if it is not.

    Args:
        demand: what is demanded.
        brought: the value at its place; None if there is none.
        given: what is known of that value; None if it was never given out.
        visitor: whoever brings it.
        accepted: the recorded values for which one is accepted at this place.
        life: seconds for which a value is accepted; None if that is not limited.
        now: seconds of the site's clock.
    """
    if demand.token.kind not in (TokenClass.TOKEN, TokenClass.CONSTANT):
        return None
    if brought is None:
        return "it is missing"
    if demand.token.kind is TokenClass.CONSTANT:
        same = brought == demand.value
        return None if same else f"it is {brought[:60]!r}, and the site gave out {demand.value[:60]!r}"
    if given is None:
        return "it is the recorded value, not one of this visit" if brought in accepted else "it was never given out"
    if given.recorded not in accepted:
        return "it was given out for another purpose"
    if not given.belongs_to(visitor):
        return "it was given to another visitor"
    if life is not None and now >= given.at + life:
        return f"its life of {life:g} s is over"
    return None
