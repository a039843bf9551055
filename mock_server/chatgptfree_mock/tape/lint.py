"""
Check a cassette: findings with place and repair, and the cassette repaired as far as possible.

Pure: the file's bytes, the project's redaction rules and the date are arguments.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.content_checks import findings_of
from chatgptfree_mock.tape.encoded_body import has_true_coding
from chatgptfree_mock.tape.lint_finding import LintFinding
from chatgptfree_mock.tape.model import Cassette, Headers, Response
from chatgptfree_mock.tape.redaction import Rules, redact
from chatgptfree_mock.tape.repair import with_true_headers
from chatgptfree_mock.tape.repair_plan import repaired_text
from chatgptfree_mock.tape.tokens.block import acting, new_entries, with_entries
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.token_block import TokenClass
from chatgptfree_mock.tape.yaml.reading import RepairLog, read

MAX_AGE: Final = timedelta(days=365)


class RepairResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of the repair of one file."""

    text: str | None = None
    """The file's new text; None if there is nothing to repair, or nothing that can be."""
    left: tuple[LintFinding, ...] = ()
    """What is still wrong."""

    def diff(self, before: str, file: str) -> str:
        """Show what the repair changes, as a unified diff."""
        if self.text is None:
            return ""
        old, new = before.splitlines(keepends=True), self.text.splitlines(keepends=True)
        return "".join(difflib.unified_diff(old, new, file, f"{file} (repaired)"))


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


def repair(
    data: bytes, *, file: str, rules: Rules | None = None, now: datetime, max_age: timedelta = MAX_AGE
) -> RepairResult:
    """Repair a cassette; return its new text and what is left. The arguments are those of `check`."""
    checker = _Checker(file=file, rules=rules or Rules(), now=now, max_age=max_age)
    before, findings = checker.read(data)
    if before is None or not any(finding.fixable for finding in findings):
        return RepairResult(left=findings)
    after = _repaired(before, findings, checker.rules_of(before))
    try:
        text = repaired_text(data, file=file, before=before, after=after)
        if any(each.check == "secrets" for each in findings):
            text = _with_tokens(text, before, file)
    except ValueError as exc:
        problem = LintFinding(
            file=file, place="$", check="keys", problem=f"not repaired: {exc}", repair="repair it by hand"
        )
        return RepairResult(left=(*(replace(each, fixable=False) for each in findings), problem))
    return RepairResult(text=text, left=(*checker.left_out(before), *checker.findings(after)))


class _Checker(msgspec.Struct, frozen=True, kw_only=True):
    """Checks one file; the fields are the arguments of `check`."""

    file: str
    rules: Rules
    now: datetime
    max_age: timedelta

    def read(self, data: bytes) -> tuple[Cassette | None, tuple[LintFinding, ...]]:
        """Return the cassette, unless it cannot be read, and what is wrong with it."""
        log = RepairLog()
        try:
            cassette = read(data, file=self.file, repair_log=log)
        except CassetteError as exc:
            return None, (self._broken(exc.place or "$", exc.problem, exc.repair),)
        findings = [*self._refitted(log), *self.left_out(cassette), *self.findings(cassette)]
        return cassette, tuple(findings)

    def rules_of(self, cassette: Cassette) -> Rules:
        """Return the rules without those that the file declares off: the values are real, and meant to be."""
        kept = frozenset(cassette.recording.get("kept", ()))
        return replace(self.rules, keep=self.rules.keep | kept)

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
        for place, problem in log.repaired:
            yield LintFinding(
                file=self.file,
                place=place,
                check="chunks",
                problem=problem,
                repair="--fix repairs the lengths",
                fixable=True,
            )


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
        headers.append((_header_case("Content-Encoding", response.headers), true))
    return replace(response, headers=tuple(headers))


def _header_case(name: str, headers: Headers) -> str:
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
