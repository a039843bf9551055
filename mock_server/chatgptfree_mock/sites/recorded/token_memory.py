"""The memory of a replayed site: which value was given to which visitor, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Final

from msgspec import Struct

from chatgptfree_mock.contract.pack import Recordings
from chatgptfree_mock.contract.store import Store
from chatgptfree_mock.replay.minting import mint
from chatgptfree_mock.replay.token_check import Given, Visitor
from chatgptfree_mock.tape.tokens.record import ValueShape

_MOST: Final = 20_000
"""The greatest number of values that are kept; the oldest are dropped first."""
_TRIES: Final = 50
"""How often minting is repeated if the value is taken already, as a short one may be."""


class _Minted(Struct, frozen=True, kw_only=True):
    value: str
    at: float


class TokenMemory:
    """
    The values that one site gave out.

    Args:
        now: returns the seconds of the site's clock.
        random: makes the values.
        store: keeps them.
    """

    def __init__(self, *, now: Callable[[], float], random: Random, store: Store) -> None:
        self.now = now
        self._random = random
        self._given = store.table("given tokens", Given, most=_MOST)
        self._current = store.table("current tokens", _Minted, most=_MOST)

    def given(self, value: str) -> Given | None:
        """Return the record of *value*; None if it was never given out, or was dropped."""
        return self._given.get((value,))

    def visitor(self, cookies: Iterable[str], address: str) -> Visitor:
        """Return the visitor that sent *cookies* (their values) from *address*."""
        for value in cookies:
            given = self.given(value)
            if given is not None and given.visitor.jar:
                return Visitor(jar=given.visitor.jar, address=address)
        return Visitor(address=address)

    def new_jar(self, address: str) -> Visitor:
        """Return a new visitor, with a cookie jar of its own."""
        return Visitor(jar=f"{self._random.getrandbits(64):016x}", address=address)

    def current(self, recorded: str, shape: ValueShape, visitor: Visitor, life: float | None) -> str:
        """Return the value in place of *recorded* for *visitor*: the same one until its *life*, in seconds, is over."""
        now, key = self.now(), (visitor.key, recorded)

        def lives(minted: _Minted | None) -> bool:
            return minted is not None and (life is None or now < minted.at + life)

        minted = self._current.get(key)
        if minted is None or not lives(minted):
            fresh = _Minted(value=self._mint(recorded, shape), at=now)
            # Another process may have been faster.
            minted = self._current.update(key, lambda old: old if old is not None and lives(old) else fresh)
            self.give(minted.value, Given(recorded=recorded, visitor=visitor, at=minted.at))
        return minted.value

    def give(self, value: str, given: Given) -> None:
        """Remember that *value* was given out."""
        self._given.update((value,), lambda _: given)

    def _mint(self, recorded: str, shape: ValueShape) -> str:
        value = recorded
        for _ in range(_TRIES):
            value = mint(recorded, shape, self._random.randbytes(16))
            if value != recorded and self.given(value) is None:
                break
        return value


def memory_of(recordings: Recordings) -> TokenMemory | None:
    """Return a memory for the tokens of *recordings*, None where they are replayed as they were recorded."""
    if recordings.options.tokens == "off":
        return None
    return TokenMemory(now=recordings.now, random=recordings.random, store=recordings.store)
