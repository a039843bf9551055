"""HAR in and out: three tools' flavours, what is missing, what is broken; and that nothing is lost on the way round."""

import json
from typing import Any

import pytest
from tests.support.hars import AJAX, STREAM, entry, har, one
from tests.support.recordings import recording, recording_id, recording_paths

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.har.exporting import to_har
from chatgptfree_mock.tape.har.importing import Imported, from_har
from chatgptfree_mock.tape.model import Cassette, End, Interaction, Request, Response


def test_chromiums_flavour() -> None:
    taken = from_har(
        har(
            entry(
                {"size": 63, "mimeType": "text/event-stream", "text": STREAM},
                pageref="page_7",
                request={
                    "method": "POST",
                    "headers": [{"name": ":authority", "value": "chatgptfree.ai"}, {"name": "accept", "value": "*/*"}],
                    "postData": {"mimeType": "application/x-www-form-urlencoded", "text": "message=H%C3%A9"},
                },
                response={
                    "headers": [
                        {"name": "content-encoding", "value": "br"},
                        {"name": "content-type", "value": "text/event-stream;charset=UTF-8"},
                    ],
                    "_transferSize": 90,
                    "_error": None,
                },
                _chunks=[{"ts": 600.4, "bytes": 50}, {"ts": 700.2, "bytes": 13}],
                _resourceType="fetch",
            ),
            pages=[{"id": "page_7", "startedDateTime": "2026-11-23T00:37:31.000Z", "title": "x", "pageTimings": {}}],
        )
    )
    assert taken.cassette.interactions == (
        Interaction(
            request=Request(method="POST", uri=AJAX, headers=(("accept", "*/*"),), body=b"message=H%C3%A9"),
            response=Response(
                headers=(("content-type", "text/event-stream;charset=UTF-8"),),
                body=STREAM.encode(),
                chunks=((100, 50), (200, 13)),
            ),
        ),
    )
    assert taken.notes == (f"entry #1, POST {AJAX}: the body is stored decoded, so changed: content-encoding",)
    assert taken.cassette.recording["upstream"] == "https://chatgptfree.ai"
    assert taken.cassette.recording["tool"] == "Tool 1, imported from a HAR"


def test_firefoxs_flavour() -> None:
    interaction = one(
        har(
            entry(
                {"mimeType": "text/html; charset=ISO-8859-1", "size": 2, "text": "é\n"},
                request={
                    "postData": {"mimeType": "x", "params": [{"name": "message", "value": "a b"}], "text": ""},
                    "bodySize": 11,
                },
                response={"headers": [{"name": "Content-Type", "value": "text/html; charset=ISO-8859-1"}]},
                time=None,
            ),
            browser={"name": "Firefox", "version": "140.0"},
        )
    )
    assert interaction.request.body == b"message=a+b"
    assert interaction.response.body == b"\xe9\n"
    assert interaction.response.chunks == ((0, 2),)


def test_mitmproxys_flavour() -> None:
    interaction = one(
        har(
            entry(
                {"size": 3, "compression": 0, "mimeType": "application/x-binary", "text": "//4A", "encoding": "base64"},
                request={"postData": {"mimeType": "", "text": "x=1", "params": []}},
                response={"headers": [{"name": "Content-Length", "value": "3"}]},
                _webSocketMessages=[],
            )
        )
    )
    assert interaction.request.body == b"x=1"
    assert interaction.response.body == b"\xff\xfe\x00"
    assert interaction.response.header("content-length") == "3"


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        pytest.param(
            entry({"size": 812, "mimeType": "text/html"}),
            f"entry #1, GET {AJAX}: left out, its body of 812 bytes is missing: save all as HAR with content, "
            "with the developer tools open from the start",
            id="no content",
        ),
        pytest.param(
            entry({"size": 9, "mimeType": "text/html", "comment": "evicted"}),
            "is missing (evicted)",
            id="why",
        ),
    ],
)
def test_what_is_missing_is_reported(taken: dict[str, Any], expected: str) -> None:
    imported = from_har(har(taken))
    assert imported.cassette.interactions == ()
    assert imported.missing == 1
    (note,) = imported.notes
    assert expected in note


def test_chunks_that_do_not_add_up_are_reported() -> None:
    imported = from_har(har(entry({"size": 2, "text": "ab"}, _chunks=[{"ts": 1, "bytes": 9}])))
    assert imported.notes == (f"entry #1, GET {AJAX}: its _chunks do not add up to the body: taken as one chunk",)
    assert imported.cassette.interactions[0].response.chunks == ((251, 2),)


@pytest.mark.parametrize(
    ("error", "end"),
    [
        ("net::ERR_INCOMPLETE_CHUNKED_ENCODING", End.TRUNCATED),
        ("net::ERR_CONNECTION_RESET", End.RESET),
        ("net::ERR_TIMED_OUT", End.STALLED),
        ("net::ERR_ABORTED", End.CLIENT_CLOSED),
    ],
)
def test_how_it_ended_is_kept(error: str, end: End) -> None:
    assert one(har(entry({"size": 2, "text": "ab"}, response={"_error": error}))).response.end is end


def test_an_empty_answer_is_not_a_missing_body() -> None:
    for status in (204, 302, 304):
        assert one(har(entry({"size": -1}, response={"status": status}))).response.body == b""


def test_a_body_from_the_browsers_cache_is_served() -> None:
    """A 304 has no body, so the page that the browser lists beside it would be lost."""
    page = {"size": 11, "mimeType": "text/html", "text": "<p>Hello</p>"}
    cached = {"status": 304, "statusText": "Not Modified", "headers": [{"name": "ETag", "value": '"7"'}]}
    imported = from_har(har(entry(page, response=cached)))
    (interaction,) = imported.cassette.interactions
    response = interaction.response
    assert (response.status, response.reason, response.body) == (200, "OK", b"<p>Hello</p>")
    assert response.headers == (("ETag", '"7"'), ("Content-Type", "text/html"))
    assert imported.notes[-1].endswith("a 304 with the body that the browser had in its cache: it becomes a 200")


@pytest.mark.parametrize(
    ("content", "words", "kept"),
    [
        ({"size": 0}, "left out, its event stream is missing: browsers don't always keep them", 0),
        ({"size": 734}, "left out, its event stream of 734 bytes is missing: browsers don't", 0),
        ({"size": 734, "text": ""}, "left out, its event stream of 734 bytes is missing: browsers don't", 0),
        ({"size": 0, "text": ""}, "its event stream is empty: browsers don't always keep them", 1),
    ],
)
def test_a_stream_that_the_browser_did_not_keep_is_reported(content: dict[str, Any], words: str, kept: int) -> None:
    """An empty answer in its place would be the fault of no site."""
    imported = from_har(har(entry({**content, "mimeType": "text/event-stream"})))
    assert imported.missing == 1
    assert words in imported.notes[0]
    assert len(imported.cassette.interactions) == kept


def test_images_and_scripts_are_left_out_unless_asked_for() -> None:
    data = har(
        entry({"size": 2, "text": "ab", "mimeType": "text/html"}),
        entry({"size": 2, "text": "ab", "mimeType": "text/javascript; charset=utf-8"}),
        entry({"size": 2, "text": "ab", "mimeType": "image/png"}),
        entry({"size": 2, "text": "ab"}, request={"url": "data:text/plain,x"}),
    )
    assert (len(from_har(data).cassette.interactions), from_har(data).static) == (1, 2)
    assert len(from_har(data, static=True).cassette.interactions) == 3


def test_halves_of_surrogate_pairs_are_read_on() -> None:
    assert one(har(entry({"size": 3, "text": "PLACE"})).replace(b"PLACE", b"a\\ud83db")).response.body == b"a?b"


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        pytest.param(b"", "a.har: the file is empty (save the HAR again)", id="empty"),
        pytest.param(har(entry())[:-9], "a.har: not JSON: the file breaks off in line 1", id="truncated"),
        pytest.param(har(entry())[:120], "a.har: not JSON: the file breaks off in line 1", id="truncated in a text"),
        pytest.param(b"<html>", "a.har: this is an HTML page (the download has failed; get the file again)", id="HTML"),
        pytest.param(b"{}", "a.har: not a HAR: Object missing required field `log`", id="another JSON"),
        pytest.param(
            b'{"log":{"entries":1}}',
            "a.har: not a HAR: Expected `array`, got `int` - at `$.log",
            id="types",
        ),
        pytest.param(b"[" * 200_000, "a.har: not", id="nested without end"),
    ],
)
def test_what_is_not_a_har_is_named(data: bytes, complaint: str) -> None:
    with pytest.raises(CassetteError) as caught:
        from_har(data, file="a.har")
    assert str(caught.value).startswith(complaint)


def around(cassette: Cassette) -> Imported:
    return from_har(json.dumps(to_har(cassette, version="1")).encode(), static=True)


def test_every_recording_survives_the_way_to_a_har_and_back() -> None:
    for path in recording_paths():
        (before,) = recording(path).interactions
        (after,) = around(recording(path)).cassette.interactions
        assert after.response == before.response, recording_id(path)
        assert (after.request.method, after.request.uri, after.request.headers, after.request.body or b"") == (
            before.request.method,
            before.request.uri,
            before.request.headers,
            before.request.body or b"",
        ), recording_id(path)


def test_several_exchanges_keep_their_times() -> None:
    exchange = Interaction(
        request=Request(method="GET", uri=AJAX), response=Response(body=b"\xffabc", chunks=((20, 1), (90, 3)))
    )
    cassette = Cassette(interactions=(exchange, exchange), recording={"recorded_at": "2026-11-23T00:00:00Z"})
    assert around(cassette).cassette.interactions == cassette.interactions


def test_the_har_has_all_members_that_importers_ask_for() -> None:
    path = next(path for path in recording_paths() if recording_id(path) == "1.8.93/up_half_s")
    log = to_har(recording(path), version="1.0")["log"]
    (exported,) = log["entries"]
    assert set(log) == {"version", "creator", "pages", "entries"}
    assert {"startedDateTime", "time", "request", "response", "cache", "timings", "pageref"} <= set(exported)
    assert {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"} <= set(
        exported["request"]
    )
    assert {
        "status",
        "statusText",
        "httpVersion",
        "cookies",
        "headers",
        "content",
        "redirectURL",
        "headersSize",
    } <= set(exported["response"])
    assert exported["startedDateTime"] == "2026-11-23T00:37:31.000Z"
    assert exported["_chunks"][0] == {"ts": 49, "bytes": 281}


def test_times_of_an_entry_are_those_of_its_chunks() -> None:
    response = Response(body=b"abcde", chunks=((30, 2), (45, 3)))
    exchange = Interaction(request=Request(method="GET", uri=AJAX), response=response)
    made = to_har(Cassette(interactions=(exchange,)), version="1")
    (page,), (entry,) = made["log"]["pages"], made["log"]["entries"]
    assert entry["time"] == 45
    assert {name: entry["timings"][name] for name in ("send", "wait", "receive")} == {
        "send": 0,
        "wait": 30,
        "receive": 15,
    }
    assert page["pageTimings"] == {"onContentLoad": -1, "onLoad": -1}  # HAR 1.2: -1 is "not available"


def test_numbers_written_as_text_are_read_beside_halves_of_surrogate_pairs() -> None:
    odd = entry({"size": "3", "text": "PLACE"}, response={"status": "201"}, time="12.5")
    taken = one(har(odd).replace(b"PLACE", b"a\\ud83db"))
    assert (taken.response.status, taken.response.body) == (201, b"a?b")
