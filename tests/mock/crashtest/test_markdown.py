"""The summary in Markdown, with markdown-it as the judge of what a page would show."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from tests.support.releases import NEWEST

from chatgptfree_mock.crashtest.markdown import FailureGroup, render, summary
from chatgptfree_mock.crashtest.results import Card, Result, Score
from chatgptfree_mock.crashtest.verdict import Verdict

SCORES = (Score(name="answers delivered", right=3, of=4), Score(name="failures reported", right=5, of=5))
TEXTS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40)
ALLOWED = {"text", "code_inline", "strong_open", "strong_close", "softbreak", "hardbreak"}


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
    failure = FailureGroup(verdict="silent loss", names=[name], reason=f"x{reason}", again=again)
    blocks, inline = tokens(summary(client, SCORES, [failure]))
    assert {child.type for child in inline} <= ALLOWED
    assert [block.content for block in blocks if block.type == "fence"] == [f"{again}\n"]
    page = "".join(shown(inline).split())
    for text in (client, f"x{reason}", name):
        assert "".join(text.split()) in page


def test_it_has_both_figures_and_one_item_for_each_kind_of_failure() -> None:
    lost = Result(
        scenario="stream/a",
        title="A",
        plugin=NEWEST,
        chunks="bytes",
        verdict=Verdict.SILENT_LOSS,
        reason="a piece is missing",
        reproduce="chatgptfree-mock crashtest --scenario stream/a -- sh client.sh",
    )
    card = Card(client="sh client.sh {url}", results=[lost], planned=9)
    assert render(card) == (
        "## Crash test\n\n`sh client.sh {url}`\n\nInterrupted: 1 of 9 cases were run.\n\n"
        "| | right | of |\n|---|--:|--:|\n| answers delivered | 0 | 1 |\n| failures reported | 0 | 0 |\n\n"
        "### What counts against it\n\n- **silent loss**: a piece is missing  \n  `stream/a`\n\n"
        "  ```sh\n  chatgptfree-mock crashtest --scenario stream/a -- sh client.sh\n  ```\n"
    )


def test_a_summary_without_failures_reports_that() -> None:
    text = summary("c", SCORES, [])
    assert text.endswith("| failures reported | 5 | 5 |\n\nNothing counts against it.\n")
