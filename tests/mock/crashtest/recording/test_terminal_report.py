"""The table of a crash test on a recording: rows and columns that hold a figure, and no others."""

from __future__ import annotations

import re
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from rich.console import Console

from chatgptfree_mock.crashtest.recording import documents, terminal_report
from chatgptfree_mock.crashtest.recording.results import VariantCard, VariantResult
from chatgptfree_mock.crashtest.recording.verdict import VariantVerdict


def result(variant: str, kind: str, grade: int, verdict: VariantVerdict, *, uncounted: bool = False) -> VariantResult:
    return VariantResult(
        variant=variant, kind=kind, grade=grade, source="s", verdict=verdict, reason="r", uncounted=uncounted
    )


def shown(*results: VariantResult) -> list[str]:
    out = StringIO()
    terminal_report.show(Console(file=out, width=200), VariantCard(client="c", results=list(results)))
    return out.getvalue().splitlines()


def test_a_grade_and_a_family_without_a_figure_have_no_column_and_no_row() -> None:
    lines = shown(
        result("chunks/utf8", "equivalent", 1, VariantVerdict.RIGHT),
        result("events/cr", "equivalent", 3, VariantVerdict.NOT_OFFERED),
        result("coding/gzip", "equivalent", 2, VariantVerdict.NOT_OFFERED),
        result("cut/head", "breakage", 2, VariantVerdict.SILENT_LOSS),
        result("cut/stall", "breakage", 1, VariantVerdict.HANG, uncounted=True),
    )
    table = [line.split() for line in lines[lines.index(next(line for line in lines if "delivered," in line)) :]]
    assert table[:5] == [
        ["delivered,", "reported,"],
        ["family", "grade", "1", "grade", "2"],
        ["chunks", "1", "of", "1", "·"],
        ["cut", "·", "0", "of", "1"],
        ["all", "1", "of", "1", "0", "of", "1"],
    ]


def test_no_table_is_printed_where_nothing_counts() -> None:
    lines = shown(result("coding/gzip", "equivalent", 2, VariantVerdict.NOT_OFFERED))
    assert [line for line in lines if line.startswith(("family", "all "))] == []


def test_other_text_with_exit_code_0_is_counted_apart_from_failures() -> None:
    lines = shown(
        result("cut/head", "breakage", 1, VariantVerdict.DISGUISED_ERROR),
        result("json/ascii", "equivalent", 1, VariantVerdict.WRONG),
        result("events/cr", "equivalent", 1, VariantVerdict.CRASH),
    )
    assert lines[1:3] == [
        "prints other text    2 variants: cut (1), json (1)",
        "fails on             1 variant: events (1)",
    ]


def test_each_of_some_reasons_is_counted_and_of_many_the_first_three() -> None:
    lost = result("cut/a", "breakage", 1, VariantVerdict.SILENT_LOSS)
    lines = shown(*(structs.replace(lost, variant=f"cut/{place}", reason=each) for place, each in enumerate("aabcded")))
    start = lines.index("silent loss: 2 × a")
    assert [line.strip() for line in lines[start + 1 : start + 4]] == [
        "1 × b",
        "1 × c",
        "3 more for other reasons (-v shows each)",
    ]


def test_one_verdict_of_one_family_is_one_group_with_one_command() -> None:
    half, head, other = (
        result(name, "breakage", 1, VariantVerdict.SILENT_LOSS) for name in ("cut/a", "cut/b", "events/c")
    )
    lines = shown(half, structs.replace(head, reason="nothing"), structs.replace(half, variant="cut/c"), other)
    start = next(number for number, line in enumerate(lines) if line.startswith("silent loss"))
    assert lines[start : start + 7] == [
        "silent loss: 2 × r",
        "             1 × nothing",
        "    cut/a, cut/c, cut/b",
        "    again: ",
        "silent loss: 1 × r",
        "    events/c",
        "    again: ",
    ]


def test_html_and_markdown_have_the_figures_of_each_grade() -> None:
    results = [
        result("chunks/utf8", "equivalent", 1, VariantVerdict.RIGHT),
        result("events/cr", "equivalent", 2, VariantVerdict.WRONG),
        result("cut/head", "breakage", 2, VariantVerdict.RIGHT),
        result("cut/stall", "breakage", 3, VariantVerdict.HANG, uncounted=True),
    ]
    card = VariantCard(client="c", results=results)
    heads = re.findall(r'<th scope="col">([^<]*)</th>', documents.html(card).decode().partition("</table>")[0])
    assert heads == ["family", "answers delivered, grade 1", "answers delivered, grade 2", "failures reported, grade 2"]
    rows = [line for line in documents.markdown(card).decode().splitlines() if "grade" in line]
    assert rows == [
        "| answers delivered, grade 1 | 1 | 1 |",
        "| answers delivered, grade 2 | 0 | 1 |",
        "| failures reported, grade 2 | 1 | 1 |",
    ]


RESULTS = st.lists(
    st.builds(
        result,
        st.sampled_from(["chunks/utf8", "cut/head", "json/ascii"]),
        st.sampled_from(["equivalent", "breakage"]),
        st.sampled_from([1, 2, 3]),
        st.sampled_from([VariantVerdict.RIGHT, VariantVerdict.NOT_OFFERED, VariantVerdict.WRONG]),
    ),
    min_size=1,
)


@given(RESULTS)
def test_no_row_and_no_column_is_empty(results: list[VariantResult]) -> None:
    if not any(each.counts for each in results):
        return
    lines = shown(*results)
    start = next(number for number, line in enumerate(lines) if line.startswith("family"))
    end = next(number for number, line in enumerate(lines) if line.startswith("all "))
    rows = [line.replace(" of ", "/").split()[1:] for line in lines[start + 1 : end + 1]]
    assert [row for row in rows if set(row) == {"·"}] == []
    assert [column for column in zip(*rows, strict=True) if set(column) == {"·"}] == []
    assert lines[start].count("grade") == len(rows[0])
