"""The memory of a replayed site: each value that was given out, to whom and when."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from msgspec import Struct

from chatgptfree_mock.contract.recordings import Recordings
from chatgptfree_mock.contract.store import Store
from chatgptfree_mock.replay.token_check import Given, Sender
from chatgptfree_mock.replay.token_values import mint
from chatgptfree_mock.sites.recorded.token_change import TokenChange, change_of
from chatgptfree_mock.tape.tokens.token_block import ValueShape

_MOST: Final = 20_000
"""The greatest number of values that are kept; the oldest are dropped first."""
_ONCE: Final = ("once",)
_TRIES: Final = 50
"""Attempts to mint a value that is not in use; a short one may be."""


class TokenToMint(Struct, frozen=True, kw_only=True):
    """A token that a response gives out."""

    recorded: str
    """The recorded value, which another one replaces."""
    shape: ValueShape
    lives: float | None = None
    """Seconds for which a value is accepted; None (default): no limit."""
    changed: bool = False
    """Whether `TokenMemory.change` makes the value, if it can, and the value expires with all others; default false."""


class _Minted(Struct, frozen=True, kw_only=True, gc=False):
    value: str
    at: float

    def lives(self, now: float, life: float | None) -> bool:
        return life is None or now < self.at + life


class _Expiry(Struct, frozen=True, kw_only=True):
    at: float


class TokenMemory:
    """
    The values that one site gave out.

    Args:
        now: returns the time of the site's clock, in seconds.
        random: makes the values.
        store: stores them.
        change: the change of the usual values; None: no change.
    """

    def __init__(
        self, *, now: Callable[[], float], random: Random, store: Store, change: TokenChange | None = None
    ) -> None:
        self.now = now
        self.change = change
        self._random = random
        self._given = store.table("given tokens", Given, capacity=_MOST)
        self._current = store.table("current tokens", _Minted, capacity=_MOST)
        self._expiries = store.table("expired tokens", _Expiry, capacity=1)

    @property
    def life(self) -> int:
        """Return 0, or 1 once all values were expired, so that only newer ones are accepted."""
        return int(self._expiries.get(_ONCE) is not None)

    def expire_once(self) -> bool:
        """Expire all values given out so far; return False if that was done before."""
        new = _Expiry(at=self.now())
        # Compared by identity: of two simultaneous requests, only the first finds its own entry.
        return self._expiries.update(_ONCE, lambda old: old or new) is new

    def given(self, value: str) -> Given | None:
        """Return the record of *value*; None if it was never given out, or was dropped."""
        return self._given.get((value,))

    def new_jar(self, address: str) -> Sender:
        """Return a new sender, with a cookie jar of its own."""
        return Sender(jar=f"{self._random.getrandbits(64):016x}", address=address)

    def current(self, wanted: TokenToMint, sender: Sender) -> str:
        """Return the value of *wanted* for *sender*: the same one until it expires."""
        if wanted.changed and self.change is not None and self.change.mints_nothing:
            return ""
        now, number = self.now(), self.life if wanted.changed else 0
        key = (sender.key, wanted.recorded, str(number))
        minted = self._current.get(key)
        if minted is not None and minted.lives(now, wanted.lives):
            return minted.value
        fresh = _Minted(value=self._mint(wanted), at=now)
        # Another process may have stored a value meanwhile.
        minted = self._current.update(key, lambda old: old if old and old.lives(now, wanted.lives) else fresh)
        self.give(minted.value, Given(recorded=wanted.recorded, sender=sender, at=minted.at, life=number))
        return minted.value

    def give(self, value: str, given: Given) -> None:
        """Remember that *value* was given out."""
        self._given.put((value,), given)

    def _mint(self, wanted: TokenToMint) -> str:
        change = self.change if wanted.changed else None
        value = wanted.recorded
        for _ in range(_TRIES):
            seed = self._random.randbytes(16)
            made = None if change is None else change.mint(wanted.recorded, wanted.shape, seed)
            value = mint(wanted.recorded, wanted.shape, seed) if made is None else made
            if value != wanted.recorded and self.given(value) is None:
                break
        return value


def memory_of(recordings: Recordings) -> TokenMemory | None:
    """Return a memory for the tokens of *recordings*; None if recorded tokens are replayed unchanged."""
    mode = recordings.options.tokens
    if mode.word == "off":
        return None
    return TokenMemory(now=recordings.now, random=recordings.random, store=recordings.store, change=change_of(mode))
