"""The start of a site imports what a site needs, and nothing for answers, recordings, variants or commands."""

from __future__ import annotations

import subprocess
import sys

import pytest

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


@pytest.fixture(scope="module")
def imported() -> set[str]:
    code = "import sys; from chatgptfree_mock.serving import MockSite\nwith MockSite(): print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", NEEDLESS)
def test_a_site_without_recordings_starts_without(module: str, imported: set[str]) -> None:
    assert "chatgptfree_mock.sites.aipower.site" in imported
    assert module not in imported
