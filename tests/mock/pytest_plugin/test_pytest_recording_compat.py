"""Tests with `chat_site` that have pytest-recording's marker `vcr`, or run while it blocks the network."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import pytest_recording.plugin
from tests.support import tapes
from tests.support.plugin_run import outcome_beside, outcome_of_a_process

from chatgptfree_mock.serving import MockSite

TESTS = """
    import urllib.request
    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.mark.chat_site(pack="recorded", cassette="tapes/files.yaml", upstream="UPSTREAM")
    def test_it(chat_site):
        with urllib.request.urlopen(chat_site.url + "/1.txt") as response:
            assert response.read() == b"one"
"""


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MockSite]:
    monkeypatch.delenv("CI", raising=False)
    file = tapes.write(tmp_path / "files.yaml", tapes.exchange("GET", "https://files.example/1.txt", "one"))
    with MockSite(pack="recorded", cassette=file) as site:
        yield site


def run_in(suite: pytest.Pytester) -> partial[pytest.RunResult]:
    return partial(outcome_beside, suite, other=pytest_recording.plugin)


def write_test(suite: pytest.Pytester, upstream: str) -> None:
    suite.makepyfile(TESTS.replace("UPSTREAM", upstream))


def test_the_marker_vcr_leaves_the_mock_alone(suite: pytest.Pytester, files: MockSite) -> None:
    write_test(suite, files.url)
    run = run_in(suite)
    for mode in ("once", "once", "none"):
        run(f"--record-mode={mode}").assert_outcomes(passed=1)
    run("--chat-record=all").assert_outcomes(passed=1)
    run("--record-mode=none", "--chat-record=none").assert_outcomes(passed=1)
    assert [path.name for path in suite.path.rglob("*.yaml")] == ["files.yaml"]


def test_other_requests_are_still_recorded_by_the_marker_vcr(suite: pytest.Pytester, files: MockSite) -> None:
    suite.makepyfile(f"""
        import urllib.request
        import pytest

        @pytest.mark.vcr
        def test_without_a_site():
            assert urllib.request.urlopen("{files.url}/1.txt").read() == b"one"
    """)
    run_in(suite)("--record-mode=once").assert_outcomes(passed=1)
    assert [path.name for path in suite.path.rglob("*.yaml")] == ["test_without_a_site.yaml"]


def test_a_blocked_network_leaves_the_mock_alone(suite: pytest.Pytester, files: MockSite) -> None:
    write_test(suite, files.url)
    run = run_in(suite)
    for options in (("--block-network",), ("--block-network", "--chat-record=none", "--allowed-hosts=192.0.2.1")):
        run(*options).assert_outcomes(passed=1)


def test_a_blocked_upstream_is_one_sentence(suite: pytest.Pytester, files: MockSite) -> None:
    write_test(suite, "http://192.0.2.1")
    # In a process of its own: what the tests of this project may look up is this machine only.
    arguments = ("-p", "pytest_recording.plugin", "--block-network", "--chat-record=once")
    result = outcome_of_a_process(suite, *arguments)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*http://192.0.2.1 can't be recorded while pytest-recording blocks the network*"])
    assert "Traceback" not in result.stdout.str()


def test_what_else_is_blocked_stays_blocked(suite: pytest.Pytester, files: MockSite) -> None:
    suite.makepyfile("""
        import socket
        import pytest

        @pytest.mark.block_network
        @pytest.mark.chat_site(plugin="1.8.93")
        def test_it(chat_site):
            socket.create_connection(chat_site.url.removeprefix("http://").partition("/")[0].split(":")).close()
            with pytest.raises(RuntimeError, match="Network is disabled"), socket.socket() as other:
                other.connect(("192.0.2.1", 80))
    """)
    run_in(suite)().assert_outcomes(passed=1)
