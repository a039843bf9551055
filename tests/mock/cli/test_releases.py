"""The command `releases`: releases, their traits, and the changes between them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.releases import BASE, BASE_RELEASE, NEWER, NEWEST

from chatgptfree_mock.cli import run
from chatgptfree_mock.sites.aipower.releases import built_in

REFUSED_BEFORE = 'A refused nonce gets 200 and JSON, {"status":"error","msg":"Nonce verification failed"}.'
REFUSED_SINCE = 'A refused nonce gets 403 and the HTML text "The link you followed has expired.".'


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["releases", *arguments]) == 0
    return capsys.readouterr().out


def test_the_history_names_every_release(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys).splitlines()
    heads = [line.split()[0] for line in lines if line[:1].isdigit()]
    assert heads == [release.name for release in built_in().releases]
    assert any("1.8.80" in line and "2024-09-24" in line for line in lines)


def test_two_releases_are_compared_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(printed(capsys, "1.8.90", "1.9.18", "--json"))
    assert (found["from"], found["to"]) == ("1.8.90", "1.9.18")
    nonce = next(change for change in found["changes"] if change["topic"] == "nonce")
    assert (nonce["before"], nonce["after"], nonce["since"]) == (REFUSED_BEFORE, REFUSED_SINCE, "1.8.91")


def test_a_change_that_was_undone_in_between_is_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    told_limits = printed(capsys, "1.8.84", "1.8.86")
    assert "limit" not in told_limits
    assert "never applies" in printed(capsys, "1.8.84", "1.8.85")


def test_the_page_is_compared_too(capsys: pytest.CaptureFixture[str]) -> None:
    changes = json.loads(printed(capsys, "1.8.95", "1.9.16", "--json"))["changes"]
    page = {(change["since"], change["after"]) for change in changes if change["topic"] == "page"}
    gone = "data-use-avatar, data-user-avatar, data-you, data-ai-avatar, data-ai-name"
    assert ("1.8.96", f"Gone from both chat elements: {gone}.") in page
    assert ("1.9.4", "New in the shortcode: data-sidebar-enabled (after data-assistant-enabled).") in page
    assert ("1.9.16", 'The widget has data-post-id="<42".') in page


def test_the_script_line_of_generation_1_is_compared(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(printed(capsys, "1.9.4", "1.9.14", "--json"))
    assert [(change["since"], change["after"]) for change in found["changes"]] == [
        ("1.9.11", 'wpaicgParams ends with "katex_enabled":"0".'),
        ("1.9.14", "The chat element contains no script."),
    ]


def test_keys_of_generation_2_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    changes = json.loads(printed(capsys, "2.3.73", "2.4.1", "--json"))["changes"]
    after = {change["since"]: change["after"] for change in changes if change["after"].startswith("Gone")}
    assert after["2.3.88"] == "Gone from data-config: userIp, bannedIpsConfig, bannedWordsConfig."
    assert after["2.4.1"] == "Gone from data-config: streamEnabled."


def test_changes_towards_an_older_release_are_listed_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    changes = json.loads(printed(capsys, "1.8.91", "1.8.90", "--json"))["changes"]
    nonce = next(change for change in changes if change["topic"] == "nonce")
    assert (nonce["before"], nonce["after"]) == (REFUSED_SINCE, REFUSED_BEFORE)


def test_from_one_generation_to_the_other_the_protocol_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "1.9.18", "2.4.71")
    assert "AIPKit: a POST" in text
    assert "data-memory-limit" not in text


def test_the_same_release_has_not_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "1.8.93", "1.8.94") == "from 1.8.93 to 1.8.94: no changes on the wire\n"


def test_one_release_is_described_completely(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "2.3.50")
    assert text.startswith("2.3.43 (what there is for 2.3.50), 2025-09-20, source: recorded")
    assert "aipkit_get_frontend_chat_nonce returns a fresh nonce." in text
    found = json.loads(printed(capsys, "2.3.41", "--json"))
    assert list(found["page"])[:4] == ["botId", "ajaxUrl", "nonce", "postId"]
    assert {fact["key"] for fact in found["facts"]} >= {"generation", "aipkit.nonce_endpoint"}


@pytest.mark.parametrize(
    ("name", "behaves_as"),
    [
        pytest.param("2.3.50", "2.3.43", id="between two"),
    ],
)
def test_an_unknown_release_is_its_neighbour_with_a_warning(
    name: str, behaves_as: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["releases", name]) == 0
    out, error = capsys.readouterr()
    assert out.startswith(f"{behaves_as} (what there is for {name}), ")
    assert error == f"warning: {name} is not known; behaves as {behaves_as}\n"
    assert run(["releases", name, "--strict-release"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"chatgptfree-mock: unknown plugin release `{name}`; the nearest is {behaves_as}, then ")
    assert error.count("\n") == 1


def test_what_is_not_a_release_number_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["releases", "1.8.9x"]) == 2
    assert "unknown plugin release `1.8.9x`; the nearest is 1.8.99" in capsys.readouterr().err
    assert run(["releases", "banana"]) == 2
    assert capsys.readouterr().err == f"chatgptfree-mock: `banana` is not a release number; one is like {NEWEST}\n"


def test_each_change_is_marked_with_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "2.4.71", "2.4.97")
    seen = "absent in the source of 2.4.81, seen in that of 2.4.94"
    assert f"since 2.4.84, limit (source: changelog, {seen})\n" in text
    assert "since 2.4.81, errors (source: published code of 2.4.81, the form of the reference is a guess)\n" in text
    assert "since 2.4.84, request (source: guess, ignored in the source of 2.4.81, refused in that of 2.4.94)" in text
    assert text.count("since 2.") == text.count("(source: ")
    changes = json.loads(printed(capsys, "2.4.71", "2.4.97", "--json"))["changes"]
    assert {(change["since"], change["source"]) for change in changes} == {
        ("2.4.77", "changelog"),
        ("2.4.79", "changelog"),
        ("2.4.79", "guess"),
        ("2.4.81", "source"),
        ("2.4.84", "changelog"),
        ("2.4.84", "guess"),
        ("2.4.89", "changelog"),
        ("2.4.96", "changelog"),
    }
    assert {change["evidence"] for change in changes if change["topic"] == "limit"} >= {seen}


def test_each_fact_of_a_release_is_marked_with_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    text = " ".join(printed(capsys, "2.4.97").split())
    assert "AI requests that one address may send in a minute: 60 (0: any number). [2.4.84: changelog, absent" in text
    assert "aipkit_get_frontend_chat_nonce returns a fresh nonce. [2.3.41: recorded 2.3.41/nonce_ok]" in text
    assert "themeDimensionOverrides [2.4.96: changelog, " in text
    found = json.loads(printed(capsys, "2.4.97", "--json"))
    assert set(found["page_sources"]) == set(found["page"])
    reuse = next(fact for fact in found["facts"] if fact["key"] == "aipkit.key_reuse")
    assert (reuse["since"], reuse["source"]) == ("2.4.84", "guess")
    assert reuse["evidence"] == "works in the source of 2.4.71 and not in that of 2.4.94"


def test_the_list_marks_what_nobody_has_seen(capsys: pytest.CaptureFixture[str]) -> None:
    lines = " ".join(printed(capsys).split())
    assert (
        "New in data-config: formGateEnabled (after enableSidebar). (source: changelog, absent in the source of 2.4.71"
        in lines
    )
    assert "New in data-config: voiceEngine (after directVoiceMode). 2.4.84" in lines
    assert "A key of a cached message works once. (source: guess, " in lines
    assert "2.4.66 2026-08-16 nothing new on the wire (source: guess, only its date is known)" in lines


def test_a_changed_value_on_the_page_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    text = " ".join(printed(capsys, "2.4.43", "2.4.63").split())
    assert 'Changed in data-config: theme from "dark" to "custom"' in text


def test_new_names_have_their_place_in_the_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "92.5.0.yaml").write_text(
        f"base: {BASE_RELEASE}\n"
        "page:\n"
        "  dropped: [theme]\n"
        "  added:\n"
        "    - {name: apiVersion, value: 2, after: ajaxUrl}\n"
        "    - {name: apiKey, value: 3, after: apiVersion}\n"
        "    - {name: first, value: 1, before: botId}\n"
        "    - {name: theme, value: custom, after: botId}\n"
        "    - {name: data-api, value: x, after: data-bot-id}\n"
        "texts: {added: [{name: again, value: Again, after: sendMessage}]}\n"
    )
    text = printed(capsys, "2.4.97", "92.5.0", "--releases", str(tmp_path))
    new = "first (first), apiVersion (after ajaxUrl), apiKey, text.again (after text.sendMessage)"
    assert f"New in data-config: {new}." in " ".join(text.split())
    assert "New in the chat element: data-api (after data-bot-id)." in text
    assert "Moved in data-config: theme (after botId)." in text
    assert text.count("since 92.5.0, page") == 3


def test_towards_an_older_release_the_newest_that_is_so_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = printed(capsys, "2.4.97", "2.4.71")
    assert "up to 2.4.94, page" in text
    assert "since" not in text
    assert "Gone from data-config: themeDimensionOverrides." in text


def test_releases_of_a_users_own_are_listed_and_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "92.5.0.yaml").write_text(BASE + "page: {renamed: {nonce: token}}\n")
    own = ["--releases", str(tmp_path)]
    assert "Renamed in data-config: nonce → token." in printed(capsys, "2.4.97", "92.5.0", *own)
    assert "\n92.5.0    ?" in printed(capsys, *own)
    assert run(["releases", "92.5.0"]) == 2
    assert "`--releases FILE` adds a release of your own" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "nearest"),
    [
        ("releases 1.7", "1.8.79"),
        (f"releases {NEWEST} {NEWER}", NEWEST),
        (f"releases {NEWER} {NEWEST}", NEWEST),
        (f"serve --plugin {NEWER} -- true", NEWEST),
        ("serve --plugin 1.7 -- true", "1.8.79"),
        (f"crashtest --plugin {NEWER} -- true {{url}} {{message}}", NEWEST),
        ("crashtest --plugin 1.7 -- true {url} {message}", "1.8.79"),
    ],
)
def test_a_release_newer_or_older_than_all_is_an_error(
    command: str, nearest: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command.split()) == 2
    out, error = capsys.readouterr()
    assert (out, error.count("\n")) == ("", 1)
    assert f"; the nearest is {nearest}, then " in error


def test_releases_beside_the_project_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / "notes.yaml").write_text("not: a release\n")
    (tmp_path / "releases" / "92.5.0.toml").write_text('base = "2.4.97"\ndate = 2026-12-24\n')
    monkeypatch.chdir(tmp_path)
    assert printed(capsys, "92.5.0").startswith("92.5.0, 2026-12-24, source: unknown")


def test_a_release_that_cannot_be_used_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "92.5.0.yaml"
    file.write_text(BASE + "traits: {throtle: 3}\n")
    assert run(["releases", "--releases", str(file)]) == 2
    error = capsys.readouterr().err
    assert error == f"chatgptfree-mock: {file}: unknown trait `throtle` - at `$.traits`; did you mean `throttle`?\n"
