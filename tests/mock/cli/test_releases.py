"""The command that tells the history of the wire."""

from __future__ import annotations

import json

import pytest

from chatgptfree_mock.cli import run
from chatgptfree_mock.sites.aipower.releases import RELEASES

REFUSED_BEFORE = 'A refused nonce gets 200 and JSON, {"status":"error","msg":"Nonce verification failed"}.'
REFUSED_SINCE = 'A refused nonce gets 403 and the HTML text "The link you followed has expired.".'


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["releases", *arguments]) == 0
    return capsys.readouterr().out


def test_the_history_names_every_release(capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys).splitlines()
    heads = [line.split()[0] for line in lines if line[:1].isdigit()]
    assert heads == [release.name for release in RELEASES]
    assert any("1.8.80" in line and "2024-09-24" in line for line in lines)


def test_two_releases_are_compared_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(told(capsys, "1.8.90", "1.9.18", "--json"))
    assert (found["from"], found["to"]) == ("1.8.90", "1.9.18")
    nonce = next(change for change in found["changes"] if change["topic"] == "nonce")
    assert (nonce["before"], nonce["after"], nonce["since"]) == (REFUSED_BEFORE, REFUSED_SINCE, "1.8.91")


def test_what_came_and_went_in_between_is_no_difference(capsys: pytest.CaptureFixture[str]) -> None:
    told_limits = told(capsys, "1.8.84", "1.8.86")
    assert "limit" not in told_limits
    assert "bites" in told(capsys, "1.8.84", "1.8.85")


def test_the_page_is_compared_too(capsys: pytest.CaptureFixture[str]) -> None:
    changes = json.loads(told(capsys, "1.8.95", "1.9.16", "--json"))["changes"]
    page = {(change["since"], change["after"]) for change in changes if change["topic"] == "page"}
    gone = "data-use-avatar, data-user-avatar, data-you, data-ai-avatar, data-ai-name"
    assert ("1.8.96", f"Gone from both chat elements: {gone}.") in page
    assert ("1.9.4", "New in the shortcode: data-sidebar-enabled.") in page
    assert ("1.9.16", 'The widget says data-post-id="<42".') in page


def test_the_script_line_of_generation_1_is_compared(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(told(capsys, "1.9.4", "1.9.14", "--json"))
    assert [(change["since"], change["after"]) for change in found["changes"]] == [
        ("1.9.11", 'wpaicgParams ends with "katex_enabled":"0".'),
        ("1.9.14", "No script stands inside the chat element."),
    ]


def test_keys_of_generation_2_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    changes = json.loads(told(capsys, "2.3.73", "2.4.1", "--json"))["changes"]
    after = {change["since"]: change["after"] for change in changes if change["after"].startswith("Gone")}
    assert after["2.3.88"] == "Gone from data-config: userIp, bannedIpsConfig, bannedWordsConfig."
    assert after["2.4.1"] == "Gone from data-config: streamEnabled."


def test_the_way_back_is_told_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    changes = json.loads(told(capsys, "1.8.91", "1.8.90", "--json"))["changes"]
    nonce = next(change for change in changes if change["topic"] == "nonce")
    assert (nonce["before"], nonce["after"]) == (REFUSED_SINCE, REFUSED_BEFORE)


def test_from_one_generation_to_the_other_the_protocol_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "1.9.18", "2.4.71")
    assert "Generation 2 (AIPKit)" in text
    assert "data-memory-limit" not in text


def test_the_same_release_has_not_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "1.8.93", "1.8.94") == "from 1.8.93 to 1.8.94: no changes on the wire\n"


def test_one_release_is_told_whole(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "2.3.50")
    assert text.startswith("2.3.43 (what there is for 2.3.50), 2025-09-20")
    assert "aipkit_get_frontend_chat_nonce gives out a fresh nonce." in text
    found = json.loads(told(capsys, "2.3.41", "--json"))
    assert list(found["page"])[:4] == ["botId", "ajaxUrl", "nonce", "postId"]
    assert {fact["key"] for fact in found["facts"]} >= {"generation", "aipkit.nonce_endpoint"}


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        pytest.param("1.7", "1.8.79", id="older than all"),
        pytest.param("3.0", "2.4.97", id="newer than all"),
        pytest.param("1.8.9x", "1.8.99", id="no number"),
    ],
)
def test_an_unknown_release_is_bad_input(name: str, nearest: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["releases", name]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"chatgptfree-mock: unknown plugin release `{name}`; the nearest is {nearest}; there are")
    assert error.count("\n") == 1
