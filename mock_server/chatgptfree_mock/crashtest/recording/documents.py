"""The result of a crash test from a recording as documents: HTML and Markdown for people, JUnit XML for machines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.crashtest import html_report
from chatgptfree_mock.crashtest import junit as xml
from chatgptfree_mock.crashtest import markdown as md
from chatgptfree_mock.crashtest.grouping import clip
from chatgptfree_mock.crashtest.recording.grouping import by_family, summary
from chatgptfree_mock.crashtest.recording.results import Column, VariantCard, VariantResult, by_column
from chatgptfree_mock.crashtest.recording.verdict import VariantVerdict
from chatgptfree_mock.crashtest.report_case import ReportCase, case_of, compared
from chatgptfree_mock.crashtest.results import Score
from chatgptfree_mock.crashtest.run_facts import RunFacts

_WHOLE: Final = "the reference output, and exit code 0"
_FAILURE: Final = "an exit code other than 0, or the whole answer after another request"


def junit(card: VariantCard) -> bytes:
    """Return the XML of *card*."""
    return xml.render(card, card.problem)


def html(card: VariantCard, facts: RunFacts | None = None) -> bytes:
    """Return the report of *card* as one HTML file without outside assets; *facts*: of the run, None for none."""
    families = dict.fromkeys(result.group for result in card.results)
    by_families = {name: by_column(one for one in card.results if one.group == name) for name in families}
    sums = by_column(card.results)
    groups = by_family(card.failures)
    return html_report.render(
        card,
        [replace(group, cause=f"{group.results[0].group}: {group.cause}") for group in groups],
        lambda results: [_report_case(result, card.reference_output) for result in results],
        problem=card.problem,
        facts=facts,
        about=[
            ("Recording", f"{card.answer} of {card.recording}"),
            ("Message", clip(card.message)),
            ("Reference output", f"{clip(card.reference_output.rstrip())}, printed on the undisturbed replay"),
            *summary(card),
        ],
        counts=[(verdict, card.counts[verdict]) for verdict in VariantVerdict if card.counts[verdict]],
        group_name="family",
        columns=[f"{card.scores[at].name}, grade {grade}" for at, grade in sums],
        table=[(name, _figures(found, sums)) for name, found in by_families.items()],
        sums=_figures(sums, sums),
        points=[],
        matrix=None,
        lists=[
            ("Right, with a note", [f"{result.variant}: {result.note}" for result in card.results if result.note]),
            ("Left out", [f"{name}: {reason}" for name, reason in card.left_out]),
            ("Remarks", card.remarks),
        ],
    )


def _figures(found: Mapping[Column, Score], columns: Iterable[Column]) -> list[str]:
    """Return a cell for each of *columns*, empty where nothing counts."""
    return [f"{score.right} of {score.of}" if (score := found.get(column)) else "" for column in columns]


def _report_case(result: VariantResult, reference: str) -> ReportCase:
    return replace(
        case_of(result),
        where=f"· {result.kind} · grade {result.grade}",
        grade=str(result.grade),
        wanted=_FAILURE if result.wants_error else _WHOLE,
        parts=compared(reference.rstrip(), result.printed.rstrip()) if result.counts_against else (),
        source=result.source,
    )


def markdown(card: VariantCard) -> bytes:
    """Return the summary of *card* as Markdown."""
    grades = [
        Score(name=f"{score.name}, grade {grade}", right=score.right, of=score.of)
        for (_, grade), score in by_column(card.results).items()
    ]
    return md.render(card, by_family(card.failures), other_scores=grades, problem=card.problem).encode()
