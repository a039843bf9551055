"""
Check a cassette: findings with place and repair, and the cassette mended as far as possible.

Pure: the file's bytes, the project's redaction rules and the date are arguments.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.encoded_body import breaks_off, has_true_coding
from chatgptfree_mock.tape.header_syntax import invalid_names, with_line_breaks
from chatgptfree_mock.tape.model import BODILESS, Cassette, Headers, Interaction, Response
from chatgptfree_mock.tape.redaction import Found, Rules, find_all, redact
from chatgptfree_mock.tape.redaction.findings import unescaped
from chatgptfree_mock.tape.repair import header_faults, with_true_headers
from chatgptfree_mock.tape.repair_plan import mended_text
from chatgptfree_mock.tape.tokens.block import acting, new_entries, with_entries
from chatgptfree_mock.tape.tokens.block_faults import block_faults
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.plan import TokenConflictError, plan_tokens
from chatgptfree_mock.tape.tokens.record import TokenClass
from chatgptfree_mock.tape.yaml.reading import RepairLog, read

MAX_AGE: Final = timedelta(days=365)
_METHOD: Final = re.compile(r"[A-Z][A-Z0-9!#$%&'*+.^_`|~-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """One thing that is wrong."""

    file: str
    place: str
    check: str
    """
    Which check found it: broken, chunks, headers, coding, body, secrets, duplicate, unreachable, age, origin, stream,
    keys, tokens, left-out (a file in a folder that is not a cassette).
    """
    problem: str
    repair: str = ""
    serious: bool = True
    """False: a warning, which counts only with `--strict`."""
    fixable: bool = False
    reasons: tuple[str, ...] = ()
    """Why each secret counts as one, with its beginning and its length but never the whole value."""

    def __str__(self) -> str:
        """Return the finding in one line."""
        level = "error" if self.serious else "warning"
        repair = f" ({self.repair})" if self.repair else ""
        return f"{self.file}: {level}: {self.problem} - at `{self.place}`{repair} [{self.check}]"

    def as_data(self) -> dict[str, Any]:
        """Return the finding as plain data, for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """The result of mending one file."""

    text: str | None = None
    """The file's new text; None if there is nothing to mend, or nothing that can be."""
    left: tuple[LintFinding, ...] = ()
    """What is still wrong."""

    def diff(self, before: str, file: str) -> str:
        """Show what mending changes, as a unified diff."""
        if self.text is None:
            return ""
        old, new = before.splitlines(keepends=True), self.text.splitlines(keepends=True)
        return "".join(difflib.unified_diff(old, new, file, f"{file} (mended)"))


def check(
    data: bytes, *, file: str, rules: Rules | None = None, now: datetime, max_age: timedelta = MAX_AGE
) -> tuple[LintFinding, ...]:
    """
    Return what is wrong with a cassette.

    Args:
        data: the bytes of its file.
        file: what the findings call it; one that ends with `.json` is read as JSON.
        rules: the project's own rules of redaction.
        now: what the age of the recording is counted from.
        max_age: a recording that is older gets a warning.
    """
    return _Checker(file=file, rules=rules or Rules(), now=now, max_age=max_age).read(data)[1]


def mend(data: bytes, *, file: str, rules: Rules | None = None, now: datetime, max_age: timedelta = MAX_AGE) -> Mended:
    """Return a cassette's new text, mended as far as possible, and what is left; the arguments are those of `check`."""
    checker = _Checker(file=file, rules=rules or Rules(), now=now, max_age=max_age)
    before, findings = checker.read(data)
    if before is None or not any(finding.fixable for finding in findings):
        return Mended(left=findings)
    after = _repaired(before, findings, checker.rules_of(before))
    try:
        text = mended_text(data, file=file, before=before, after=after)
        if any(each.check == "secrets" for each in findings):
            text = _with_tokens(text, before, file)
    except ValueError as exc:
        problem = LintFinding(
            file=file, place="$", check="keys", problem=f"not mended: {exc}", repair="mend it by hand"
        )
        return Mended(left=(*(dataclasses.replace(each, fixable=False) for each in findings), problem))
    return Mended(text=text, left=(*checker.left_out(before), *checker.findings(after)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checker:
    """Checks one file; the fields are the arguments of `check`."""

    file: str
    rules: Rules
    now: datetime
    max_age: timedelta

    def read(self, data: bytes) -> tuple[Cassette | None, tuple[LintFinding, ...]]:
        """Return the cassette, unless it cannot be read, and what is wrong with it."""
        log = RepairLog()
        try:
            cassette = read(data, file=self.file, lenience=log)
        except CassetteError as exc:
            return None, (self._broken(exc.place or "$", exc.problem, exc.repair),)
        findings = [*self._refitted(log), *self.left_out(cassette), *self.findings(cassette)]
        return cassette, tuple(findings)

    def rules_of(self, cassette: Cassette) -> Rules:
        """Return the rules without those that the file declares off: the values are real, and meant to be."""
        kept = frozenset(cassette.recording.get("kept", ()))
        return dataclasses.replace(self.rules, keep=self.rules.keep | kept)

    def findings(self, cassette: Cassette) -> Iterator[LintFinding]:
        """Yield what is wrong with the content of *cassette*."""
        return findings_of(cassette, file=self.file, rules=self.rules_of(cassette), now=self.now, max_age=self.max_age)

    def left_out(self, cassette: Cassette) -> Iterator[LintFinding]:
        """Yield the interactions that could not be read."""
        for each in cassette.left_out:
            yield self._broken(each.place, f"left out: {each.problem}", each.repair)

    def _broken(self, place: str, problem: str, repair: str) -> LintFinding:
        return LintFinding(file=self.file, place=place, check="broken", problem=problem, repair=repair)

    def _refitted(self, log: RepairLog) -> Iterator[LintFinding]:
        for place, problem in log.mended:
            repair = "--fix mends the lengths"
            yield LintFinding(file=self.file, place=place, check="chunks", problem=problem, repair=repair, fixable=True)


def _repaired(cassette: Cassette, findings: Iterable[LintFinding], rules: Rules) -> Cassette:
    interactions = tuple(
        replace(each, response=_with_true_coding(with_true_headers(each.response, method=each.request.method)))
        for each in cassette.interactions
    )
    repaired = replace(cassette, interactions=interactions)
    return redact(repaired, rules) if any(each.check == "secrets" for each in findings) else repaired


def _with_true_coding(response: Response) -> Response:
    """Return *response* with its coding in its one `Content-Encoding`, which it gets if it has none."""
    places = [place for place, (name, _) in enumerate(response.headers) if name.lower() == "content-encoding"]
    if has_true_coding(response) or len(places) > 1:
        return response
    true = ", ".join(response.codings)
    headers = list(response.headers)
    if places:
        headers[places[0]] = headers[places[0]][0], true
    else:
        headers.append((_usual_case("Content-Encoding", response.headers), true))
    return replace(response, headers=tuple(headers))


def _usual_case(name: str, headers: Headers) -> str:
    """Return *name* in small letters if all *headers* are, as of HTTP/2."""
    return name.lower() if headers and all(each.islower() for each, _ in headers) else name


def _with_tokens(text: str, before: Cassette, file: str) -> str:
    """Return the *text* of a redacted file with the tokens found *before*: redaction hides which there are."""
    found = [each.token for each in find_tokens(before)]
    if all(each.kind is not TokenClass.TOKEN for each in found):
        return text
    after = read(text.encode(), file=file)
    new = new_entries(after, acting(after, found).entries)
    try:
        return with_entries(text.encode(), after, new, file=file) if new else text
    except CassetteError:
        return text  # a list of interactions has no place for the block


def findings_of(
    cassette: Cassette, *, file: str, rules: Rules, now: datetime, max_age: timedelta
) -> Iterator[LintFinding]:
    """Yield what is wrong with the content of *cassette*; see `check` for the other arguments."""
    yield from _origin(cassette, file, now, max_age)
    yield from _tokens(cassette, file)
    yield from _duplicates(cassette, file)
    secrets = find_all(cassette.interactions, rules)
    for number, (interaction, found) in enumerate(zip(cassette.interactions, secrets, strict=True)):
        place = f"$.interactions[{number}]"
        yield from _reachable(interaction, file, place)
        yield from _header_syntax(interaction, file, place)
        yield from _headers(interaction, file, place)
        yield from _forbidden_body(interaction, file, place)
        yield from _cut_coding(interaction, file, place)
        yield from _untrue_coding(interaction, file, place)
        yield from _secrets(found, file, place)


def _origin(cassette: Cassette, file: str, now: datetime, max_age: timedelta) -> Iterator[LintFinding]:
    def warn(check: str, problem: str, repair: str, place: str = "$.x-recording") -> LintFinding:
        return LintFinding(file=file, place=place, check=check, problem=problem, repair=repair, serious=False)

    if not cassette.recording:
        yield warn("origin", "the source of this is not recorded", "add x-recording with upstream and recorded_at", "$")
        return
    recorded_at = str(cassette.recording.get("recorded_at", ""))
    if not recorded_at:
        return
    when = _date(recorded_at)
    if when is None:
        yield warn(
            "age", f"no date: {recorded_at[:40]!r}", "write it as 2026-11-23T00:37:29Z", "$.x-recording.recorded_at"
        )
    elif now - when > max_age:
        days = (now - when).days
        yield warn("age", f"recorded {days} days ago", "record it again: the site may have changed")


def _date(text: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _tokens(cassette: Cassette, file: str) -> Iterator[LintFinding]:
    """Yield the entries of `x-tokens` that cannot act, alone or beside the others, and what is wrong with the rest."""
    finding = partial(LintFinding, file=file, check="tokens")
    able: list[int] = []
    for number, entry in enumerate(cassette.tokens):
        try:
            plan_tokens(replace(cassette, tokens=(entry,)))
        except CassetteError as exc:
            yield finding(place=f"$.x-tokens[{number}]", problem=exc.problem, repair=exc.repair)
        else:
            able.append(number)
    while True:
        try:
            plan = plan_tokens(replace(cassette, tokens=tuple(cassette.tokens[number] for number in able)))
        except TokenConflictError as exc:
            number = able.pop(exc.number)
            yield finding(place=f"$.x-tokens[{number}]", problem=exc.problem, repair=exc.repair)
        else:
            break
    for fault in block_faults(plan):
        place = f"$.x-tokens[{able[fault.number]}]{fault.key}"
        yield finding(place=place, problem=fault.problem, repair=fault.repair, serious=False)


def _duplicates(cassette: Cassette, file: str) -> Iterator[LintFinding]:
    seen: dict[Interaction, int] = {}
    for number, interaction in enumerate(cassette.interactions):
        first = seen.setdefault(interaction, number)
        if first != number:
            yield LintFinding(
                file=file,
                place=f"$.interactions[{number}]",
                check="duplicate",
                problem=f"the same request and answer as interaction {first}",
                repair="remove one, unless the client asks as often",
                serious=False,
            )


def _reachable(interaction: Interaction, file: str, place: str) -> Iterator[LintFinding]:
    request = interaction.request

    def error(key: str, problem: str, repair: str) -> LintFinding:
        return LintFinding(
            file=file, place=f"{place}.request.{key}", check="unreachable", problem=problem, repair=repair
        )

    try:
        parts = urlsplit(request.uri)
        absolute = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        absolute = False
    if not absolute:
        yield error("uri", f"no request can have the address {request.uri[:80]!r}", "write it with scheme and host")
    if not _METHOD.fullmatch(request.method):
        yield error("method", f"no request has the method {request.method[:40]!r}", "methods are words in capitals")


def _header_syntax(interaction: Interaction, file: str, place: str) -> Iterator[LintFinding]:
    for part, headers in (("request", interaction.request.headers), ("response", interaction.response.headers)):
        error = partial(LintFinding, file=file, place=f"{place}.{part}.headers", check="headers")
        for name in invalid_names(headers):
            yield error(
                problem=f"{name[:40]!r} is not a header's name (RFC 9110 section 5.1), and is not sent",
                repair="write the name that the site sent, or remove the header",
            )
        for name in with_line_breaks(headers):
            yield error(
                problem=f"{name[:40]!r} has a line break in its value (RFC 9110 section 5.5), which is sent as a blank",
                repair="write two headers, or one line",
            )


def _forbidden_body(interaction: Interaction, file: str, place: str) -> Iterator[LintFinding]:
    """Yield a body that no client gets, as an answer of its kind has none (RFC 9110 sections 6.4.1 and 15.3.6)."""
    response, method = interaction.response, interaction.request.method
    if not (response.body or response.raw):
        return
    if method == "HEAD":
        kind = "an answer to HEAD"
    elif response.status in BODILESS or response.status < 200:
        kind = f"an answer with status {response.status}"
    else:
        return
    yield LintFinding(
        file=file,
        place=f"{place}.response.body",
        check="body",
        problem=f"{kind} has no body, but {len(response.body or response.raw or b'')} bytes are stored",
        repair="remove the body, or correct the status",
        serious=False,
    )


def _cut_coding(interaction: Interaction, file: str, place: str) -> Iterator[LintFinding]:
    """Yield a body that was recorded as a whole one, but breaks off within its coding: clients refuse it."""
    response = interaction.response
    if breaks_off(response):
        yield LintFinding(
            file=file,
            place=f"{place}.response.body",
            check="body",
            problem=f"its {', '.join(response.codings)} data breaks off or is broken: clients get a cut answer",
            repair="record it again, or say `x-stream: {end: truncated}`",
            serious=False,
        )


def _untrue_coding(interaction: Interaction, file: str, place: str) -> Iterator[LintFinding]:
    """Yield a body whose coding differs from `Content-Encoding`, or that lacks this header."""
    response, status = interaction.response, interaction.response.status
    if has_true_coding(response) or interaction.request.method == "HEAD" or status in BODILESS or status < 200:
        return
    true = ", ".join(response.codings)
    said = [value for name, value in response.headers if name.lower() == "content-encoding"]
    problem = f"Content-Encoding says {', '.join(said)[:40]}, but" if said else "no Content-Encoding, but"
    fixable = len(said) < 2 and bool(response.headers)
    yield LintFinding(
        file=file,
        place=f"{place}.response.headers{'.Content-Encoding' if said else ''}",
        check="coding",
        problem=f"{problem} the body is {true}: clients that accept that get it under its true name, others decoded",
        repair="--fix makes it true" if fixable else f"write one header `Content-Encoding: {true}`",
        serious=False,
        fixable=fixable,
    )


def _headers(interaction: Interaction, file: str, place: str) -> Iterator[LintFinding]:
    response = interaction.response
    for name, problem in header_faults(response, method=interaction.request.method):
        yield LintFinding(
            file=file,
            place=f"{place}.response.headers.{name}",
            check="headers",
            problem=f"{name} {problem}",
            repair="--fix makes it true",
            serious=False,
            fixable=True,
        )
    streams = response.header("content-type").lower().startswith("text/event-stream")
    if streams and response.body and not response.chunks:
        yield LintFinding(
            file=file,
            place=f"{place}.response",
            check="stream",
            problem="an event stream without x-stream: it is replayed in one piece",
            repair="record it through `chatgptfree-mock record`, or choose a chunking",
            serious=False,
        )


def _secrets(secrets: list[Found], file: str, place: str) -> Iterator[LintFinding]:
    found: dict[tuple[str, str], list[Found]] = {}
    for each in secrets:
        found.setdefault((each.part, each.secret.rule), []).append(each)
    for (part, rule), group in found.items():
        count = len(group)
        yield LintFinding(
            file=file,
            place=f"{place}.{part}",
            check="secrets",
            problem=f"holds what looks like {'a secret' if count == 1 else f'{count} secrets'}: {rule}",
            repair=f"--fix redacts it; if it is meant to be there, list `{rule}` in x-recording.kept",
            fixable=True,
            reasons=tuple(map(_reason, group)),
        )


def _reason(found: Found) -> str:
    value, start = unescaped(found.secret.value), found.secret.spans[0][0]
    return f"{value[: min(4, len(value) // 3)]!r}…, {len(value)} characters, at {start}: {found.secret.reason}"
