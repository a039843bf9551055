"""
One run of a client with other values in place of the recorded tokens, which requests must contain.

Pure: the values depend on the rule and on earlier refusals only, so a run can be repeated.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from chatgptfree_mock.crashtest.recording.required_tokens import RecordedTokens, RequiredTokens
from chatgptfree_mock.replay.insertion import with_body
from chatgptfree_mock.tape.model import Request, Response
from chatgptfree_mock.tape.request_key import decoded_path
from chatgptfree_mock.tape.tokens.request_values import request_values
from chatgptfree_mock.tape.tokens.token_plan import RequiredToken
from chatgptfree_mock.variants.token_rules import TokenRule

_PATH: Final = "path:"


class TokenVariant(Struct, frozen=True, kw_only=True):
    """A *rule*, the *tokens* of the recording, and those *required* of the client."""

    rule: TokenRule
    tokens: RecordedTokens
    required: RequiredTokens

    def values(self, life: int) -> dict[str, str]:
        """Return the values that are given out in the given *life* (0, 1 …), by the recorded ones."""
        kept = set() if self.rule.in_paths else self._in_paths()
        made = {}
        for recorded, shape in self.tokens.shapes.items():
            seed = f"{self.rule.name} {life} {recorded}".encode()
            value = None if recorded in kept else self.rule.mint(recorded, shape, seed[:64])
            made[recorded] = recorded if value is None else value
        for insertion in self.tokens.insertions.values():
            made = {**insertion.derived_values(made), **made}
        return made

    def given(self, index: int, values: Mapping[str, str]) -> Response:
        """Return the response at *index* with *values*, by the recorded ones, in the rule's spelling."""
        inserted = self.tokens.insertions[index].response(values)
        if self.rule.spell is None:
            return inserted
        body = inserted.body.decode("utf-8", "surrogateescape")
        for value in values.values():
            body = self.rule.spell(inserted.header("content-type").lower(), body, value)
        return with_body(inserted, body.encode("utf-8", "surrogateescape"))

    def _in_paths(self) -> set[str]:
        found = (each for required_tokens in self.tokens.required_tokens.values() for each in required_tokens)
        return {each.value for each in found if each.place.startswith(_PATH)}


class TokenPlay:
    """
    A run of a client on *variant*.

    *refused*: a line for each request that was refused.
    """

    def __init__(self, variant: TokenVariant) -> None:
        self._variant = variant
        self._lives = [variant.values(0)]
        self.refused: list[str] = []

    def as_recorded(self, request: Request) -> Request:
        """Return *request* with the recorded values in its path, so that it finds its exchange."""
        address, mark, query = request.uri.partition("?")
        known = {new: old for life in self._lives for old, new in life.items() if new}
        segments = (known.get(decoded_path(segment), segment) for segment in address.split("/"))
        return replace(request, uri="/".join(segments) + mark + query)

    def response(self, index: int, response: Response) -> Response:
        """Return the recorded *response* of the exchange at *index* with the values of this run."""
        gives = index in self._variant.tokens.insertions
        return self._variant.given(index, self._lives[-1]) if gives else response

    def refusal(self, index: int, request: Request) -> RequiredToken | None:
        """Return the token that the exchange at *index* requires and *request* lacks; None if it is to be answered."""
        required_tokens = self._variant.required.get(index, ())
        brought: dict[str, set[str]] = {}
        for entry in request_values(request):
            brought.setdefault(entry.place, set()).add(entry.value)
        problems = ((each, self._problem(each, brought.get(each.place, set()))) for each in required_tokens)
        refused = next((each for each in problems if each[1]), None)
        if refused is None and required_tokens and self._refuses_now():
            refused = required_tokens[0], "it has expired"
            self._lives.append(self._variant.values(len(self._lives)))
        if refused is None:
            return None
        required, problem = refused
        self.refused.append(f"`{required.token.name}` ({required.place}): {problem}")
        return required

    def printed(self, text: str) -> str:
        """Return the output of a client with the recorded values in place of those of this run."""
        for life in self._lives:
            for recorded, value in life.items():
                text = text.replace(value, recorded) if value else text
        return text

    def _refuses_now(self) -> bool:
        refuses = self._variant.rule.refuses
        return refuses == "all" or (refuses == "first" and len(self._lives) == 1)

    def _problem(self, required: RequiredToken, brought: Collection[str]) -> str:
        """Return the reason in words why the values *brought* do not meet *required*; empty if they do."""
        values = [each for each in brought if each]
        if self._lives[-1][required.value] in values:
            return ""
        if not values:
            return "it is missing"
        if any(life[required.value] in values for life in self._lives):
            return "it has expired"
        return "it is the recorded one, not one of this visit" if required.value in values else "it was never given out"
