"""
Resolve the `x-tokens` of a cassette for its replay: the value of each token, and the requests that must contain it.

An entry that cannot act is an error that names it: a place that its request does not have, a value that its response
does not hold, an interaction that could not be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.decoding.escapes import Decoding
from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.tokens.overlap import overlaps
from chatgptfree_mock.tape.tokens.request_values import request_values
from chatgptfree_mock.tape.tokens.response_parts import texts
from chatgptfree_mock.tape.tokens.slots import find_slots
from chatgptfree_mock.tape.tokens.token_block import (
    REPAIR,
    Source,
    Token,
    TokenClass,
    TokenRefusal,
    tokens_from_data,
)

_LEFT_OUT: Final = LazyPattern(r"\$\.\w+\[(\d+)\]")
_FEWEST: Final = 100
"""The fewest values that a shape must have to be minted; with fewer, two visitors would soon get the same one."""


class RequiredToken(Struct, frozen=True, kw_only=True):
    """A token that one request must contain at one place."""

    token: Token
    interaction: int
    """The index of the request in `Cassette.interactions`."""
    place: str
    value: str
    """The recorded value."""


class TokenPlan(Struct, frozen=True, kw_only=True):
    """The tokens of a cassette, ready to act; interactions are counted from 0, as `Cassette.interactions` has them."""

    tokens: tuple[Token, ...]
    """The entries of the block, in order."""
    interactions: int
    """The number of interactions."""
    index_of: Mapping[int, int]
    """From interactions as the file counts them, which a `TokenRefusal` names."""
    required_tokens: Mapping[int, tuple[RequiredToken, ...]]
    """By interaction: what its request has at the places of the tokens, of all classes."""
    written: Mapping[str, TokenClass]
    """The recorded values that responses get others for: minted, or the time."""
    constants: frozenset[str]
    """The recorded values that have to come back as they are given out, and are not replaced themselves."""
    lives: Mapping[str, float]
    """Seconds for which a value is accepted, by the recorded one, where that is limited."""
    refusals: Mapping[int, tuple[RequiredToken, ...]]
    """By interaction whose response refuses: the required tokens that it refuses for."""


class TokenConflictError(CassetteError):
    """The entry *number* of `x-tokens`, *token*, contradicts the entry *first*, which has the same value."""

    def __init__(self, number: int, token: Token, first: Token, *, file: str | None) -> None:
        problem = (
            f"the token `{token.name}` cannot act: its value is that of `{first.name}`, and no request "
            f"can bring it as it was recorded ({TokenClass.CONSTANT}) and as another ({TokenClass.TOKEN})"
        )
        super().__init__(problem, file=file, place=f"$.x-tokens[{number}]", repair="give both entries the same class")
        self.number = number


class _Numbers:
    """From interactions as the file counts them to those that could be read."""

    def __init__(self, cassette: Cassette) -> None:
        places = (_LEFT_OUT.match(each.place) for each in cassette.left_out)
        left_out = {int(place[1]) for place in places if place}
        self.in_file = len(cassette.interactions) + len(left_out)
        read = [number for number in range(self.in_file) if number not in left_out]
        self.index_of = {number: index for index, number in enumerate(read)}

    def index(self, number: int) -> int:
        """
        Return the index of what the file has as *number*.

        Raises:
            LookupError: it was left out; the message names it.
        """
        if number not in self.index_of:
            raise LookupError(f"interaction {number} could not be read")
        return self.index_of[number]


def plan_tokens(cassette: Cassette, *, or_else: str = "") -> TokenPlan:
    """
    Return the plan for the tokens of *cassette* on replay.

    *or_else*: what else the user can do about an entry that cannot act, besides repairing the block; empty for nothing.

    Raises:
        CassetteError: an entry of `x-tokens` is wrong, or cannot act; the message names it.
    """
    repair = f"{REPAIR}; {or_else}" if or_else else REPAIR
    numbers = _Numbers(cassette)
    tokens = tokens_from_data(list(cassette.tokens), interactions=numbers.in_file, file=cassette.path)
    required_tokens: dict[int, list[RequiredToken]] = {}
    refusals: dict[int, list[RequiredToken]] = {}
    written: dict[str, TokenClass] = {}
    lives: dict[str, float] = {}
    compared: dict[str, Token] = {}
    """By value: the first token that is required with it."""
    for number, token in enumerate(tokens):
        try:
            value, own = _required_tokens(cassette, token, numbers)
            refusing = _refusing(token, numbers, own)
        except LookupError as exc:
            problem = f"the token `{token.name}` cannot act: {exc.args[0]}"
            raise CassetteError(problem, file=cassette.path, place=f"$.x-tokens[{number}]", repair=repair) from exc
        if token.kind in (TokenClass.TOKEN, TokenClass.CONSTANT):
            first = compared.setdefault(value, token)
            if first.kind is not token.kind:
                raise TokenConflictError(number, token, first, file=cassette.path)
        for index, required in own:
            required_tokens.setdefault(index, []).append(required)
        if refusing is not None:
            refusals.setdefault(refusing, []).extend(required for _, required in own)
        if token.source is not None and token.kind in (TokenClass.TOKEN, TokenClass.CLOCK):
            # A value that is both is a token: a request has to bring it, and a time is never compared.
            written[value] = token.kind if written.get(value) is not TokenClass.TOKEN else TokenClass.TOKEN
        if token.lives is not None:
            lives[value] = min(token.lives, lives.get(value, token.lives))
    _check_apart(cassette, tokens, compared, written)
    return TokenPlan(
        tokens=tokens,
        interactions=len(cassette.interactions),
        index_of=numbers.index_of,
        required_tokens={index: tuple(each) for index, each in required_tokens.items()},
        written=written,
        constants=frozenset(compared.keys() - written.keys()),
        lives=lives,
        refusals={index: tuple(each) for index, each in refusals.items()},
    )


def _refusing(token: Token, numbers: _Numbers, own: Sequence[tuple[int, RequiredToken]]) -> int | None:
    """
    Return the index of the exchange that refuses *token*, which none of its *own* requests may be; None without one.

    Raises:
        LookupError: there is no such exchange, or its request brings the token back.
    """
    if token.refused is None or token.refused.interaction is None:
        return None
    index = numbers.index(token.refused.interaction)
    if index in [at for at, _ in own]:
        raise LookupError(
            f"response {token.refused.interaction} is not a refusal of it: its request brings it back (`back`)"
        )
    return index


def _check_apart(
    cassette: Cassette, tokens: Sequence[Token], compared: Mapping[str, Token], written: Mapping[str, TokenClass]
) -> None:
    """
    Check that no two values to be minted share characters in a response.

    Raises:
        CassetteError: two do.
    """
    minted = [value for value in compared if written.get(value) is TokenClass.TOKEN]
    for first, second, number in overlaps(cassette.interactions, minted):
        token, other = compared[second], compared[first]
        raise CassetteError(
            f"the token `{token.name}` cannot act: in response {number} it shares characters with `{other.name}`, "
            "and neither can have another value there",
            file=cassette.path,
            place=f"$.x-tokens[{tokens.index(token)}]",
            repair=f"give both entries the class {TokenClass.CONSTANT}",
        )


def refusal_of(token: Token) -> TokenRefusal:
    """Return the response to a wrong value of *token*; status 403 if the block has none."""
    return token.refused or TokenRefusal()


def _required_tokens(
    cassette: Cassette, token: Token, numbers: _Numbers
) -> tuple[str, list[tuple[int, RequiredToken]]]:
    """Return the recorded value of *token* and where it is required; raise `LookupError` if it cannot act."""
    if not token.back:
        raise LookupError("no request brings it back; give `back` at least one place")
    if token.kind in (TokenClass.TOKEN, TokenClass.CONSTANT) and token.source is None:
        raise LookupError(f"a {token.kind} needs `from`: the response that gives it out")
    if token.kind is TokenClass.TOKEN and token.shape.size < _FEWEST:
        shape = f"{token.shape.length} {token.shape.alphabet}"
        raise LookupError(f"it cannot be minted: of its shape, {shape}, there are only {token.shape.size} values")
    early = [each for each in token.back if token.source is not None and each.interaction <= token.source.interaction]
    if token.kind is TokenClass.TOKEN and token.source is not None and early:
        raise LookupError(
            f"request {early[0].interaction} has to bring it (`{early[0].place}`) before response "
            f"{token.source.interaction} gives it out, so no client could; take that place out of `back`, or name an "
            "earlier response in `from`"
        )
    at = [(numbers.index(each.interaction), each.place) for each in token.back]
    possible = [_values(cassette, index, place) for index, place in at]
    same = [value for value in possible[0] if all(value in others for others in possible)]
    if not same:
        raise LookupError(f"its places hold different values: {', '.join(place for _, place in dict.fromkeys(at))}")
    value = same[0] if token.source is None else _given_out(cassette, token.source, same, numbers)
    return value, [
        (index, RequiredToken(token=token, interaction=index, place=place, value=value)) for index, place in at
    ]


def _values(cassette: Cassette, index: int, place: str) -> list[str]:
    found = list(request_values(cassette.interactions[index].request))
    values = [entry.value for entry in found if entry.place == place]
    if not values:
        known = ", ".join(dict.fromkeys(entry.place for entry in found)) or "none"
        raise LookupError(f"request {index} has no place `{place}` (its places: {known})")
    return values


def _given_out(cassette: Cassette, source: Source, values: Iterable[str], numbers: _Numbers) -> str:
    """Return the first of *values* that the response at *source* holds after its decodings."""
    index = numbers.index(source.interaction)
    held = [text for part, text in texts(cassette.interactions[index].response) if part == source.part]
    if not held:
        raise LookupError(f"response {source.interaction} has no part `{source.part}`")
    deepest = source.decodings.count("base64")
    for value in values:
        slots = (slot for text in held for slot in find_slots(text, [value], deepest=deepest))
        if any(_is_read_by(source.decodings, slot.chain) for slot in slots):
            return value
    decoded = f" after decoding {', '.join(source.decodings)}" if source.decodings else ""
    raise LookupError(f"the {source.part} of response {source.interaction} does not hold its value{decoded}")


def _is_read_by(decodings: Sequence[Decoding], chain: Sequence[Decoding]) -> bool:
    """Return whether *chain* is *decodings*, or has fewer: a placeholder of redaction has nothing that is escaped."""
    rest = iter(decodings)
    return all(each in rest for each in chain) and chain.count("base64") == decodings.count("base64")
