"""
A rule makes one variant of a recorded answer; each family is a table of rules.

A rewriting is a pure function from a `RecordedAnswer` to the answer sent in its place; None if there is nothing to
rewrite.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Final

from msgspec import Struct

from chatgptfree_mock.variants.grades import Grade
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer
from chatgptfree_mock.variants.wire_bytes import Answer

AnswerRewrite = Callable[[RecordedAnswer], Answer | None]
TextRewrite = Callable[[RecordedAnswer], bytes | None]


class VariantKind(StrEnum):
    """The result that a variant expects of a client."""

    EQUIVALENT = "equivalent"
    """A right client prints the same text as for the recorded answer."""
    BREAKAGE = "breakage"
    """A right client reports a failure."""


class Rule(Struct, frozen=True):
    """
    How one variant is made.

    *name*: `family/what`.  *grade*: one of `GRADES`.  *source*: the clause of a standard or the behaviour that it comes
    from.  *rewrite* makes it.  *short*: whether it is in the short list, which has one variant of each kind.
    *codings*: what the client's `Accept-Encoding` has to allow.  *hidden*: for a breakage, returns whether nothing in
    the answer could show it. *error*: the text of the error that is sent in place of the answer, empty if there is
    none.  *once*: whether the breakage hits only the first request.
    """

    name: str
    rewrite: AnswerRewrite
    source: str
    grade: Grade = 1
    kind: VariantKind = VariantKind.EQUIVALENT
    short: bool = False
    codings: tuple[str, ...] = ()
    hidden: Callable[[RecordedAnswer], bool] = lambda _: False
    error: str = ""
    once: bool = False

    @property
    def family(self) -> str:
        """Return the part of the name before the slash."""
        return self.name.partition("/")[0]


breakage: Final = partial(Rule, kind=VariantKind.BREAKAGE)
"""Makes a rule whose variant has to be reported; the arguments are those of `Rule`."""


class TextRule(Struct, frozen=True):
    """How an equivalent body is made; the rest of the answer stays.  See `Rule` for the fields."""

    name: str
    rewrite: TextRewrite
    source: str
    grade: Grade = 1
    short: bool = False

    @property
    def rule(self) -> Rule:
        """Return the rule that sends the rewritten body as the recorded one was sent."""

        def rewrite(answer: RecordedAnswer) -> Answer | None:
            spelled = answer.spelled(self.name, self.rewrite)
            if spelled is None or spelled is answer:
                return None if spelled is None else answer.answer()
            return spelled.answer(chunks="events")

        return Rule(self.name, rewrite, self.source, grade=self.grade, short=self.short)
