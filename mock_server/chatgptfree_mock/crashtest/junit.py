"""
The result as JUnit XML, for continuous integration: a test suite per score, a test case per case.

A case that is in no score is `skipped`; a note on a right case is its `system-out`.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chatgptfree_mock.crashtest.results import Card, Result, Score
from chatgptfree_mock.crashtest.verdict import Verdict

# XML 1.0, section 2.2: what is not a Char cannot be written, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class TestCase:
    """One case in the form of JUnit; *failure* and *skipped* are the reasons, empty if it is neither."""

    group: str
    name: str
    verdict: str
    failure: str = ""
    skipped: str = ""
    stderr: str = ""
    again: str = ""
    note: str = ""


def render(card: Card) -> bytes:
    """Return the XML of *card*; equal outcomes give equal bytes."""
    suites = [
        (score, [_test_case(result) for result in card.results if bool(result.kinds) is wants_error])
        for score, wants_error in ((card.delivered, False), (card.reported, True))
    ]
    interrupted = "" if card.planned is None else f"{len(card.results)} of {card.planned} cases were run"
    return render_suites(card.client, suites, interrupted)


def render_suites(client: str, suites: Iterable[tuple[Score, Sequence[TestCase]]], interrupted: str = "") -> bytes:
    """Return the XML of *suites*, each a score and its cases; *interrupted*: a note on a run that did not end."""
    root = ET.Element("testsuites", name="chatgptfree-mock crashtest")
    for score, cases in suites:
        if cases:
            _suite(root, client, score, cases, interrupted)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _test_case(result: Result) -> TestCase:
    return TestCase(
        group=result.layer,
        name=f"{result.scenario}[{result.plugin}-{result.chunks}]",
        verdict=str(result.verdict),
        failure=result.reason if result.verdict.counts_against else "",
        skipped=result.reason if result.verdict is Verdict.NOT_APPLICABLE else "",
        stderr=result.stderr,
        again=result.reproduce,
        note=result.note,
    )


def _suite(root: ET.Element, client: str, score: Score, cases: Sequence[TestCase], interrupted: str) -> None:
    suite = ET.SubElement(
        root,
        "testsuite",
        name=score.name,
        tests=str(len(cases)),
        failures=str(sum(bool(case.failure) for case in cases)),
        errors="0",
        skipped=str(len(cases) - score.of),
    )
    properties = {"client": client, score.name: f"{score.right} of {score.of}"}
    if interrupted:
        properties["interrupted"] = interrupted
    kept = ET.SubElement(suite, "properties")
    for name, value in properties.items():
        ET.SubElement(kept, "property", name=name, value=_clean(value))
    for case in cases:
        _case(suite, case)


def _case(suite: ET.Element, case: TestCase) -> None:
    element = ET.SubElement(suite, "testcase", classname=case.group, name=_clean(case.name))
    if case.skipped:
        ET.SubElement(element, "skipped", message=_clean(case.skipped))
    elif case.failure:
        failure = ET.SubElement(element, "failure", type=case.verdict, message=_clean(case.failure))
        failure.text = _clean(f"{case.verdict}: {case.failure}\n{case.stderr}\n{case.again}")
    elif case.note:
        ET.SubElement(element, "system-out").text = _clean(case.note)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
