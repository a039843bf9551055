"""The marker `chat_variants` as its users have it: each test here runs a pytest within this one."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.support import tapes
from tests.support.plugin_run import outcome

from chatgptfree_mock.cli.tokens import command as tokens
from chatgptfree_mock.crashtest.recording.variant_case import VariantCase, variant_cases
from chatgptfree_mock.errors import SettingsError

ROOT = Path(__file__).parents[3]

CLIENTS = """
    import http.client
    import json
    import urllib.error
    import urllib.request

    QUESTION = {"stream": True}

    class Broken(Exception):
        pass

    def lines(url):
        system, user = {"role": "system", "content": "Be nice."}, {"role": "user", "content": "Who are you?"}
        data = json.dumps(QUESTION | {"messages": [system, user]}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(url + "/v1/chat/completions", data, headers)
        try:
            with urllib.request.urlopen(request, timeout=300) as response:
                yield from response.read().decode().replace("\\r\\n", "\\n").replace("\\r", "\\n").split("\\n")
        except (OSError, http.client.HTTPException, UnicodeDecodeError) as exc:
            raise Broken(str(exc)) from exc

    def text_in(events):
        chunks = [json.loads(event) for event in events]
        return "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])

    def careful(url):
        events = [line[5:].strip() for line in lines(url) if line.startswith("data:")]
        if "[DONE]" not in events:
            raise Broken("no end mark")
        return text_in(events[: events.index("[DONE]")])

    def careless(url):
        events = [line[5:].strip() for line in lines(url) if line.startswith("data:")]
        return text_in(event for event in events if event.startswith("{") and event.endswith("}]}"))

    TEXT = "Hello there, I am a robot é👋. And you?"
"""


@pytest.fixture
def recorded_suite(suite: pytest.Pytester) -> pytest.Pytester:
    tapes.write(suite.path / "tape.yaml", tapes.COMPLETION)
    suite.makepyfile(clients=CLIENTS)
    return suite


def test_a_careful_client_passes_each_variant_and_each_has_a_test(recorded_suite: pytest.Pytester) -> None:
    recorded_suite.makepyfile("""
        import pytest
        from clients import TEXT, Broken, careful

        @pytest.mark.chat_site(pack="recorded", cassette="tape.yaml")
        @pytest.mark.chat_variants("chunks/lines", "framing/h*", "cut/chunked-half", "status/500", "status/429/once")
        def test_ask(chat_site, chat_variant):
            with chat_variant.allows(Broken):
                assert careful(chat_site.url) == TEXT
            if chat_variant.breaks:
                assert "variant " + chat_variant.name in chat_site.journal[0].text()
    """)
    names = list(
        variant_cases(
            [recorded_suite.path / "tape.yaml"],
            ["chunks/lines", "framing/h*", "cut/chunked-half", "status/500", "status/429/once"],
        )
    )
    result = outcome(recorded_suite, "-v")
    result.assert_outcomes(passed=len(names))
    result.stdout.fnmatch_lines_random([f"*test_ask[[]{name}] PASSED*" for name in names])


def test_an_incomplete_answer_is_accepted_if_the_marker_allows_it(recorded_suite: pytest.Pytester) -> None:
    failed = {**tapes.COMPLETION["response"], "status": {"code": 500, "message": "No"}}
    tapes.write(recorded_suite.path / "broken.yaml", {**tapes.COMPLETION, "response": failed})
    test = """
        import pytest
        from clients import Broken, careful

        @pytest.mark.chat_site(pack="recorded", cassette="broken.yaml")
        @pytest.mark.chat_variants("chunks/bytes", anyway=ANYWAY)
        def test_ask(chat_site, chat_variant):
            with pytest.raises(Broken, match="500"):
                careful(chat_site.url)
    """
    recorded_suite.makepyfile(test.replace("ANYWAY", "False"))
    outcome(recorded_suite).stdout.fnmatch_lines(["*is not whole: its status is 500 (*in a test: anyway=True)*"])
    recorded_suite.makepyfile(test.replace("ANYWAY", "True"))
    outcome(recorded_suite).assert_outcomes(passed=1)


def test_a_careless_client_fails_where_it_loses_text_and_only_there(recorded_suite: pytest.Pytester) -> None:
    recorded_suite.makepyfile("""
        import pytest
        from clients import TEXT, Broken, careless

        @pytest.mark.chat_site(pack="recorded", cassette="tape.yaml")
        @pytest.mark.chat_variants("chunks/bytes", "framing/length", "cut/[ce]*-half")
        def test_ask(chat_site, chat_variant):
            with chat_variant.allows(Broken):
                assert careless(chat_site.url) == TEXT
    """)
    result = outcome(recorded_suite, "-v")
    result.assert_outcomes(passed=4, failed=2)
    result.stdout.fnmatch_lines_random(["*[[]cut/ended-half] FAILED*", "*[[]cut/close-half] FAILED*"])


def test_the_short_list_is_that_of_the_command_line(recorded_suite: pytest.Pytester) -> None:
    recorded_suite.makepyfile("""
        import pytest

        @pytest.mark.chat_site(pack="recorded", cassette="tape.yaml")
        @pytest.mark.chat_variants
        def test_names(chat_variant, chat_site):
            pass
    """)
    result = outcome(recorded_suite, "--collect-only", "-q")
    listed = [line for line in result.outlines if "test_names[" in line]
    assert len(listed) == len(variant_cases([recorded_suite.path / "tape.yaml"], []))
    assert len(listed) > 30


@pytest.mark.parametrize(
    ("markers", "words"),
    [
        (
            'chat_site(cassette="tape.yaml")|chat_variants("chunk/*")',
            "*no variant of this recording is called `chunk/*`*",
        ),
        (
            'chat_site(cassette="tape.yaml")|chat_variants("tls/*")',
            "*faults of TLS are tried by `chatgptfree-mock crashtest --cassette PATH --intercept`*",
        ),
        ('chat_site(cassette="tape.yaml")|chat_variants("page/*")', "*`page/?` is for `crashtest --cassette` only*"),
        ('chat_site(cassette="absent.yaml")|chat_variants', "*absent.yaml: no such*"),
        ('chat_site(plugin="2.4.97")|chat_variants', "*chat_variants needs a recording: chat_site(cassette=…)*"),
        ('chat_site(cassette="tape.yaml")|chat_variants(answer=9)', "*tape.yaml has the exchanges 1 to 1*"),
        ('chat_site(cassette="tape.yaml")|chat_variants(anser=1)', "*no keyword `anser`; did you mean `answer`?*"),
        ('chat_site(cassette="tape.yaml")|chat_variants(answer=True)', "*answer: give the number of an exchange, not*"),
        ('chat_site(cassette="tape.yaml")|chat_variants(end_mark="")', "*end_mark: give a text, not ''*"),
        ('chat_site(cassette="tape.yaml")|chat_variants(anyway="no")', "*anyway: give True or False, not 'no'*"),
        (
            'chat_site(cassette="tape.yaml")|chat_variants("cut/*", everything=True)',
            "*everything has no effect beside a pattern, which gives all variants of that name*",
        ),
        (
            'chat_site(cassette="tape.yaml", pace="x2")|chat_variants("chunks/lines")',
            "*chat_variants decides how the answer is sent; leave out pace*",
        ),
        (
            'chat_site(cassette="tape.yaml", fault="truncate@50%")|chat_variants("chunks/lines")',
            "*chat_variants decides how the answer is sent; leave out fault*",
        ),
        (
            'chat_site(cassette="tape.yaml")|chat_variants("chunks/lines")|chat_chunks("bytes")',
            "*chat_variants decides how the answer is sent; leave out chat_chunks*",
        ),
    ],
)
def test_mistakes_are_one_sentence(recorded_suite: pytest.Pytester, markers: str, words: str) -> None:
    lines = "\n".join(f"@pytest.mark.{marker}" for marker in markers.split("|"))
    recorded_suite.makepyfile(f"import pytest\n{lines}\ndef test_it(chat_site): pass\n")
    result = outcome(recorded_suite)
    result.stdout.fnmatch_lines([words])
    assert "Traceback" not in result.stdout.str()
    assert result.ret != 0


def test_a_test_whose_client_never_got_the_variant_fails_or_is_skipped(recorded_suite: pytest.Pytester) -> None:
    recorded_suite.makepyfile("""
        import pytest
        from clients import TEXT, Broken, careful

        @pytest.mark.chat_site(pack="recorded", cassette="tape.yaml")
        @pytest.mark.chat_variants("cut/chunked-half")
        def test_does_not_ask(chat_site):
            pass

        @pytest.mark.chat_site(pack="recorded", cassette="tape.yaml")
        @pytest.mark.chat_variants("cut/chunked-half")
        def test_asks_elsewhere(chat_site, chat_variant):
            with chat_variant.allows(Broken):
                assert careful(chat_site.url + "/v2") == TEXT

        @pytest.mark.chat_site(pack="recorded", cassette="tape.yaml")
        @pytest.mark.chat_variants("coding/gzip")
        def test_accepts_no_coding(chat_site):
            assert careful(chat_site.url) == TEXT
    """)
    result = outcome(recorded_suite, "-rs")
    result.assert_outcomes(failed=2, skipped=1)
    result.stdout.fnmatch_lines_random(
        [
            "*the variant cut/chunked-half was never served: *tape.yaml #1 was not asked for",
            "no request came",
            "asked: POST /v2/v1/chat/completions -> 404",
            "*nearest: *tape.yaml #1 (4 of 5 matched)",
            "SKIPPED*the variant coding/gzip was never served: the client's Accept-Encoding does not allow gzip",
        ]
    )


CHANGED = """
    import pytest
    import clients
    from clients import TEXT, Broken, careful

    clients.QUESTION["temperature"] = 0

    @pytest.mark.chat_site(pack="recorded", cassette="tape.yaml"MORE)
    @pytest.mark.chat_variants("chunks/lines", "cut/chunked-half")
    def test_ask(chat_site, chat_variant):
        with chat_variant.allows(Broken):
            assert careful(chat_site.url) == TEXT
        assert "differs from the recorded request" in chat_site.journal[0].text()
        assert "body: $.temperature: recorded nothing   got 0" in chat_site.journal[0].text()
"""


def test_method_and_path_decide_unless_the_user_chose_otherwise(recorded_suite: pytest.Pytester) -> None:
    recorded_suite.makepyfile(CHANGED.replace("MORE", ""))
    outcome(recorded_suite).assert_outcomes(passed=2)
    for chosen in ("match_on=['method', 'path', 'body']", "on_miss='refuse'"):
        recorded_suite.makepyfile(CHANGED.replace("MORE", f", {chosen}"))
        result = outcome(recorded_suite)
        result.assert_outcomes(failed=2)
        result.stdout.fnmatch_lines_random(
            ["*the variant cut/chunked-half was never served*", "*body*differs $.temperature: recorded nothing*"]
        )


def test_values_that_the_replay_puts_into_the_answer_are_in_the_variant_as_well(suite: pytest.Pytester) -> None:
    opening = tapes.event({"conversation": "c0ffee1234567890abcd", "text": "Hello"}) + tapes.event("[DONE]")
    tapes.write(
        suite.path / "talk.yaml",
        tapes.exchange("POST", "https://chat.example/ask", opening, sent='{"message": "Hello?"}'),
        tapes.exchange(
            "GET", "https://chat.example/history?conversation=c0ffee1234567890abcd", "[]", kind="application/json"
        ),
    )
    assert CliRunner().invoke(tokens, [str(suite.path / "talk.yaml"), "--write"]).exit_code == 0
    suite.makepyfile("""
        import re
        import urllib.request
        import pytest

        @pytest.mark.chat_site(pack="recorded", cassette="talk.yaml")
        @pytest.mark.chat_variants("chunks/bytes", "events/crlf")
        def test_goes_on(chat_site, chat_variant):
            data = b'{"message": "Hello?"}'
            request = urllib.request.Request(chat_site.url + "/ask", data, {"Content-Type": "application/json"})
            answer = urllib.request.urlopen(request, timeout=300).read().decode()
            assert ("\\r\\n" in answer) == (chat_variant.name == "events/crlf")
            given = re.search('"conversation": "([^"]*)"', answer)[1]
            assert given != "c0ffee1234567890abcd"
            history = urllib.request.urlopen(chat_site.url + "/history?conversation=" + given, timeout=300)
            assert history.read() == b"[]"
    """)
    outcome(suite).assert_outcomes(passed=2)


TOKENS = """
    import re
    import urllib.error
    import urllib.request
    import pytest

    def ask(url, nonce):
        form = f"action=ask&nonce={nonce}&message=QUESTION".encode()
        with urllib.request.urlopen(url + "/ajax", form, timeout=300) as response:
            return response.read().decode()

    def nonce_of(url):
        page = urllib.request.urlopen(url + "/chat", timeout=300).read().decode()
        return re.search('data-nonce="([^"]*)"', page)[1]

    @pytest.mark.chat_site(pack="recorded", cassette="visit.yaml")
    @pytest.mark.chat_variants("tokens/fresh", "tokens/expired*", "tokens/missing")
    def test_reads_the_page(chat_site, chat_variant):
        with chat_variant.allows(urllib.error.HTTPError):
            assert "Hello" in ask(chat_site.url, nonce_of(chat_site.url))

    @pytest.mark.chat_site(pack="recorded", cassette="visit.yaml")
    @pytest.mark.chat_variants("tokens/*")
    def test_hard_codes(chat_site, chat_variant):
        with chat_variant.allows(urllib.error.HTTPError):
            assert "Hello" in ask(chat_site.url, "a1b2c3d4e5")

    @pytest.mark.chat_site(pack="recorded", cassette="visit.yaml")
    @pytest.mark.chat_variants("tokens/expired/once")
    def test_renews(chat_site):
        with pytest.raises(urllib.error.HTTPError):
            ask(chat_site.url, nonce_of(chat_site.url))
        assert "Hello" in ask(chat_site.url, nonce_of(chat_site.url))

    @pytest.mark.chat_site(pack="recorded", cassette="visit.yaml")
    @pytest.mark.chat_variants("tokens/expired")
    def test_reads_the_page_only(chat_site):
        nonce_of(chat_site.url)

    @pytest.mark.chat_site(pack="recorded", cassette="visit.yaml", tokens="off")
    @pytest.mark.chat_variants("tokens/fresh")
    def test_asks_twice(chat_site):
        pass
"""


def test_other_tokens_show_a_client_that_hard_codes_one(suite: pytest.Pytester) -> None:
    tapes.write(suite.path / "visit.yaml", tapes.PAGE, tapes.PAGE_ANSWER)
    suite.makepyfile(TOKENS.replace("QUESTION", tapes.QUESTION.replace(" ", "+")))
    result = outcome(suite, "-v")
    result.assert_outcomes(passed=8, failed=3, errors=1)
    result.stdout.fnmatch_lines_random(
        [
            "*test_reads_the_page[[]tokens/expired/once] PASSED*",
            "*test_hard_codes[[]tokens/fresh] FAILED*",
            "*test_hard_codes[[]tokens/html-references] FAILED*",
            "*the variant tokens/expired was never served: tokens=expired has had no effect: no request came that *",
            "*chat_variants decides how the answer is sent; leave out tokens*",
        ]
    )


def test_a_method_of_unittest_fails_instead_of_passing_unmultiplied(recorded_suite: pytest.Pytester) -> None:
    recorded_suite.makepyfile("""
        import unittest
        import pytest

        class TestChat(unittest.TestCase):
            @pytest.mark.chat_variants("chunks/lines")
            def test_it(self):
                pass
    """)
    result = outcome(recorded_suite)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the marker chat_variants cannot multiply TestCaseFunction test_it*"])


def case(name: str, folder: pytest.Pytester) -> VariantCase:
    return variant_cases([folder.path / "tape.yaml"], [name])[name]


def open_nothing() -> None:
    """Fail as a client may."""
    raise ConnectionError


def test_errors_are_allowed_where_the_answer_is_broken_only(recorded_suite: pytest.Pytester) -> None:
    broken, whole = case("cut/chunked-half", recorded_suite), case("chunks/lines", recorded_suite)
    ended: list[str] = []
    with broken.allows(OSError):
        ended.append("by an error")
        open_nothing()
    assert ended
    for variant, error in ((whole, ConnectionError), (broken, AssertionError)):
        with pytest.raises(error), variant.allows(OSError):
            raise error("not allowed here")
    for errors in ((Exception,), (OSError, AssertionError)):
        with pytest.raises(SettingsError, match="include AssertionError"):
            broken.allows(*errors)
    assert repr(broken) == "<VariantCase cut/chunked-half: breakage>"
    assert (whole.breaks, whole.grade, bool(whole.source)) == (False, 1, True)


def test_the_example_of_the_documentation_runs(suite: pytest.Pytester) -> None:
    page = (ROOT / "docs" / "crashtest.md").read_text(encoding="utf-8")
    code = page.partition("\n## In pytest\n")[2].partition("```python\n")[2].partition("```")[0]
    suite.mkdir("tapes")
    poem = tapes.event("roses") + tapes.event("violets") + tapes.event("[DONE]")
    tapes.write(suite.path / "tapes" / "poem.yaml", tapes.exchange("GET", "https://poems.example/poem", poem))
    suite.makepyfile(test_poem=code)
    result = outcome(suite)
    assert result.parseoutcomes().keys() == {"passed"}
    assert result.ret == 0
