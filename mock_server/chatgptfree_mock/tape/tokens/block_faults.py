"""What is wrong with a block `x-tokens` that can act: places that are there twice, and keys without effect."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from chatgptfree_mock.tape.tokens.token_block import Return, Token, TokenClass
from chatgptfree_mock.tape.tokens.token_plan import TokenPlan


class BlockFault(msgspec.Struct, frozen=True, kw_only=True):
    """One fault of the entry *number*, from 0."""

    number: int
    key: str
    """The place within the entry, such as `.back[1]`."""
    problem: str
    repair: str


def block_faults(plan: TokenPlan) -> Iterator[BlockFault]:
    """Yield the faults of the block that *plan* was made of."""
    value_of = {
        id(required.token): required.value
        for required_tokens in plan.required_tokens.values()
        for required in required_tokens
    }
    seen: dict[tuple[Return, str], tuple[int, Token]] = {}
    for number, token in enumerate(plan.tokens):
        yield from _idle(number, token)
        for at, back in enumerate(token.back):
            first = seen.setdefault((back, value_of.get(id(token), "")), (number, token))
            if first[1] is not token or token.back.index(back) != at:
                yield _twice(number, at, token, first)


def _twice(number: int, at: int, token: Token, first: tuple[int, Token]) -> BlockFault:
    place = token.back[at]
    differs = "" if first[1] is token or _acts_alike(token, first[1]) else ", and the two differ in what they require"
    return BlockFault(
        number=number,
        key=f".back[{at}]",
        problem=f"the token `{token.name}`: `{place.place}` of request {place.interaction} is in x-tokens[{first[0]}] "
        f"already{differs}",
        repair="remove one of the two",
    )


def _acts_alike(one: Token, other: Token) -> bool:
    return (one.kind, one.shape, one.lives, one.refused) == (other.kind, other.shape, other.lives, other.refused)


def _idle(number: int, token: Token) -> Iterator[BlockFault]:
    """Yield the keys that have no effect on the class of *token*."""
    if token.lives is not None and token.kind is not TokenClass.TOKEN:
        yield _without_effect(number, token, "lives", "only a token has a life")
    if token.refused is not None and token.kind in (TokenClass.CLOCK, TokenClass.CLIENT):
        yield _without_effect(number, token, "refused", "its values are not compared, so none is refused")
    if token.source is not None and token.kind is TokenClass.CLIENT:
        yield _without_effect(number, token, "from", "the client makes it")


def _without_effect(number: int, token: Token, key: str, why: str) -> BlockFault:
    return BlockFault(
        number=number,
        key=f".{key}",
        problem=f"the token `{token.name}`: `{key}` has no effect on the class {token.kind}: {why}",
        repair=f"remove `{key}`, or change the class",
    )
