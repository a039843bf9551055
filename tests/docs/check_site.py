"""The built site: no warning, no link that leads nowhere, nothing loaded from elsewhere.  `tox -e docs` runs this."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser
from tests.support.chromium import chromium, tab
from tests.support.contrast import overflow

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "docs" / "_build" / "html"
pytestmark = pytest.mark.timeout(300)
LOADED = "script[src], link[href], img[src], source[src], iframe[src], object[data], embed[src], video[src], audio[src]"
_FROM_ELSEWHERE = re.compile(r"""(?:url\(|@import|src\s*=|import\()\s*["']?(?:https?:)?//[^)"'\s]+""")


@pytest.fixture(scope="session")
def site() -> Path:
    """Build the site, or what of it is not up to date."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", str(ROOT / "docs"), str(BUILT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return BUILT


@cache
def parsed(page: Path) -> LexborHTMLParser:
    return LexborHTMLParser(page.read_bytes())


@cache
def ids(page: Path) -> frozenset[str]:
    return frozenset(node.attributes["id"] or "" for node in parsed(page).css("[id]"))


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_every_page_of_the_sources_is_built(site: Path) -> None:
    sources = {page for page in (ROOT / "docs").rglob("*.md") if "_build" not in page.parts}
    built = {ROOT / "docs" / page.relative_to(site).with_suffix(".md") for page in pages(site)}
    assert sources
    assert sources <= built


def test_every_link_inside_leads_somewhere(site: Path) -> None:
    nowhere = []
    for page in pages(site):
        for link in parsed(page).css("a[href]"):
            parts = urlsplit(link.attributes["href"] or "")
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not target.is_file() or (parts.fragment and unquote(parts.fragment) not in ids(target)):
                nowhere.append(f"{page.relative_to(site)}: {link.attributes['href']}")
    assert nowhere == []


def test_no_id_is_on_a_page_twice(site: Path) -> None:
    for page in pages(site):
        found = [node.attributes["id"] for node in parsed(page).css("[id]")]
        assert len(found) == len(set(found)), page


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for page in pages(site):
        for node in parsed(page).css(LOADED):
            address = node.attributes.get("src") or node.attributes.get("href") or node.attributes.get("data") or ""
            assert not urlsplit(address).netloc, f"{page}: {address}"
            assert (page.parent / urlsplit(address).path).exists(), f"{page}: {address}"
        for node in parsed(page).css("style, script:not([src])"):
            assert not _FROM_ELSEWHERE.search(node.text())
    for file in (*site.rglob("*.css"), *site.rglob("*.js")):
        assert not _FROM_ELSEWHERE.search(file.read_text(encoding="utf-8")), file


@pytest.mark.browser
@pytest.mark.asyncio
async def test_no_page_is_wider_than_the_window(site: Path) -> None:
    wider = []
    async with chromium() as browser, tab(browser) as opened:
        for width in (500, 900, 1100, 1200, 1400, 1600):
            await opened.page.set_viewport_size({"width": width, "height": 850})
            for name in ("index", "crashtest", "reference/commands"):
                await opened.page.goto((site / f"{name}.html").as_uri())
                if surplus := await overflow(opened.page):
                    wider.append((name, width, surplus))
    assert wider == []


def test_no_page_shows_raw_markup(site: Path) -> None:
    for page in pages(site):
        body = parsed(page).css_first("article")
        shown = body.text() if body else ""
        assert "<!--" not in shown, page
        assert "{#" not in re.sub(r"<(code|pre)\b.*?</\1>", "", body.html or "" if body else "", flags=re.DOTALL), page
