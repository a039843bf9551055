"""
Take the secrets out of an exchange before it is written, so that what is left still fits together.

A `Redactor` goes through the exchanges of one file in order and remembers what stands for what, so that the nonce of a
page is the nonce of the request that follows.  What one place proves secret (a cookie, a nonce's field) is replaced
wherever else it stands.  Bodies are worked on whole: a chunk border may cut a secret anywhere, and is moved along.
Pure: the rules come in as a value, and nothing is read or written.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.model import Cassette, Chunk, Headers, Interaction
from chatgptfree_mock.tape.recording import strict
from chatgptfree_mock.tape.secret_names import RULES, rule_for, squeezed
from chatgptfree_mock.tape.secret_scan import Secret, scan, scan_deltas
from chatgptfree_mock.tape.secret_shapes import looks_random
from chatgptfree_mock.tape.stand_ins import StandIns, is_stand_in
from chatgptfree_mock.tape.writing import write_interaction

Edit = tuple[int, int, str, str]
"""From, to, what comes there, by which rule."""

Spanned = list[tuple[Secret, tuple[tuple[int, int], ...]]]
"""Secrets, each with its spans in the text."""


class RedactTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[tool.chatgptfree_mock.redact]` of a pyproject.toml."""

    keep: list[str] = []
    names: list[str] = []
    words: list[str] = []
    patterns: list[str] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
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
            CassetteError: a key, a rule or a pattern is not one.
        """
        told = strict(dict(table or {}), RedactTable, place="$.tool.chatgptfree_mock.redact", file=file)
        kept = frozenset(keep) | frozenset(told.keep)
        for rule in sorted(kept - RULES.keys()):
            raise CassetteError(f"no redaction rule `{rule}`", file=file, repair=f"rules: {', '.join(RULES)}")
        return cls(
            keep=kept,
            names=frozenset(map(squeezed, told.names)),
            words=tuple(word for word in told.words if word),
            patterns=tuple(_compiled(pattern, file) for pattern in told.patterns),
        )

    def rule_for(self, name: str) -> str | None:
        """Return the rule that a value under *name* falls to, if any that is on."""
        rule = "own" if squeezed(name) in self.names else rule_for(name)
        return None if rule in self.keep else rule


def _compiled(pattern: str, file: str | None) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as exc:
        raise CassetteError(f"the pattern {pattern!r} is broken: {exc}", file=file) from exc


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A secret and the part of the exchange that holds it, such as `response.body`."""

    part: str
    secret: Secret


class Redactor:
    """
    Redacts the exchanges of one file, one after the other.

    *earlier* are those that the file holds already; their stand-ins are not used again.
    """

    def __init__(self, rules: Rules | None = None, *, earlier: Iterable[Interaction] = ()) -> None:
        self.rules = rules or Rules()
        self._stand_ins = StandIns()
        self._traced: dict[str, tuple[str, str]] = {}
        self._values: dict[str, set[str]] = {}
        self._places: dict[str, int] = {}
        for interaction in earlier:
            self._stand_ins.begin_after(write_interaction(interaction))

    def redact(self, interaction: Interaction) -> Interaction:
        """Return the exchange without its secrets; lengths, chunk borders and `Content-Length` are right again."""
        found = _Scanned.of(interaction, self.rules)
        for _, secret in found.secrets():
            self._learn(secret)
        request, response = interaction.request, interaction.response
        asked, _ = self._bytes(request.body, found.request_body) if request.body else (request.body, ())
        body, edits = self._bytes(response.body, found.response_body)
        return Interaction(
            request=replace(
                request,
                uri=self._apply(request.uri, found.uri)[0],
                headers=_resized(self._headers(request.headers, found.request_headers), request.body, asked),
                body=asked,
            ),
            response=replace(
                response,
                reason=self._apply(response.reason, found.reason)[0],
                headers=_resized(self._headers(response.headers, found.response_headers), response.body, body),
                body=body,
                chunks=moved(response.chunks, edits),
                # The encoded copy would tell what the other no longer does.
                raw=None if edits else response.raw,
                raw_chunks=() if edits else response.raw_chunks,
            ),
        )

    def report(self) -> list[str]:
        """Say what was replaced so far, for `x-recording.redacted`: one line a rule, no value."""
        return [
            f"{rule}: {_counted(len(self._values[rule]), 'value')} in {_counted(self._places[rule], 'place')}"
            for rule in RULES
            if rule in self._values
        ]

    def _learn(self, secret: Secret) -> None:
        rule, value = secret.rule, secret.value
        stand_in = self._stand_ins.of(rule, value)
        if _is_telling(rule, value):
            for spelling in {value, quote(value, safe=""), html.escape(value), value.replace("/", "\\/")}:
                self._traced[spelling] = (rule, stand_in)

    def _headers(self, headers: Headers, found: list[Spanned]) -> Headers:
        values = (self._apply(value, spanned)[0] for (_, value), spanned in zip(headers, found, strict=True))
        return tuple((name, value) for (name, _), value in zip(headers, values, strict=True))

    def _bytes(self, data: bytes, found: Spanned) -> tuple[bytes, tuple[Edit, ...]]:
        changed, edits = self._apply(data.decode("latin-1"), found)
        return changed.encode("latin-1"), edits

    def _apply(self, text: str, found: Spanned) -> tuple[str, tuple[Edit, ...]]:
        edits: list[Edit] = []
        for secret, spans in found:
            stand_in = self._stand_ins.of(secret.rule, secret.value).replace(*secret.spelled)
            for number, (start, end) in enumerate(spans):
                edits.append((start, end, stand_in if number == 0 else "", secret.rule))
        edits.extend(self._known_in(text))
        chosen = _apart(edits)
        for _, _, stand_in, rule in chosen:
            if stand_in:
                self._values.setdefault(rule, set()).add(stand_in)
                self._places[rule] = self._places.get(rule, 0) + 1
        pieces, position = [], 0
        for start, end, stand_in, _ in chosen:
            pieces += [text[position:start], stand_in]
            position = end
        return "".join([*pieces, text[position:]]), chosen

    def _known_in(self, text: str) -> Iterable[Edit]:
        for spelling, (rule, stand_in) in self._traced.items():
            start = text.find(spelling)
            while start >= 0:
                yield start, start + len(spelling), stand_in, rule
                start = text.find(spelling, start + len(spelling))


def redact(cassette: Cassette, rules: Rules | None = None) -> Cassette:
    """Redact a whole cassette, what stands for a secret in it already excepted, and note it in `x-recording`."""
    redactor = Redactor(rules, earlier=cassette.interactions)
    interactions = tuple(map(redactor.redact, cassette.interactions))
    notes: dict[str, Any] = {"redacted": [*cassette.recording.get("redacted", ()), *redactor.report()]}
    if redactor.rules.keep:
        notes["kept"] = sorted(redactor.rules.keep)
    return replace(cassette, interactions=interactions, recording={**cassette.recording, **notes})


def find_secrets(interaction: Interaction, rules: Rules | None = None) -> list[Found]:
    """Return all that looks like a secret, and where; what stands for one does not."""
    found = _Scanned.of(interaction, rules or Rules())
    return [Found(part=part, secret=secret) for part, secret in found.secrets()]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scanned:
    """The secrets of an exchange, part by part."""

    interaction: Interaction
    uri: Spanned
    request_headers: list[Spanned]
    request_body: Spanned
    reason: Spanned
    response_headers: list[Spanned]
    response_body: Spanned

    @classmethod
    def of(cls, interaction: Interaction, rules: Rules) -> _Scanned:
        request, response = interaction.request, interaction.response
        return cls(
            interaction=interaction,
            uri=list(_in_text(request.uri, rules, bare=True)),
            request_headers=[list(_in_header(name, value, rules)) for name, value in request.headers],
            request_body=list(_in_body((request.body or b"").decode("latin-1"), rules)),
            reason=list(_in_text(response.reason, rules, bare=True)),
            response_headers=[list(_in_header(name, value, rules)) for name, value in response.headers],
            response_body=list(_in_body(response.body.decode("latin-1"), rules)),
        )

    def secrets(self) -> Iterator[tuple[str, Secret]]:
        """Yield part and secret."""
        parts: list[tuple[str, Spanned]] = [("request.uri", self.uri)]
        for (name, _), found in zip(self.interaction.request.headers, self.request_headers, strict=True):
            parts.append((f"request.headers.{name}", found))
        parts += [("request.body", self.request_body), ("response.status.message", self.reason)]
        for (name, _), found in zip(self.interaction.response.headers, self.response_headers, strict=True):
            parts.append((f"response.headers.{name}", found))
        for part, found in [*parts, ("response.body", self.response_body)]:
            for secret, _ in found:
                yield part, secret


def _in_text(text: str, rules: Rules, *, bare: bool) -> Iterator[tuple[Secret, tuple[tuple[int, int], ...]]]:
    for secret in scan(text, names=rules.rule_for, bare=bare):
        if secret.rule not in rules.keep:
            yield secret, ((secret.start, secret.end),)
    for secret in _own(text, rules):
        yield secret, ((secret.start, secret.end),)


def _in_body(text: str, rules: Rules) -> Iterator[tuple[Secret, tuple[tuple[int, int], ...]]]:
    markup = text.lstrip()[:1] == "<"
    yield from _in_text(text, rules, bare=not markup)
    for secret, spans in scan_deltas(text):
        if secret.rule not in rules.keep:
            yield secret, spans


def _own(text: str, rules: Rules) -> Iterable[Secret]:
    for word in rules.words:
        utf8 = word.encode().decode("latin-1")
        for spelling in {word, utf8, quote(word, safe=""), quote(word).replace("%20", "+"), _escaped(word)}:
            for found in re.finditer(re.escape(spelling), text):
                yield Secret(start=found.start(), end=found.end(), rule="own", value=word)
    for pattern in rules.patterns:
        for found in pattern.finditer(text):
            group = 1 if pattern.groups else 0
            if found[group] and not is_stand_in(found[group]):
                start, end = found.span(group)
                yield Secret(start=start, end=end, rule="own", value=found[group])


def _escaped(word: str) -> str:
    return word.encode("ascii", "backslashreplace").decode()


def _in_header(name: str, value: str, rules: Rules) -> Iterator[tuple[Secret, tuple[tuple[int, int], ...]]]:
    kind = name.lower()
    if kind in ("cookie", "cookie2", "set-cookie", "set-cookie2"):
        yield from _in_cookies(value, rules, one=kind.startswith("set"))
        return
    rule = rules.rule_for(name)
    if rule == "authorization":
        start = value.find(" ") + 1
        if value[start:] and not is_stand_in(value[start:]):
            yield Secret(start=start, end=len(value), rule=rule, value=value[start:]), ((start, len(value)),)
    elif rule in ("keys", "nonces", "sessions", "challenge", "own") and len(value) >= 3 and not is_stand_in(value):
        yield Secret(start=0, end=len(value), rule=rule, value=value), ((0, len(value)),)
    else:
        yield from _in_text(value, rules, bare=True)


def _in_cookies(text: str, rules: Rules, *, one: bool) -> Iterator[tuple[Secret, tuple[tuple[int, int], ...]]]:
    """Take the value of every cookie, whatever its name; *one*: a `Set-Cookie`, whose attributes stay."""
    for piece in re.finditer(r"[^;]+", text):
        name, _, value = piece[0].partition("=")
        value = (value or name).strip().strip('"')
        rule = rules.rule_for(name.strip())
        rule = rule if rule in ("challenge", "own") else "cookies"
        if value and rule not in rules.keep and not is_stand_in(value):
            start = piece.start() + piece[0].rindex(value)
            yield Secret(start=start, end=start + len(value), rule=rule, value=value), ((start, start + len(value)),)
        if one:
            return


def _apart(edits: list[Edit]) -> tuple[Edit, ...]:
    """Leave of edits that overlap the one that begins first, or reaches furthest."""
    chosen: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: (edit[0], -edit[1])):
        if not chosen or edit[0] >= chosen[-1][1]:
            chosen.append(edit)
    return tuple(chosen)


def moved(chunks: tuple[Chunk, ...], edits: Iterable[Edit]) -> tuple[Chunk, ...]:
    """
    Return *chunks* as they cut the edited body.

    A border outside the edits stays where it was in the text; one inside an edit stays as far into what came there, or
    moves to its end.  A chunk of which nothing is left is gone.
    """
    changes = [(start, end, len(stand_in)) for start, end, stand_in, _ in edits]
    borders, shift, index = [0], 0, 0
    for border in accumulate(size for _, size in chunks):
        while index < len(changes) and changes[index][1] <= border:
            start, end, length = changes[index]
            shift += length - (end - start)
            index += 1
        inside = index < len(changes) and changes[index][0] < border
        start, _, length = changes[index] if inside else (border, border, 0)
        borders.append(start + shift + min(border - start, length))
    sizes = [end - start for start, end in pairwise(borders)]
    return tuple((due, size) for (due, _), size in zip(chunks, sizes, strict=True) if size)


def _resized(headers: Headers, before: bytes | None, after: bytes | None) -> Headers:
    if before is None or after is None or len(before) == len(after):
        return headers
    old, new = str(len(before)), str(len(after))
    return tuple(
        (name, new if name.lower() == "content-length" and value.strip() == old else value) for name, value in headers
    )


def _is_telling(rule: str, value: str) -> bool:
    """Say whether *value* stands for the secret wherever it is met; a word or a short number does not."""
    if rule == "emails" or (rule == "addresses" and ("." in value or ":" in value)):
        return False  # they show by themselves
    if rule in ("own", "nonces"):
        return len(value) >= 5
    return looks_random(value) or (len(value) >= 6 and any(map(str.isdigit, value)) and not value.isdigit())


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
