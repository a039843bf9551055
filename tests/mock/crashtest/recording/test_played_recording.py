"""What a recording must have for a crash test, and the messages where it lacks that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support import tapes
from vcr.serializers import yamlserializer  # type: ignore[import-untyped]

from chatgptfree_mock.cli import run
from chatgptfree_mock.crashtest.recording.played_recording import PlayedRecording, load_played_recording
from chatgptfree_mock.crashtest.recording.position import Position, differences
from chatgptfree_mock.errors import MockError, SettingsError
from chatgptfree_mock.tape.model import Request

SECOND = tapes.exchange(
    "POST", "https://api.example.com/v1/other", tapes.completion("Another"), sent=json.dumps({"q": "And?"})
)
HTML = tapes.exchange("GET", "https://chat.example.com/", "<html></html>", kind="text/html")


def recording(folder: Path, *exchanges: dict[str, Any], **how: Any) -> PlayedRecording:
    return load_played_recording([str(tapes.write(folder / "tape.yaml", *exchanges))], **how)


def changed(**response: Any) -> dict[str, Any]:
    return {**tapes.COMPLETION, "response": {**tapes.COMPLETION["response"], **response}}


def asked(uri: str, body: dict[str, Any] | str = "", method: str = "POST") -> Request:
    text = body if isinstance(body, str) else json.dumps(body)
    return Request(method=method, uri=f"http://127.0.0.1:4711{uri}", body=text.encode())


def test_the_stream_is_the_answer_whatever_else_was_recorded(tmp_path: Path) -> None:
    found = recording(tmp_path, HTML, tapes.JSON_ANSWER, tapes.COMPLETION, tapes.JSON_ANSWER)
    assert found.answer_name == "#3 POST https://api.example.com/v1/chat/completions"


def test_without_a_stream_the_json_answer_to_a_message_is_it(tmp_path: Path) -> None:
    config = tapes.exchange("GET", "https://api.example.com/config", '{"a": 1}', kind="application/json")
    assert recording(tmp_path, config, tapes.JSON_ANSWER).answer == 1
    assert recording(tmp_path, config).answer == 0


NDJSON = '{"message": {"content": "Hel"}}\n{"message": {"content": "lo"}}\n{"done": true}\n'


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/json", "text/plain"])
def test_a_stream_of_json_lines_is_the_answer_before_other_json(kind: str, tmp_path: Path) -> None:
    lines = tapes.exchange("POST", "https://api.example.com/api/chat", NDJSON, kind=kind, sent='{"q": "Who?"}')
    assert recording(tmp_path, HTML, tapes.JSON_ANSWER, lines).answer == 2
    assert recording(tmp_path, lines, tapes.COMPLETION).answer == 1
    with pytest.raises(SettingsError, match="2 streams of JSON lines could be the answer"):
        recording(tmp_path, lines, lines)


@pytest.mark.parametrize("body", ["{}\nnot JSON\n", "[1]\n[2]\n", "1\n2\n", '{"a":\n1}\n', '"a"\n"b"\n'])
def test_other_lines_are_not_a_stream_of_json(body: str, tmp_path: Path) -> None:
    other = tapes.exchange("GET", "https://api.example.com/x", body, kind="text/plain")
    assert recording(tmp_path, other, tapes.JSON_ANSWER).answer == 1


@pytest.mark.parametrize("kind", ["text/plain", "application/json-seq", "application/octet-stream"])
def test_the_only_exchange_may_answer_with_any_text_but_a_page(kind: str, tmp_path: Path) -> None:
    text = tapes.exchange("POST", "https://api.example.com/ask", '\x1e"Hello"\n', kind=kind, sent='{"q": "Who?"}')
    assert recording(tmp_path, text).answer == 0
    with pytest.raises(SettingsError, match="no answer to test with, neither an event stream nor JSON lines nor JSON"):
        recording(tmp_path, text, text)


def test_a_missing_answer_comes_with_what_was_left_out(tmp_path: Path) -> None:
    def entry(url: str, content: dict[str, object]) -> dict[str, object]:
        request = {"method": "GET", "url": url, "httpVersion": "HTTP/1.1", "headers": []}
        headers = [{"name": "Content-Type", "value": content["mimeType"]}]
        return {"request": request, "response": {"status": 200, "headers": headers, "content": content}}

    page = entry("https://a.example/", {"size": 4, "mimeType": "text/html", "text": "<br>"})
    stream = entry("https://a.example/ask", {"size": 0, "mimeType": "text/event-stream"})
    har = tmp_path / "session.har"
    har.write_text(json.dumps({"log": {"version": "1.2", "creator": {"name": "x"}, "entries": [page, stream]}}))
    with pytest.raises(
        SettingsError, match=r"no answer to test with, .+; .*session\.har: left out: its event stream is"
    ):
        load_played_recording([har])


@pytest.mark.parametrize(
    ("exchanges", "problem"),
    [
        ((tapes.exchange("GET", "https://a.example/x", "", kind="text/plain"),), "no answer to test with"),
        ((HTML,), "no answer to test with, neither an event stream nor JSON lines nor JSON"),
        (
            (tapes.COMPLETION, SECOND),
            "2 event streams could be the answer: #1 POST https://api.example.com/v1/chat/completions, #2 POST ",
        ),
        ((tapes.JSON_ANSWER, tapes.JSON_ANSWER), "2 JSON answers could be the answer: "),
        ((changed(status={"code": 500, "message": "No"}),), "is not whole: its status is 500 (--anyway takes"),
        (
            (changed(body={"string": tapes.event({"delta": "Hello"})}),),
            "the stream has no end mark; if it has one, name it",
        ),
        (
            (changed(body={"string": tapes.event({"error": {"message": "No"}}) + tapes.event("[DONE]")}),),
            "is not whole: it holds an error event",
        ),
        (
            (tapes.exchange("POST", "https://a.example/ask", '{"error": "No"}', kind="application/json"),),
            "is not whole: it is an error object",
        ),
    ],
)
def test_what_is_not_a_whole_answer_is_refused_by_name(
    exchanges: tuple[dict[str, Any], ...], problem: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as caught:
        recording(tmp_path, *exchanges)
    assert problem in str(caught.value)
    assert "tape.yaml: " in str(caught.value)


def test_one_json_value_has_no_end_mark_to_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="`--end-mark`: the recorded answer is one JSON value, which shows its end"):
        recording(tmp_path, tapes.JSON_ANSWER, mark="model")


@pytest.mark.parametrize("number", [None, 1])
def test_a_recording_without_exchanges_has_no_answer(number: int | None, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"tape\.yaml: it holds no exchange: record a session in which the client"):
        load_played_recording([str(tapes.write(tmp_path / "tape.yaml"))], number=number)


def test_anyway_takes_it_and_a_number_chooses(tmp_path: Path) -> None:
    assert recording(tmp_path, changed(status={"code": 500, "message": "No"}), anyway=True).answer == 0
    assert recording(tmp_path, tapes.COMPLETION, SECOND, number=2).answer == 1
    with pytest.raises(SettingsError, match=r"`--answer 3`: .*tape.yaml has the exchanges 1 to 2"):
        recording(tmp_path, tapes.COMPLETION, SECOND, number=3)


def test_an_end_mark_is_named(tmp_path: Path) -> None:
    stream = "".join(tapes.event({"delta": text}) for text in ("Hello", "there", "BYE"))
    found = recording(tmp_path, changed(body={"string": stream}), mark="BYE")
    assert found.recorded.mark == 2
    with pytest.raises(SettingsError, match="no event of the recorded answer holds the end mark `CIAO`"):
        recording(tmp_path, changed(body={"string": stream}), mark="CIAO")


def test_a_cassette_that_vcrpy_wrote_a_har_and_a_folder_are_the_same_story(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = [tapes.PAGE, tapes.PAGE_ANSWER]
    own = tapes.write(tmp_path / "tape.yaml", *both)
    theirs = tmp_path / "vcr.yaml"
    theirs.write_text(yamlserializer.serialize({"version": 1, "interactions": both}))
    har = tmp_path / "tape.har"
    assert run(["export", str(own)]) == 0
    har.write_text(capsys.readouterr().out)
    folder = tmp_path / "folder"
    folder.mkdir()
    for number, exchange in enumerate(both):
        tapes.write(folder / f"{number}.yaml", exchange)
    for source in (own, theirs, har, folder, folder / "*.yaml"):
        found = load_played_recording([str(source)])
        message = found.message(None)
        assert (found.answer, found.page, message and message.value) == (1, 0, tapes.QUESTION), source
        assert found.recorded.body == tapes.PAGE_ANSWER["response"]["body"]["string"].encode()


def test_a_file_that_cannot_be_read_is_left_out_and_named(tmp_path: Path) -> None:
    tapes.write(tmp_path / "tape.yaml", tapes.COMPLETION)
    (tmp_path / "other.yaml").write_text("no: cassette\n")
    found = load_played_recording([str(tmp_path)])
    assert len(found.left_out) == 1
    assert "other.yaml: left out: " in found.left_out[0]
    with pytest.raises(MockError, match=r"absent\.yaml"):
        load_played_recording([str(tmp_path / "absent.yaml")])


def test_method_path_and_order_decide(tmp_path: Path) -> None:
    first, second = (
        tapes.exchange("POST", "https://a.example/poll", f'{{"n": {n}}}', sent=f'{{"seq": {n}}}') for n in (1, 2)
    )
    found = Position(recording(tmp_path, tapes.COMPLETION, first, second, number=1).exchanges)
    places = [found.next(asked("/poll/", {"anything": 1})) for _ in range(4)]
    assert places == [1, 2, 2, 2]
    assert found.next(asked("/poll", method="GET")) is None
    assert found.next(asked("/v1/chat/completions", "whatever")) == 0


def test_of_one_path_the_same_action_comes_first(tmp_path: Path) -> None:
    forms = [
        tapes.exchange("POST", "https://a.example/ajax", "{}", kind="application/json", sent=f"action={name}&x=1")
        for name in ("heartbeat", "ask", "log")
    ]
    found = Position(recording(tmp_path, *forms, number=2).exchanges)
    assert [found.next(asked("/ajax", f"action={name}")) for name in ("ask", "log", "ask", "heartbeat", "new")] == [
        1,
        2,
        1,
        0,
        2,
    ]


def test_of_two_questions_the_same_message_comes_first(tmp_path: Path) -> None:
    turns = [
        tapes.exchange("POST", "https://a.example/chat", tapes.completion(text), sent=json.dumps({"message": text}))
        for text in ("One?", "Two?")
    ]
    found = Position(recording(tmp_path, *turns, number=2).exchanges)
    assert found.next(asked("/chat", {"message": "Two?"})) == 1


def test_the_address_of_the_replay_does_not_count_as_a_difference(tmp_path: Path) -> None:
    recorded = tapes.exchange(
        "POST",
        "https://a.example/ask",
        "{}",
        kind="application/json",
        sent="page=https%3A%2F%2Fa.example%2F&a=1",
    )
    exchange = recording(tmp_path, recorded, number=1).exchanges[0]
    assert differences(asked("/ask", "page=http%3A%2F%2F127.0.0.1%3A4711%2F&a=1"), exchange) == []
    assert differences(asked("/ask", "page=http%3A%2F%2F127.0.0.1%3A4711%2F&a=2"), exchange) == [
        "a: recorded '1'   got '2'"
    ]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--grade", "1,4"], "`4` is not a grade; write grades from 1 to 3, such as `--grade 1,2`"),
        (["--mask", "("], "`--mask (`: not a regular expression: "),
        (["--base", "v1"], "`--base v1` must be a path that begins with a slash, such as /v1"),
        (["--timeout", "0"], "`--timeout 0` must be a number of seconds above 0"),
        (["--stall", "-1"], "`--stall -1` must be a number of seconds above 0"),
        (["--variant", "cut/hlaf"], "no variant of this recording is called `cut/hlaf`"),
        (["--variant", "tls"], "`tls`: only a client that is intercepted is served by TLS; add --intercept"),
        (["--variant", "page"], "`page`: the request for the answer repeats no value of a page, so no page is varied"),
        (
            ["--variant", "events/lf"],
            "the variant `events/lf`: events/lf is left out: byte for byte as the recorded answer",
        ),
        (["--resume"], "`--resume` needs `--json FILE` with the results of the stopped run"),
        (["--chunks", "bytes"], "`--chunks` has no effect with `--cassette`"),
        (["--tx", "ssh=one"], "`--tx` is an option of pytest: to use other machines, write tests with the markers"),
        (["--baseline", "tape.yaml"], "tape.yaml: not a result of a crash test: "),
    ],
)
def test_a_wrong_option_is_one_sentence(
    words: list[str], problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tapes.write(tmp_path / "tape.yaml", tapes.COMPLETION)
    monkeypatch.chdir(tmp_path)
    assert run(["crashtest", "--cassette", "tape.yaml", *words, "--callable", "tests.support.tape_clients:usual"]) == 2
    assert capsys.readouterr().err.startswith(f"chatgptfree-mock: {problem}")


def test_options_of_a_recording_need_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["crashtest", "--variant", "cut/*", "--", "true", "{url}"]) == 2
    assert capsys.readouterr().err == "chatgptfree-mock: `--variant` needs a recording, `--cassette PATH`\n"


def test_a_message_that_is_not_found_matters_only_where_it_is_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = {**tapes.COMPLETION, "request": {**tapes.COMPLETION["request"], "body": '{"model": "m"}'}}
    tape = tapes.write(tmp_path / "tape.yaml", quiet)
    words = ["crashtest", "--cassette", str(tape), "--base", "/v1", "--variant", "chunks/bytes"]
    assert run([*words, "--", "true", "{message}"]) == 2
    assert "no message was found in the recorded requests; give it with --message" in capsys.readouterr().err
    assert run([*words, "--callable", "tests.support.tape_clients:usual"]) == 0
    assert "message              none was found in the requests; give one with --message" in capsys.readouterr().out


def test_a_message_that_the_page_has_as_well_is_named_with_the_option_that_takes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tapes.exchange(
        "GET", "https://api.example.com/", f'<script>ask = "{tapes.QUESTION}"</script>', kind="text/html"
    )
    tape = tapes.write(tmp_path / "tape.yaml", page, tapes.COMPLETION)
    assert run(["crashtest", "--cassette", str(tape), "--", "echo", "{url}", "{message}"]) == 2
    assert capsys.readouterr().err.endswith(
        "no message was found in the recorded requests; give it with --message; if it is one that an earlier response "
        f"has, --message '{tapes.QUESTION}'\n"
    )


def test_a_request_that_was_refused_is_taken_back(tmp_path: Path) -> None:
    twice = [tapes.exchange("GET", "https://chat.example.com/a", f"data: {number}\n\n") for number in (1, 2)]
    exchanges = recording(tmp_path, *twice, number=1, anyway=True).exchanges
    found, request = Position(exchanges), exchanges[0].interaction.request
    assert found.next(request) == 0
    found.undo()
    assert [found.next(request), found.next(request), found.next(request)] == [0, 1, 1]
    found.undo()
    assert found.next(request) == 1


def test_answers_in_several_files_are_named_with_their_files(tmp_path: Path) -> None:
    sources = [tapes.write(tmp_path / name, tapes.COMPLETION) for name in ("a.yaml", "b.yaml")]
    with pytest.raises(
        SettingsError, match=r"could be the answer: #1 POST \S+ \(\S*a\.yaml\), #2 POST \S+ \(\S*b\.yaml\);"
    ):
        load_played_recording(sources)


@pytest.mark.parametrize(
    ("path", "headers", "page"),
    [
        ("/ask", {"X-CSRF-Token": "a1b2c3d4e5"}, 0),
        ("/ask", {"Authorization": "Bearer a1b2c3d4e5"}, 0),
        ("/ask", {"Cookie": "seen=1; csrf=a1b2c3d4e5"}, 0),
        ("/chats/a1b2c3d4e5/ask", {}, 0),
        ("/ask?key=a1b2c3d4e5", {}, 0),
        ("/ask", {"X-CSRF-Token": "f6f6f6f6f6"}, None),
        ("/ask", {"User-Agent": "a1b2c3d4e5"}, None),
    ],
)
def test_the_page_is_one_with_a_value_that_the_request_for_the_answer_has_anywhere(
    tmp_path: Path, path: str, headers: dict[str, str], page: int | None
) -> None:
    exchange = tapes.exchange("POST", f"https://chat.example.com{path}", tapes.completion("Hello"), sent='{"q": "Hi"}')
    exchange["request"]["headers"] |= {name: [value] for name, value in headers.items()}
    tape = tapes.write(tmp_path / "tape.yaml", tapes.PAGE, exchange)
    assert load_played_recording([str(tape)]).page == page
