"""The summary in Markdown, with markdown-it as the judge of what a page would show."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import structs
from tests.support.releases import NEWEST

from chatgptfree_mock.crashtest.grouping import Group
from chatgptfree_mock.crashtest.markdown import render
from chatgptfree_mock.crashtest.scenarios.grouping import by_cause
from chatgptfree_mock.crashtest.scenarios.results import Card, Result
from chatgptfree_mock.crashtest.scenarios.verdict import Verdict

TEXTS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40)
ALLOWED = {"text", "code_inline", "strong_open", "strong_close", "softbreak", "hardbreak"}


def failure(scenario: str = "stream/a", reason: str = "a piece is missing", again: str = "again") -> Result:
    return Result(
        scenario=scenario,
        title="A",
        plugin=NEWEST,
        chunks="bytes",
        verdict=Verdict.SILENT_LOSS,
        reason=reason,
        again=again,
    )


def tokens(markdown: str) -> tuple[list[Token], list[Token]]:
    """Return the blocks of *markdown* and what is inside of them."""
    blocks = MarkdownIt("commonmark").enable("table").parse(markdown)
    return blocks, [child for block in blocks for child in block.children or ()]


def shown(inline: list[Token]) -> str:
    return "".join(child.content for child in inline if child.type in ("text", "code_inline"))


@example(
    client="a | b", reason="| --- | <img src=x onerror=alert(1)> [a](javascript:b) `` ` ``", name="a`b", again="```"
)
@given(client=TEXTS, reason=TEXTS, name=TEXTS, again=TEXTS)
def test_no_text_of_a_client_or_a_site_acts_as_markup(client: str, reason: str, name: str, again: str) -> None:
    lost = failure(scenario=name, reason=f"x{reason}", again=again)
    group = Group(verdict=lost.verdict, cause=lost.reason, results=(lost,))
    blocks, inline = tokens(render(Card(client=client, results=[lost]), [group]))
    assert {child.type for child in inline} <= ALLOWED
    assert [block.content for block in blocks if block.type == "fence"] == [f"{again}\n"]
    page = "".join(shown(inline).split())
    for text in (client, f"x{reason}", name):
        assert "".join(text.split()) in page


def test_it_has_both_figures_and_one_item_for_each_kind_of_failure() -> None:
    lost = failure(again="chatgptfree-mock crashtest --scenario stream/a -- sh client.sh")
    card = Card(client="sh client.sh {url}", results=[lost], planned=9)
    assert render(card, by_cause([lost])) == (
        "## Crash test\n\n`sh client.sh {url}`\n\nInterrupted: 1 of 9 cases were run.\n\n"
        "| | right | of |\n|---|--:|--:|\n| answers delivered | 0 | 1 |\n| failures reported | 0 | 0 |\n\n"
        "### What counts against it\n\n- **silent loss**: a piece is missing  \n  `stream/a`\n\n"
        "  ```sh\n  chatgptfree-mock crashtest --scenario stream/a -- sh client.sh\n  ```\n"
    )


def test_a_summary_without_failures_reports_that() -> None:
    right = structs.replace(failure(), verdict=Verdict.RIGHT, kinds=["page"])
    text = render(Card(client="c", results=[right]), [])
    assert text.endswith("| failures reported | 1 | 1 |\n\nNothing counts against it.\n")
