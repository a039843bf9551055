"""Cassettes that tests record on their first run: each test here runs a pytest within this one, beside a site."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import pytest
import pytest_recording.plugin
from tests.support import tapes
from tests.support.plugin_run import outcome, outcome_beside
from tests.support.recording import write_in_this_process

from chatgptfree_mock.config.keys import RECORD_MODES
from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.pytest_plugin.record_mode import RecordMode, records
from chatgptfree_mock.recorder.mode import Mode
from chatgptfree_mock.server.recording_site import RecordingSite
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.files import load


@pytest.fixture(autouse=True)
def written_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """`test_pytest_recording_compat` records with a process."""
    write_in_this_process(monkeypatch)


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockSite]:
    monkeypatch.delenv("CI", raising=False)
    with MockSite(plugin="1.8.93", reply="Hello from upstream", delivery="pace=instant") as site:
        yield site


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MockSite]:
    """A site of two files, without anything that a visit has for itself."""
    monkeypatch.delenv("CI", raising=False)
    address = "https://files.example/wp-content/"
    exchanges = [tapes.exchange("GET", f"{address}{n}.txt", text) for n, text in ((1, "one"), (2, "two"))]
    with MockSite(pack="recorded", cassette=tapes.write(tmp_path / "files.yaml", *exchanges)) as site:
        yield site


def write_test(suite: pytest.Pytester, upstream: str, *lines: str, options: str = "") -> None:
    body = "\n            ".join(lines or ['assert ask(chat_site, "Hello") == "Hello from upstream"'])
    suite.makepyfile(
        test_asking=f"""
        import pytest
        from urllib.request import urlopen
        from chatgptfree.blocking import ChatClient

        def ask(site, question):
            with ChatClient(site.url) as client:
                return client.ask(question).text

        def fetch(site, name):
            with urlopen(site.url + "/wp-content/" + name) as response:
                return response.read().decode()

        @pytest.mark.chat_site(cassette="tapes/ask.yaml", upstream="{upstream}"{options})
        def test_ask(chat_site):
            {body}
    """
    )


def tape(suite: pytest.Pytester) -> Path:
    return suite.path / "tapes" / "ask.yaml"


def test_the_first_run_records_and_the_next_one_needs_no_site(suite: pytest.Pytester, upstream: MockSite) -> None:
    write_test(
        suite,
        upstream.url,
        'assert ask(chat_site, "Hello") == "Hello from upstream"',
        "assert chat_site.journal[-1].fields['message'] == 'Hello'",
        "assert chat_site.journal[-1].status == 200",
    )
    outcome(suite).assert_outcomes(passed=1)
    text = tape(suite).read_text()
    assert upstream.nonce not in text
    assert [path.name for path in tape(suite).parent.iterdir()] == ["ask.yaml"]
    asked = len(upstream.journal)
    assert asked
    outcome(suite).assert_outcomes(passed=1)
    assert len(upstream.journal) == asked
    assert tape(suite).read_text() == text


def test_a_test_that_fails_leaves_nothing_behind(suite: pytest.Pytester, upstream: MockSite) -> None:
    write_test(suite, upstream.url, 'ask(chat_site, "Hello")', "assert False")
    result = outcome(suite)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines_random(
        ["*the test failed, so nothing was recorded*", "*POST /wp-admin/admin-ajax.php*message=Hello*"]
    )
    assert list(tape(suite).parent.iterdir()) == []


@pytest.mark.parametrize("mode", ["all", "new_episodes"])
def test_a_test_that_fails_leaves_an_earlier_recording_as_it_is(
    suite: pytest.Pytester, upstream: MockSite, mode: str
) -> None:
    write_test(suite, upstream.url)
    outcome(suite).assert_outcomes(passed=1)
    text = tape(suite).read_text()
    write_test(suite, upstream.url, 'ask(chat_site, "Something else")', "assert False")
    outcome(suite, f"--chat-record={mode}").assert_outcomes(failed=1)
    assert tape(suite).read_text() == text
    assert [path.name for path in tape(suite).parent.iterdir()] == ["ask.yaml"]


def fetched(file: Path) -> list[str]:
    """Return the names of what is recorded in *file*."""
    return [each.request.uri.rpartition("/")[2] for each in load(file).interactions]


VARIED = """
        @pytest.mark.chat_site(cassette="tapes/ask.yaml", upstream="UPSTREAM")
        @pytest.mark.chat_variants("chunks/bytes", "chunks/lines", "cut/chunked-half")
        def test_varied(chat_site, chat_variant):
            with chat_variant.allows(ChatError):
                assert ask(chat_site, "Hello") == "Hello from upstream"
            assert chat_variant.breaks is chat_variant.name.startswith("cut/")
            assert chat_variant.grade and chat_variant.source
"""


def write_varied_test(suite: pytest.Pytester, upstream: str) -> None:
    write_test(suite, upstream, "pass")
    file = suite.path / "test_asking.py"
    head = file.read_text().partition("@pytest.mark")[0]
    file.write_text(f"from chatgptfree import ChatError\n{head}{textwrap.dedent(VARIED).replace('UPSTREAM', upstream)}")


def test_variants_run_once_undisturbed_while_recording_and_from_the_next_run_on(
    suite: pytest.Pytester, upstream: MockSite
) -> None:
    write_varied_test(suite, upstream.url)
    result = outcome(suite, "-v")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        [
            "*test_varied[[]undisturbed] PASSED*",
            "*[[]undisturbed] ran once, without a variant: *ask.yaml is recorded in this run (--chat-record=once is *",
        ]
    )
    result = outcome(suite, "-v")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines_random(["*test_varied[[]cut/chunked-half] PASSED*"])
    result.stdout.no_fnmatch_line("*without a variant*")
    result = outcome(suite, "--chat-record=all")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*is recorded in this run (--chat-record=all); its variants run when it is replayed"])


def test_variants_without_a_recording_fail_alone(suite: pytest.Pytester, upstream: MockSite) -> None:
    write_varied_test(suite, upstream.url)
    suite.makepyfile(test_other="def test_other(): pass")
    result = outcome(suite, "--chat-record=none")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ask.yaml: not recorded yet, and this run records nothing (--chat-record=none)*"])
    result.stdout.no_fnmatch_line("*without a variant*")
    assert len(upstream.journal) == 0


def test_new_episodes_adds_and_all_begins_anew(suite: pytest.Pytester, files: MockSite) -> None:
    write_test(suite, files.url, 'assert "one" in fetch(chat_site, "1.txt")')
    outcome(suite).assert_outcomes(passed=1)
    write_test(suite, files.url, 'fetch(chat_site, "1.txt")', 'assert "two" in fetch(chat_site, "2.txt")')
    outcome(suite).assert_outcomes(failed=1)
    outcome(suite, "--chat-record=new_episodes").assert_outcomes(passed=1)
    assert fetched(tape(suite)) == ["1.txt", "2.txt"]
    outcome(suite).assert_outcomes(passed=1)
    write_test(suite, files.url, 'assert "two" in fetch(chat_site, "2.txt")')
    outcome(suite, "--chat-record=all").assert_outcomes(passed=1)
    assert fetched(tape(suite)) == ["2.txt"]


def test_two_tests_of_one_run_record_to_one_file(suite: pytest.Pytester, files: MockSite) -> None:
    write_test(suite, files.url, 'assert "one" in fetch(chat_site, "1.txt")')
    file = suite.path / "test_asking.py"
    text = file.read_text()
    more = text.replace("test_ask(", "test_more(").replace("one", "two").replace("1.txt", "2.txt")
    file.write_text(text + "\n" + more)
    outcome(suite).assert_outcomes(passed=2)
    assert fetched(tape(suite)) == ["1.txt", "2.txt"]
    outcome(suite).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("arguments", "environment", "because"),
    [
        (["--chat-record=none"], {}, "--chat-record=none"),
        ([], {"CI": "true"}, "CI is set"),
    ],
)
def test_without_recording_a_missing_file_is_one_sentence(
    suite: pytest.Pytester,
    upstream: MockSite,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    environment: dict[str, str],
    because: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    write_test(suite, upstream.url)
    result = outcome(suite, *arguments)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*ask.yaml: not recorded yet, and this run records nothing ({because})*"])
    assert "Traceback" not in result.stdout.str()
    assert not tape(suite).exists()
    assert len(upstream.journal) == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"upstream": "https://site.example/chat"}, "*give the site's address without a path*"),
        ({"upstream": "ftp://site.example"}, "*is not the address of a site*"),
    ],
)
def test_an_invalid_upstream_is_reported_in_a_sentence(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: dict[str, str], words: str
) -> None:
    monkeypatch.delenv("CI", raising=False)
    write_test(suite, **options)
    result = outcome(suite)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([words])


def test_an_upstream_that_is_down_fails_the_test_and_is_reported(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with MockSite() as site:
        closed = site.url
    write_test(suite, closed)
    result = outcome(suite)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*can't be reached*"])
    assert list(tape(suite).parent.iterdir()) == []


def test_what_cannot_act_while_recording_is_a_warning(suite: pytest.Pytester, upstream: MockSite) -> None:
    write_test(suite, upstream.url, options=', fault="truncate@50%"')
    result = outcome(suite, "-W", "default")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(
        ["*test_*.py:*: MockWarning: chat_site: fault has no effect while *ask.yaml is recorded"]
    )


def test_a_client_that_asks_nothing_is_a_warning(suite: pytest.Pytester, upstream: MockSite) -> None:
    write_test(suite, upstream.url, "pass")
    result = outcome(suite, "-W", "default")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*nothing was recorded to *ask.yaml: the client asked nothing new*"])
    assert not tape(suite).exists()


def test_another_recording_of_the_meantime_is_kept(tmp_path: Path, upstream: MockSite) -> None:
    file = tmp_path / "ask.yaml"
    with RecordingSite(file, upstream.url, Mode.ONCE) as site:
        urlopen(site.url + "/").read()
        assert [exchange.method for exchange in site.journal] == ["GET"]
        file.write_text("interactions: []\nversion: 1\n")
        with pytest.raises(CassetteError, match="another test has recorded it meanwhile"):
            site.keep()
    assert file.read_text() == "interactions: []\nversion: 1\n"
    with pytest.raises(AttributeError, match="`nonce` does not exist while a site is recorded"):
        _ = site.nonce


def test_pytest_recordings_own_option_counts_where_this_one_is_not_given(
    suite: pytest.Pytester, upstream: MockSite
) -> None:
    write_test(suite, upstream.url)
    run = partial(outcome_beside, suite, other=pytest_recording.plugin)
    result = run("--record-mode=none")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*this run records nothing (--record-mode=none)*"])
    run("--record-mode=rewrite").assert_outcomes(passed=1)
    run("--record-mode=none", "--chat-record=all").assert_outcomes(passed=1)
    assert fetched(tape(suite))[0] == ""


@pytest.mark.parametrize(
    ("mode", "exists", "expected"),
    [
        ("once", False, True),
        ("once", True, False),
        ("all", True, True),
        ("new_episodes", True, True),
        ("none", True, False),
    ],
)
def test_when_a_file_is_recorded(mode: str, exists: bool, expected: bool) -> None:
    chosen = RecordMode(mode=Mode(mode), because="a test")
    assert records(chosen, exists=exists, file="ask.yaml") is expected


def test_the_option_has_the_words_of_the_modes() -> None:
    assert list(RECORD_MODES) == [mode.value for mode in Mode]
