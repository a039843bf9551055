"""A plugin of pytest: a worker of xdist sends less about a test that passes."""

from __future__ import annotations

import pytest
from _pytest.runner import runtestprotocol


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """
    Send one report for a test that passes, in place of five messages about its parts.

    They would cost as much as the test itself, for half of all tests. The times of set-up and tear-down are in their
    reports, which are sent where a list of times or JUnit's XML was asked for.
    """
    config = item.config
    times = [config.getoption(name, None) for name in ("durations", "xmlpath")]
    if not hasattr(config, "workerinput") or times != [None, None]:
        return None
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.when == "call" or not report.passed:
            item.ihook.pytest_runtest_logreport(report=report)
    return True
