"""
The tokens of a recording: values that a response gives out and a request up to the answer sends back.

Pure.  They are those of the block `x-tokens`; a recording without the block is searched.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from chatgptfree_mock.replay.insertion import Insertion
from chatgptfree_mock.tape.model import Cassette, Interaction, Request
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.limits import refusal_of
from chatgptfree_mock.tape.tokens.request_values import request_values
from chatgptfree_mock.tape.tokens.response_parts import texts
from chatgptfree_mock.tape.tokens.token_block import Return, Token, TokenClass, ValueShape
from chatgptfree_mock.tape.tokens.token_names import NameKind, kind_of_name
from chatgptfree_mock.tape.tokens.token_plan import RequiredToken, plan_tokens

RequiredTokens = Mapping[int, tuple[RequiredToken, ...]]
"""By the index of the exchange: the values that its request must contain."""
_MAY_LACK: Final = ("cookie:", "header:")
"""Places that may be missing from a client's request: an undisturbed replay does not require them."""


class RecordedTokens(Struct, frozen=True, kw_only=True):
    """
    The tokens of a recording.

    *required_tokens*: which requests bring them.  *shapes*: what each recorded value looks like, but for those that
    follow from another, such as the same one decoded.  *insertions*: the responses that give some out, by index.
    *declared*: whether they come from a block `x-tokens`, instead of a search of the recording.
    """

    required_tokens: RequiredTokens
    shapes: Mapping[str, ValueShape]
    insertions: Mapping[int, Insertion]
    declared: bool = False

    def brought_by(self, requests: Sequence[tuple[int, Request]]) -> RequiredTokens:
        """
        Return what is required of a client whose undisturbed run made *requests*, each with the index of its exchange.

        A cookie or a header that the client does not send is not required.  Any other value that it does not send is
        required only if the block declares it, or its name is certain.
        """
        places: dict[int, set[str]] = {}
        for index, request in requests:
            places.setdefault(index, set()).update(entry.place for entry in request_values(request))
        return {
            index: kept
            for index, required_tokens in self.required_tokens.items()
            if index in places and (kept := tuple(each for each in required_tokens if self._asks(each, places[index])))
        }

    def _asks(self, required: RequiredToken, brought: Collection[str]) -> bool:
        if required.place in brought:
            return True
        sure = self.declared or kind_of_name(required.token.name) is NameKind.SURE
        return sure and not required.place.startswith(_MAY_LACK)


def recorded_tokens(cassettes: Sequence[Cassette], answer: int) -> RecordedTokens | None:
    """
    Return the values of the exchanges of *cassettes* up to the *answer*; None if none comes back.

    Raises:
        CassetteError: a block `x-tokens` cannot act, such as for a value that no response gives out.
    """
    interactions = tuple(each for cassette in cassettes for each in cassette.interactions)
    planned = _of_blocks(cassettes) if any(each.tokens for each in cassettes) else _found(interactions)
    needed = [each for index, found in planned.items() if index <= answer for each in found]
    shapes = {each.value: each.token.shape for each in needed}
    sources = {each.token.source.interaction for each in needed if each.token.source is not None}
    insertions = {
        at: Insertion(each.response, list(shapes))
        for at, each in enumerate(interactions)
        if at in sources or _may_hold(each, shapes)
    }
    given = frozenset().union(*(each.values for each in insertions.values()))
    derived = frozenset().union(*(each.derived for each in insertions.values()))
    # Values that cannot be replaced in any response stay as recorded and are not required.
    required_tokens = {
        index: kept
        for index, found in planned.items()
        if (kept := tuple(each for each in found if each.value in given | derived))
    }
    if not required_tokens:
        return None
    return RecordedTokens(
        required_tokens=required_tokens,
        shapes={value: shape for value, shape in shapes.items() if value in given},
        insertions={at: each for at, each in insertions.items() if each.values},
        declared=any(each.tokens for each in cassettes),
    )


def own_names(cassettes: Sequence[Cassette]) -> tuple[str, ...]:
    """Return the names of what a client makes itself, and of times: values of these are another in each run."""
    blocks = [entry for cassette in cassettes for entry in plan_tokens(cassette).required_tokens.values()]
    declared = [required.token for entry in blocks for required in entry]
    interactions = tuple(each for cassette in cassettes for each in cassette.interactions)
    found = declared or [each.token for each in find_tokens(Cassette(interactions=interactions))]
    return tuple(dict.fromkeys(each.name for each in found if each.kind in (TokenClass.CLIENT, TokenClass.CLOCK)))


def never_given(cassettes: Sequence[Cassette], answer: int) -> tuple[str, ...]:
    """
    Return a line for each value that only a site gives out, which no response holds before it is sent.

    Only requests up to the *answer* count.
    """
    interactions = tuple(each for cassette in cassettes for each in cassette.interactions)[: answer + 1]
    sent = [entry for each in interactions for entry in request_values(each.request)]
    if not any(kind_of_name(entry.name) is NameKind.SURE for entry in sent):
        return ()
    own = (each.token for each in find_tokens(Cassette(interactions=interactions)) if _is_unexplained(each.token))
    lines = (
        f"`{token.name}` of #{token.back[0].interaction + 1} is given out by no response before it: it is not demanded "
        "back; record the session from the page on that holds it"
        for token in own
    )
    return tuple(dict.fromkeys(lines))


def _is_unexplained(token: Token) -> bool:
    return token.kind is TokenClass.CLIENT and kind_of_name(token.name) is NameKind.SURE


def _may_hold(interaction: Interaction, values: Collection[str]) -> bool:
    """Return whether a response holds the longest run of letters and digits of one of *values*; no escape hides it."""
    runs = [max(re.findall(r"[A-Za-z0-9]+", value) or [value], key=len) for value in values]
    return any(run in text for _, text in texts(interaction.response) for run in runs)


def _of_blocks(cassettes: Sequence[Cassette]) -> dict[int, tuple[RequiredToken, ...]]:
    """Return the tokens that the blocks require; all interactions are counted from the first of the first cassette."""
    interactions = tuple(each for cassette in cassettes for each in cassette.interactions)
    found: dict[int, tuple[RequiredToken, ...]] = {}
    start = 0
    for cassette in cassettes:
        plan = plan_tokens(cassette)
        index_of = {number: start + index for number, index in plan.index_of.items()}
        for index, required_tokens in plan.required_tokens.items():
            tokens = (each for each in required_tokens if each.token.kind is TokenClass.TOKEN)
            found[start + index] = tuple(_with_refusal(each, start + index, index_of, interactions) for each in tokens)
        start += len(cassette.interactions)
    return {index: each for index, each in found.items() if each}


def _with_refusal(
    required: RequiredToken, index: int, index_of: Mapping[int, int], interactions: Sequence[Interaction]
) -> RequiredToken:
    """Return *required* of the request at *index* with the refusal that its block names, or any recording holds."""
    refused = required.token.refused
    if refused is None:
        others = _other_values(required, interactions)
        refused = refusal_of(interactions, Return(interaction=index, place=required.place), others)
    elif refused.interaction is not None:
        refused = replace(refused, interaction=index_of[refused.interaction])
    return replace(required, interaction=index, token=replace(required.token, refused=refused))


def _other_values(required: RequiredToken, interactions: Sequence[Interaction]) -> list[Return]:
    """Return where requests have another value at the place of *required*."""
    return [
        Return(interaction=at, place=entry.place)
        for at, each in enumerate(interactions)
        for entry in request_values(each.request)
        if entry.place == required.place and entry.value != required.value
    ]


def _found(interactions: tuple[Interaction, ...]) -> dict[int, tuple[RequiredToken, ...]]:
    """Return the required tokens among those that are found in the recording."""
    required_tokens: dict[int, tuple[RequiredToken, ...]] = {}
    for each in find_tokens(Cassette(interactions=interactions)):
        for back in each.token.back if each.token.kind is TokenClass.TOKEN else ():
            required = RequiredToken(token=each.token, interaction=back.interaction, place=back.place, value=each.value)
            required_tokens[back.interaction] = (*required_tokens.get(back.interaction, ()), required)
    return required_tokens
