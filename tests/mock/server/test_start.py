"""The start of a site imports what a site needs, and nothing for answers, recordings, variants or commands."""

from __future__ import annotations

import subprocess
import sys

NEEDLESS = (
    "click",
    "jinja2",
    "rich",
    "sqlite3",
    "chatgptfree_mock.cli",
    "chatgptfree_mock.tape.har",
    "chatgptfree_mock.tape.tokens.finding",
    "chatgptfree_mock.tape.yaml.reading",
    "chatgptfree_mock.tape.yaml.writing",
    "chatgptfree_mock.sites.aipower.aipkit.plugin",
    "chatgptfree_mock.sites.aipower.wpaicg.plugin",
    "chatgptfree_mock.sites.recorded.cassette_player",
    "chatgptfree_mock.variants.catalogue",
)


def test_a_site_without_recordings_starts_without_what_it_needs_not() -> None:
    code = "import sys; from chatgptfree_mock.serving import MockSite\nwith MockSite(): print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = set(done.stdout.split())
    assert "chatgptfree_mock.sites.aipower.site" in imported
    assert imported.isdisjoint(NEEDLESS), imported.intersection(NEEDLESS)
