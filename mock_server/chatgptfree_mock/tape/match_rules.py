"""The rules for matching a request with a recorded one: what must fit, and what decides between several that fit."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.suggestion import there_are
from chatgptfree_mock.tape.matchers import MATCH_WORDS, label, matcher
from chatgptfree_mock.tape.request_key import RequestKey
from chatgptfree_mock.tape.volatile import Volatile, check_volatile

_PLACE: Final = ("method", "scheme", "host", "port", "site", "path")
"""Words about the address of a request, not its contents."""
_DEFAULT_VOLATILE: Final = Volatile()


class MatchRules(Struct, frozen=True):
    """
    What must fit, what decides between several that fit, and what is never compared.

    *must* and *prefer* are words of `matchers`; of *prefer* the first weighs most.  *volatile* are names, patterns or
    JSON paths, see `Volatile`.

    Raises:
        SettingsError: a word does not exist.
    """

    must: tuple[str, ...] = ("method", "site", "path", "query", "body", "conditions")
    prefer: tuple[str, ...] = ("host", "selecting", "exact")
    volatile: Volatile = _DEFAULT_VOLATILE

    def __post_init__(self) -> None:
        for word in (*self.must, *self.prefer):
            matcher(word)

    def changed(self, *, match_on: Iterable[str] | None = None, volatile: Iterable[str] = ()) -> MatchRules:
        """
        Return these rules with a user's own: *match_on* in place of what must fit, *volatile* besides what is.

        Raises:
            SettingsError: a word of *match_on* does not exist or is *volatile* as well, or there is none; or a name of
                *volatile* has a bracket that is not closed.
        """
        more = tuple(volatile)
        check_volatile(more)
        if match_on is None:
            must, prefer = _without(self.must, more), _without(self.prefer, more)
        else:
            must, prefer = tuple(match_on), self.prefer
            if both := sorted(set(must) - set(_without(must, more))):
                raise SettingsError(f"`{both[0]}` is in match_on, and volatile: leave it out of one")
        if not must:
            raise SettingsError(f"match_on: no word at all{there_are(MATCH_WORDS)}")
        if must == self.must and not more:
            return self
        volatile_too = dataclasses.replace(self.volatile, names=(*self.volatile.names, *more))
        return replace(self, must=must, prefer=prefer, volatile=volatile_too)

    def by_path(self) -> MatchRules:
        """Return rules by which method and path decide; what else must fit in these only chooses between several."""
        must = tuple(dict.fromkeys(("method", *(word for word in self.must if word in _PLACE), "path")))
        others = tuple(word for word in self.must if word not in _PLACE)
        return replace(self, must=must, prefer=(*others, *self.prefer))

    def differences(self, request: RequestKey, recorded: RequestKey) -> list[str]:
        """Return a short text for each difference in what must fit."""
        return [
            f"{label(word)}: {text}" for word in self.must for text in matcher(word)(request, recorded, self.volatile)
        ]

    def fits(self, request: RequestKey, recorded: RequestKey) -> bool:
        """Return whether *recorded* answers *request*."""
        return not any(matcher(word)(request, recorded, self.volatile) for word in self.must)

    def distance(self, request: RequestKey, recorded: RequestKey) -> tuple[int, ...]:
        """Return how far a *recorded* request that fits is from *request*, per word of *prefer*."""
        return tuple(len(matcher(word)(request, recorded, self.volatile)) for word in self.prefer)


ANY_SITE: Final = MatchRules()
"""The rules for recordings of any site."""


def _without(words: Iterable[str], volatile: tuple[str, ...]) -> tuple[str, ...]:
    """Return *words* except *volatile* fields and headers."""
    never = Volatile(volatile)
    return tuple(word for word in words if not _is_never(never, *word.partition(":")[::2]))


def _is_never(never: Volatile, kind: str, name: str) -> bool:
    return bool(name) and (never.has_header(name) if kind == "header" else never.has(name))
