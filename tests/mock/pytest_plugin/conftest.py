"""A folder for the tests of a user of the plugin, and what makes runs of it within this process possible."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from tests.support.plugin_run import ASK

import chatgptfree_mock

HTTP_ERRORS = "ignore:Implicitly cleaning up <HTTPError:ResourceWarning"
"""From Python 3.14 on, an error of urllib that nobody closes warns; clients of users are no better."""


@pytest.fixture(scope="module", autouse=True)
def everything_is_imported() -> None:
    """A pytest within this process forgets what it was the first to import, and would have it twice the next time."""
    for module in pkgutil.walk_packages(chatgptfree_mock.__path__, "chatgptfree_mock."):
        importlib.import_module(module.name)


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    # Without the dozen plugins of the development environment each run takes a fraction of the time.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makepyfile(asking=ASK)
    pytester.syspathinsert()
    pytester.makeini(f"[pytest]\nfilterwarnings =\n    error\n    {HTTP_ERRORS}\n")
    return pytester
