"""
Replace the secrets in exchanges before they are written, so that the exchanges stay consistent.

Two passes: first all that is proven secret anywhere is found (a cookie, a nonce's field, a key by its looks), then each
of these values is replaced wherever else it is, in any spelling.  A value keeps its placeholder through a whole file.
Bodies are worked on whole: a chunk border may cut a secret anywhere, and is moved along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.tape.decoding.base64_text import encoded_like
from chatgptfree_mock.tape.model import Cassette, Interaction
from chatgptfree_mock.tape.placeholders import Placeholders
from chatgptfree_mock.tape.redaction.bodies.scanner import Scanner
from chatgptfree_mock.tape.redaction.bodies.streams import divided_secrets, is_stream
from chatgptfree_mock.tape.redaction.bodies.text_kinds import TextKind
from chatgptfree_mock.tape.redaction.edits import Edit, edited, rewritten
from chatgptfree_mock.tape.redaction.exchange_parts import PartText, parts_of, with_decoded_request
from chatgptfree_mock.tape.redaction.known_values.search import KnownValues
from chatgptfree_mock.tape.redaction.names.rules import Rules
from chatgptfree_mock.tape.redaction.names.secret_names import RULES
from chatgptfree_mock.tape.redaction.text.findings import OccupiedSpans, Secret


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A secret and the part of the exchange that holds it, such as `response.body`."""

    part: str
    secret: Secret


class Redactor:
    """
    Redacts the exchanges of one file.

    *earlier* are those that the file holds already; their placeholders are not used again.
    """

    def __init__(self, rules: Rules | None = None, *, earlier: Iterable[Interaction] = ()) -> None:
        self.rules = rules or Rules()
        self._scanner = Scanner(self.rules)
        self._placeholders = Placeholders()
        self._known = KnownValues()
        self._values: dict[str, set[str]] = {}
        self._places: dict[str, int] = {}
        self._binary: list[str] = []
        for interaction in earlier:
            for part in parts_of(interaction, None):
                self._placeholders.begin_after(part.text)

    @property
    def knows(self) -> int:
        """Return the number of values searched everywhere; if it grew, earlier exchanges need `redact_again`."""
        return len(self._known)

    def learn(self, interactions: Iterable[Interaction]) -> None:
        """Search everywhere for secrets that *interactions* prove; these stay unchanged (see `redact_again`)."""
        for interaction in interactions:
            self._learned(interaction)

    def redact(self, interaction: Interaction) -> Interaction:
        """
        Return the exchange without its secrets; lengths, chunk borders and `Content-Length` are right again.

        A compressed request is decoded, since it could not be searched, and neither read by a person.
        """
        interaction = with_decoded_request(interaction)
        return self._apply(interaction, self._learned(interaction))

    def redact_all(self, interactions: Iterable[Interaction]) -> tuple[Interaction, ...]:
        """Redact the exchanges of a file: secrets that a later one proves are replaced in earlier ones as well."""
        decoded = map(with_decoded_request, interactions)
        learned = [(interaction, self._learned(interaction)) for interaction in decoded]
        return tuple(self._apply(interaction, parts) for interaction, parts in learned)

    def redact_again(self, interaction: Interaction) -> Interaction:
        """Redact secrets that became known since in a redacted exchange; return it unchanged if there are none."""
        decoded = with_decoded_request(interaction)
        parts = parts_of(decoded, None)
        if not any(self._edits(part) for part in parts):
            return interaction
        return self._apply(decoded, parts)

    def report(self) -> list[str]:
        """Return what was replaced so far, for `x-recording.redacted`: one line a rule, no value."""
        lines = [
            f"{rule}: {_counted(len(self._values[rule]), 'value')} in {_counted(self._places[rule], 'place')}"
            for rule in RULES
            if rule in self._values
        ]
        return [*lines, *self._binary]

    def _learned(self, interaction: Interaction) -> list[PartText]:
        parts = parts_of(with_decoded_request(interaction), self._scanner)
        for part in parts:
            singles = [each for found in part.secrets for each in found.single()]
            for secret in singles:
                self._placeholders.of(secret.rule, secret.value)
            self._known.learn(singles)
        return parts

    def _apply(self, interaction: Interaction, parts: list[PartText]) -> Interaction:
        edits = {part.name: self._edits(part) for part in parts}
        for rule, text in ((edit.rule, edit.text) for each in edits.values() for edit in each if edit.text):
            self._values.setdefault(rule, set()).add(text)
            self._places[rule] = self._places.get(rule, 0) + 1
        if not any(edits.values()):
            return interaction
        for part in parts:
            if part.kind is TextKind.BINARY and edits[part.name]:
                what = _counted(len(edits[part.name]), "place")
                self._binary.append(
                    f"binary: {what} in {part.name} of {interaction.request.method} {_path(interaction)}"
                )
        return rewritten(interaction, edits)

    def _edits(self, part: PartText) -> list[Edit]:
        """Return the replacements in *part*, in order and without overlaps."""
        known = _known_in(part, self._known)
        return self._edits_of(part.text, part.secrets, known, same_length=part.kind is TextKind.BINARY)

    def _edits_of(
        self, text: str, secrets: Iterable[Secret], known: Iterable[Secret], *, same_length: bool = False
    ) -> list[Edit]:
        taken, edits = OccupiedSpans(), list[Edit]()
        secrets = list(secrets)
        whole = [_place(each) for each in secrets if not each.wrapped]
        ends = {start: -end for start, end in whole}
        secrets += [
            each
            for each in known
            if not (each.wrapped and _is_within(each, whole)) and not _ends_in_a_mark(each, ends, text)
        ]
        wrapped = (each for each in secrets if each.wrapped)
        others = sorted((each for each in secrets if not each.wrapped), key=_place)
        for secret in (*wrapped, *others):
            if taken.take(secret.spans):
                edits += self._replaced(text, secret, same_length=same_length)
        return sorted(edits, key=lambda edit: edit.start)

    def _replaced(self, source: str, secret: Secret, *, same_length: bool) -> Iterator[Edit]:
        """Spread the placeholder over the secret's spans: each keeps its length, the last takes what is left."""
        if secret.wrapped is not None:
            start, end = secret.spans[0][0], secret.spans[-1][1]
            wrapped = secret.wrapped
            inner = edited(
                wrapped.text, self._edits_of(wrapped.text, wrapped.secrets, self._known.secrets(wrapped.text))
            )
            yield Edit(start, end, encoded_like(inner.encode("latin-1"), source[start:end]), secret.rule)
            return
        spelled = source[secret.spans[0][0] : secret.spans[0][1]] if len(secret.spans) == 1 and not same_length else ""
        text = self._placeholders.of(secret.rule, secret.value, spelled=spelled)
        if same_length:
            length = sum(end - start for start, end in secret.spans)
            text = text[-length:].rjust(length, "0")
        for number, (start, end) in enumerate(secret.spans):
            share = len(text) if number == len(secret.spans) - 1 else end - start
            yield Edit(start, end, text[:share], secret.rule)
            text = text[share:]


def _place(secret: Secret) -> tuple[int, int]:
    return secret.spans[0][0], -secret.spans[-1][1]


def _is_within(secret: Secret, places: Iterable[tuple[int, int]]) -> bool:
    """Return whether one of *places*, as `_place` returns them, holds all of *secret*: it goes as a whole."""
    start, end = secret.spans[0][0], secret.spans[-1][1]
    return any(first <= start and end <= -last for first, last in places)


def _ends_in_a_mark(secret: Secret, ends: Mapping[int, int], text: str) -> bool:
    """
    Return whether all that *secret* has more than a value of *text* is the mark that ends the value there.

    In `value="abc"` another secret, `abc"`, has the mark by chance, and the page needs it.  *ends*: from where a value
    starts to where it ends.
    """
    start, end = secret.spans[0][0], secret.spans[-1][1]
    more = text[ends.get(start, end) : end]
    return more[:1] in ('"', "'") and not any(map(str.isalnum, more))


def _path(interaction: Interaction) -> str:
    return "/" + interaction.request.uri.partition("://")[2].partition("/")[2].partition("?")[0][:80]


def redact(cassette: Cassette, rules: Rules | None = None) -> Cassette:
    """Redact a whole cassette, placeholders in it excepted, and note it in `x-recording`."""
    redactor = Redactor(rules, earlier=cassette.interactions)
    interactions = redactor.redact_all(cassette.interactions)
    notes: dict[str, Any] = {"redacted": [*cassette.recording.get("redacted", ()), *redactor.report()]}
    if redactor.rules.keep:
        notes["kept"] = sorted(redactor.rules.keep)
    return replace(cassette, interactions=interactions, recording={**cassette.recording, **notes})


def find_secrets(interaction: Interaction, rules: Rules | None = None) -> list[Found]:
    """Return all secrets in one exchange with their places, without placeholders."""
    return [
        Found(part=part.place, secret=secret)
        for part in parts_of(with_decoded_request(interaction), Scanner(rules or Rules()))
        for secret in part.secrets
    ]


def find_all(interactions: Iterable[Interaction], rules: Rules | None = None) -> list[list[Found]]:
    """Return the secrets in each exchange of a file: a secret that one of them proves is one in all."""
    scanner, known = Scanner(rules or Rules()), KnownValues()
    scanned = [parts_of(with_decoded_request(interaction), scanner) for interaction in interactions]
    for part in (part for parts in scanned for part in parts):
        known.learn(single for found in part.secrets for single in found.single())
    return [
        [Found(part=part.place, secret=secret) for part in parts for secret in _with_known(part, known)]
        for parts in scanned
    ]


def _with_known(part: PartText, known: KnownValues) -> Iterator[Secret]:
    yield from part.secrets
    taken = OccupiedSpans()
    for secret in part.secrets:
        taken.take(secret.spans)
    for secret in _known_in(part, known):
        if taken.take(secret.spans):
            yield secret


def _known_in(part: PartText, known: KnownValues) -> list[Secret]:
    """Return what is known to be secret in *part*, also what a stream has cut."""
    found = known.secrets(part.text)
    if known and is_stream(part.text, part.kind):
        return [*found, *divided_secrets(part.text, known.secrets)]
    return found


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
