"""The active rules of redaction, with a project's own: `[tool.chatgptfree_mock.redact]` of a pyproject.toml."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.suggestion import nearest_or_all
from chatgptfree_mock.tape.extra_keys import strict
from chatgptfree_mock.tape.redaction.names.secret_names import RULES, Name, classify, classify_holder, squeezed
from chatgptfree_mock.tape.redaction.text.findings import Secret

SEPARATOR: Final = "\n\0\n"
"""Joins texts that are read in one go; nothing that is found reaches over it."""


class RedactTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[tool.chatgptfree_mock.redact]` of a pyproject.toml."""

    keep: list[str] = []
    names: list[str] = []
    words: list[str] = []
    patterns: list[str] = []


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What is redacted: all of `RULES` but *keep*, and a project's own *names*, *words* and *patterns*."""

    keep: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    """Fields, JSON keys, attributes, headers and cookies whose values are secret."""
    words: tuple[str, ...] = ()
    patterns: tuple[re.Pattern[str], ...] = ()
    """If one has a group, only its first group is replaced."""

    @classmethod
    def make(
        cls, table: Mapping[str, Any] | None = None, *, keep: Iterable[str] = (), file: str | None = None
    ) -> Rules:
        """
        Take the rules from the *table* of a pyproject.toml, and from `--keep`.

        Raises:
            CassetteError: there is no such key or rule, or a pattern is not a regular expression.
        """
        entries = strict(dict(table or {}), RedactTable, place="$.tool.chatgptfree_mock.redact", file=file)
        kept = frozenset(keep) | frozenset(entries.keep)
        for rule in sorted(kept - RULES.keys()):
            raise CassetteError(f"no such redaction rule: `{rule}`{nearest_or_all(rule, RULES)}", file=file)
        return cls(
            keep=kept,
            names=frozenset(map(squeezed, entries.names)),
            words=tuple(word for word in entries.words if word),
            patterns=tuple(_compiled(pattern, file) for pattern in entries.patterns),
        )

    def name(self, name: str) -> Name | None:
        """Return what *name* reveals about its value, by the rules that are on."""
        found = Name("own", True) if self.names and squeezed(name) in self.names else classify(name)
        return None if found is None or found.rule in self.keep else found

    def holder(self, name: str) -> Name | None:
        """Return what *name* reveals about the plain fields of its object, by the rules that are on."""
        found = classify_holder(name)
        return None if found is None or found.rule in self.keep else found

    @property
    def names_end_alike(self) -> bool:
        """Whether `may_end_name` and `open_endings` see all names that count: a project's own end in any way."""
        return not self.names


def _compiled(pattern: str, file: str | None) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as exc:
        raise CassetteError(f"the pattern {pattern!r} is broken: {exc}", file=file) from exc


class Context(msgspec.Struct, frozen=True):
    """What each reader of a format needs: the rules, and how to read a text that it found inside."""

    rules: Rules
    nested: Callable[[str], list[Secret]]
    nested_all: Callable[[Sequence[str]], Iterator[tuple[int, Secret]]]
    """Read many texts: what is found, each with the number of its text."""
