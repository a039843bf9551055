"""What the HTML report is filled with: differences of texts, places on the line of bytes, links, advice."""

from __future__ import annotations

from datetime import UTC, datetime
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.crashtest.advice import ADVICE, KINDS, advice
from chatgptfree_mock.crashtest.outputs import progress
from chatgptfree_mock.crashtest.recording.verdict import VariantVerdict
from chatgptfree_mock.crashtest.report_case import ReportCase, chunk_boxes, compared, linked, marks
from chatgptfree_mock.crashtest.results import CaseExchange
from chatgptfree_mock.crashtest.run_facts import RunFacts
from chatgptfree_mock.crashtest.scenarios import documents
from chatgptfree_mock.crashtest.scenarios.results import Card, Result
from chatgptfree_mock.crashtest.scenarios.verdict import Verdict
from chatgptfree_mock.crashtest.text_difference import TextPart, differences, shortened, visible
from chatgptfree_mock.scenario.library import shipped
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.variants.chunk_rules import CHUNK_RULES
from chatgptfree_mock.variants.coding_rules import CODING_RULES
from chatgptfree_mock.variants.cut_rules import CUT_RULES
from chatgptfree_mock.variants.error_event_rules import ERROR_EVENT_RULES
from chatgptfree_mock.variants.event_rules import EVENT_RULES
from chatgptfree_mock.variants.framing_rules import FRAMING_RULES
from chatgptfree_mock.variants.json_rules import JSON_RULES
from chatgptfree_mock.variants.pace_rules import PACE_RULES
from chatgptfree_mock.variants.rule import Rule, TextRule
from chatgptfree_mock.variants.status_rules import STATUS_RULES

SMALL = st.text(alphabet="ab é\n👋", max_size=12)


def joined(parts: list[TextPart], *kinds: str) -> str:
    return "".join(part.text for part in parts if part.kind in kinds)


@given(wanted=SMALL | st.text(), got=SMALL | st.text())
def test_the_parts_of_a_difference_are_both_texts(wanted: str, got: str) -> None:
    parts = differences(wanted, got)
    assert (joined(parts, "same", "missing"), joined(parts, "same", "surplus")) == (wanted, got)
    assert all(part.text for part in parts)


@pytest.mark.parametrize(
    ("wanted", "got", "parts"),
    [
        pytest.param("Hello", "Hello", [("same", "Hello")], id="alike"),
        pytest.param(
            "Hé!", "He!", [("same", "H"), ("missing", "é"), ("surplus", "e"), ("same", "!")], id="a character"
        ),
        pytest.param("Hello", "Hel", [("same", "Hel"), ("missing", "lo")], id="the end"),
        pytest.param("", "<html>", [("surplus", "<html>")], id="too much"),
        pytest.param("one two", "one  two", [("same", "one "), ("surplus", " "), ("same", "two")], id="a blank"),
    ],
)
def test_differences_are_found_by_the_character(wanted: str, got: str, parts: list[tuple[str, str]]) -> None:
    assert [tuple(part) for part in differences(wanted, got)] == parts


def test_large_texts_are_compared_by_words_and_larger_ones_as_a_whole() -> None:
    words = " ".join(f"{number}word" for number in range(100))
    found = differences(f"x{words}x", f"y{words.replace('50word', 'other')}y")
    assert ("missing", "50word") in found
    assert ("same", "x") not in found
    assert [part.kind for part in differences("a" * 4000, "b" * 4000)] == ["missing", "surplus"]


def test_long_parts_are_cut_short_and_counted() -> None:
    parts = shortened([TextPart("same", "s" * 1000), TextPart("missing", "m" * 1000)])
    assert [part.kind for part in parts] == ["same", "left out", "same", "missing", "left out"]
    assert [part.text for part in parts if part.kind == "left out"] == ["… 880 characters …", "… 600 more characters …"]


def test_what_cannot_be_seen_is_made_visible() -> None:
    assert visible("a\r\nb\t\x00\x1b\u200b👋") == "a\\r↵\nb→\t\\u0000\\u001b\\u200b👋"


def test_the_line_end_that_programs_print_does_not_count_as_a_difference() -> None:
    assert compared("Hello", "Hello\n") == compared("Hello", "Hello\r\n") == compared("Hello", "Hello") == []
    assert compared("Hello", "Hello\n\n") != []


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_one_line_end_of_a_wrong_text_is_not_marked(end: str) -> None:
    assert compared("Hello", "Hel" + end) == compared("Hello", "Hel") == [("same", "Hel"), ("missing", "lo")]
    assert compared("Hello", "Hallo" + end) == compared("Hello", "Hallo")
    assert compared("Hello", "Hello" + end + end) == [("same", "Hello"), ("surplus", end)]
    assert compared("Hello\n", "Hel" + end) == differences("Hello\n", "Hel" + end)


def test_faults_and_ends_have_their_place_on_the_line_of_bytes() -> None:
    sent = CaseExchange(
        request="a", response="b", chunks=[100, 300], ended="reset", faults=[("garble", 100), ("x", -1)]
    )
    assert chunk_boxes(sent) == [(0.0, 25.0, 100), (25.0, 75.0, 300)]
    assert [(mark.place, mark.label) for mark in marks(sent)] == [
        (25.0, "garble at byte 100"),
        (0.0, "x"),
        (100.0, "reset at byte 400"),
    ]
    assert marks(CaseExchange(request="a", response="b")) == []


@given(st.lists(st.tuples(st.sampled_from(["s/a", "s/b"]), st.lists(st.sampled_from(["s/a/1", "s/b/1", "s/a/2"])))))
def test_no_two_cases_have_the_same_anchor(given_cases: list[tuple[str, list[str]]]) -> None:
    cases = [
        ReportCase(
            name=name, group="g", verdict="right", title="", reason="", fails=False, anchors=[*rest, f"own/{at}"]
        )
        for at, (name, rest) in enumerate(given_cases)
    ]
    anchors = [anchor for case in linked(cases, set()) for anchor in case.anchors]
    assert len(anchors) == len(set(anchors))
    assert all(case.anchors for case in linked(cases, set()))


def test_there_is_advice_for_every_verdict_and_for_nothing_else() -> None:
    assert set(ADVICE) == {*map(str, Verdict), *map(str, VariantVerdict)}


def test_each_kind_of_case_has_advice_of_its_own() -> None:
    rules: list[Rule | TextRule] = [*CHUNK_RULES, *PACE_RULES, *FRAMING_RULES, *CODING_RULES, *CUT_RULES, *STATUS_RULES]
    rules += [*EVENT_RULES, *JSON_RULES, *ERROR_EVENT_RULES]
    named = [*(rule.name for rule in rules), *(entry.name for entry in shipped()), "tokens/fresh"]
    for place, (pattern, text) in enumerate(KINDS):
        earlier = [other for other, _ in KINDS[:place]]
        fitting = [
            name
            for name in named
            if fnmatchcase(name, pattern) and not any(fnmatchcase(name, other) for other in earlier)
        ]
        assert fitting, pattern
        assert advice("silent loss", fitting) == {text: fitting}
    assert advice("hang", ["cut/close-half", "json/tabs"]) == {ADVICE["hang"]: ["cut/close-half", "json/tabs"]}
    both = advice("silent loss", ["events/no-space", "status/429", "events/cr"])
    assert sorted(map(len, both.values())) == [1, 2]


def test_a_piece_that_a_retry_prints_twice_is_no_end_that_was_missed() -> None:
    """The client has noticed the cut; without a retry it has not."""
    (twice,) = advice("wrong", ["cut/half-the-body/once"])
    (missed,) = advice("silent loss", ["cut/half-the-body/once"])
    assert twice.startswith("Where a question is asked again, show only the answer that came whole")
    assert missed.startswith("Never take the end of the connection for the end of the answer")


def test_the_report_puts_the_advice_of_each_kind_beside_its_cases() -> None:
    results = [
        Result(scenario=name, title="t", plugin="1.8.93", chunks="whole", verdict=Verdict.SILENT_LOSS, reason="`<b>`")
        for name in ("stream/comments", "transport/reset")
    ]
    facts = RunFacts(command="x", when=datetime(2026, 1, 2, tzinfo=UTC))
    page = documents.html(Card(client="c", results=results), [], facts).decode()
    assert "<b>stream/comments</b>: Read events by the rules" in page
    assert "several <code>data</code> lines" in page
    assert "<dd><code>&lt;b&gt;</code></dd>" in page
    assert "<b>transport/reset</b>: Never take the end of the connection" in page


def test_texts_that_have_little_in_common_are_shown_whole() -> None:
    wanted, got = "Hello, how can I help you today?", "upstream timed out"
    assert differences(wanted, got) == [TextPart("missing", wanted), TextPart("surplus", got)]


def test_a_report_names_command_date_versions_and_releases() -> None:
    result = Result(scenario="a/b", title="t", plugin="1.8.93", chunks="whole", verdict=Verdict.HANG, reason="r")
    facts = RunFacts(command="chatgptfree-mock crashtest <x>", when=datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    page = documents.html(Card(client="c", results=[result]), [], facts).decode()
    assert all(text in page for text in ("crashtest &lt;x&gt;", "2026-01-02 03:04 UTC", "Python 3.", "1.8.93"))
    assert ADVICE["hang"] in page


@pytest.mark.filterwarnings("ignore:the fault `extra-bytes` was not applied")
@pytest.mark.asyncio
async def test_the_journal_has_the_place_where_a_fault_struck() -> None:
    import aiohttp

    async with MockSite(plugin="1.8.93", reply="Hello", delivery="fault=truncate@100,extra-bytes") as site:
        async with aiohttp.ClientSession() as session:
            fields = {"action": "wpaicg_chat_shortcode_message", "_wpnonce": site.nonce, "message": "x", "bot_id": "0"}
            async with session.post(site.url + "/wp-admin/admin-ajax.php", data=fields) as response:
                with pytest.raises(aiohttp.ClientPayloadError):
                    await response.read()
        assert site.journal[-1].faults == (("truncate@100", 100),)
        assert site.journal[-1].sent == 100


def test_the_table_has_a_column_for_right_and_for_each_verdict_that_was_given() -> None:
    given_to = {"nonce/x": Verdict.SILENT_LOSS, "page/y": Verdict.CRASH}
    results = [
        Result(scenario=name, title="", plugin="1.8.93", chunks="whole", verdict=verdict, reason="")
        for name, verdict in given_to.items()
    ]
    page = documents.html(Card(client="c", results=results), []).decode()
    head, _, rest = page.partition("<thead>")[2].partition("</thead>")
    columns = [cell.partition("</th>")[0] for cell in head.split('<th scope="col">')[1:]]
    assert columns == ["layer", "right", "silent loss", "crash"]
    assert rest.partition("</tbody>")[0].count("<td") == 2 * 3


def test_progress_is_a_line_now_and_then_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(None) as show:
        for _ in range(53):
            show("right: json/ascii", 53)
    lines = [f"{done} of 53" for done in (1, 6, 11, 16, 22, 27, 32, 38, 43, 48, 53)]
    assert capsys.readouterr().err.splitlines() == lines
    with progress(20) as show:
        show("right: a/b")
    assert capsys.readouterr().err == ""
