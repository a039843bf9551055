"""Every code block of the guides is executed, page by page, as a reader would; every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.support.readme import ROOT, blocks, reader

FOLDERS = ("tutorial", "how-to", "explanation", "reference")
NEEDS_NODE = ROOT / "docs" / "how-to" / "node.md"
PAGES = sorted(page for folder in FOLDERS for page in (ROOT / "docs" / folder).rglob("*.md"))
PAGES += [ROOT / "docs" / name for name in ("console.md", "crashtest.md", "intercept.md", "tokens.md")]
"""All but real-clients.md, whose commands tests/together/test_real_clients.py runs."""
LINKS = sorted({*PAGES, ROOT / "README.md", *(ROOT / "docs").glob("*.md")})
_FENCE = re.compile(r"^\s*(?:```|~~~)", re.MULTILINE)
_DIRECTIVE = re.compile(r"^```\{\w+\}", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


GUIDES = [pytest.param(page, marks=pytest.mark.other_clients if page == NEEDS_NODE else ()) for page in PAGES]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of *page*, as GitHub makes them."""
    headings = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", GUIDES, ids=name)
def test_the_examples_of_a_guide_run(page: Path, tmp_path: Path) -> None:
    with reader(tmp_path) as somebody:
        for block in blocks(page.read_text(encoding="utf-8")):
            somebody.follow(block)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_block_of_a_guide_hides_from_the_test(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(_FENCE.findall(text)) == 2 * (len(blocks(text)) + len(_DIRECTIVE.findall(text)))


@pytest.mark.parametrize("page", LINKS, ids=name)
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_index_lists_every_page_of_its_folder(folder: str) -> None:
    index = ROOT / "docs" / folder / "index.md"
    listed = set(re.findall(r"^([\w-]+)$", index.read_text(encoding="utf-8"), re.MULTILINE))
    assert listed == {page.stem for page in PAGES if page.parent == index.parent} - {"index"}


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 200
