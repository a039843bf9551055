"""Runs of pytest with the plugin, of a folder that a test has written, and what such tests ask a site with."""

from __future__ import annotations

import os
from types import ModuleType
from unittest import mock

import pytest
from tests.support.no_certificates import NO_CERTIFICATES

from chatgptfree_mock import pytest_plugin

ASK = """
    import urllib.error
    import urllib.parse
    import urllib.request

    def ask(site, message="Hello", **more):
        fields = {"_wpnonce": site.nonce, "action": "wpaicg_chat_shortcode_message", "message": message, "bot_id": "0"}
        data = urllib.parse.urlencode({**fields, **more}).encode()
        try:
            with urllib.request.urlopen(site.url + "/wp-admin/admin-ajax.php", data) as response:
                return response.read().decode()
        except urllib.error.HTTPError as exc:
            with exc:
                return exc.read().decode()
"""

OPTIONS = ("-p", "no:cacheprovider", "--continue-on-collection-errors")
"""Without the second, pytest parses its own sources after an error in collecting, to show where it stopped."""


def outcome(suite: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    # By name it would be imported a second time, which is a warning where assertions were not rewritten at the first.
    return suite.runpytest_inprocess(*OPTIONS, *arguments, plugins=[pytest_plugin])


def outcome_beside(suite: pytest.Pytester, *arguments: str, other: ModuleType) -> pytest.RunResult:
    return suite.runpytest_inprocess(*OPTIONS, *arguments, plugins=[pytest_plugin, other])


def outcome_of_a_process(suite: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    with mock.patch.dict(os.environ, NO_CERTIFICATES):
        return suite.runpytest_subprocess(*OPTIONS, "-p", "chatgptfree_mock.pytest_plugin", *arguments)
