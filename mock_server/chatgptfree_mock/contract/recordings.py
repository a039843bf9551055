"""The recordings that a site answers from, with all that replaying them needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import msgspec

from chatgptfree_mock.contract.memory_store import MemoryStore
from chatgptfree_mock.contract.store import Store
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.replay_options import DEFAULT_OPTIONS, ReplayOptions


class Recordings(msgspec.Struct, frozen=True, kw_only=True):
    """
    The recordings that a site answers from.

    Attributes:
        cassettes: the recordings; by default none.
        options: for matching and replaying them.
        now: returns Unix seconds, as for `SitePack.build`.
        random: makes the values that are minted in place of recorded tokens.
        store: stores these values.
    """

    cassettes: Sequence[Cassette] = ()
    options: ReplayOptions = DEFAULT_OPTIONS
    now: Callable[[], float] = lambda: 0.0
    random: Random = msgspec.field(default_factory=Random)
    store: Store = msgspec.field(default_factory=MemoryStore)
