"""`watch` against the mock on two releases: one visit, a report in tiers, an exit code."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest
from msgspec.structs import replace
from tests.support.pages import SHORT_PAGES
from tests.support.raw_server import CLOSE, RawServer
from tests.support.raw_site import response
from tests.support.releases import BASE, BASE_RELEASE

from chatgptfree_mock import cli
from chatgptfree_mock.config.redaction import redaction_rules
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.saving import save
from chatgptfree_mock.watch.visit import AGENT, Visit, VisitError, ask_now

AJAX = "/wp-admin/admin-ajax.php"
QUESTION = "Hello, who are you?"
REPLY = "Hello there! 👋"


@pytest.fixture(scope="module")
def tape(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of 2.3.20."""
    file = tmp_path_factory.mktemp("watch") / "tape.yaml"
    with MockSite(settings=SHORT_PAGES, plugin="2.3.20", reply=REPLY) as site:
        visit = Visit(url=site.url, message=QUESTION, tape=file, rules=None, user_agent="test")
        assert ask_now(visit) == ""
    return file


def test_a_site_that_has_not_changed_is_0(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with MockSite(settings=SHORT_PAGES, plugin="2.3.20", reply="Another answer.") as site:
        assert cli.run(["watch", site.url, "--against", str(tape)]) == 0
        exchanges = list(site.journal)
    out = capsys.readouterr().out
    assert "exchanges compared: nothing differs" in out or "the worst difference is cosmetic" in out
    assert [exchange.fields.get("message") for exchange in exchanges].count(QUESTION) == 1
    agents = {value for exchange in exchanges for name, value in exchange.headers if name.lower() == "user-agent"}
    assert len(agents) == 1
    assert agents.pop().startswith(f"{AGENT}/")


def test_a_visit_starts_no_process(tape: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*words: object, **more: object) -> NoReturn:
        raise AssertionError(f"started {words}")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with MockSite(settings=SHORT_PAGES, plugin="2.3.20", reply=REPLY) as site:
        assert cli.run(["watch", site.url, "--against", str(tape)]) == 0


def test_a_later_release_breaks_clients_is_1(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with MockSite(settings=SHORT_PAGES, plugin="2.4.71", reply=REPLY) as site:
        assert cli.run(["watch", site.url, "--against", str(tape), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["tier"] == "breaks clients"
    assert report["failure"] == ""
    assert report["compared"] >= 2
    topics = {finding["topic"] for finding in report["tiers"]["breaks clients"]}
    assert topics & {"events", "event data", "page", "config", "json"}


MOVED = f"""\
base: {BASE_RELEASE}
page:
  dropped: [nonce]
  added: [{{name: security, value: {{token: "{{nonce}}"}}, after: ajaxUrl}}]
"""


def test_a_moved_nonce_is_named_with_both_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / "92.5.0.yaml").write_text(MOVED)
    (tmp_path / "pyproject.toml").touch()
    before, after = tmp_path / "before.yaml", tmp_path / "after.yaml"
    with MockSite(settings=SHORT_PAGES, plugin=BASE_RELEASE, reply=REPLY) as site:
        visit = Visit(url=site.url, message=QUESTION, tape=before, rules=redaction_rules(tmp_path), user_agent="test")
        assert ask_now(visit) == ""
    with MockSite(settings=SHORT_PAGES, plugin="92.5.0", reply=REPLY) as site:
        words = ["watch", site.url, "--against", str(before), "--save", str(after)]
        assert cli.run(words) == 1
        asked = [exchange.fields.get("message") for exchange in site.journal]
    out = capsys.readouterr().out
    place = "div.aipkit_chat_container data-config"
    assert f"- page: `nonce moved: {place} nonce → {place} security.token`" in out
    assert out.splitlines()[0] == f"# `{site.url}` compared with `{before}`"
    assert asked.count(QUESTION) == 1
    assert "0000000001" in after.read_text()


@pytest.mark.parametrize("given", [True, False])
def test_a_nonce_that_only_comes_on_request_does_not_fail_the_reference_client(
    given: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "releases").mkdir()
    traits = "" if given else "traits: {nonce_endpoint: false}\n"
    (tmp_path / "releases" / "92.5.0.yaml").write_text(BASE + "page: {dropped: [nonce]}\n" + traits)
    (tmp_path / "pyproject.toml").touch()
    before = tmp_path / "before.yaml"
    with MockSite(settings=SHORT_PAGES, plugin=BASE_RELEASE, reply=REPLY) as site:
        assert ask_now(Visit(url=site.url, message=QUESTION, tape=before, rules=None, user_agent="test")) == ""
    with MockSite(settings=SHORT_PAGES, plugin="92.5.0", reply=REPLY) as site:
        assert cli.run(["watch", site.url, "--against", str(before), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    of_client = {
        tier: [each["sentence"] for each in found if each["topic"] == "client"]
        for tier, found in report["tiers"].items()
    }
    result = "finds aipkit inline, and gets a nonce on request" if given else "raises page"
    tier = "changes what clients see" if given else "breaks clients"
    assert (report["failure"] == "") == given
    assert of_client.pop(tier) == [f"the reference client finds aipkit inline → {result}"]
    assert not any(of_client.values())


def test_a_page_at_another_path_is_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / "92.5.0.yaml").write_text(BASE + "page: {renamed: {data-config: data-settings}}\n")
    before = tmp_path / "before.yaml"
    with MockSite(settings=SHORT_PAGES, plugin=BASE_RELEASE, reply=REPLY) as site:
        visit = Visit(url=f"{site.url}//chat/", message=QUESTION, tape=before, rules=None, user_agent="test")
        assert ask_now(visit) == ""
        for path in ("/chat/", "/"):
            assert cli.run(["watch", site.url + path, "--against", str(before), "--json"]) == 0
            report = json.loads(capsys.readouterr().out)
            assert (report["compared"], report["not_compared"]) == (3, {"recorded": [], "live": []})
    with MockSite(settings=SHORT_PAGES, plugin="92.5.0", reply=REPLY) as site:
        assert cli.run(["watch", site.url, "--against", str(before), "--json"]) == 1
    breaks = json.loads(capsys.readouterr().out)["tiers"]["breaks clients"]
    place = "div.aipkit_chat_container"
    assert {finding["sentence"] for finding in breaks} == {
        f"{place} attribute renamed: data-config → data-settings",
        f"nonce moved: {place} data-config nonce → {place} data-settings nonce",
    }


def test_a_request_that_was_not_recorded_is_named_and_is_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tmp_path / "before.yaml"
    with MockSite(settings=SHORT_PAGES, plugin=BASE_RELEASE, reply=REPLY) as site:
        visit = Visit(url=site.url, message=QUESTION, tape=before, rules=None, user_agent="test")
        assert ask_now(visit) == ""
    with MockSite(plugin=BASE_RELEASE, settings={"nonce": "expired-on-first-page"}, reply=REPLY) as site:
        assert cli.run(["watch", site.url, "--against", str(before)]) == 1
    out = capsys.readouterr().out
    assert "## Asked on this visit, not recorded" in out
    assert "aipkit_get_frontend_chat_nonce`" in out
    assert "3 exchanges compared: the worst difference changes what clients see." in out


def test_what_was_recorded_and_not_asked_is_listed(
    tape: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more, whole = tmp_path / "more.yaml", load(tape)
    other = replace(whole.interactions[0].request, uri="http://site.test/robots.txt")
    extra = replace(whole.interactions[0], request=other)
    save(more, replace(whole, interactions=(*whole.interactions, extra)))
    with MockSite(settings=SHORT_PAGES, plugin="2.3.20", reply=REPLY) as site:
        assert cli.run(["watch", site.url, "--against", str(more)]) == 0
    assert "## Recorded, not asked on this visit" in capsys.readouterr().out


def test_a_har_is_compared_with_as_a_cassette_is(tape: Path, tmp_path: Path) -> None:
    har = tmp_path / "tape.har"
    assert cli.run(["export", str(tape), "--out", str(har)]) == 0
    with MockSite(settings=SHORT_PAGES, plugin="2.3.20", reply=REPLY) as site:
        assert cli.run(["watch", site.url, "--against", str(har)]) == 0


def test_a_refusal_is_reported_and_breaks_clients(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with MockSite(plugin="2.3.20", settings={"model": {"http_error": {"status": 500, "message": "No."}}}) as site:
        assert cli.run(["watch", site.url, "--against", str(tape)]) == 1
    out = capsys.readouterr().out
    assert "The reference client got no answer: `upstream" in out
    assert "## Breaks clients" in out


def test_the_new_recording_is_kept_and_overwrites_nothing(tape: Path, tmp_path: Path) -> None:
    kept = tmp_path / "made" / "new.yaml"
    with MockSite(settings=SHORT_PAGES, plugin="2.3.20", reply=REPLY) as site:
        words = ["watch", site.url, "--against", str(tape), "--save", str(kept)]
        assert cli.run(words) == 0
        first = kept.read_bytes()
        assert cli.run(words) == 2
    assert kept.read_bytes() == first
    assert len(load(kept).interactions) == len(load(tape).interactions)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(response("User-agent: *\nDisallow: /\n", content_type="text/plain"), "forbids / to", id="all"),
        pytest.param(
            response(f"User-agent: {AGENT}\nDisallow: /wp-admin/\n", content_type="text/plain"),
            "forbids /wp-admin/admin-ajax.php to",
            id="by name",
        ),
        pytest.param(response("", status="503 Service Unavailable"), "answers 503, which forbids a visit", id="503"),
        pytest.param(b"", "can't be read", id="no answer"),
    ],
)
def test_robots_txt_is_obeyed(tmp_path: Path, answer: bytes, reason: str) -> None:
    with RawServer(lambda _: [answer, CLOSE]) as server:
        visit = Visit(
            url=server.url, message="Hi", tape=tmp_path / "a.yaml", rules=None, user_agent="test", asks=(AJAX,)
        )
        with pytest.raises(VisitError, match="so nothing was asked") as caught:
            ask_now(visit)
        assert reason in str(caught.value)
        assert {request.target for request in server.requests} == {"/robots.txt"}


def test_bad_input_is_one_sentence_and_2(tape: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty.yaml"
    empty.write_text("interactions: []\nversion: 1\n", encoding="utf-8")
    for url, against, more, problem in (
        ("http://127.0.0.1:9", tape, (), "robots.txt can't be read"),
        ("http://127.0.0.1:9", empty, (), "give the question with --message"),
        ("ftp://example.com", tape, (), "is not the address of a site"),
        ("http://127.0.0.1:9", tape, ("--insecure",), "`--insecure` has no effect: http://127.0.0.1:9 has no cert"),
        ("http://127.0.0.1:9", tape, ("--timeout", "nan"), "'nan' is not a number of seconds"),
        ("http://127.0.0.1:9", tape, ("--contact", "me\nCookie: a=b"), "a header cannot hold it"),
        ("http://127.0.0.1:9", tape, ("--save", "visit.har"), "visit.har would be a cassette; name it .yaml or .json"),
    ):
        assert cli.run(["watch", url, "--against", str(against), *more]) == 2
        printed = capsys.readouterr().err
        assert problem in printed
        assert printed.count("\n") == 1


@pytest.mark.parametrize("name", ["kept.yaml", "kept.json"])
def test_the_visit_is_saved_as_the_name_has_it(name: str, tape: Path, tmp_path: Path) -> None:
    with MockSite(settings=SHORT_PAGES, plugin="2.3.20", reply=REPLY) as site:
        assert cli.run(["watch", site.url, "--against", str(tape), "--save", str(tmp_path / name)]) == 0
    assert load(tmp_path / name).interactions


def test_robots_txt_holds_for_the_recorded_place_of_the_question(
    tape: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    robots = response(f"User-agent: *\nDisallow: {AJAX}\n", content_type="text/plain")
    with RawServer(lambda _: [robots, CLOSE]) as server:
        assert cli.run(["watch", server.url, "--against", str(tape)]) == 2
    assert f"forbids {AJAX} to `{AGENT}`, so nothing was asked" in capsys.readouterr().err


def test_a_file_that_cannot_be_saved_is_refused_before_the_site_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    before, kept = tmp_path / "before.yaml", tmp_path / "kept.yaml"
    kept.write_text("mine")
    with MockSite(settings=SHORT_PAGES, plugin=BASE_RELEASE, reply=REPLY) as site:
        visit = Visit(url=site.url, message=QUESTION, tape=before, rules=None, user_agent="test")
        assert ask_now(visit) == ""
        asked = len(site.journal)
        assert cli.run(["watch", site.url, "--against", str(before), "--save", str(kept)]) == 2
        assert "kept.yaml: can't write: there is a file of this name already" in capsys.readouterr().err
        assert len(site.journal) == asked
    assert kept.read_text() == "mine"
