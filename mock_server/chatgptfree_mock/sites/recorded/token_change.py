"""The changes that the option `tokens` makes to a replay: other values, other spellings, or refusals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.replay.insertion import Insertion, with_body
from chatgptfree_mock.suggestion import nearest_or_all
from chatgptfree_mock.tape.model import Cassette, Response
from chatgptfree_mock.tape.replay_options import TokenMode
from chatgptfree_mock.tape.tokens.block import acting
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.token_block import Token, TokenClass, ValueShape
from chatgptfree_mock.tape.tokens.token_plan import RequiredToken
from chatgptfree_mock.variants.token_rules import TOKEN_RULES, TokenRule

_RULES: Final = {rule.name.partition("/")[2]: rule for rule in TOKEN_RULES}
_KEY: Final = b"chatgptfree"


class TokenChange(msgspec.Struct, frozen=True, kw_only=True):
    """How tokens are changed: by *rule*, for the token that *mode* names, or for all tokens."""

    rule: TokenRule
    mode: TokenMode

    @property
    def mints_nothing(self) -> bool:
        """Return whether the rule gives no value out."""
        return self.rule.mint("x", ValueShape(alphabet="any", length=1), _KEY) == ""

    def concerns(self, token: Token) -> bool:
        """Return whether the rule applies to *token*."""
        return token.kind is TokenClass.TOKEN and self.mode.name in (None, token.name)

    def mint(self, recorded: str, shape: ValueShape, seed: bytes) -> str | None:
        """Return a new value for *recorded*; None if the rule cannot make one."""
        return self.rule.mint(recorded, shape, seed[:64])

    def spelled(self, response: Response, values: Iterable[str]) -> Response:
        """Return *response* with *values* spelled as the rule has it; if that changes the body, it is one chunk."""
        if self.rule.spell is None:
            return response
        body = response.body.decode("utf-8", "surrogateescape")
        for value in values:
            body = self.rule.spell(response.header("content-type").lower(), body, value)
        return with_body(response, body.encode("utf-8", "surrogateescape"))

    def check(self, required_tokens: Collection[RequiredToken], insertions: Iterable[Insertion]) -> None:
        """
        Check that the change has an effect on a replay with these *required_tokens* and *insertions*.

        Raises:
            SettingsError: there is no such token, or the rule cannot make a value for any.
        """
        tokens = {each.token.name: None for each in required_tokens if each.token.kind is TokenClass.TOKEN}
        others = {each.token.name: each.token.kind for each in required_tokens}
        if self.mode.name in others and self.mode.name not in tokens:
            kind = others[self.mode.name]
            raise SettingsError(
                f"tokens={self.mode}: it is of the class {kind}, and only a {TokenClass.TOKEN} is minted"
            )
        if self.mode.name is not None and self.mode.name not in tokens:
            hint = nearest_or_all(self.mode.name, tokens)
            raise SettingsError(f"tokens={self.mode}: the recording has no such token{hint}")
        if not tokens:
            raise SettingsError(f"tokens={self.mode}: no request of the recording brings back what a response gave out")
        values = {each.value: each.token.shape for each in required_tokens if self.concerns(each.token)}
        if self.rule.refuses == "none" and not any(self._acts(each, values) for each in insertions):
            raise SettingsError(f"tokens={self.mode}: no value of this recording can be changed in this way")

    def _acts(self, insertion: Insertion, shapes: Mapping[str, ValueShape]) -> bool:
        own = {value: self.mint(value, shapes[value], _KEY) for value in insertion.values & shapes.keys()}
        new = {value: value if (minted := own.get(value)) is None else minted for value in insertion.values}
        plain = insertion.response(new)
        if self.rule.spell is None:
            return any(each not in (None, value) for value, each in own.items())
        return self.spelled(plain, filter(None, own.values())) != plain


def change_of(mode: TokenMode) -> TokenChange | None:
    """Return the change for *mode*; None for a replay with the usual values."""
    rule = _RULES.get(mode.word)
    return None if rule is None else TokenChange(rule=rule, mode=mode)


def with_found(cassette: Cassette) -> Cassette:
    """Return *cassette* with the tokens that are found in it, unless it has a block."""
    if cassette.tokens:
        return cassette
    return replace(cassette, tokens=acting(cassette, (each.token for each in find_tokens(cassette))).entries)
