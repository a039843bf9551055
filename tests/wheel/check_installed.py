"""Run against the installed wheel, away from the checkout."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import chatgptfree
import chatgptfree_mock


def test_it_is_the_installed_package_that_is_tested() -> None:
    for package in (chatgptfree, chatgptfree_mock):
        assert "site-packages" in Path(str(package.__file__)).parts
    assert version("chatgptfree")
