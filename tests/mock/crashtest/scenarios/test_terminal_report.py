"""What a person gets to read: short, by reason, with the scores."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from chatgptfree_mock.crashtest.scenarios import regressions, terminal_report
from chatgptfree_mock.crashtest.scenarios.results import Card, Result
from chatgptfree_mock.crashtest.scenarios.verdict import Verdict
from chatgptfree_mock.scenario.model import LAYERS
from chatgptfree_mock.sites.aipower.releases import built_in

PLUGINS = [release.name for release in built_in().releases]


def result(
    scenario: str = "text/x",
    *,
    verdict: Verdict = Verdict.SILENT_LOSS,
    cause: str = "it printed nothing",
    plugin: str = "1.8.93",
    kinds: tuple[str, ...] = (),
    expected: str = "",
    note: str = "",
    printed: str = "",
) -> Result:
    return Result(
        scenario=scenario, title="t", plugin=plugin, chunks="whole", verdict=verdict, reason=f"{cause} (here)",
        cause=cause, kinds=list(kinds), expected=expected, note=note, again="again", printed=printed,
    )  # fmt: skip


def shown(*results: Result, verbose: bool = False, planned: int | None = None, remarks: tuple[str, ...] = ()) -> str:
    console = Console(file=io.StringIO(), width=80)
    card = Card(client="c", results=list(results), planned=planned)
    terminal_report.show(console, card, regressions.turning_points(results), remarks, verbose=verbose)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_same_reason_is_printed_once_with_the_expectation() -> None:
    text = shown(result("page/a", kinds=("challenge",)), result("page/b", kinds=("page", "upstream")))
    assert (
        "silent loss: 2 × it printed nothing\n    page/a, page/b; expected: an error (challenge) (and 1 more)" in text
    )


def test_a_wrong_text_is_printed_beside_the_expected_one() -> None:
    wrong = result(
        "page/a", verdict=Verdict.WRONG, cause="another text", printed="HI\x1b[31m" + 60 * "x", expected="HI"
    )
    text = " ".join(shown(wrong).split())
    assert rf"page/a; printed: 'HI\x1b[31m{53 * 'x'}'… (67 characters); expected: the answer 'HI'" in text


def test_both_scores_are_reported_and_what_is_not_applicable_counts_in_neither() -> None:
    text = shown(
        result(),
        result("text/y", verdict=Verdict.RIGHT),
        result("text/z", verdict=Verdict.NOT_APPLICABLE, cause="no {bot}"),
        result("page/a", verdict=Verdict.RIGHT, kinds=("page",), note="ugly"),
        result("page/b", verdict=Verdict.NEVER_ASKED, kinds=("page",), cause="it made no request"),
    )
    assert "answers delivered: 1 of 2" in text
    assert "failures reported: 1 of 2" in text
    assert "not applicable: no {bot}: text/z" in text
    assert "note: reported with a traceback or by a signal: 1 of the errors: page/a" in text


def test_a_failure_on_every_release_is_on_all_releases_asked() -> None:
    text = shown(*(result(plugin=plugin) for plugin in PLUGINS))
    assert "silent loss on all releases asked" in text


def test_an_interrupted_run_names_how_far_it_came() -> None:
    assert "interrupted: 1 of 9 cases were run" in shown(result(), planned=9)


def test_verbose_shows_each_failure_whole() -> None:
    text = shown(*(result(f"text/{number}") for number in range(30)), verbose=True)
    assert all(f"text/{number} on 1.8.93" in text for number in range(30))


def test_the_worst_of_all_runs_is_printed_in_40_lines() -> None:
    results = [
        result(f"{layer}/a", verdict=verdict, cause=f"cause {layer} {verdict}", plugin=plugin, note="ugly")
        for layer in (*LAYERS, *map(str, range(20)))
        for verdict in Verdict
        for plugin in PLUGINS[:2]
    ]
    text = shown(*results, planned=1000, remarks=("a",) * 5)
    assert len(text.splitlines()) <= terminal_report.MOST_LINES
    assert "more reasons (-v shows every failure)" in text


@given(
    failures=st.lists(
        st.builds(
            result,
            st.sampled_from([f"{layer}/{name}" for layer in (*LAYERS, *map(str, range(20))) for name in "ab"]),
            verdict=st.sampled_from(Verdict),
            cause=st.text(max_size=50) | st.sampled_from(["a", "x" * 300]),
            plugin=st.sampled_from(PLUGINS),
            kinds=st.sampled_from([(), ("page",)]),
            expected=st.sampled_from(["", "x\n" * 300]),
            note=st.sampled_from(["", "ugly"]),
        ),
        max_size=30,
    ),
    planned=st.none() | st.just(1000),
    remarks=st.lists(st.sampled_from(["x" * 300, "a\nb"]), max_size=5),
)
def test_there_are_40_lines_at_most(failures: list[Result], planned: int | None, remarks: list[str]) -> None:
    text = shown(*failures, planned=planned, remarks=tuple(remarks))
    assert len(text.splitlines()) <= terminal_report.MOST_LINES
