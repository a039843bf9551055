"""What a site pack must not return: one sentence that names pack, field and request."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from msgspec.structs import replace
from tests.support.serve_command import get

from chatgptfree_mock import cli
from chatgptfree_mock.contract.pack_results import checked_reply
from chatgptfree_mock.contract.recordings import Recordings
from chatgptfree_mock.contract.registry import load
from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.site_spec import SiteSpec
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.model import Response

TINY = Path(__file__).parents[2] / "data" / "tiny"
GOOD = SiteReply(response=Response(headers=(("Content-Type", "text/plain"),), body=b"Hi"))
PAGE = SiteRequest(method="GET", path="/")


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the folder with the pack and its entry point on the path, here and in programs that are started."""
    monkeypatch.syspath_prepend(str(TINY))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TINY), os.environ.get("PYTHONPATH", "")]))


def check_failed(url: str, sentence: str) -> None:
    """Check that the page at *url* is refused with status 500 and *sentence*."""
    with pytest.raises(HTTPError) as failed:
        get(url)
    with failed.value as answer:
        assert (answer.code, answer.read().decode()) == (500, f"500 Internal Server Error: {sentence}\n")


def test_another_word_for_a_kind_is_refused_with_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    pack = load("tiny")
    monkeypatch.setattr(type(pack), "kind", lambda *_: "reply")
    wanted = "`kind` of the site pack tiny returns 'reply' for GET /; it has to be one of page, ask, answer, other"
    with pytest.raises(SettingsError) as refused:
        SiteSpec(pack=pack).kind(SiteRequest(method="GET", path="/"))
    assert str(refused.value) == wanted
    with MockSite(pack="tiny") as site:
        check_failed(site.url, wanted)
        assert wanted in site.journal[-1].why
        assert site.journal[-1].status == 500


@pytest.mark.parametrize("method", ["build", "replay"])
@pytest.mark.parametrize(
    ("made", "found"),
    [
        pytest.param(None, "None", id="nothing"),
        pytest.param(object(), "a object without `answer`", id="another object"),
    ],
)
def test_what_is_not_a_site_is_refused_at_the_start(
    method: str, made: object, found: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(type(load("tiny")), method, lambda *_, **__: made)
    assert cli.run(["serve", "--pack", "tiny", "--port", "0"]) == 2
    printed = capsys.readouterr().err
    assert f"`{method}` of the site pack tiny returns {found}; it has to be an object of a class that der" in printed
    assert (printed.count("\n"), "Traceback" in printed) == (1, False)
    with pytest.raises(SettingsError, match=f"`{method}` of the site pack tiny returns {found}"):
        MockSite(pack="tiny")


@pytest.mark.parametrize(
    ("reply", "returned", "wanted"),
    [
        pytest.param(None, "None", "a chatgptfree_mock.contract.reply.SiteReply", id="nothing"),
        pytest.param(
            b"Hi",
            "an object of type bytes",
            "a chatgptfree_mock.contract.reply.SiteReply",
            id="bytes",
        ),
        pytest.param(replace(GOOD, unmatched="yes"), "a SiteReply whose `unmatched` is 'yes'", "True or False", id="y"),
        pytest.param(
            replace(GOOD, refused="ticket"),
            "a SiteReply whose `refused` is 'ticket'",
            "None, 'nonce' or 'key'",
            id="refused",
        ),
        pytest.param(replace(GOOD, why="a form"), "a SiteReply whose `why` is 'a form'", "a tuple of texts", id="text"),
        pytest.param(replace(GOOD, why=(3,)), "a SiteReply whose `why` is (3,)", "a tuple of texts", id="number"),
        pytest.param(
            replace(GOOD, delivery="x2"), "a SiteReply whose `delivery` is 'x2'", "a Delivery or None", id="x"
        ),
        pytest.param(
            replace(GOOD, response="Hi"),
            "a SiteReply whose `response` is 'Hi'",
            "a chatgptfree_mock.tape.model.Response",
            id="response",
        ),
        pytest.param(
            SiteReply(response=Response(body="Hi")),  # type: ignore[arg-type]
            "a SiteReply whose `response.body` is 'Hi'",
            "bytes",
            id="body",
        ),
        pytest.param(
            SiteReply(response=Response(headers=("Content-Type", "text/html"))),  # type: ignore[arg-type]
            "a SiteReply whose `response.headers` is ('Content-Type', 'text/html')",
            "a tuple of pairs of texts",
            id="headers",
        ),
    ],
)
def test_a_reply_of_a_wrong_type_is_refused_with_one_sentence(
    reply: object, returned: str, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_refused(
        lambda *_: reply,
        f"`answer` of the site pack tiny returns {returned} for GET /; it has to be {wanted}",
        monkeypatch,
    )


def test_chunks_that_do_not_add_up_are_refused_with_pack_and_request(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*_: Any) -> SiteReply:
        return SiteReply(response=Response(body=b"Hello", chunks=((0, 3), (1, 4))))

    sentence = "`answer` of the site pack tiny raises ChunkSizeError: chunks cover 7 bytes of 5 for GET /"
    check_refused(answer, sentence, monkeypatch)


def test_an_exception_of_a_pack_is_named_with_pack_and_request_and_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(*_: Any) -> SiteReply:
        raise ZeroDivisionError("division by zero")

    check_refused(
        answer, "`answer` of the site pack tiny raises ZeroDivisionError: division by zero for GET /", monkeypatch
    )
    assert "in answer\n    raise ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("field", SiteReply.__struct_fields__)
def test_each_field_of_a_reply_is_checked(field: str) -> None:
    with pytest.raises(SettingsError, match=f"returns a SiteReply whose `{field}` is <object object"):
        checked_reply(replace(GOOD, **{field: object()}), "tiny", PAGE)


def check_refused(answer: Any, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check that a site that answers by *answer* is refused with *sentence*, alone and in a scenario."""
    monkeypatch.setattr(type(SiteSpec(pack=load("tiny")).build(Recordings())), "answer", answer)
    with MockSite(pack="tiny") as site:
        check_failed(site.url, sentence)
        assert (site.journal[-1].status, site.journal[-1].why) == (500, (sentence,))
        check_failed(f"{site.url}/s/stream/plain/", sentence)


def test_a_pack_without_releases_or_scenarios_is_named_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["releases", "--pack", "tiny"]) == 0
    assert capsys.readouterr() == ("", "this site pack has no releases\n")
    monkeypatch.setattr(load("tiny"), "scenarios", None)
    assert cli.run(["scenarios", "--pack", "tiny"]) == 2
    assert cli.run(["crashtest", "--pack", "tiny", "--plugin", "all", "--", "python", "{url}"]) == 2
    complaint = "chatgptfree-mock: the site pack tiny has no scenarios; `--scenarios DIRECTORY` takes your own\n"
    assert capsys.readouterr().err == 2 * complaint
