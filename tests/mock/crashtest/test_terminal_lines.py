"""Both crash tests report in one form: failures, notes, what was not run, and the scores."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET

from msgspec import structs
from rich.console import Console

from chatgptfree_mock.crashtest import junit
from chatgptfree_mock.crashtest.recording import documents
from chatgptfree_mock.crashtest.recording import terminal_report as variants_report
from chatgptfree_mock.crashtest.recording.results import VariantCard, VariantResult
from chatgptfree_mock.crashtest.recording.verdict import VariantVerdict
from chatgptfree_mock.crashtest.scenarios import terminal_report
from chatgptfree_mock.crashtest.scenarios.results import Card, Result
from chatgptfree_mock.crashtest.scenarios.verdict import Verdict

LOST = Result(
    scenario="cut/half", title="t", plugin="1.8.93", chunks="whole", verdict=Verdict.SILENT_LOSS,
    reason="nothing was printed", stderr="ended\n", again="run it again",
)  # fmt: skip
NOTED = structs.replace(LOST, scenario="cut/whole", verdict=Verdict.RIGHT, kinds=["page"], note="a traceback")
ASIDE = structs.replace(LOST, scenario="cut/none", verdict=Verdict.NOT_APPLICABLE, reason="no {bot}")
LOST_VARIANT = VariantResult(
    variant="cut/half", kind="equivalent", grade=1, source="s", verdict=VariantVerdict.SILENT_LOSS,
    reason="nothing was printed", stderr="ended\n", again="run it again",
)  # fmt: skip
NOTED_VARIANT = structs.replace(
    LOST_VARIANT, variant="cut/whole", kind="breakage", verdict=VariantVerdict.RIGHT, note="a traceback"
)
ASIDE_VARIANT = structs.replace(LOST_VARIANT, variant="cut/none", verdict=VariantVerdict.NOT_OFFERED, reason="no {bot}")
SCENARIOS = Card(client="c", results=[LOST, NOTED, ASIDE], planned=9)
VARIANTS = VariantCard(client="c", results=[LOST_VARIANT, NOTED_VARIANT, ASIDE_VARIANT], planned=9)


def both(*, verbose: bool) -> tuple[list[str], list[str]]:
    """Return the lines of both reports, without what only one has."""
    files = io.StringIO(), io.StringIO()
    terminal_report.show(Console(file=files[0], width=99), SCENARIOS, [], verbose=verbose)
    variants_report.show(Console(file=files[1], width=99), VARIANTS, verbose=verbose)
    texts = [re.sub("cases|variants", "…", file.getvalue()).replace("; expected: the answer ''", "") for file in files]
    return texts[0].splitlines(), texts[1].splitlines()


def test_failures_notes_and_scores_are_printed_alike() -> None:
    expected = ["silent loss: 1 × nothing was printed", "    cut/half", "    again: run it again"]
    end = [
        "note: reported with a traceback or by a signal: 1 of the errors: cut/whole",
        "interrupted: 3 of 9 … were run",
        "answers delivered: 0 of 1",
        "failures reported: 1 of 1",
    ]
    for lines in both(verbose=False):
        start = lines.index(expected[0])
        assert lines[start : start + 3] == expected
        assert lines[-4:] == end


def test_each_failure_has_the_same_rows_in_the_same_order() -> None:
    for lines in both(verbose=True):
        start = next(number for number, line in enumerate(lines) if line.startswith("silent loss: cut/half"))
        rows = [line.split()[0] for line in lines[start + 1 : lines.index("", start)]]
        assert [row for row in rows if row not in ("expected:", "source")] == ["nothing", "printed", "stderr", "again"]


def test_junit_has_the_same_cases() -> None:
    for xml, name in ((junit.render(SCENARIOS), "cut/half[1.8.93-whole]"), (documents.junit(VARIANTS), "cut/half")):
        root = ET.fromstring(xml)
        (failure,) = root.iter("failure")
        assert failure.text == "silent loss: nothing was printed\nended\n\nrun it again"
        assert [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None] == [name]
        (skipped,) = root.iter("skipped")
        assert str(skipped.get("message")).partition(": ")[2] == "no {bot}"
        assert [text.text for text in root.iter("system-out")] == ["a traceback"]
