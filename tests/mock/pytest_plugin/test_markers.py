"""The pytest plugin as its users have it: each test here runs a pytest of its own, some in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio.plugin
from tests.support.plugin_run import outcome, outcome_beside, outcome_of_a_process

from chatgptfree_mock.pytest_plugin.multiplying import KEYWORDS


def test_a_test_gets_the_site_that_its_marker_describes(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
        import pytest
        from asking import ask
        from chatgptfree_mock.sites.aipower.releases import built_in

        @pytest.mark.chat_site(plugin="1.8.93", reply="Goodbye", pace="instant")
        def test_reply(chat_site):
            assert "Goodbye" in ask(chat_site)
            assert [exchange.status for exchange in chat_site.journal] == [200]

        def test_default(chat_site):
            assert chat_site.mounted.settings.plugin == built_in().names[-1]
            assert len(chat_site.journal) == 0

        @pytest.mark.chat_site(cassette="1.8.93/msg_ok_s", pace="instant")
        def test_a_recording_brings_its_release(chat_site):
            assert chat_site.mounted.settings.plugin == "1.8.93"
            assert "[DONE]" in ask(chat_site, "Hello, who are you?")
    """)
    outcome(suite).assert_outcomes(passed=3)


def test_a_failure_carries_the_journal(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
        import pytest
        from asking import ask

        @pytest.mark.chat_site(plugin="1.8.93", reply="Hello you", pace="instant", fault="truncate@50%")
        def test_fails(chat_site):
            try:
                ask(chat_site, "Who are you?")
            except Exception:
                pass
            assert False

        @pytest.mark.chat_site(plugin="1.8.93", cassette="1.8.93/msg_ok_s", pace="instant")
        def test_fits_no_recording(chat_site):
            assert "[DONE]" in ask(chat_site, "Hello, who are you")
    """)
    result = outcome(suite)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines_random(
        [
            "*chat_site aipower 1.8.93 http://127.0.0.1:*",
            "*POST /wp-admin/admin-ajax.php action=wpaicg_chat_shortcode_message message='Who are you?'*truncated",
            "*why*nearest: *1.8.93/msg_ok_s.yaml #1 (5 of 6 matched)",
            "*why*message differs recorded 'Hello, who are you?'*got 'Hello, who are you'",
        ]
    )


def test_the_report_of_a_failure_names_no_release_for_recordings_of_another_site(suite: pytest.Pytester) -> None:
    recorded = Path(__file__).parents[3] / "cassettes/apis/claude.yaml"
    suite.makepyfile(f"""
        import pytest

        @pytest.mark.chat_site(cassette={str(recorded)!r})
        def test_fails(chat_site):
            assert False
    """)
    outcome(suite).stdout.fnmatch_lines(["*- chat_site recordings http://127.0.0.1:*"])


def test_a_mistyped_marker_is_an_error_and_a_registered_one_is_not(suite: pytest.Pytester) -> None:
    suite.makeini("[pytest]\nfilterwarnings = default\nmarkers =\n    chat_sitting: of the user\n    chat_plugin\n")
    suite.makepyfile("""
        import pytest

        @pytest.mark.chat_sites(reply="Hello")
        def test_mistyped():
            pass

        @pytest.mark.chat_sitting
        @pytest.mark.chat_plugin("a word of the user")
        @pytest.mark.chat_slow
        def test_of_the_user():
            pass
    """)
    result = outcome(suite)
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(["*there is no marker chat_sites; did you mean `chat_site`?"])


def test_what_had_no_effect_is_in_the_warnings_and_in_the_report_of_a_failure(suite: pytest.Pytester) -> None:
    suite.makeini("[pytest]\nfilterwarnings = default\n")
    suite.makepyfile("""
        import pytest

        @pytest.mark.chat_site(cassette="1.8.93/msg_ok_s", fault="reset@50%")
        def test_passes(chat_site):
            pass

        @pytest.mark.chat_site(plugin="1.8.93", fault="stall@50%")
        def test_fails(chat_site):
            assert False

        @pytest.mark.chat_plugins("2.3.0.1")
        def test_unknown(chat_site):
            pass
    """)
    result = outcome(suite)
    result.assert_outcomes(passed=2, failed=1, warnings=2)
    result.stdout.fnmatch_lines(
        [
            "*chat_site: warnings*",
            "the fault `stall` was not applied: no answer that it fits was requested",
            "*test_what_had_no_effect_*.py:11: MockWarning: chat_plugins: 2.3.0.1 is not known; behaves as 2.3",
            "*test_what_had_no_effect_*.py:3: MockWarning: chat_site: the fault `reset` was not applied: *",
        ]
    )


def test_marker_and_project_set_how_recordings_are_matched(suite: pytest.Pytester) -> None:
    recording = """
        version: 1
        interactions:
        - request: {method: POST, uri: 'https://a/x', headers: {}, body: '{"id": 1, "n": 1}'}
          response: {status: {code: 200, message: OK}, headers: {}, body: {string: one}}
        - request: {method: POST, uri: 'https://a/x', headers: {}, body: '{"id": 2, "n": 2}'}
          response: {status: {code: 200, message: OK}, headers: {}, body: {string: two}}
    """
    suite.makefile(".yaml", tape=recording)
    suite.makepyprojecttoml('[tool.chatgptfree_mock]\nvolatile = ["id"]\n[tool.pytest.ini_options]\n')
    (suite.path / "tox.ini").unlink()
    suite.makepyfile("""
        import urllib.error
        import urllib.request
        import pytest

        def send(site, body):
            try:
                with urllib.request.urlopen(site.url + "/x", body.encode()) as response:
                    return response.read().decode()
            except urllib.error.HTTPError as exc:
                with exc:
                    return exc.read().decode()

        @pytest.mark.chat_site(cassette="tape.yaml")
        def test_the_projects_word(chat_site):
            assert send(chat_site, '{"id": 9, "n": 2}') == "two"
            assert "$.n: recorded 1   got 3" in send(chat_site, '{"id": 9, "n": 3}')

        @pytest.mark.chat_site(cassette=["tape.yaml"], match_on=["method", "path"], repeat=False)
        def test_the_markers_words(chat_site):
            assert [send(chat_site, "{}") for _ in range(2)] == ["one", "two"]
            assert "repeats are off" in send(chat_site, "{}")

        def test_without_a_cassette_the_projects_words_do_no_harm(chat_site):
            pass

        @pytest.mark.chat_site(match_on=["path"])
        def test_without_a_cassette_the_markers_words_are_a_mistake(chat_site):
            pass
    """)
    result = outcome(suite)
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*without a recording `match_on` has no effect: give a cassette, or leave it out*"])


@pytest.mark.parametrize("mode", ["strict", "auto"])
def test_async_tests_use_the_same_fixture(suite: pytest.Pytester, mode: str) -> None:
    marker = "@pytest.mark.asyncio" if mode == "strict" else ""
    suite.makepyfile(f"""
        import asyncio
        import pytest
        from asking import ask

        @pytest.mark.chat_site(plugin="1.8.93")
        {marker}
        async def test_pushed_by_hand(chat_site):
            reply = chat_site.reply
            asked = asyncio.create_task(asyncio.to_thread(ask, chat_site))
            assert (await reply.asked()).method == "POST"
            await reply.push("Hel")
            await reply.push("lo")
            await reply.end()
            assert '"content":"Hel"' in await asked

        @pytest.mark.chat_site(plugin="1.8.93")
        def test_pushed_by_hand_without_async(chat_site):
            reply = chat_site.reply
            reply.push("Hi")
            reply.end()
            assert '"content":"Hi"' in ask(chat_site)
    """)
    with_asyncio = ("-o", f"asyncio_mode={mode}", "-o", "asyncio_default_fixture_loop_scope=function")
    outcome_beside(suite, *with_asyncio, other=pytest_asyncio.plugin).assert_outcomes(passed=2)


def test_markers_multiply_a_test(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
        import pytest
        from asking import ask

        @pytest.mark.chat_plugins(">=1.8.91,<=1.8.93")
        @pytest.mark.chat_chunks("utf8", "bytes")
        @pytest.mark.chat_site(reply="Žluť", pace="instant")
        def test_both(chat_site, chat_plugin, chat_chunks):
            assert chat_site.mounted.settings.plugin == chat_plugin
            assert str(chat_site.mounted.delivery.chunks) == chat_chunks
            assert "Žluť" in ask(chat_site)

        @pytest.mark.chat_chunks("all")
        def test_all(chat_site):
            pass
    """)
    result = outcome(suite, "-v")
    result.assert_outcomes(passed=3 * 2 + 9)
    result.stdout.fnmatch_lines_random(["*test_both*1.8.92*bytes*PASSED*"])


def test_scenarios_multiply_a_test_and_can_be_ones_own(suite: pytest.Pytester) -> None:
    folder = suite.mkdir("mine")
    (folder / "nonce").mkdir()
    (folder / "nonce" / "mine.yaml").write_text(
        'title: Mine\nsite: {plugin: "1.8.93", model: {reply: Hi}}\nexpect: {text: Hi}\n', encoding="utf-8"
    )
    suite.makepyprojecttoml('[tool.chatgptfree_mock]\nscenarios = ["mine"]\npace = "instant"\n')
    suite.makepyfile("""
        import pytest
        from asking import ask

        @pytest.mark.chat_scenarios("nonce/mine")
        def test_scenario(chat_site, chat_scenario):
            assert "/s/nonce/mine/@" in chat_site.url
            assert chat_scenario.scenario.expect.text == "Hi"

        @pytest.mark.chat_site(scenario="nonce/mine", chunks="bytes")
        def test_one(chat_site):
            assert chat_site.mounted.settings.plugin == "1.8.93"
    """)
    outcome(suite).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        pytest.param('chat_site(plugn="1.8.93")', "did you mean `plugin`?", id="an option that does not exist"),
        pytest.param('chat_site(nonce="missing")', "; it is a setting: settings={*nonce*: …}", id="a setting"),
        pytest.param(
            'chat_site(pack="recorded", cassettes=["a"])',
            "; it is a setting: settings={*cassettes*: …}",
            id="a setting of another pack",
        ),
        pytest.param(
            'chat_site(delivery="chunks=utf8")',
            "it is given word by word: chunks, pace, fault, seed",
            id="words that belong together elsewhere",
        ),
        pytest.param("chat_site(plugin=2.4)", "plugin: give a text, not 2.4", id="a number for a release"),
        pytest.param('chat_site(cassette="")', "cassette: give a path, a short name", id="an empty path"),
        pytest.param('chat_site(plugin="9")', "unknown plugin release `9`", id="a release that does not exist"),
        pytest.param('chat_site(chunks="utf9")', "did you mean `utf8`?", id="a word that does not exist"),
        pytest.param('chat_site("1.8.93")', "keywords only", id="an option without a name"),
        pytest.param('chat_site(scenario="text/blanks", reply="y")', "leave out reply", id="options that contradict"),
        pytest.param('chat_scenarios("nonc/*")', "did you mean `nonce/*`?", id="no scenario fits"),
        pytest.param(
            'chat_plugins(spec="all")', "`spec`; give the value without a name", id="a keyword without effect"
        ),
        pytest.param('chat_plugins("9")', "unknown plugin release", id="no release fits"),
        pytest.param('chat_site(cassette="1.8.93/msg_ok")', "msg_ok_", id="a cassette that does not exist"),
        pytest.param(
            'chat_site(cassette=["tests/tape.yaml"])',
            "tests/tape.yaml: no such file, neither beside test_mistakes_*.py nor in the working directory",
            id="a file that does not exist",
        ),
    ],
)
def test_mistakes_are_reported_with_the_nearest_word(suite: pytest.Pytester, marker: str, message: str) -> None:
    suite.makepyfile(f"import pytest\n@pytest.mark.{marker}\ndef test_x(chat_site): pass\n")
    result = outcome(suite)
    assert result.ret != 0
    result.stdout.fnmatch_lines([f"*{message.replace('[', '[[]')}*"])
    result.stdout.no_fnmatch_line("*chatgptfree_mock*.py:*")
    result.stdout.no_fnmatch_line("During handling of the above exception*")


def test_a_multiplying_marker_without_the_fixture_is_an_error(suite: pytest.Pytester) -> None:
    suite.makepyfile('import pytest\n@pytest.mark.chat_chunks("all")\ndef test_x(): pass\n')
    result = outcome(suite)
    result.stdout.fnmatch_lines(["*chat_chunks needs the fixture `chat_site`*"])


def test_what_a_scenario_cannot_be_is_skipped_or_refused(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
        import pytest

        @pytest.mark.chat_scenarios("stream/line-without-end", "nonce/expired-403")
        @pytest.mark.chat_chunks("as-recorded", "utf8")
        def test_recut(chat_site, chat_scenario, chat_chunks):
            assert chat_scenario.scenario.delivery.recut or chat_chunks == "as-recorded"

        @pytest.mark.chat_scenarios("page/post-id-without-nonce")
        @pytest.mark.chat_plugins("1.8.93 2.4.71")
        def test_release(chat_site, chat_plugin):
            assert chat_plugin == "1.8.93"

        @pytest.mark.chat_scenarios("transport/cut-off", "nonce/expired-403")
        @pytest.mark.chat_site(fault="reset@50%")
        def test_fault(chat_site, chat_scenario):
            assert chat_scenario.name == "nonce/expired-403"

        @pytest.mark.chat_site(scenario="stream/line-without-end", chunks="utf8")
        def test_cut(chat_site): pass

        @pytest.mark.chat_site(scenario="page/post-id-without-nonce", plugin="2.4.71")
        def test_elsewhere(chat_site): pass

        @pytest.mark.chat_site(scenario="transport/slow-but-steady", pace="instant")
        def test_pace(chat_site): pass

        @pytest.mark.chat_site(scenario="nonce/expired-403")
        def test_changed(chat_site):
            for change in (
                lambda: chat_site.configure(nonce="always-expired"),
                lambda: chat_site.deliver(chunks="bytes"),
                lambda: chat_site.reply,
            ):
                with pytest.raises(Exception, match="decides what this site is"):
                    change()
    """)
    # Nothing is asked of these sites, so what the markers set has no effect, which is another test's affair.
    result = outcome(suite, "-rs", "-W", "ignore")
    result.assert_outcomes(passed=3 + 1 + 1 + 1, skipped=3, errors=3)
    result.stdout.fnmatch_lines_random(
        [
            "*stream/line-without-end must not be cut in other ways*",
            "*page/post-id-without-nonce cannot happen on 2.4.71*",
            "*transport/cut-off sets its own fault*",
            "*transport/slow-but-steady sets its own pace (every:150ms); leave out pace*",
        ]
    )


def test_a_marker_that_cannot_act_fails_the_test(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
        import unittest
        import pytest

        class TestOld(unittest.TestCase):
            @pytest.mark.chat_chunks("all")
            def test_multiplied(self): pass

            @pytest.mark.chat_site(plugin="1.8.93")
            def test_shaped(self): pass

        @pytest.mark.chat_scenarios("nonce/*")
        class TestWhole(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def site(self, chat_site): self.site = chat_site

            def test_marked_above(self): pass

        @pytest.mark.chat_plugins("1.8.93")
        @pytest.mark.chat_plugins("2.3")
        def test_twice(chat_site): pass

        class TestTwice:
            pytestmark = [pytest.mark.chat_site(plugin="1.8.93"), pytest.mark.chat_site(reply="Hi")]
            def test_below(self, chat_site): pass

        @pytest.mark.chat_site(plugin="1.8.93")
        @pytest.mark.chat_plugins("2.3")
        def test_contradicted(chat_site): pass

        @pytest.mark.chat_site(plugin="1.8.93")
        def test_without_the_fixture(): pass
    """)
    result = outcome(suite)
    result.assert_outcomes(errors=5, failed=2)
    result.stdout.fnmatch_lines_random(
        [
            "*chat_chunks cannot multiply TestCaseFunction test_multiplied*",
            "*chat_scenarios cannot multiply TestCaseFunction test_marked_above*",
            "*the marker chat_plugins is given twice on test_twice*",
            "*the marker chat_site is given twice on TestTwice; only one would count*",
            "*chat_site sets plugin, and so does a marker that multiplies*",
            "*chat_site did nothing: the test does not use the fixture*",
        ]
    )


@pytest.mark.parametrize("marker", ["chat_scenarios", "chat_plugins", "chat_chunks", "chat_variants"])
@pytest.mark.parametrize("value", [["utf8", "bytes"], "", " ", None, 2.3])
def test_a_marker_takes_texts(suite: pytest.Pytester, marker: str, value: object) -> None:
    suite.makepyfile(f"""
        import pytest

        @pytest.mark.{marker}({value!r})
        def test_it(chat_site): pass
    """)
    result = outcome(suite)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"test_it: the marker {marker} takes texts, each an argument of its own, not *"])


def test_a_unittest_class_gets_its_site_from_a_fixture(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
        import unittest
        import pytest

        class TestOld(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def site(self, chat_site): self.site = chat_site

            @pytest.mark.chat_site(plugin="1.8.93")
            def test_shaped(self): assert self.site.mounted.settings.plugin == "1.8.93"
    """)
    outcome(suite).assert_outcomes(passed=1)


def test_defaults_leave_a_scenario_as_it_is(suite: pytest.Pytester) -> None:
    suite.makeini(
        "[pytest]\nchatgptfree_mock_plugin = 2.4.71\nchatgptfree_mock_chunks = bytes\nchatgptfree_mock_pace = instant\n"
    )
    suite.makepyfile("""
        import pytest

        @pytest.mark.chat_site(scenario="nonce/expired-403")
        def test_x(chat_site, chat_server):
            assert chat_site.mounted.settings.plugin == "1.8.93"
            assert str(chat_site.mounted.site.scenario.parsed_delivery()) == "chunks=utf8 pace=instant"
    """)
    outcome(suite).assert_outcomes(passed=1)


def test_settings_come_from_the_ini_file_too(suite: pytest.Pytester) -> None:
    suite.makeini("[pytest]\nchatgptfree_mock_plugin = 1.8.79\n")
    suite.makepyfile("def test_x(chat_site): assert chat_site.mounted.settings.plugin == '1.8.79'")
    outcome(suite).assert_outcomes(passed=1)


def test_a_wrong_key_in_the_projects_table_names_the_nearest(suite: pytest.Pytester) -> None:
    suite.makepyprojecttoml('[tool.chatgptfree_mock]\nplugn = "1.8.79"\n')
    suite.makepyfile("def test_x(chat_site): pass")
    result = outcome(suite)
    result.stdout.fnmatch_lines(["*unknown key `plugn`*did you mean `plugin`?*"])
    result.stdout.no_fnmatch_line("*chatgptfree_mock*.py:*")


def test_other_plugins_live_beside_it(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    suite.makepyfile("""
        import pytest
        from asking import ask

        @pytest.mark.vcr
        @pytest.mark.block_network(allowed_hosts=["127.0.0.1"])
        @pytest.mark.chat_site(plugin="1.8.93", reply="Hi", pace="instant")
        def test_all_at_once(chat_site, record_mode, vcr_config):
            assert record_mode == "none"
            assert vcr_config == {}
            assert chat_site.url.startswith("http://127.0.0.1:")
    """)
    suite.makeini("[pytest]\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function\n")
    arguments = ("-p", "no:cacheprovider", "--record-mode=none")
    suite.runpytest_subprocess(*arguments).assert_outcomes(passed=1)


def test_a_fixture_of_the_same_name_does_not_use_the_marker(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
        import pytest

        @pytest.fixture
        def chat_site():
            return "http://127.0.0.1:1"

        @pytest.mark.chat_site(plugin="1.8.93")
        def test_other_site(chat_site): pass
    """)
    result = outcome(suite)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*chat_site did nothing: the test does not use the fixture*"])


def test_a_test_without_a_marker_or_a_site_has_nothing_imported(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
        import sys

        def test_light():
            ours = {name for name in sys.modules if name.startswith("chatgptfree_mock.")}
            keys = {"chatgptfree_mock.config", "chatgptfree_mock.config.keys"}
            assert ours == {"chatgptfree_mock.pytest_plugin", *keys}
            assert not {"aiohttp", "jinja2"} & set(sys.modules)
    """)
    outcome_of_a_process(suite).assert_outcomes(passed=1)


def test_a_word_without_use_is_a_warning_but_not_one_of_a_list(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
        import pytest
        from asking import ask

        @pytest.mark.chat_site(cassette="1.8.93/msg_ok_s", pace="instant")
        @pytest.mark.chat_chunks("crlf", "bytes")
        def test_list(chat_site, chat_chunks):
            ask(chat_site, "Hello, who are you?")
            assert bool(chat_site.warnings) == (chat_chunks == "crlf")

        @pytest.mark.chat_site(cassette="1.8.93/msg_ok_s", pace="instant", chunks="crlf")
        def test_one(chat_site):
            ask(chat_site, "Hello, who are you?")
    """)
    result = outcome(suite)
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*chat_site: `chunks=crlf` did not act: the answer has no CR before LF*"])


WORDS_OF_THE_PROJECT = """
    import pytest
    from asking import ask

    @pytest.mark.parametrize("number", range(3))
    @pytest.mark.chat_site(cassette="1.8.93/msg_ok_s", pace="instant")
    def test_project(chat_site, number):
        ask(chat_site, "Hello, who are you?")

    @pytest.mark.chat_site(cassette="1.8.93/msg_ok_s", pace="instant", chunks="bytes", volatile=["{}"])
    def test_own(chat_site):
        ask(chat_site, "Hello, who are you?")
"""


ALONE = """
    import pytest
    from asking import ask

    @pytest.mark.parametrize("word", ["one", "two", "three", "four"])
    @pytest.mark.chat_site(plugin="1.8.79", reply="Hi", pace="instant")
    def test_alone(chat_site, word):
        ask(chat_site, word)
        assert [exchange.fields["message"] for exchange in chat_site.journal] == [word]
"""


@pytest.mark.parametrize("workers", [False, True])
def test_words_of_the_project_that_acted_in_no_test_are_named_once(suite: pytest.Pytester, workers: bool) -> None:
    """With workers, tests run in parallel, each with a site of its own."""
    suite.makepyprojecttoml('[tool.chatgptfree_mock]\nchunks = "crlf"\nvolatile = ["trace", "mess*"]\n')
    suite.makepyfile(WORDS_OF_THE_PROJECT.format("message"), test_alone=ALONE)
    result = outcome_of_a_process(suite, "-p", "xdist", "-n", "2") if workers else outcome(suite)
    result.assert_outcomes(passed=8)
    lines = result.stdout.lines
    assert [line.partition(": ")[0] for line in lines if "had no effect in any test" in line] == [
        "`chunks=crlf` from pyproject.toml had no effect in any test",
        "`volatile=trace` from pyproject.toml had no effect in any test",
    ]


def test_a_volatile_name_of_a_marker_that_nothing_has_is_a_warning_of_its_test(suite: pytest.Pytester) -> None:
    suite.makepyfile(WORDS_OF_THE_PROJECT.format("trace"))
    result = outcome(suite)
    result.assert_outcomes(passed=4, errors=1)
    result.stdout.fnmatch_lines(["*chat_site: `volatile=trace` did not act: no recorded request has it*"])


def test_the_list_of_markers_has_every_keyword_of_those_that_multiply(suite: pytest.Pytester) -> None:
    text = outcome(suite, "--markers").stdout.str()
    for marker, keywords in KEYWORDS.items():
        signature = text.partition(f"pytest.mark.{marker}(")[2].partition("):")[0]
        assert [word for word in keywords if f"{word}=" not in signature] == []


@pytest.mark.parametrize(
    ("fixture", "marker"),
    [
        ("chat_scenario", "chat_scenarios"),
        ("chat_plugin", "chat_plugins"),
        ("chat_variant", "chat_variants"),
        ("chat_chunks", "chat_chunks"),
    ],
)
def test_a_fixture_without_its_marker_is_an_error(suite: pytest.Pytester, fixture: str, marker: str) -> None:
    suite.makepyfile(f"""
        import pytest

        @pytest.fixture
        def between({fixture}):
            return {fixture}

        def test_named(chat_site, {fixture}):
            pass

        @pytest.mark.usefixtures("{fixture}")
        def test_used():
            pass

        def test_through_a_fixture(chat_site, between):
            assert between is None

        @pytest.mark.parametrize("{fixture}", [None])
        def test_has_a_value_of_its_own({fixture}):
            pass
    """)
    result = outcome(suite)
    result.assert_outcomes(passed=2, errors=2)
    result.stdout.fnmatch_lines([f"*the fixture {fixture} needs the marker {marker} on the test, which has none*"] * 2)
    result.stdout.no_fnmatch_line("*Traceback*")
