"""
Check a HAR that is replayed without import: its secrets, its age, and the entries that are left out.

Lengths and headers that do not fit are corrected while it is read.  The file is never changed: `import` makes a
redacted cassette of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.content_checks import findings_of
from chatgptfree_mock.tape.har.file import Attachments
from chatgptfree_mock.tape.har.importing import Imported, from_har
from chatgptfree_mock.tape.lint_finding import LintFinding
from chatgptfree_mock.tape.redaction import Rules

_REPAIR: Final = "`chatgptfree-mock import` makes a redacted cassette of it"


def check_har(
    data: bytes, *, file: str, rules: Rules, now: datetime, max_age: timedelta, attachments: Attachments
) -> tuple[LintFinding, ...]:
    """Return what is wrong with a HAR; see `lint.check` and `from_har` for the arguments."""
    try:
        imported = from_har(data, file=file, static=True, attachments=attachments)
        if not imported.cassette.interactions:
            first = imported.entries_left_out[0] if imported.entries_left_out else None
            raise CassetteError(first.problem if first else "a HAR without entries", place=first.place if first else "")
    except CassetteError as exc:
        place = exc.place or "$"
        return (LintFinding(file=file, place=place, check="broken", problem=exc.problem, repair=exc.repair),)
    return tuple(_findings(imported, file, rules, now, max_age))


def _findings(imported: Imported, file: str, rules: Rules, now: datetime, max_age: timedelta) -> Iterator[LintFinding]:
    for each in imported.entries_left_out:
        problem = f"left out: {each.problem}"
        yield LintFinding(file=file, place=each.place, check="left-out", problem=problem, serious=False)
    for finding in findings_of(imported.cassette, file=file, rules=rules, now=now, max_age=max_age):
        if finding.check == "age":
            yield replace(finding, place="$.log.entries")
        elif finding.check == "secrets":
            number, _, inside = finding.place.removeprefix("$.interactions[").partition("]")
            place = f"$.log.entries[{imported.numbers[int(number)]}]{inside}"
            yield replace(finding, place=place, repair=_REPAIR, fixable=False)
