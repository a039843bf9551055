"""
The block `x-tokens` of a file: a list beside `x-recording`.

The block holds places and never values.  A token's value is read at its places, be it real or a placeholder of
redaction, so redaction and the block cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, get_args

import msgspec

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.suggestion import nearest
from chatgptfree_mock.tape.decoding.escapes import Decoding
from chatgptfree_mock.tape.extra_keys import strict
from chatgptfree_mock.tape.lazy_pattern import LazyPattern

Index = Annotated[int, msgspec.Meta(ge=0)]
Alphabet = Literal["digits", "hex", "letters-digits", "base64url", "any"]
REPAIR: Final = "repair it, or remove x-tokens and run `chatgptfree-mock tokens --write`"


class TokenClass(StrEnum):
    """The treatment of a value on replay."""

    TOKEN = "token"  # noqa: S105 - the name of a class, not a password
    """Belongs to one visit."""
    CONSTANT = "constant"
    """Equal for every visitor, such as the id of a post."""
    CLOCK = "clock"
    """Seconds or milliseconds since 1970, near the time of recording."""
    CLIENT = "client"
    """Made by the client, which sent it before it received it."""


class _BlockPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of the parts of the block: unknown keys are errors."""


_LETTERS: Final[dict[str, int]] = {"digits": 10, "hex": 16, "letters-digits": 62, "base64url": 64, "any": 62}
"""The number of characters of each alphabet; `any` is minted from letters and digits."""


class ValueShape(_BlockPart, frozen=True, kw_only=True):
    """The alphabet and the length of a value."""

    alphabet: Alphabet
    """The smallest alphabet that has all characters of the value; `hex` is lower case."""
    length: Index
    """In characters."""

    @property
    def size(self) -> int:
        """Return how many values there are of this shape."""
        return int(_LETTERS[self.alphabet] ** self.length)


class Source(_BlockPart, frozen=True, kw_only=True):
    """The first source of a value."""

    interaction: Index
    """From 0, as in ``$.interactions[0]``."""
    part: str
    """`body`, or `header:NAME`."""
    decodings: list[Decoding] = []
    """The least that has to be decoded before the value itself can be read, the outermost first."""


class Return(_BlockPart, frozen=True, kw_only=True):
    """A place at which a request sends a value back."""

    interaction: Index
    """From 0, as in ``$.interactions[0]``."""
    place: str
    """
    `query:NAME`, `form:NAME`, `json:$.PATH`, `cookie:NAME`, `header:NAME` or `path:NUMBER`.

    JSON within a value adds a path, as in `form:data:$.nonce`, and Digest its parameter: `header:authorization:nonce`.
    """


class TokenRefusal(_BlockPart, frozen=True, kw_only=True):
    """The response to a wrong value: a recorded one, or else a bare status."""

    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 403
    """Used where `interaction` is null."""
    interaction: Index | None = None
    """The recorded response, from 0; null: none was recorded."""


class Token(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True,
            rename={"kind": "class", "source": "from"}):  # fmt: skip
    """One entry of `x-tokens`."""

    name: str
    """The name of the field or cookie that holds it."""
    kind: TokenClass
    """The treatment of the value on replay."""
    shape: ValueShape
    """The alphabet and length of the value."""
    source: Source | None = None
    """Null for what the client made, and for a time that no response held."""
    back: list[Return]
    """The places where requests send it back; the value there must be the one that the visitor was given."""
    lives: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """Seconds for which a value is accepted; null: as long as the site runs."""
    refused: TokenRefusal | None = None
    """The response to a wrong value; null: status 403."""


_WRONG: Final = LazyPattern(r"unknown key `([^`]*)`|unknown value '([^']*)'")
"""In the problems of `strict`: an unknown key, an unknown word."""
_PARTS: Final[dict[str, type[msgspec.Struct]]] = {
    "shape": ValueShape,
    "from": Source,
    "back": Return,
    "refused": TokenRefusal,
}
_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "class": tuple(TokenClass),
    "alphabet": get_args(Alphabet),
    "decodings": get_args(Decoding),
}
"""By key: the words that are allowed."""


def tokens_from_data(value: object, *, interactions: int, file: str | None = None) -> tuple[Token, ...]:
    """
    Read the plain data of an `x-tokens` block.

    Args:
        value: what the file has under `x-tokens`.
        interactions: how many entries the file's list of interactions has.
        file: what complaints call the file.

    Raises:
        CassetteError: it is not such a block, or it names an interaction that the file does not have.
    """
    if not isinstance(value, list):
        raise CassetteError("the tokens are not a list", file=file, place="$.x-tokens", repair=REPAIR)
    tokens = tuple(_token(each, f"$.x-tokens[{number}]", file) for number, each in enumerate(value))
    for number, token in enumerate(tokens):
        for index in _interactions(token):
            if index >= interactions:
                problem = f"there is no interaction {index}; the last is {interactions - 1}"
                raise CassetteError(problem, file=file, place=f"$.x-tokens[{number}]", repair=REPAIR)
    return tokens


def _token(value: object, place: str, file: str | None) -> Token:
    try:
        return strict(value, Token, place=place, file=file)
    except CassetteError as exc:
        hint = _meant(exc.problem, (exc.place or place).removeprefix(place))
        raise CassetteError(exc.problem, file=file, place=exc.place, repair=f"{hint}{REPAIR}") from exc


def _meant(problem: str, inner: str) -> str:
    """Return the first words of a repair: the nearest known key or word at *inner*, a place in an entry."""
    found = _WRONG.search(problem)
    if found is None:
        return ""
    kind = next((part for end, part in _PARTS.items() if re.fullmatch(rf".*\.{end}(?:\[\d+\])?", inner)), Token)
    known = _WORDS.get(re.sub(r"\[\d+\]", "", inner.rpartition(".")[2])) if found[2] else kind.__struct_encode_fields__
    near = nearest(found[1] or found[2], known or ())
    return f"did you mean `{near}`? " if near else f"known: {', '.join(known)}; " if known else ""


def tokens_as_data(tokens: Sequence[Token]) -> list[dict[str, Any]]:
    """Return *tokens* as the plain data of an `x-tokens` block."""
    data: list[dict[str, Any]] = msgspec.to_builtins(list(tokens))
    return data


def _interactions(token: Token) -> list[int]:
    found = [each.interaction for each in token.back]
    if token.source is not None:
        found.append(token.source.interaction)
    if token.refused is not None and token.refused.interaction is not None:
        found.append(token.refused.interaction)
    return found
