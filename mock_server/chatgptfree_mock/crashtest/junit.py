"""
The result as JUnit XML, for continuous integration: a test suite per score, a test case per case.

A case that is in no score is `skipped`; a note on a right case is its `system-out`.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from chatgptfree_mock.crashtest.results import CaseResult, Score, ScoreCard

# XML 1.0, section 2.2: what is not a Char cannot be written, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(card: ScoreCard[CaseResult], problem: str = "") -> bytes:
    """Return the XML of *card*; equal outcomes give equal bytes.  *problem*: why there is no judgement, if so."""
    root = ET.Element("testsuites", name="chatgptfree-mock crashtest")
    for score, wants_error in zip(card.scores, (False, True), strict=True):
        results = [result for result in card.results if result.wants_error is wants_error]
        if results:
            _suite(root, card.client, score, results, problem or card.unfinished)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _suite(root: ET.Element, client: str, score: Score, results: Sequence[CaseResult], interrupted: str) -> None:
    suite = ET.SubElement(
        root,
        "testsuite",
        name=score.name,
        tests=str(len(results)),
        failures=str(sum(result.counts_against for result in results)),
        errors="0",
        skipped=str(len(results) - score.of),
    )
    properties = {"client": client, score.name: f"{score.right} of {score.of}"}
    if interrupted:
        properties["interrupted"] = interrupted
    kept = ET.SubElement(suite, "properties")
    for name, value in properties.items():
        ET.SubElement(kept, "property", name=name, value=_clean(value))
    for result in results:
        _case(suite, result)


def _case(suite: ET.Element, result: CaseResult) -> None:
    element = ET.SubElement(suite, "testcase", classname=result.group, name=_clean(result.label))
    if not result.counts:
        ET.SubElement(element, "skipped", message=_clean(f"{result.verdict}: {result.reason}"))
    elif result.counts_against:
        failure = ET.SubElement(element, "failure", type=result.verdict.value, message=_clean(result.reason))
        failure.text = _clean(f"{result.verdict}: {result.reason}\n{result.stderr}\n{result.again}")
    elif result.note:
        ET.SubElement(element, "system-out").text = _clean(result.note)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
