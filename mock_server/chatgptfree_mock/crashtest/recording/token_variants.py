"""The variants `tokens/…` of a recording: those that can run, and the values of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chatgptfree_mock.crashtest.recording.required_tokens import RecordedTokens, RequiredTokens
from chatgptfree_mock.crashtest.recording.token_play import TokenVariant
from chatgptfree_mock.variants.catalogue import Variant
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer
from chatgptfree_mock.variants.rule import VariantKind
from chatgptfree_mock.variants.token_rules import TOKEN_RULES, TokenRule
from chatgptfree_mock.variants.wire_bytes import render

FAMILY: Final = "tokens/"
NONE: Final = "not applicable: no request up to the answer brings back a value that a response gave out"
NOT_BROUGHT: Final = "not applicable: the client brings back no value that a response gave out"
_NO_PLACE: Final = "not applicable: no value of this recording can be changed in this way"
_RULES: Final = {rule.name: rule for rule in TOKEN_RULES}
ReasonsLeftOut = tuple[tuple[str, str], ...]


def token_variants(
    tokens: RecordedTokens | None, recorded: RecordedAnswer, error: str, never_given: Sequence[str] = ()
) -> tuple[tuple[Variant, ...], ReasonsLeftOut]:
    """
    Return the variants of a recording with *tokens*, whose answer is *recorded*, and those left out, with the reasons.

    *error*: the text of the refusal.  *never_given*: a line for each value that no response gives out.
    """
    if tokens is None:
        why = f"not applicable: {never_given[0]}" if never_given else NONE
        return (), tuple((rule.name, why) for rule in TOKEN_RULES)
    acting = [rule for rule in TOKEN_RULES if _acts(rule, tokens)]
    left_out = tuple((rule.name, _NO_PLACE) for rule in TOKEN_RULES if rule not in acting)
    return tuple(_variant(rule, recorded, error) for rule in acting), left_out


def token_variant(name: str, tokens: RecordedTokens, required: RequiredTokens) -> TokenVariant:
    """Return what happens in a run of the variant *name*."""
    return TokenVariant(rule=_RULES[name], tokens=tokens, required=required)


def _variant(rule: TokenRule, recorded: RecordedAnswer, error: str) -> Variant:
    answer = recorded.answer()
    return Variant(
        name=rule.name,
        kind=rule.kind,
        grade=rule.grade,
        source=rule.source,
        answer=answer,
        sent=render(answer),
        short=rule.short,
        error=error if rule.kind is VariantKind.BREAKAGE else "",
        once=rule.once,
    )


def _acts(rule: TokenRule, tokens: RecordedTokens) -> bool:
    """Return whether *rule* gives anything out that is not as it was recorded."""
    variant = TokenVariant(rule=rule, tokens=tokens, required=tokens.required_tokens)
    values = variant.values(0)
    if rule.spell is None:
        return any(recorded != value for recorded, value in values.items())
    return any(variant.given(at, values) != insertion.response(values) for at, insertion in tokens.insertions.items())
