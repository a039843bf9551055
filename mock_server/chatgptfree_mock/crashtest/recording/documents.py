"""The result of a crash test from a recording as documents: HTML and Markdown for people, JUnit XML for machines."""

from __future__ import annotations

from chatgptfree_mock.crashtest import markdown as md
from chatgptfree_mock.crashtest import report
from chatgptfree_mock.crashtest.junit import TestCase, render_suites
from chatgptfree_mock.crashtest.markdown import FailureGroup
from chatgptfree_mock.crashtest.recording.grouping import by_family, summary
from chatgptfree_mock.crashtest.recording.results import VariantCard, VariantResult, scores
from chatgptfree_mock.crashtest.variant_verdict import VariantVerdict
from chatgptfree_mock.variants.rule import Kind


def junit(card: VariantCard) -> bytes:
    """Return the XML of *card*; what is in no figure is skipped."""
    suites = [
        (score, [_test_case(one) for one in card.results if (one.kind == Kind.EQUIVALENT) is equivalent])
        for score, equivalent in zip(card.scores, (True, False), strict=True)
    ]
    ran = f"{len(card.results)} of {card.planned} variants were run" if card.interrupted else ""
    return render_suites(card.client, suites, card.problem or ran)


def _test_case(result: VariantResult) -> TestCase:
    return TestCase(
        group=result.family,
        name=result.variant,
        verdict=str(result.verdict),
        failure=result.reason if result.counts_against else "",
        skipped="" if result.counts else f"{result.verdict}: {result.reason}",
        stderr=result.stderr,
        again=result.again,
        note=result.note,
    )


def html(card: VariantCard) -> bytes:
    """Return the report of *card* as one HTML file without outside assets."""
    families = dict.fromkeys(result.family for result in card.results)
    text = report.fill(
        "variants.html.j2",
        card=card,
        summary=summary(card),
        scores=card.scores,
        counts=[(verdict, card.counts[verdict]) for verdict in VariantVerdict if card.counts[verdict]],
        families=[(name, scores(one for one in card.results if one.family == name)) for name in families],
        groups=by_family(card.failures),
        aside=[result for result in card.results if not result.counts],
        noted=[result for result in card.results if result.note],
    )
    return text.encode()


def markdown(card: VariantCard) -> bytes:
    """Return the summary of *card* as Markdown."""
    failures = [
        FailureGroup(verdict=str(group.verdict), names=group.names, reason=group.reason, again=group.results[0].again)
        for group in by_family(card.failures)
    ]
    ran = f"Interrupted: {len(card.results)} of {card.planned} variants were run." if card.interrupted else ""
    return md.summary(card.client, card.scores, failures, note=card.problem or ran).encode()
