"""
The result as JUnit XML, for continuous integration: a test suite per score, a test case per case.

What is not applicable is `skipped`; a note on a right case is its `system-out`.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from chatgptfree_mock.crashtest.results import Card, Result, Score
from chatgptfree_mock.crashtest.verdict import Verdict

# XML 1.0, section 2.2: what is not a Char cannot be written, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(card: Card) -> bytes:
    """Return the XML of *card*; the same outcome gives the same bytes."""
    root = ET.Element("testsuites", name="chatgptfree-mock crashtest")
    for score, wants_error in ((card.delivered, False), (card.reported, True)):
        results = [result for result in card.results if bool(result.kinds) is wants_error]
        if results:
            _suite(root, card, score, results)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _suite(root: ET.Element, card: Card, score: Score, results: list[Result]) -> None:
    failures = sum(result.verdict.counts_against for result in results)
    suite = ET.SubElement(
        root,
        "testsuite",
        name=score.name,
        tests=str(len(results)),
        failures=str(failures),
        errors="0",
        skipped=str(len(results) - score.of),
    )
    properties = {"client": card.client, score.name: f"{score.right} of {score.of}"}
    if card.planned is not None:
        properties["interrupted"] = f"{len(card.results)} of {card.planned} cases were run"
    kept = ET.SubElement(suite, "properties")
    for name, value in properties.items():
        ET.SubElement(kept, "property", name=name, value=_clean(value))
    for result in results:
        _case(suite, result)


def _case(suite: ET.Element, result: Result) -> None:
    name = f"{result.scenario}[{result.plugin}-{result.chunks}]"
    case = ET.SubElement(suite, "testcase", classname=result.layer, name=_clean(name))
    if result.verdict is Verdict.NOT_APPLICABLE:
        ET.SubElement(case, "skipped", message=_clean(result.reason))
    elif result.verdict.counts_against:
        failure = ET.SubElement(case, "failure", type=str(result.verdict), message=_clean(result.reason))
        failure.text = _clean(f"{result.verdict}: {result.reason}\n{result.stderr}\n{result.reproduce}")
    elif result.note:
        ET.SubElement(case, "system-out").text = _clean(result.note)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
