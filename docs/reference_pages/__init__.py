"""
The reference, written from the code each time that Sphinx builds the site, so that it cannot go stale.

A page of docs/reference marks the places: the lines between ``<!-- generated: NAME -->`` and ``<!-- end -->`` are
replaced by the Markdown that `GENERATORS` makes under that name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from reference_pages import commands, control_api, errors, formats, plugin, settings, templates, verdicts, words

GENERATORS: Final[dict[str, Callable[[], str]]] = {
    "mock-commands": commands.of_the_mock,
    "client-commands": commands.of_the_client,
    "settings": settings.of_a_site,
    "recorded-settings": settings.of_recordings,
    "project-settings": settings.of_a_project,
    "chunk-words": words.of_chunks,
    "pace-words": words.of_pace,
    "fault-words": words.of_faults,
    "fault-places": words.of_places,
    "match-words": words.of_matching,
    "scenario-verdicts": verdicts.of_scenarios,
    "variant-verdicts": verdicts.of_variants,
    "exit-codes": verdicts.exit_codes,
    "client-errors": errors.of_the_client,
    "client-warnings": errors.warnings_of_the_client,
    "mock-errors": errors.of_the_mock,
    "markers": plugin.markers,
    "fixtures": plugin.of_fixtures,
    "mock-site": plugin.of_a_site,
    "control-api": control_api.routes,
    "scenario-format": formats.of_a_scenario,
    "cassette-format": formats.of_a_cassette,
    "release-format": formats.of_a_release,
    "page-templates": templates.of_pages,
}
_PLACE: Final = re.compile(r"<!-- generated: ([\w-]+) -->\n.*?<!-- end -->", re.DOTALL)
_LINK_OUT: Final = re.compile(r"\[([^\]\n]+)\]\(([^)\s#]+)\)")


def filled_in(text: str) -> str:
    """
    Return the Markdown *text* with the generated parts in place.

    Raises:
        KeyError: it asks for a part that no generator makes.
    """
    return _PLACE.sub(lambda place: GENERATORS[place[1]](), text)


def without_links_out(text: str, page: Path, site: Path) -> str:
    """Return the Markdown *text* of *page* with links that leave the folder *site* turned into their text."""

    def kept(link: re.Match[str]) -> str:
        target = os.path.normpath(page.parent / link[2])
        leaves = "://" not in link[2] and not Path(target).is_relative_to(site)
        if not leaves:
            return link[0]
        path = f"`{os.path.relpath(target, site.parent)}`"
        return path if link[1].strip("`") in path else f"{link[1]} ({path})"

    return _LINK_OUT.sub(kept, text)


def setup(app: Any) -> dict[str, Any]:
    """Register the extension with Sphinx."""

    def read(app: Any, name: str, source: list[str]) -> None:
        page = Path(app.env.doc2path(name))
        source[0] = without_links_out(filled_in(source[0]), page, Path(app.srcdir))

    def outdated(app: Any, env: Any, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
        """Name the pages with generated parts: what these are made of may have changed."""
        del app, added, changed, removed
        return [name for name in env.found_docs if _PLACE.search(Path(env.doc2path(name)).read_text(encoding="utf-8"))]

    app.connect("source-read", read)
    app.connect("env-get-outdated", outdated)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
