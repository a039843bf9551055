"""
Tokens of a recording in several files: the block of each file names interactions of that file alone.

A value that one file gives out and another brings back, or that two of them give out, belongs to no file's block, as
each file would mint a different value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.tokens.response_parts import texts
from chatgptfree_mock.tape.tokens.token_block import Return, Source, Token, TokenClass, TokenRefusal
from chatgptfree_mock.tape.tokens.token_plan import plan_tokens

Place = tuple[int, int]
"""The number of a file, from 0, and that of an interaction in it."""
_ACTING: Final = (TokenClass.TOKEN, TokenClass.CONSTANT)
_RUN: Final = LazyPattern(r"[A-Za-z0-9]+")


class SplitTokens(NamedTuple):
    """The tokens of each of several files, and the names of those that no file can have alone."""

    files: tuple[tuple[Token, ...], ...]
    across: tuple[str, ...]

    @property
    def note(self) -> str:
        """Return what the user has to know about `across`, and can do; empty if there is nothing."""
        if not self.across:
            return ""
        names = ", ".join(f"`{name}`" for name in self.across)
        return (
            f"left out of x-tokens, and replayed as recorded: {names}; no file has all of their responses and "
            "requests: record a shorter session"
        )


def split_tokens(cassette: Cassette, places: Mapping[int, Place]) -> SplitTokens:
    """
    Return the tokens of *cassette*, by the file that has all interactions that an entry needs.

    *places*: where each interaction is written; one that is not written has none.

    Raises:
        CassetteError: a token of *cassette* cannot act.
    """
    plan = plan_tokens(cassette)
    values = {
        id(each.token): each.value for required_tokens in plan.required_tokens.values() for each in required_tokens
    }
    files: list[list[Token]] = [[] for _ in range(1 + max((file for file, _ in places.values()), default=0))]
    across: dict[str, None] = {}
    holders = _holders(cassette, list(values.values()), places)
    for token in plan.tokens:
        own = [each.interaction for each in token.back] + ([token.source.interaction] if token.source else [])
        needed = {places[number][0] if number in places else None for number in own}
        if token.kind in _ACTING:
            needed |= holders[values[id(token)]]
        file = needed.pop() if len(needed) == 1 else None
        if file is not None:
            files[file].append(_moved(token, places))
        elif token.kind in _ACTING:
            across[token.name] = None
    return SplitTokens(tuple(map(tuple, files)), tuple(across))


def _holders(cassette: Cassette, values: Sequence[str], places: Mapping[int, Place]) -> dict[str, set[int | None]]:
    """Return the files whose responses hold the longest run of letters and digits of each value; no escape hides it."""
    runs = {value: max(_RUN.findall(value) or [value], key=len) for value in values}
    found: dict[str, set[int | None]] = {value: set() for value in values}
    for number, interaction in enumerate(cassette.interactions):
        for _, text in texts(interaction.response) if number in places else ():
            for value, run in runs.items():
                if run in text:
                    found[value].add(places[number][0])
    return found


def _moved(token: Token, places: Mapping[int, Place]) -> Token:
    """Return *token* with the numbers that its interactions have in their file."""
    refused, source = token.refused, token.source
    if refused is not None and refused.interaction is not None:
        same = places.get(refused.interaction, (None, 0))[0] == places[token.back[0].interaction][0]
        number = places[refused.interaction][1] if same else None
        refused = TokenRefusal(status=refused.status, interaction=number)
    return replace(
        token,
        back=[Return(interaction=places[each.interaction][1], place=each.place) for each in token.back],
        source=None
        if source is None
        else Source(interaction=places[source.interaction][1], part=source.part, decodings=source.decodings),
        refused=refused,
    )
