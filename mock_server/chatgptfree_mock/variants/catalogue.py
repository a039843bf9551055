"""
All variants of one recorded answer, and the selection of those that run.

Variants without effect are left out: one that changes nothing, one that has the same bytes as another (which is named),
and a breakage with the bytes of an equivalent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache, partial
from itertools import chain
from typing import Final

from msgspec import Struct

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.suggestion import did_you_mean, there_are
from chatgptfree_mock.variants.chunk_rules import CHUNK_RULES
from chatgptfree_mock.variants.coding_rules import CODING_RULES
from chatgptfree_mock.variants.cut_rules import CUT_RULES
from chatgptfree_mock.variants.error_event_rules import ERROR_EVENT_RULES
from chatgptfree_mock.variants.event_rules import EVENT_RULES
from chatgptfree_mock.variants.framing_rules import FRAMING_RULES
from chatgptfree_mock.variants.grades import DEFAULT_GRADES, GRADES, Grade
from chatgptfree_mock.variants.json_rules import JSON_RULES
from chatgptfree_mock.variants.pace_rules import PACE_RULES
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer
from chatgptfree_mock.variants.rule import Rule, TextRule, VariantKind
from chatgptfree_mock.variants.status_rules import STATUS_RULES
from chatgptfree_mock.variants.wire_bytes import Answer, WireBytes, render

FAMILIES: Final = ("chunks", "pace", "framing", "coding", "events", "json", "cut", "status")
_KEPT: Final = 4
"""Answers whose variants are kept: those of one are some hundred times as large as the answer."""


class Variant(Struct, frozen=True, kw_only=True):
    """
    An answer in place of the recorded one, and the expected result of a client.

    *grade*, *source*, *short*, *codings*, *error* and *once* are those of its `Rule`.  *undetectable*: for a breakage,
    whether no client could notice it in this recording.
    """

    name: str
    kind: VariantKind
    grade: Grade
    source: str
    answer: Answer
    sent: WireBytes
    """The bytes of *answer* for a client of HTTP/1.1."""
    short: bool = False
    codings: tuple[str, ...] = ()
    error: str = ""
    once: bool = False
    undetectable: bool = False

    @property
    def family(self) -> str:
        """Return the part of the name before the slash."""
        return self.name.partition("/")[0]


class Catalogue(Struct, frozen=True, kw_only=True):
    """The *variants* of an answer in the order of `FAMILIES`, and the names *left_out*, each with the reason."""

    variants: tuple[Variant, ...]
    left_out: tuple[tuple[str, str], ...]

    def select(
        self,
        globs: Sequence[str] = (),
        *,
        everything: bool = False,
        grades: Collection[int] | None = None,
        partly: bool = False,
    ) -> tuple[Variant, ...]:
        """
        Return the variants that run: the short list, *everything*, or those whose names match one of *globs*.

        *grades*: only these; None: 1 and 2, or any where *globs* name them.  *partly*: if all variants of a
        pattern are left out, the others still run; the caller shows what `named` has left out.

        Raises:
            SettingsError: a pattern matches no variant of this answer, or none of *grades*; the message has the reason,
            or the nearest name.
        """
        wanted = grades if grades is not None else GRADES if globs else DEFAULT_GRADES
        checked = [glob for glob in globs if not (partly and self._is_left_out(glob))]
        for glob in checked or globs:
            self._check(glob, wanted)
        return tuple(
            variant
            for variant in self.variants
            if variant.grade in wanted and (_matches(variant.name, globs) if globs else everything or variant.short)
        )

    def named(self, globs: Sequence[str]) -> Catalogue:
        """Return a catalogue of the names that match *globs*, left out or not; without *globs* this one."""
        if not globs:
            return self
        return Catalogue(
            variants=tuple(variant for variant in self.variants if _matches(variant.name, globs)),
            left_out=tuple(pair for pair in self.left_out if _matches(pair[0], globs)),
        )

    def _is_left_out(self, glob: str) -> bool:
        """Return whether *glob* matches names that are left out, and no others."""
        found = self.named([glob])
        return bool(found.left_out) and not found.variants

    def _check(self, glob: str, grades: Collection[int]) -> None:
        if found := self.named([glob]).variants:
            has = {variant.grade for variant in found}
            if not has.intersection(grades):
                raise SettingsError(
                    f"`{glob}` is of grade {_either(has)}, but only grade {_either(grades)} is asked for"
                )
            return
        for name, reason in self.left_out:
            if _matches(name, [glob]):
                raise SettingsError(f"the variant `{glob}`: {name} is left out: {reason}")
        names = [variant.name for variant in self.variants]
        families = dict.fromkeys(name.partition("/")[0] for name in (*names, *(name for name, _ in self.left_out)))
        patterns = [f"{family}/*" for family in families]
        hint = did_you_mean(glob, patterns if glob.endswith("*") else names) or there_are(patterns)
        if f"{glob}/".startswith("tls/") and "tls" not in families:
            hint = "; faults of TLS are tried by `chatgptfree-mock crashtest --cassette PATH --intercept`"
        raise SettingsError(f"no variant of this recording is called `{glob}`{hint}")


def _either(grades: Collection[int]) -> str:
    return " or ".join(map(str, sorted(grades)))


def _matches(name: str, globs: Sequence[str]) -> bool:
    """Return whether *name* matches one of *globs*; a family alone, such as `cut`, matches all that is in it."""
    return any(name.partition("/")[0] == glob or fnmatchcase(name, glob) for glob in globs)


@lru_cache(_KEPT)
def variants_of(answer: RecordedAnswer) -> Catalogue:
    """Return all variants of *answer*; they are made once for all the tests of a recording."""
    made = [(rule, found) for rule in RULES if (found := rule.rewrite(answer)) is not None]
    # Of two with the same bytes the one in the short list is kept, and an equivalent rather than a breakage.
    order = sorted(made, key=lambda pair: (pair[0].kind is VariantKind.BREAKAGE, not pair[0].short))
    seen: dict[tuple[object, ...], str] = {_key("", render(answer.answer())): "the recorded answer"}
    left_out: list[tuple[str, str]] = []
    variants: dict[str, Variant] = {}
    for rule, found in order:
        sent = render(found)
        same = seen.setdefault((*_key(rule.family, sent), rule.once), rule.name)
        same = seen.get(_key(rule.family, sent), same) if not rule.once else same
        if same != rule.name:
            left_out.append((rule.name, f"byte for byte as {same}"))
        else:
            variants[rule.name] = _variant(rule, answer, found, sent)
    return Catalogue(
        variants=tuple(variants[rule.name] for rule in RULES if rule.name in variants), left_out=tuple(left_out)
    )


def _key(family: str, sent: WireBytes) -> tuple[object, ...]:
    """Return a key that differs for different answers; times count only for a pace."""
    paced = family == "pace" and len(set(sent.send_times)) > 1
    return *sent.identity, (sent.sizes, sent.send_times) if paced else ()


def _variant(rule: Rule, answer: RecordedAnswer, found: Answer, sent: WireBytes) -> Variant:
    return Variant(
        name=rule.name,
        kind=rule.kind,
        grade=rule.grade,
        source=rule.source,
        answer=found,
        sent=sent,
        short=rule.short,
        codings=rule.codings,
        error=rule.error,
        once=rule.once,
        undetectable=rule.kind is VariantKind.BREAKAGE and rule.hidden(answer),
    )


_DELIVERED: Final = {rule.name: rule for rule in (*CHUNK_RULES, *PACE_RULES, *FRAMING_RULES, *CODING_RULES)}
_WRITTEN: Final = {rule.name: rule for rule in (*EVENT_RULES, *JSON_RULES)}
_COMBINED: Final = {
    ("chunks/bytes", "chunks/every:7", "coding/gzip", "framing/length", "framing/close"): (
        *(
            "events/crlf",
            "events/no-space",
            "events/comment",
            "events/several-data-lines",
            "events/comment-before-data",
        ),
        *("json/ascii", "json/utf8", "json/escaped-slashes", "json/escaped-values", "json/keys-backwards"),
        "json/indented",
    ),
    ("chunks/crlf", "chunks/lines", "chunks/between-line-ends"): ("events/crlf", "events/cr"),
    ("chunks/utf8",): ("json/utf8", "events/line-separators", "events/crlf"),
    ("chunks/inside-escapes",): ("json/ascii", "json/escaped-values"),
    ("pace/pause-in-a-character",): ("json/utf8",),
}
"""Rules of delivery, and the spellings that each is combined with."""
_SHORT_COMBINED: Final = frozenset({("chunks/crlf", "events/crlf"), ("chunks/utf8", "json/utf8")})


def _combined() -> Iterator[Rule]:
    for delivered, written in _COMBINED.items():
        for first in delivered:
            for second in written:
                yield _combination(_DELIVERED[first], _WRITTEN[second])


def _combination(first: Rule, second: TextRule) -> Rule:
    return Rule(
        name=f"{first.name}+{second.name}",
        rewrite=partial(_both, first=first.rewrite, second=second),
        source=f"{first.source}; {second.source}",
        grade=max(first.grade, second.grade, 2),
        short=(first.name, second.name) in _SHORT_COMBINED,
        codings=first.codings,
    )


def _both(answer: RecordedAnswer, first: Callable[[RecordedAnswer], Answer | None], second: TextRule) -> Answer | None:
    spelled = answer.spelled(second.name, second.rewrite)
    return None if spelled is None else first(spelled)


def _by_family(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    return tuple(sorted(rules, key=lambda rule: FAMILIES.index(rule.family)))


RULES: Final[tuple[Rule, ...]] = _by_family(
    [
        *_DELIVERED.values(),
        *(rule.rule for rule in _WRITTEN.values()),
        *_combined(),
        *chain(ERROR_EVENT_RULES, CUT_RULES, STATUS_RULES),
    ]
)
"""All rules, family by family."""
