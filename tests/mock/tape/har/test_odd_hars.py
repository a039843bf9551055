"""HARs of all tools: what is odd costs only itself, what is missing or changed is reported, nothing is a traceback."""

import gzip
import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.hars import AJAX, STREAM, entry, har, one
from tests.support.many_cases import for_each

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.har.importing import from_har
from chatgptfree_mock.tape.model import End
from chatgptfree_mock.tape.yaml.reading import read
from chatgptfree_mock.tape.yaml.writing import write, write_json

OK = entry({"size": 2, "text": "ok", "mimeType": "text/plain"})
EVENTS = [
    {"time": 1795394252.1, "eventName": "message", "eventId": "", "data": '{"delta":"Hel"}'},
    {"time": 1795394252.3, "eventName": "done", "eventId": "7", "data": "a\nb"},
]


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in entry().items() if name != key}


ODD = [
    pytest.param(without("response"), "no `response`", id="no response"),
    pytest.param(entry() | {"response": None}, "`response` is null", id="a null response"),
    pytest.param(entry(request={"method": None}), "`request.method` is null", id="no method"),
    pytest.param(entry(request={"url": "http://[::1"}), "its address is broken: Invalid IPv6 URL", id="broken IPv6"),
    pytest.param(entry(request={"url": "http://a:99999/"}), "its address is broken: Port out of range", id="a port"),
    pytest.param(entry(request={"url": "http:///a"}), "its address has no host", id="no host"),
    pytest.param(entry(response={"status": 0}), "no answer", id="status 0"),
    pytest.param(
        entry(response={"status": 0, "_error": "net::ERR_CONNECTION_REFUSED"}),
        "no answer: net::ERR_CONNECTION_REFUSED",
        id="refused",
    ),
    pytest.param(
        entry(response={"_error": {"message": "redirect loop"}}), "the tool reports an error: redirect loop", id="error"
    ),
    pytest.param(
        entry(response={"_error": {"message": 130 * "x"}}), f"the tool reports an error: {120 * 'x'}", id="long error"
    ),
    pytest.param(entry(response={"_error": {"x": 1}}), 'the tool reports an error: {"x": 1}', id="error without words"),
    pytest.param(
        entry(response={"_error": {"message": None}}),
        'the tool reports an error: {"message": null}',
        id="an error whose message is null",
    ),
    pytest.param(entry(response={"_error": [7]}), "the tool reports an error: [7]", id="a list of errors"),
    pytest.param(entry(time=float("nan")), "its time is nan", id="time NaN"),
    pytest.param(entry(time=float("inf")), "its time is inf", id="endless time"),
    pytest.param(entry(time=1e300), "its time is 1e+300", id="a time without measure"),
    pytest.param(entry({"size": 3, "text": "a@@b", "encoding": "base64"}), "its body is broken base64", id="base64"),
    pytest.param(
        entry(request={"postData": {"text": "!", "encoding": "base64"}}),
        "the body of its request is broken base64",
        id="base64 of the request",
    ),
    pytest.param(entry({"text": {"a": 1}}), "`response.content.text` is object", id="an object as text"),
    pytest.param(
        entry(_webSocketMessages=[{}, {}]), "a WebSocket (2 messages), which a cassette cannot hold", id="WebSocket"
    ),
    pytest.param(entry(request={"url": "wss://a/"}), "a WebSocket (0 messages)", id="wss"),
    pytest.param(5, "Expected `object`, got `int`", id="a number"),
]


@for_each(("odd", "problem"), ODD)
def test_an_odd_entry_costs_only_itself(odd: Any, problem: str) -> None:
    imported = from_har(har(OK, odd, OK))
    assert [each.response.body for each in imported.cassette.interactions] == [b"ok", b"ok"]
    assert (imported.left_out, imported.missing) == (1, 0)
    (note,) = imported.notes
    assert note.startswith("entry #2")
    assert f": left out, {problem}" in note


def test_half_a_body_is_kept_as_cut_short() -> None:
    imported = from_har(har(entry({"size": 240, "text": "a" * 120, "mimeType": "text/html"})))
    assert imported.missing == 1
    assert imported.notes[0].startswith(f"entry #1, GET {AJAX}: its body is cut: 120 of 240 bytes; save all as HAR")
    (interaction,) = imported.cassette.interactions
    assert (interaction.response.body, interaction.response.end) == (b"a" * 120, End.TRUNCATED)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"size": 2, "text": "ab"}, id="its size"),
        pytest.param({"size": 1, "text": "ab"}, id="its compressed size"),
        pytest.param({"size": -1, "text": "ab"}, id="no size"),
        pytest.param({"size": 4, "text": "YWI=", "encoding": "base64"}, id="the size of its base64"),
        pytest.param({"size": 2, "text": "Y\nWI", "encoding": "base64"}, id="base64, wrapped and not padded"),
        pytest.param({"size": None, "text": "ab"}, id="null"),
    ],
)
def test_a_whole_body_is_not_called_cut(content: dict[str, Any]) -> None:
    imported = from_har(har(entry(content)))
    assert imported.notes == ()
    assert imported.cassette.interactions[0].response.body == b"ab"


def test_a_byte_order_mark_comes_back() -> None:
    text = "<html>" + "x" * 600
    content = {"size": len(text) + 3, "text": text, "mimeType": "text/html"}
    assert one(har(entry(content))).response.body == b"\xef\xbb\xbf" + text.encode()


def test_line_ends_that_a_browser_shortened_come_back() -> None:
    content = {"size": 27, "text": "a\nb\nc\nd\ne\nf\ng\nh\ni\n", "mimeType": "text/html"}
    imported = from_har(har(entry(content)))
    assert imported.cassette.interactions[0].response.body == b"a\r\nb\r\nc\r\nd\r\ne\r\nf\r\ng\r\nh\r\ni\r\n"
    assert imported.missing == 0
    assert from_har(har(entry(content | {"size": 26}))).missing == 1


def test_the_events_that_a_browser_lists_become_the_stream() -> None:
    listed = entry(
        {"size": 0, "mimeType": "text/event-stream"},
        _eventSourceMessages=EVENTS,
        startedDateTime="2026-11-23T00:37:32Z",
    )
    imported = from_har(har(listed))
    (interaction,) = imported.cassette.interactions
    assert interaction.response.body == b'data: {"delta":"Hel"}\n\nevent: done\nid: 7\ndata: a\ndata: b\n\n'
    assert interaction.response.chunks == ((100, 23), (300, 35))
    assert imported.notes == (f"entry #1, GET {AJAX}: its stream is made of the 2 events that the browser lists",)
    assert imported.missing == 0


def test_a_stream_that_was_kept_is_taken_before_the_listed_events() -> None:
    listed = entry({"size": len(STREAM.encode()), "text": STREAM}, _eventSourceMessages=EVENTS)
    assert one(har(listed)).response.body == STREAM.encode()


def misread(data: bytes) -> str:
    """Read bytes as the WHATWG's windows-1252 does."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in data)


@given(text=st.text(min_size=1))
@example(text="Hé 👋 \x81 €")
def test_utf_8_that_chromium_took_for_windows_1252_is_utf_8_again(text: str) -> None:
    data = text.encode(errors="ignore")
    content = {"size": len(data), "text": misread(data), "mimeType": "text/event-stream"}
    imported = from_har(har(entry(content)))
    assert imported.cassette.interactions[0].response.body == data
    notes = [note for note in imported.notes if "took its UTF-8 for windows-1252" in note]
    assert bool(notes) == (not data.isascii())


@given(text=st.text(min_size=1))
def test_text_that_was_read_rightly_stays(text: str) -> None:
    data = text.encode(errors="ignore")
    for kind in ("text/event-stream", "text/event-stream; charset=utf-8", "text/html"):
        content = {"size": len(data), "text": data.decode(), "mimeType": kind}
        assert from_har(har(entry(content))).cassette.interactions[0].response.body == data


@given(data=st.binary())
@example(data=b"\x1f\x8b\x08")
def test_all_bytes_of_windows_1252_come_back(data: bytes) -> None:
    content = {"size": len(data), "text": misread(data), "mimeType": "text/html; charset=iso-8859-1"}
    assert from_har(har(entry(content))).cassette.interactions[0].response.body == data


@pytest.mark.parametrize(
    ("joined", "split"),
    [
        ("a=1; Path=/\nb=2; HttpOnly", ["a=1; Path=/", "b=2; HttpOnly"]),
        ("a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT, b=2, c=3; Path=/", None),
        ("a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT", ["a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT"]),
    ],
)
def test_joined_cookies_are_lines_of_their_own(joined: str, split: list[str] | None) -> None:
    split = split or ["a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT", "b=2", "c=3; Path=/"]
    answer = one(har(entry(response={"headers": [{"name": "Set-Cookie", "value": joined}]}))).response
    assert answer.headers == tuple(("Set-Cookie", value) for value in split)


def zipped(members: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


ATTACHED = entry({"size": -1, "mimeType": "text/html", "_file": "6f1e.html"})
POSTED = entry(request={"method": "POST", "postData": {"mimeType": "a/b", "_file": "6f1e.html"}})


@pytest.mark.parametrize("folder", ["", "trace/"])
def test_a_zip_of_playwright_holds_the_bodies(folder: str) -> None:
    data = zipped({f"{folder}har.har": har(ATTACHED, POSTED), f"{folder}6f1e.html": b"<p>\xff"})
    attached, posted = from_har(data).cassette.interactions
    assert (attached.response.body, posted.request.body) == (b"<p>\xff", b"<p>\xff")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a\\b", "..", "missing.html"])
def test_only_files_beside_the_har_are_looked_up(name: str) -> None:
    asked: list[str] = []

    def look_up(wanted: str) -> bytes | None:
        asked.append(wanted)
        return None

    imported = from_har(har(entry({"size": -1, "_file": name}), OK), attachments=look_up)
    assert imported.missing == 1
    assert asked == (["missing.html"] if name == "missing.html" else [])


WRAPPED = [
    pytest.param(gzip.compress, id="gzip"),
    pytest.param(lambda data: data.decode().encode("utf-16"), id="UTF-16 with its mark"),
    pytest.param(lambda data: data.decode().encode("utf-16-le"), id="UTF-16 without"),
    pytest.param(lambda data: gzip.compress(data.decode().encode("utf-16")), id="UTF-16 in gzip"),
    pytest.param(lambda data: b"\xef\xbb\xbf" + data, id="UTF-8 with a mark"),
    pytest.param(lambda data: zipped({"a.har": data}), id="zip"),
    pytest.param(lambda data: zipped({"a.har.gz": gzip.compress(data)}), id="gzip in a zip"),
]


@pytest.mark.parametrize("wrap", WRAPPED)
def test_compressed_and_utf_16_files_are_read(wrap: Any) -> None:
    assert from_har(wrap(har(OK))) == from_har(har(OK))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(zipped({"a.txt": b"x"}), "a zip without a .har in it", id="no HAR"),
        pytest.param(zipped({"a.har": har(OK)})[:-30], "broken zip", id="half a zip"),
        pytest.param(gzip.compress(har(OK))[:-20], "broken gzip", id="half a gzip"),
        pytest.param(b"\x1f\x8b\x08nothing", "broken gzip", id="not gzip"),
    ],
)
def test_broken_archives_are_named(data: bytes, problem: str) -> None:
    with pytest.raises(CassetteError, match=problem):
        from_har(data, file="a.zip")


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatgptfree_mock.tape.har.importing.HAR_BYTES", 100_000)
    for bomb in (gzip.compress(b" " * 10_000_000), zipped({"a.har": b" " * 10_000_000})):
        with pytest.raises(CassetteError, match=r"more than 100000 bytes|larger than 100,000 bytes"):
            from_har(bomb)


def test_addresses_that_are_not_http_are_counted() -> None:
    imported = from_har(har(OK, entry(request={"url": "blob:https://a/1"}), entry(request={"url": "data:,x"})))
    assert imported.notes == ("2 entries left out: not HTTP but blob:, data:",)


def test_a_tunnel_of_a_proxy_is_left_out_by_name() -> None:
    imported = from_har(har(OK, entry(request={"method": "CONNECT", "url": "a.example:443"})))
    assert [each.problem for each in imported.entries_left_out] == [
        "a tunnel that a proxy opened (CONNECT), and no exchange"
    ]


def test_progress_is_reported_for_each_entry() -> None:
    seen: list[tuple[int, int]] = []
    from_har(har(OK, OK), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.sampled_from(
        ["http://a/", "http://[::1", "wss://x", "base64", "2026-01-01T00:00:00Z", "net::ERR_ABORTED", "\ud83d"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "value", "data"]), inner),
    max_leaves=6,
)  # fmt: skip
PLACES = [
    *[("request", key) for key in ("method", "url", "headers", "postData")],
    *[("response", key) for key in ("status", "statusText", "headers", "content", "_error")],
    *[("response", "content", key) for key in ("text", "size", "encoding", "mimeType", "_file", "comment")],
    *[(key,) for key in ("request", "response", "startedDateTime", "time", "pageref", "_chunks", "_error")],
    *[(key,) for key in ("_eventSourceMessages", "_webSocketMessages", "cache")],
]


@example(changes=[(("request", "method"), "\ud83d"), (("request", "headers"), [{"name": "\ud83d", "value": "\udc4b"}])])
@example(changes=[(("request", "method"), None), (("request", "url"), "\ud83d")])
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), VALUES), max_size=3))
def test_no_value_anywhere_is_a_traceback_and_what_is_taken_can_be_loaded(
    changes: list[tuple[tuple[str, ...], Any]],
) -> None:
    recorded = entry({"size": 63, "mimeType": "text/event-stream", "text": STREAM}, _chunks=[{"ts": 1, "bytes": 63}])
    for (*way, key), value in changes:
        inner: Any = recorded
        for step in way:
            inner = inner.get(step) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            inner[key] = value
    imported = from_har(har(OK, json.loads(json.dumps(recorded))))
    assert imported.cassette.interactions[0].response.body == b"ok"
    for again in (read(write(imported.cassette).encode()), read(write_json(imported.cassette).encode(), file="a.json")):
        assert again.interactions == imported.cassette.interactions


@pytest.mark.parametrize(
    ("status", "missing"),
    [(200, True), (299, True), (300, False), (304, False), (399, False), (400, True), (404, True), (204, False)],
)
def test_a_redirect_needs_no_body(status: int, *, missing: bool) -> None:
    imported = from_har(har(OK, entry({"size": 812}, response={"status": status})))
    assert (imported.missing, len(imported.cassette.interactions)) == ((1, 1) if missing else (0, 2))


def test_a_header_whose_name_no_header_has_is_left_out_and_named() -> None:
    odd = [{"name": "GET /a?b", "value": "1"}, {"name": "X-A", "value": "2"}]
    content = {"size": 2, "text": "ok", "mimeType": "text/plain"}
    imported = from_har(har(entry(content, request={"headers": odd}, response={"headers": odd})))
    (interaction,) = imported.cassette.interactions
    assert interaction.request.headers == (("X-A", "2"),)
    assert "GET /a?b" not in dict(interaction.response.headers)
    assert imported.notes == (f"entry #1, GET {AJAX}: 'GET /a?b' is not a header's name, and is left out",)


def test_json_that_only_python_reads_and_that_is_not_a_har_is_named_so() -> None:
    with pytest.raises(CassetteError, match="not a HAR: Object missing required field `log`"):
        from_har(b'{"text": "half a pair: \\ud83d"}')


@given(st.permutations(range(6)))
def test_the_order_of_entries_is_that_of_their_times(order: list[int]) -> None:
    numbers = [1, 3, 5, 0, 2, 4]
    stamps = [f"2026-01-01T0{hour}:00:00.{hour}+0{zone}:00" for hour, zone in ((1, 1), (1, 0), (3, 1), (5, 2), (4, 0))]
    entries = [
        entry({"size": 1, "text": str(numbers[at]), "mimeType": "text/plain"}, startedDateTime=stamp)
        for at, stamp in enumerate((*stamps, "2026-01-01T09:00:00Z"))
    ]
    imported = from_har(har(*(entries[at] for at in order)))
    assert [each.response.body.decode() for each in imported.cassette.interactions] == [str(each) for each in numbers]
    assert [order[number] for number in imported.numbers] == list(range(6))
    assert imported.cassette.recording["recorded_at"] == stamps[0]


def test_entries_stay_where_they_are_if_one_has_no_time() -> None:
    late, never = entry({"text": "1"}, startedDateTime="2026-01-09"), entry({"text": "2"}, startedDateTime="?")
    found = from_har(har(late, never, entry({"text": "3"}, startedDateTime="2026-01-01"))).cassette.interactions
    assert [each.response.body for each in found] == [b"1", b"2", b"3"]


@for_each(
    ("pairs", "url", "uri"),
    [
        pytest.param([{"name": "a b", "value": "é"}], "http://a/x#y", "http://a/x?a+b=%C3%A9#y", id="Insomnia"),
        pytest.param([{"name": "a", "value": "1"}], "http://a/x?b", "http://a/x?b", id="an address with its query"),
        pytest.param([], "http://a/x", "http://a/x", id="none"),
        pytest.param({"a": "1"}, "http://a/x", "http://a/x", id="no list"),
        pytest.param([1], "http://a/x", "http://a/x", id="no pairs"),
    ],
)
def test_a_query_that_the_address_lacks_is_added(pairs: Any, url: str, uri: str) -> None:
    assert one(har(entry(request={"url": url, "queryString": pairs}))).request.uri == uri


@for_each(
    ("status", "headers", "target", "location"),
    [
        pytest.param(302, [], "/new", "/new", id="the member alone"),
        pytest.param(302, [{"name": "location", "value": "/own"}], "/new", "/own", id="both"),
        pytest.param(200, [], "/new", "", id="no redirect"),
        pytest.param(302, [], 5, "", id="no text"),
    ],
)
def test_a_redirect_without_a_header_has_one(status: int, headers: Any, target: Any, location: str) -> None:
    response = one(har(entry(response={"status": status, "headers": headers, "redirectURL": target}))).response
    assert response.header("location") == location


@for_each(
    ("encoding", "body", "notes"),
    [
        pytest.param("BASE64", b"ok", 0, id="capitals"),
        pytest.param("utf8", b"b2s=", 0, id="a charset"),
        pytest.param("base32", b"b2s=", 1, id="unknown"),
    ],
)
def test_an_encoding_is_known_or_named(encoding: str, body: bytes, notes: int) -> None:
    imported = from_har(har(entry({"size": 2, "text": "b2s=", "mimeType": "text/plain", "encoding": encoding})))
    assert imported.cassette.interactions[0].response.body == body
    assert sum(encoding in note for note in imported.notes) == notes
