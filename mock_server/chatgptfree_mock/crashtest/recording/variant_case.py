"""One variant of a recording for a test: its name, and the results that it allows."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Final

import msgspec

from chatgptfree_mock.crashtest.recording.plan import PAGE, STALL
from chatgptfree_mock.crashtest.recording.played_recording import load_played_recording
from chatgptfree_mock.crashtest.recording.token_variants import FAMILY
from chatgptfree_mock.crashtest.recording.variant_choice import catalogue_of
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.tape.files import RecordingSource
from chatgptfree_mock.variants.catalogue import Catalogue, Variant
from chatgptfree_mock.variants.grades import Grade
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer
from chatgptfree_mock.variants.rule import VariantKind

_ELSEWHERE: Final = (STALL, PAGE)
"""Prefixes of variants that tests cannot use: one waits, the other changes the page."""


class VariantCase(msgspec.Struct, frozen=True, kw_only=True):
    """
    A *variant* that a site serves in the place of the *recorded* answer, that of the exchange called *answer*.

    A variant of tokens keeps the recorded answer; the site is served with the option `tokens`.

    `name`, `grade` (1 to 3) and `source` are those of the table in the documentation of the crash test.
    """

    variant: Variant
    recorded: RecordedAnswer
    answer: str

    @property
    def name(self) -> str:
        """Return the name of the variant, such as ``cut/half``."""
        return self.variant.name

    @property
    def tokens(self) -> str | None:
        """Return the word of the option `tokens` that does the same; None for a variant of the answer."""
        return self.name.removeprefix(FAMILY) if self.name.startswith(FAMILY) else None

    @property
    def grade(self) -> Grade:
        """Return the grade of the variant, one of `GRADES`."""
        return self.variant.grade

    @property
    def source(self) -> str:
        """Return the clause of the standard, or the behaviour of real servers, that it comes from."""
        return self.variant.source

    @property
    def breaks(self) -> bool:
        """Return whether the answer is broken: a client must fail, or get all of it by other means."""
        return self.variant.kind is VariantKind.BREAKAGE

    def allows(self, *errors: type[BaseException]) -> AbstractContextManager[None, bool | None]:
        """
        Return a block around a test's question and its assertions: a broken answer may end it with one of *errors*.

        Where the answer is not broken, errors are failures.  Where it is and the client raises none, the assertions
        have to hold: a part of the answer is never right.

        Raises:
            SettingsError: *errors* has `AssertionError` or one of its bases, so that no assertion could fail.
        """
        if any(issubclass(AssertionError, error) for error in errors):
            raise SettingsError("chat_variant.allows(…) needs the client's own errors: these include AssertionError")
        return suppress(*errors) if self.breaks else nullcontext()

    def __repr__(self) -> str:
        """Return the variant's name and the expected result."""
        return f"<VariantCase {self.name}: {self.variant.kind}>"


def variant_cases(
    sources: Sequence[RecordingSource],
    globs: Sequence[str],
    *,
    answer: int | None = None,
    end_mark: str | None = None,
    everything: bool = False,
    anyway: bool = False,
) -> dict[str, VariantCase]:
    """
    Return the variants of the answer in a recording that match one of *globs*, by name.

    Without *globs* they are those of the short list, or *everything*.  *answer*: the number of the exchange that holds
    the answer, from 1; *end_mark*: a text in its end mark, where it is not found by itself;
    *anyway*: take an answer that is not whole.

    Raises:
        CassetteError: a file can't be read.
        SettingsError: there is no answer to vary, a pattern matches no variant of it, or an option is of a wrong type
            or has no effect.
    """
    if answer is not None and type(answer) is not int:
        raise SettingsError(f"answer: give the number of an exchange, not {answer!r:.60}")
    if end_mark is not None and (type(end_mark) is not str or not end_mark):
        raise SettingsError(f"end_mark: give a text, not {end_mark!r:.60}")
    for name, flag in (("everything", everything), ("anyway", anyway)):
        if not isinstance(flag, bool):
            raise SettingsError(f"{name}: give True or False, not {flag!r:.60}")
    if everything and globs:
        raise SettingsError("everything has no effect beside a pattern, which gives all variants of that name")
    recording = load_played_recording(sources, number=answer, mark=end_mark, anyway=anyway)
    found = catalogue_of(recording)
    for glob in globs:
        if f"{glob}/".startswith(_ELSEWHERE):
            raise SettingsError(
                f"`{glob}` is for `crashtest --cassette` only: a test gets variants of the answer and of tokens"
            )
    usable = tuple(each for each in found.variants if not each.name.startswith(_ELSEWHERE))
    catalogue = Catalogue(variants=usable, left_out=found.left_out)
    answer_name = str(recording.exchanges[recording.answer])
    return {
        variant.name: VariantCase(variant=variant, recorded=recording.recorded, answer=answer_name)
        for variant in catalogue.select(globs, everything=everything)
    }
