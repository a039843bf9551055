"""`chatgptfree-mock lint`: check cassettes, and repair what can be repaired."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from glob import has_magic
from pathlib import Path

import click
import msgspec

from chatgptfree_mock.config.path_type import PathParamType
from chatgptfree_mock.config.redaction import redaction_rules
from chatgptfree_mock.control_characters import escape, escaped_json
from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.files import beside, cassette_files, is_har
from chatgptfree_mock.tape.lint import MAX_AGE, RepairResult, check, repair
from chatgptfree_mock.tape.lint_finding import LintFinding
from chatgptfree_mock.tape.whole_file import HAR_BYTES, MAX_BYTES, read_bytes, write_text
from chatgptfree_mock.usage_error import StrictCommand

_CASSETTE = re.compile(rb"interactions|HTTPInteraction")
"""What the files of nearly all tools that record cassettes name: a broken one in a folder is an error."""
_SCENARIO = re.compile(rb"^title:.*^expect:", re.MULTILINE | re.DOTALL)


@click.command(cls=StrictCommand, name="lint")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=PathParamType())
@click.option("--fix", is_flag=True, help="Repair the files where possible, change nothing else, and show the diff.")
@click.option("--explain", is_flag=True, help="Name the rule behind each secret, and the evidence.")
@click.option("--strict", is_flag=True, help="Count warnings as errors.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--max-age",
    metavar="DAYS",
    type=click.IntRange(0, timedelta.max.days),
    default=MAX_AGE.days,
    show_default=True,
    help="Warn about recordings that are older.",
)
def command(paths: tuple[Path, ...], fix: bool, explain: bool, strict: bool, as_json: bool, max_age: int) -> int:
    """
    Check cassettes, or all cassettes in folders.

    It checks schema, chunk lengths, headers that don't match the stored body, secrets, duplicate and unreachable
    interactions, and age; of a HAR only secrets and age.

    Of a folder it checks the files that `serve` reads.  A file that is not a cassette gets a warning; scenarios are
    only counted.
    Exit code: 0 clean, 1 something is wrong, 2 bad input.
    """
    checks = _Checks(now=datetime.now(tz=UTC), max_age=timedelta(days=max_age), fix=fix)
    files: list[Path] = []
    findings: list[LintFinding] = []
    scenarios = 0
    for file, is_found in _files(paths).items():
        files.append(file)
        try:
            data = read_bytes(file, limit=HAR_BYTES if is_har(file) else MAX_BYTES)
        except CassetteError as exc:
            findings.append(
                LintFinding(file=str(file), place="$", check="broken", problem=exc.problem, repair=exc.repair)
            )
            continue
        found = checks.findings(file, data)
        if is_found and any(_is_left_out(each, data) for each in found):
            files.pop()
            if _SCENARIO.search(data):
                scenarios += 1
                continue
            found = (_left_out(file, found[0].problem, found[0].repair),)
        findings += found
    if not files:
        raise _no_cassette(findings, paths)
    if as_json:
        report = {
            "files": len(files),
            "scenarios": scenarios,
            "findings": [each.as_data() for each in findings],
            "diff": "".join(checks.diffs),
        }
        click.echo(escaped_json(report, indent=2))
    else:
        _show(files, findings, checks.diffs, scenarios, explain=explain)
    return int(any(finding.serious or strict for finding in findings))


def _no_cassette(findings: Sequence[LintFinding], paths: Sequence[Path]) -> CassetteError:
    if findings:
        return CassetteError(findings[0].problem, file=findings[0].file, repair=findings[0].repair)
    return CassetteError("there are only scenarios, and no cassette", file=str(paths[0]))


class _Checks(msgspec.Struct, frozen=True, kw_only=True):
    """The checks of one file, at the time *now*; with *fix* it is repaired first, and its diff is added to *diffs*."""

    now: datetime
    max_age: timedelta
    fix: bool
    diffs: list[str] = msgspec.field(default_factory=list)

    def findings(self, file: Path, data: bytes) -> tuple[LintFinding, ...]:
        rules = redaction_rules(file.parent)
        if is_har(file):
            # Most files are cassettes, which are checked without what reads a HAR.
            from chatgptfree_mock.tape.har_lint import check_har

            attachments = partial(beside, file)
            return check_har(
                data, file=str(file), rules=rules, now=self.now, max_age=self.max_age, attachments=attachments
            )
        if not self.fix:
            return check(data, file=str(file), rules=rules, now=self.now, max_age=self.max_age)
        repaired = repair(data, file=str(file), rules=rules, now=self.now, max_age=self.max_age)
        self.diffs.append(_write(file, data, repaired))
        return repaired.left


def _files(paths: Iterable[Path]) -> dict[Path, bool]:
    """Return the files that `serve` takes from *paths*; true: one was found in a folder or by a pattern, not named."""
    files: dict[Path, bool] = {}
    for path in paths:
        if not path.exists() and not has_magic(str(path)):
            raise CassetteError("no such file or directory", file=str(path))
        for file in cassette_files(path, hars=True):
            files[file] = file != path and files.get(file, True)
    return files


def _is_left_out(finding: LintFinding, data: bytes) -> bool:
    """Return whether it is about a file that is not a cassette at all, as folders may have other YAML and JSON."""
    return finding.check == "broken" and finding.place == "$" and _CASSETTE.search(data) is None


def _left_out(file: Path, problem: str, repair: str) -> LintFinding:
    return LintFinding(
        file=str(file), place="$", check="left-out", problem=f"left out: {problem}", repair=repair, serious=False
    )


def _write(file: Path, before: bytes, repaired: RepairResult) -> str:
    """Write what was repaired, if anything was, and return the diff."""
    if repaired.text is not None:
        write_text(file, repaired.text)
    return repaired.diff(before.decode(errors="replace"), str(file))


def _show(files: list[Path], findings: list[LintFinding], diffs: list[str], scenarios: int, *, explain: bool) -> None:
    for line in "".join(diffs).splitlines():
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
        click.secho(escape(line), fg=colour)
    for finding in findings:
        click.secho(escape(str(finding)), fg="red" if finding.serious else "yellow")
        for reason in finding.reasons if explain else ():
            click.echo(f"    {escape(reason)}")
    noun = "cassette" if len(files) == 1 else "cassettes"
    if scenarios:
        click.echo(
            f"{_count(scenarios, 'scenario')} skipped; `chatgptfree-mock scenarios --scenarios DIR` reads them",
            err=True,
        )
    if findings:
        serious = sum(finding.serious for finding in findings)
        counted = ", ".join((_count(serious, "error"), _count(len(findings) - serious, "warning")))
        click.echo(f"{len(files)} {noun}: {counted}", err=True)
    else:
        click.echo(f"{len(files)} {noun}: clean", err=True)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
