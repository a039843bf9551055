"""
Take the secrets out of exchanges before they are written, so that what is left still fits together.

Two passes: first all that is proven secret anywhere is found (a cookie, a nonce's field, a key by its looks), then each
of these values is replaced wherever else it is, in any spelling.  A value keeps its placeholder through a whole file.
Bodies are worked on whole: a chunk border may cut a secret anywhere, and is moved along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from msgspec.structs import replace

from chatgptfree_mock.tape.chunk_borders import moved
from chatgptfree_mock.tape.decoding.base64_text import encoded_like
from chatgptfree_mock.tape.encoded_body import as_stored
from chatgptfree_mock.tape.model import Cassette, Headers, Interaction, Response
from chatgptfree_mock.tape.placeholders import Placeholders
from chatgptfree_mock.tape.redaction.findings import Secret, Taken, unescaped
from chatgptfree_mock.tape.redaction.known import Known
from chatgptfree_mock.tape.redaction.names import RULES
from chatgptfree_mock.tape.redaction.rules import Rules
from chatgptfree_mock.tape.redaction.scanner import Scanner, SecretKind, kind_of
from chatgptfree_mock.tape.redaction.views import one_a_byte


@dataclass(frozen=True, slots=True)
class Edit:
    """What is replaced: from, to, by what, by which rule."""

    start: int
    end: int
    text: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A secret and the part of the exchange that holds it, such as `response.body`."""

    part: str
    secret: Secret


class _PartText(NamedTuple):
    """One text of an exchange, and what was found in it."""

    name: str
    text: str
    kind: SecretKind
    secrets: list[Secret]

    @property
    def place(self) -> str:
        """The name without the number that separates headers of one name."""
        return self.name.partition("\0")[0]


class Redactor:
    """
    Redacts the exchanges of one file.

    *earlier* are those that the file holds already; their placeholders are not used again.
    """

    def __init__(self, rules: Rules | None = None, *, earlier: Iterable[Interaction] = ()) -> None:
        self.rules = rules or Rules()
        self._scanner = Scanner(self.rules)
        self._placeholders = Placeholders()
        self._known = Known()
        self._values: dict[str, set[str]] = {}
        self._places: dict[str, int] = {}
        self._binary: list[str] = []
        for interaction in earlier:
            for part in _parts(interaction, None):
                self._placeholders.begin_after(part.text)

    @property
    def knows(self) -> int:
        """Return how many values are looked for everywhere: if it grew, earlier exchanges need `redact_again`."""
        return len(self._known)

    def learn(self, interactions: Iterable[Interaction]) -> None:
        """Look everywhere for what *interactions* prove secret; they stay as they are (see `redact_again`)."""
        for interaction in interactions:
            self._learned(interaction)

    def redact(self, interaction: Interaction) -> Interaction:
        """Return the exchange without its secrets; lengths, chunk borders and `Content-Length` are right again."""
        return self._apply(interaction, self._learned(interaction))

    def redact_all(self, interactions: Iterable[Interaction]) -> tuple[Interaction, ...]:
        """Redact the exchanges of a file: what a later one proves secret goes from the earlier ones as well."""
        learned = [(interaction, self._learned(interaction)) for interaction in interactions]
        return tuple(self._apply(interaction, parts) for interaction, parts in learned)

    def redact_again(self, interaction: Interaction) -> Interaction:
        """Take out of an exchange that was redacted what has become known since; itself if that is nothing."""
        parts = _parts(interaction, None)
        if not any(self._edits(part) for part in parts):
            return interaction
        return self._apply(interaction, parts)

    def report(self) -> list[str]:
        """Return what was replaced so far, for `x-recording.redacted`: one line a rule, no value."""
        lines = [
            f"{rule}: {_counted(len(self._values[rule]), 'value')} in {_counted(self._places[rule], 'place')}"
            for rule in RULES
            if rule in self._values
        ]
        return [*lines, *self._binary]

    def _learned(self, interaction: Interaction) -> list[_PartText]:
        parts = _parts(interaction, self._scanner)
        for part in parts:
            singles = [each for found in part.secrets for each in found.single()]
            for secret in singles:
                self._placeholders.of(secret.rule, secret.value)
            self._known.learn(singles)
        return parts

    def _apply(self, interaction: Interaction, parts: list[_PartText]) -> Interaction:
        edits = {part.name: self._edits(part) for part in parts}
        for rule, text in ((edit.rule, edit.text) for each in edits.values() for edit in each if edit.text):
            self._values.setdefault(rule, set()).add(text)
            self._places[rule] = self._places.get(rule, 0) + 1
        if not any(edits.values()):
            return interaction
        for part in parts:
            if part.kind is SecretKind.BINARY and edits[part.name]:
                what = _counted(len(edits[part.name]), "place")
                self._binary.append(
                    f"binary: {what} in {part.name} of {interaction.request.method} {_path(interaction)}"
                )
        return _rewritten(interaction, edits)

    def _edits(self, part: _PartText) -> list[Edit]:
        """Return what is replaced in *part*, in order and apart."""
        return self._edits_of(part.text, part.secrets, same_length=part.kind is SecretKind.BINARY)

    def _edits_of(self, text: str, secrets: Iterable[Secret], *, same_length: bool = False) -> list[Edit]:
        taken, edits = Taken(), list[Edit]()
        secrets = list(secrets)
        whole = [_place(each) for each in secrets if not each.wrapped]
        secrets += [each for each in self._known.secrets(text) if not (each.wrapped and _is_within(each, whole))]
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
            inner = _edited(secret.wrapped.text, self._edits_of(secret.wrapped.text, secret.wrapped.secrets))
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
    """Return all that is secret in one exchange, and where; placeholders are not."""
    return [
        Found(part=part.place, secret=secret)
        for part in _parts(interaction, Scanner(rules or Rules()))
        for secret in part.secrets
    ]


def find_all(interactions: Iterable[Interaction], rules: Rules | None = None) -> list[list[Found]]:
    """Return what is secret in each exchange of a file: what any of them proves secret is one in all."""
    scanner, known = Scanner(rules or Rules()), Known()
    scanned = [_parts(interaction, scanner) for interaction in interactions]
    for part in (part for parts in scanned for part in parts):
        known.learn(single for found in part.secrets for single in found.single())
    return [
        [Found(part=part.place, secret=secret) for part in parts for secret in _with_known(part, known)]
        for parts in scanned
    ]


def _with_known(part: _PartText, known: Known) -> Iterator[Secret]:
    yield from part.secrets
    taken = Taken()
    for secret in part.secrets:
        taken.take(secret.spans)
    for secret in known.secrets(part.text):
        if taken.take(secret.spans):
            yield secret


def _parts(interaction: Interaction, scanner: Scanner | None) -> list[_PartText]:
    """Return the texts of an exchange with their secrets; without a *scanner* the texts only."""
    request, response = interaction.request, interaction.response
    uri, reason = one_a_byte(request.uri), one_a_byte(response.reason)
    parts = [_PartText("request.uri", uri, SecretKind.TEXT, scanner.url(uri) if scanner else [])]
    parts += _header_parts("request", request.headers, scanner)
    parts.append(_body_part("request.body", request.body or b"", request.headers, scanner))
    parts.append(
        _PartText(
            "response.status.message",
            reason,
            SecretKind.TEXT,
            scanner.text(reason) if scanner else [],
        )
    )
    parts += _header_parts("response", response.headers, scanner)
    parts.append(_body_part("response.body", response.body, response.headers, scanner))
    return parts


def _header_parts(side: str, headers: Headers, scanner: Scanner | None) -> Iterator[_PartText]:
    for number, (name, value) in enumerate(headers):
        text = one_a_byte(value)
        secrets = scanner.header(name, text) if scanner else []
        yield _PartText(f"{side}.headers.{name}\0{number}", text, SecretKind.TEXT, secrets)


def _body_part(name: str, body: bytes, headers: Headers, scanner: Scanner | None) -> _PartText:
    text = body.decode("latin-1")
    content_type = next((value for key, value in headers if key.lower() == "content-type"), "")
    secrets = scanner.body(text, content_type) if scanner and text else []
    return _PartText(name, text, kind_of(text, content_type), secrets)


def _rewritten(interaction: Interaction, edits: Mapping[str, list[Edit]]) -> Interaction:
    request, response = interaction.request, interaction.response
    asked = (
        _edited(request.body.decode("latin-1"), edits["request.body"]).encode("latin-1")
        if request.body
        else request.body
    )
    body = _edited(response.body.decode("latin-1"), edits["response.body"]).encode("latin-1")
    return Interaction(
        request=replace(
            request,
            uri=_edited(request.uri, edits["request.uri"]),
            headers=_resized(_headers("request", request.headers, edits), request.body, asked),
            body=asked,
        ),
        response=_with_body(
            replace(
                response,
                reason=_edited(response.reason, edits["response.status.message"]),
                headers=_resized(_headers("response", response.headers, edits), response.body, body),
            ),
            body,
            edits["response.body"],
        ),
    )


def _with_body(response: Response, body: bytes, edits: list[Edit]) -> Response:
    if not edits:
        return response
    # The encoded copy still holds what was redacted in the text: it is encoded again, or dropped.
    clean = replace(
        response,
        body=body,
        chunks=moved(response.chunks, [(edit.start, edit.end, len(edit.text)) for edit in edits]),
        raw=None,
        raw_chunks=(),
    )
    if response.raw is None or not response.codings:
        return clean
    raw, raw_chunks = as_stored(clean)
    headers = _resized(clean.headers, response.raw, raw)
    return replace(clean, raw=raw, raw_chunks=raw_chunks, headers=headers)


def _headers(side: str, headers: Headers, edits: Mapping[str, list[Edit]]) -> Headers:
    return tuple(
        (name, _edited(value, edits[f"{side}.headers.{name}\0{number}"]))
        for number, (name, value) in enumerate(headers)
    )


def _edited(source: str, edits: list[Edit]) -> str:
    if not edits:
        return source
    text, pieces, position = one_a_byte(source), [], 0
    for edit in edits:
        pieces += [text[position : edit.start], edit.text]
        position = edit.end
    edited = "".join([*pieces, text[position:]])
    return edited if text == source else unescaped(edited)


def _resized(headers: Headers, before: bytes | None, after: bytes | None) -> Headers:
    if before is None or after is None or len(before) == len(after):
        return headers
    old, new = str(len(before)), str(len(after))
    return tuple(
        (name, new if name.lower() == "content-length" and value.strip() == old else value) for name, value in headers
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
