"""
What is wrong with a cassette, or will be: findings with place and repair, and the cassette mended as far as it can be.

Pure: the file's bytes, the project's redaction rules and the date come in as values.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.model import Cassette, Interaction
from chatgptfree_mock.tape.redaction import Found, Rules, find_all, redact
from chatgptfree_mock.tape.redaction.findings import unescaped
from chatgptfree_mock.tape.repair import header_faults, with_true_headers
from chatgptfree_mock.tape.repair_plan import mended_text
from chatgptfree_mock.tape.yaml.reading import RepairLog, read

MAX_AGE: Final = timedelta(days=365)
_METHOD: Final = re.compile(r"[A-Z][A-Z0-9!#$%&'*+.^_`|~-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """One thing that is wrong."""

    file: str
    place: str
    check: str
    """Which check found it: broken, chunks, headers, secrets, duplicate, unreachable, age, origin, stream, keys."""
    problem: str
    repair: str = ""
    serious: bool = True
    """False: a warning, which counts only with `--strict`."""
    fixable: bool = False
    reasons: tuple[str, ...] = ()
    """Why each secret counts as one, with its beginning and its length but never the whole value."""

    def __str__(self) -> str:
        """Say it in one line."""
        level = "error" if self.serious else "warning"
        repair = f" ({self.repair})" if self.repair else ""
        return f"{self.file}: {level}: {self.problem} - at `{self.place}`{repair} [{self.check}]"

    def as_data(self) -> dict[str, Any]:
        """Return the finding as plain data, for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The findings of one file and, where something can be mended, the file's new text."""

    findings: tuple[LintFinding, ...]
    mended: str | None = None
    left: tuple[LintFinding, ...] = ()
    """What is still wrong with *mended*."""

    def diff(self, before: str, file: str) -> str:
        """Show what mending changes, as a unified diff."""
        if self.mended is None:
            return ""
        old, new = before.splitlines(keepends=True), self.mended.splitlines(keepends=True)
        return "".join(difflib.unified_diff(old, new, file, f"{file} (mended)"))


def check(
    data: bytes, *, file: str, rules: Rules | None = None, now: datetime, max_age: timedelta = MAX_AGE
) -> Checked:
    """Check the bytes of a cassette's file; *rules* are the project's own, *now* is for the age."""
    lenience = RepairLog()
    try:
        cassette = read(data, file=file, lenience=lenience)
    except CassetteError as exc:
        broken = LintFinding(file=file, place=exc.place or "$", check="broken", problem=exc.problem, repair=exc.repair)
        return Checked(findings=(broken,))
    rules = _kept(rules or Rules(), cassette.recording)
    findings = [
        LintFinding(
            file=file,
            place=place,
            check="chunks",
            problem=problem,
            repair="--fix mends the lengths",
            fixable=True,
        )
        for place, problem in lenience.mended
    ]
    findings += [
        LintFinding(
            file=file, place=each.place, check="broken", problem=f"left out: {each.problem}", repair=each.repair
        )
        for each in cassette.left_out
    ]
    findings += _findings(cassette, file, rules, now, max_age)
    if not any(finding.fixable for finding in findings):
        return Checked(findings=tuple(findings))
    mended = _mended(cassette, rules)
    try:
        text = mended_text(data, file=file, before=cassette, after=mended)
    except ValueError as exc:
        findings = [dataclasses.replace(finding, fixable=False) for finding in findings]
        findings.append(
            LintFinding(file=file, place="$", check="keys", problem=f"not mended: {exc}", repair="mend it by hand")
        )
        return Checked(findings=tuple(findings))
    left = tuple(_findings(mended, file, rules, now, max_age))
    left_out = tuple(finding for finding in findings if finding.check == "broken")
    return Checked(findings=tuple(findings), mended=text, left=left_out + left)


def _kept(rules: Rules, recording: Mapping[str, Any]) -> Rules:
    """Leave out what the file says it keeps: it is real, and meant to be."""
    return dataclasses.replace(rules, keep=rules.keep | frozenset(recording.get("kept", ())))


def _findings(cassette: Cassette, file: str, rules: Rules, now: datetime, max_age: timedelta) -> Iterator[LintFinding]:
    yield from _origin(cassette, file, now, max_age)
    yield from _duplicates(cassette, file)
    secrets = find_all(cassette.interactions, rules)
    for number, (interaction, found) in enumerate(zip(cassette.interactions, secrets, strict=True)):
        place = f"$.interactions[{number}]"
        yield from _reachable(interaction, file, place)
        yield from _headers(interaction, file, place)
        yield from _secrets(found, file, place)


def _origin(cassette: Cassette, file: str, now: datetime, max_age: timedelta) -> Iterator[LintFinding]:
    def warn(check: str, problem: str, repair: str, place: str = "$.x-recording") -> LintFinding:
        return LintFinding(file=file, place=place, check=check, problem=problem, repair=repair, serious=False)

    if not cassette.recording:
        yield warn("origin", "nothing says where this comes from", "add x-recording with upstream and recorded_at", "$")
        return
    told = str(cassette.recording.get("recorded_at", ""))
    if not told:
        return
    when = _date(told)
    if when is None:
        yield warn("age", f"no date: {told[:40]!r}", "write it as 2026-11-23T00:37:29Z", "$.x-recording.recorded_at")
    elif now - when > max_age:
        days = (now - when).days
        yield warn("age", f"recorded {days} days ago", "record it again: the site may have changed")


def _date(text: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


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


def _mended(cassette: Cassette, rules: Rules) -> Cassette:
    true = tuple(
        replace(each, response=with_true_headers(each.response, method=each.request.method))
        for each in cassette.interactions
    )
    fitting = replace(cassette, interactions=true)
    return redact(fitting, rules) if any(find_all(true, rules)) else fitting
