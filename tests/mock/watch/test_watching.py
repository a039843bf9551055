"""`watch` against the mock on two releases: one visit, a report in tiers, an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.raw_server import CLOSE, RawServer
from tests.support.raw_site import response

from chatgptfree_mock import cli
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.watch.visit import AGENT, Visit, VisitError, ask_now

AJAX = "/wp-admin/admin-ajax.php"
QUESTION = "Hello, who are you?"
REPLY = "Hello there! 👋"


@pytest.fixture(scope="module")
def tape(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of 2.3.20."""
    file = tmp_path_factory.mktemp("watch") / "tape.yaml"
    with MockSite(plugin="2.3.20", reply=REPLY) as site:
        visit = Visit(url=site.url, message=QUESTION, tape=file, rules=None, user_agent="test")
        assert ask_now(visit) == ""
    return file


def test_a_site_that_has_not_changed_is_0(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with MockSite(plugin="2.3.20", reply="Another answer.") as site:
        assert cli.run(["watch", site.url, "--against", str(tape)]) == 0
        exchanges = list(site.journal)
    out = capsys.readouterr().out
    assert "exchanges compared: nothing differs" in out or "the worst difference is cosmetic" in out
    assert [exchange.fields.get("message") for exchange in exchanges].count(QUESTION) == 1
    agents = {value for exchange in exchanges for name, value in exchange.headers if name.lower() == "user-agent"}
    assert len(agents) == 1
    assert agents.pop().startswith(f"{AGENT}/")


def test_a_later_release_breaks_clients_is_1(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with MockSite(plugin="2.4.71", reply=REPLY) as site:
        assert cli.run(["watch", site.url, "--against", str(tape), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["tier"] == "breaks clients"
    assert report["failure"] == ""
    assert report["compared"] >= 2
    topics = {finding["topic"] for finding in report["tiers"]["breaks clients"]}
    assert topics & {"events", "event data", "page", "config", "json"}


def test_a_refusal_is_reported_and_breaks_clients(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with MockSite(plugin="2.3.20", settings={"model": {"http_error": {"status": 500, "message": "No."}}}) as site:
        assert cli.run(["watch", site.url, "--against", str(tape)]) == 1
    out = capsys.readouterr().out
    assert "The reference client got no answer: `upstream" in out
    assert "## Breaks clients" in out


def test_the_new_recording_is_kept_and_overwrites_nothing(tape: Path, tmp_path: Path) -> None:
    kept = tmp_path / "new.yaml"
    with MockSite(plugin="2.3.20", reply=REPLY) as site:
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
    for url, against, problem in (
        ("http://127.0.0.1:9", tape, "robots.txt can't be read"),
        ("http://127.0.0.1:9", empty, "give the question with --message"),
        ("ftp://example.com", tape, "no address of a site"),
    ):
        assert cli.run(["watch", url, "--against", str(against)]) == 2
        said = capsys.readouterr().err
        assert problem in said
        assert said.count("\n") == 1


def test_robots_txt_holds_for_the_recorded_place_of_the_question(
    tape: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    robots = response(f"User-agent: *\nDisallow: {AJAX}\n", content_type="text/plain")
    with RawServer(lambda _: [robots, CLOSE]) as server:
        assert cli.run(["watch", server.url, "--against", str(tape)]) == 2
    assert f"forbids {AJAX} to `{AGENT}`, so nothing was asked" in capsys.readouterr().err
