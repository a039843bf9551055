"""The option `tokens` of a replay: values of other shapes, expired ones, and none; over real sockets."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.support.command_line import run_in_process
from tests.support.many_cases import for_each
from tests.support.token_replays import (
    SID,
    TOKEN,
    ask,
    browser,
    last_reason,
    replayed,
    token_of,
    visit,
    with_block,
)

from chatgptfree_mock.cli import run
from chatgptfree_mock.errors import MockWarning, SettingsError
from chatgptfree_mock.tape.replay_options import TOKENS, ReplayOptions, TokenMode
from chatgptfree_mock.tape.yaml.writing import write
from chatgptfree_mock.variants.token_rules import TOKEN_RULES


def test_the_words_are_those_of_the_crash_test() -> None:
    assert [f"tokens/{word}" for word in TOKENS[2:]] == [rule.name for rule in TOKEN_RULES]


@pytest.mark.parametrize(
    "word", ["on", "fresh", "longer", "other-letters", "base64", "html-references", "expired@csrf"]
)
@pytest.mark.parametrize("declared", [True, False], ids=["with a block", "without one"])
def test_clients_that_return_the_values_they_got(word: str, declared: bool) -> None:
    cassette = with_block(visit()) if declared else visit()
    with replayed(cassette, tokens=word) as site, browser(site) as client:
        text = client.get("/").text
        token = html_token(text)
        given = token != TOKEN
        assert given is (declared or word != "on")
        answer = ask(client, token)
        assert answer.status_code == (403 if word.startswith("expired") else 200)
        wrong = ask(client, TOKEN)
        assert wrong.status_code == (403 if given else 200)
        assert list(site.warnings) == []
        assert bool(re.fullmatch("[0-9a-f]{20}", token)) is (word not in ("longer", "other-letters", "base64"))
        assert ("&#x" in text) is (word == "html-references")


def html_token(page: str) -> str:
    found = re.search('content="([^"]*)"', page)
    assert found is not None
    return html.unescape(found[1])


def test_expired_values_are_refused_whatever_is_done() -> None:
    with replayed(with_block(visit(refusal=True)), tokens="expired") as site, browser(site) as client:
        for _ in range(3):
            answer = ask(client, token_of(client))
            assert (answer.status_code, answer.json()) == (419, {"error": "page expired"})
            assert "it has expired, by the option `tokens`" in last_reason(site)


def test_values_that_expire_once_are_renewed_by_reading_the_page_again() -> None:
    with replayed(with_block(visit()), tokens="expired/once") as site, browser(site) as client, browser(site) as other:
        first, theirs = token_of(client), token_of(other)
        assert ask(client, first).status_code == 403
        assert "it has expired" in last_reason(site)
        for one, old in ((client, first), (other, theirs)):
            assert ask(one, old).status_code == 403
            assert "it has expired" in last_reason(site)
            new = token_of(one)
            assert new != old
            assert ask(one, new).text == "hello"
        assert ask(client, first).status_code == 403


def test_one_token_may_be_named() -> None:
    with replayed(with_block(visit()), tokens="missing@csrf") as site, browser(site) as client:
        assert token_of(client) == ""
        assert client.cookies["sid"] not in ("", SID)
        for brought in ("", None, TOKEN):
            assert ask(client, brought).status_code == 403
            assert "`csrf` refused" in last_reason(site)
    with replayed(with_block(visit()), tokens="expired@sid") as site, browser(site) as client:
        assert ask(client, token_of(client)).status_code == 403
        assert "`sid` refused (cookie:sid): it has expired" in last_reason(site)


def test_a_cookie_that_was_only_found_may_be_missing() -> None:
    with replayed(visit(), tokens="fresh") as site, browser(site) as client:
        token = token_of(client)
        client.cookies.clear()
        assert ask(client, token).text == "hello"
    with replayed(with_block(visit()), tokens="fresh") as site, browser(site) as client:
        token = token_of(client)
        client.cookies.clear()
        assert ask(client, token).status_code == 403


def test_an_option_that_has_had_no_effect_is_a_warning() -> None:
    words = "tokens=expired has had no effect: no request came that has to bring such a token"
    with pytest.warns(MockWarning, match=words):
        assert only_reads_the_page() == [words]


def only_reads_the_page() -> list[str]:
    """Return the warnings of a site whose tokens no request brings back."""
    with replayed(with_block(visit()), tokens="expired") as site, browser(site) as client:
        token_of(client)
        return list(site.warnings)


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("expird", "tokens: no such word: `expird`; did you mean `expired`?"),
        ("on@csrf", "tokens: `on` is for all tokens: leave out `@csrf`"),
        ("expired@crsf", "tokens=expired@crsf: the recording has no such token; did you mean `csrf`?"),
        ("expired@zzz", "tokens=expired@zzz: the recording has no such token; there are: csrf, sid"),
        ("expired@post_id", "tokens=expired@post_id: it is of the class constant, and only a token is minted"),
        ("string-escapes", "tokens=string-escapes: no value of this recording can be changed in this way"),
    ],
)
def test_what_cannot_act_is_one_sentence(word: str, words: str, tmp_path: Path) -> None:
    cassette = with_block(visit())
    with pytest.raises(SettingsError) as caught:
        replayed(cassette, tokens=word)
    assert words.split("; did", maxsplit=1)[0] in str(caught.value)
    file = tmp_path / "a.yaml"
    file.write_text(write(cassette), encoding="utf-8")
    result = run_in_process(run, "serve", "--cassettes", str(file), "--pack", "recorded", "--tokens", word)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) <= 4


def test_a_page_without_its_value_is_an_effect() -> None:
    with replayed(with_block(visit()), tokens="missing") as site, browser(site) as client:
        assert token_of(client) == ""
        assert list(site.warnings) == []


@pytest.mark.parametrize("name", ["nocache", "cachebuster", "_"])
def test_a_page_is_found_whatever_keeps_caches_from_answering(name: str) -> None:
    with replayed(with_block(visit())) as site, browser(site) as client:
        assert client.get("/", params={name: "8f3e"}).status_code == 200
        assert client.get("/", params={"q": "8f3e"}).status_code == 404


def test_without_any_token_an_option_for_them_is_refused() -> None:
    page = replace(visit(), interactions=visit().interactions[:1])
    with pytest.raises(SettingsError, match="no request of the recording brings back what a response gave out"):
        replayed(page, tokens="missing")


@for_each("word", [*TOKENS, "expired@a@b", "missing@"])
def test_a_mode_is_written_as_it_is_read(word: str) -> None:
    assert str(TokenMode.parse(word)) == word
    assert str(ReplayOptions.parse({"tokens": word}).tokens) == word
