"""What the words of `match_on` compare, and what belongs to one visit only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each
from tests.support.playback import Question, over_a_socket

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.match_rules import CHAT, rules_for
from chatgptfree_mock.tape.content_coding import encode_body
from chatgptfree_mock.tape.match_rules import ANY_SITE, MatchRules
from chatgptfree_mock.tape.matching import Mismatch, collect, find
from chatgptfree_mock.tape.model import Cassette, Headers, Interaction, Request, Response
from chatgptfree_mock.tape.replay_options import ReplayOptions
from chatgptfree_mock.tape.request_key import RequestKey
from chatgptfree_mock.tape.volatile import Volatile

API = "https://api.example/v1/chat"
JSON = (("Content-Type", "application/json"),)
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


def key(body: bytes = b"", uri: str = API, headers: Headers = JSON, method: str = "POST") -> RequestKey:
    return RequestKey.from_request(Request(method=method, uri=uri, headers=headers, body=body))


def multipart(boundary: str, *parts: tuple[str, bytes]) -> RequestKey:
    body = b"".join(
        b"--%b\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n" % (boundary.encode(), head.encode(), value)
        for head, value in parts
    )
    return key(
        body + f"--{boundary}--\r\n".encode(), headers=(("Content-Type", f"multipart/form-data; boundary={boundary}"),)
    )


def fit(recorded: RequestKey, request: RequestKey, rules: MatchRules = ANY_SITE) -> bool:
    return rules.fits(request, recorded)


@for_each(
    ("recorded", "sent", "fits"),
    [
        pytest.param(key(b'{"a":1,"b":[2]}'), key(b'{ "b": [2.0], "a": 1 }'), True, id="JSON: order, blanks"),
        pytest.param(key(b'{"a":1}'), key(b'{"a":true}'), False, id="JSON: 1 is not true"),
        pytest.param(key(b'{"a":null}'), key(b"{}"), False, id="JSON: null is not nothing"),
        pytest.param(key(b"[1,2]"), key(b"[2,1]"), False, id="JSON: lists have an order"),
        pytest.param(key(b'{"a":NaN}'), key(b'{"a": NaN}'), True, id="JSON: NaN, as Python writes it"),
        pytest.param(key(b'{"a":"\\ud83d"}'), key(b'{"a":"\\uD83D"}'), True, id="JSON: half a surrogate pair"),
        pytest.param(key(b'{"a":'), key(b'{"a": '), False, id="broken JSON is bytes"),
        pytest.param(key(b'{"a":1}', headers=()), key(b'{"a": 1}'), True, id="JSON without a type"),
        pytest.param(key(b'{"a":1}'), key(b"a=1", headers=FORM), False, id="a form is not JSON"),
        pytest.param(key(b"a=1&b=2", headers=FORM), key(b"b=2&a=%31", headers=FORM), True, id="form: order, escapes"),
        pytest.param(key(b"a=1&a=2", headers=FORM), key(b"a=2&a=1", headers=FORM), False, id="form: a name twice"),
        pytest.param(key(b"a=%ff", headers=FORM), key(b"a=%fe", headers=FORM), False, id="form: any bytes"),
        pytest.param(key(b"a=", headers=FORM), key(b"", headers=FORM), False, id="form: an empty field is not nothing"),
        pytest.param(
            multipart("x", ('name="a"', b"1")), multipart("yy", ('name="a"', b"1")), True, id="multipart: the boundary"
        ),
        pytest.param(multipart("x", ('name="a"', b"1")), key(b"a=1", headers=FORM), True, id="multipart or urlencoded"),
        pytest.param(
            multipart("x", ('name="a"; filename="f.bin"', b"\xff")),
            multipart("x", ('name="a"; filename="f.bin"', b"\xfe")),
            False,
            id="multipart: the bytes of a file",
        ),
        pytest.param(
            multipart("x", ('name="a"; filename="f"', b"1")),
            multipart("x", ('name="a"; filename="g"', b"1")),
            False,
            id="multipart: the name of a file",
        ),
        pytest.param(key(b"\x00\x01", headers=()), key(b"\x00\x02", headers=()), False, id="bytes"),
        pytest.param(key(uri=API + "?a=1&b=2"), key(uri=API + "?b=2&a=1"), True, id="query: order"),
        pytest.param(key(uri=API + "?a=1"), key(uri=API), False, id="query: a field less"),
        pytest.param(key(uri=API + "?a=1&_=17"), key(uri=API + "?a=1&_=99"), True, id="query: a cache buster"),
        pytest.param(key(uri=API + "?utm_x=1"), key(uri=API), False, id="query: what is not volatile"),
        pytest.param(key(uri="https://a/b%2Fc"), key(uri="https://a/b/c"), False, id="path: an escaped slash"),
        pytest.param(key(uri="https://a/%C3%A9/"), key(uri="https://a/é"), True, id="path: escapes, slash at the end"),
        pytest.param(key(method="get"), key(method="GET"), True, id="method: case"),
        pytest.param(key(method="GET"), key(method="POST"), False, id="method"),
    ],
)
def test_bodies_and_addresses_are_compared_as_values(recorded: RequestKey, sent: RequestKey, fits: bool) -> None:
    assert fit(recorded, sent) is fits


@for_each(
    ("words", "recorded", "sent", "fits"),
    [
        (["method"], key(b"1"), key(b"2", uri="https://b/x"), True),
        (["host"], key(uri="https://a/"), key(uri="https://b/"), False),
        (["host"], key(uri="https://A:81/x"), key(uri="http://a/"), True),
        (["port"], key(uri="https://a:81/"), key(uri="https://a/"), False),
        (["port"], key(uri="https://a:443/"), key(uri="http://b:80/"), True),
        (["scheme"], key(uri="https://a/"), key(uri="http://a/"), False),
        (["uri"], key(uri="https://a/x?b=1"), key(uri="https://a/x?b=2"), False),
        (["raw_body"], key(b'{"a":1}'), key(b'{"a": 1}'), False),
        (["json"], key(b"a=1", headers=FORM), key(b"a=2", headers=FORM), True),
        (["json"], key(b'{"a":1}'), key(b'{"a":2}'), False),
        (["form"], key(b'{"a":1}'), key(b'{"a":2}'), True),
        (["form"], key(b"a=1", headers=FORM), key(b"a=2", headers=FORM), False),
        (["field:a"], key(b'{"a":"1","b":1}'), key(b"a=1", headers=FORM), True),
        (["field:a"], key(uri=API + "?a=1"), key(uri=API + "?a=2"), False),
        (["header:X-Key"], key(headers=(("x-key", "1"),)), key(headers=(("X-KEY", "1"), ("A", "b"))), True),
        (["header:X-Key"], key(headers=(("x-key", "1"),)), key(headers=()), False),
        (["headers"], key(headers=(("User-Agent", "a"), ("X", "1"))), key(headers=(("X", "1"), ("Y", "2"))), True),
        (["headers"], key(headers=(("X", "1"),)), key(headers=(("X", "2"),)), False),
    ],
)
def test_every_word_compares_what_it_names(
    words: list[str], recorded: RequestKey, sent: RequestKey, fits: bool
) -> None:
    assert fit(recorded, sent, ANY_SITE.changed(match_on=words)) is fits


@pytest.mark.parametrize(
    ("name", "recorded", "sent"),
    [
        ("request_id", b'{"q":"x","request_id":1}', b'{"q":"x","request_id":2}'),
        ("request_id", b'{"q":"x","a":[{"request_id":1}]}', b'{"q":"x","a":[{"request_id":2}]}'),
        ("trace_*", b'{"trace_a":1}', b'{"trace_b":1}'),
        ("$.messages[0].id", b'{"messages":[{"id":1}]}', b'{"messages":[{"id":2}]}'),
        ("$.messages[*].id", b'{"messages":[{},{"id":1}]}', b'{"messages":[{},{"id":2}]}'),
    ],
)
def test_a_user_can_add_to_what_is_volatile(name: str, recorded: bytes, sent: bytes) -> None:
    assert not fit(key(recorded), key(sent))
    assert fit(key(recorded), key(sent), ANY_SITE.changed(volatile=[name]))


def test_a_path_into_json_is_not_volatile_elsewhere() -> None:
    rules = ANY_SITE.changed(volatile=["$.messages[0].id"])
    assert not fit(key(b'{"messages":[{"id":1},{"id":1}]}'), key(b'{"messages":[{"id":1},{"id":2}]}'), rules)


PLUGIN_FIELDS = [
    *("_wpnonce", "_ajax_nonce", "nonce", "session_id", "conversation_uuid", "cache_key", "wpaicg_chat_client_id"),
    *("user_client_message_id", "previous_openai_response_id", "_ts", "_", "url", "post_id"),
]


@for_each("name", PLUGIN_FIELDS)
@for_each("where", ["query", "form"])
def test_what_belongs_to_one_visit_to_the_chat_never_decides(name: str, where: str) -> None:
    """Of two recordings that differ in it, and in nothing else, neither fits better: they take turns."""

    def ask(value: str) -> Request:
        fields = f"action=aipkit_frontend_chat_stream&message=Hi&{name}={value}"
        if where == "query":
            return Request(method="GET", uri=f"https://a/wp-admin/admin-ajax.php?{fields}")
        return Request(method="POST", uri="https://a/wp-admin/admin-ajax.php", headers=FORM, body=fields.encode())

    interactions = tuple(Interaction(request=ask(value), response=Response()) for value in ("one", "two"))
    recorded = collect([Cassette(interactions=interactions)], rules_for)
    assert find(ask("three"), recorded) == 0
    assert find(ask("three"), recorded, played=[1, 0]) == 1
    assert CHAT.distance(RequestKey.from_request(ask("three")), recorded[0].key)[1] == 0


def test_calls_of_other_plugins_are_distinguished_by_all_of_their_fields() -> None:
    def ask(color: str, nonce: str) -> Request:
        fields = f"action=shop_filter&color={color}&_wpnonce={nonce}"
        return Request(method="POST", uri="https://a/wp-admin/admin-ajax.php", headers=FORM, body=fields.encode())

    interactions = tuple(Interaction(request=ask(color, "n"), response=Response()) for color in ("red", "blue"))
    recorded = collect([Cassette(interactions=interactions)], rules_for)
    assert find(ask("blue", "m"), recorded) == 1
    assert isinstance(find(ask("green", "n"), recorded), Mismatch)


def test_the_report_names_every_json_path_that_differs() -> None:
    recorded = collect(
        [Cassette(interactions=(Interaction(request=_post({"m": [{"c": "A", "n": 1}]}), response=Response()),))]
    )
    report = str(find(_post({"m": [{"c": "B", "n": 2}], "x y": 1}), recorded))
    assert "body   differs $.m[0].c: recorded 'A'   got 'B'" in report
    assert "$.m[0].n: recorded 1   got 2" in report
    assert '$["x y"]: recorded nothing   got 1' in report


def test_a_long_report_counts_what_it_leaves_out() -> None:
    recorded = collect([Cassette(interactions=(Interaction(request=_post(list(range(9))), response=Response()),))])
    assert "… and 5 more" in str(find(_post([9] * 9), recorded))


def _post(value: Any) -> Request:
    return Request(method="POST", uri=API, headers=JSON, body=json.dumps(value).encode())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["bdy"], "match_on: no such word: `bdy`; did you mean `body`?"),
        (["field:"], "match_on: no such word: `field:`"),
        ([], "match_on: no word at all"),
    ],
)
def test_a_wrong_word_is_one_clear_message(words: list[str], message: str) -> None:
    with pytest.raises(SettingsError, match=message.replace("?", r"\?")):
        ANY_SITE.changed(match_on=words)


@pytest.mark.parametrize("name", ["x[", "a[0][", "$.a[", '$.a["b', "rows[0", "*[a"])
def test_a_volatile_name_with_an_open_bracket_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=r"volatile: `.*` has a `\[` without a `\]`; close it, or write `\[\[\]`"):
        ReplayOptions.parse({"volatile": [name]})


@pytest.mark.parametrize("name", ["tags[]", "rows[0]", "rows[0][id]", "[[]x", "x]", "$filter", '$.m["a]b"].c', "[!a]b"])
def test_a_volatile_name_means_the_field_of_this_spelling(name: str) -> None:
    (kept,) = ReplayOptions.parse({"volatile": [name]}).volatile
    assert Volatile((kept,)).has(name)


@pytest.mark.parametrize("value", ["", " , ", ["", " "], "\n"])
def test_volatile_without_a_name_is_refused(value: str | list[str]) -> None:
    with pytest.raises(SettingsError, match="volatile: no name at all; leave it out, or name a field"):
        ReplayOptions.parse({"volatile": value})
    assert ReplayOptions.parse({"volatile": []}).volatile == ()


SCALARS = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=8) | st.floats(allow_nan=False)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def _kinds(value: Any) -> Any:
    """Return *value* in a form that is equal in Python if, and only if, it is equal in JSON."""
    if isinstance(value, dict):
        return {name: _kinds(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_kinds(inner) for inner in value]
    return ("bool", value) if isinstance(value, bool) else value


@given(one=VALUES, other=VALUES)
def test_json_fits_exactly_if_its_values_are_equal(one: Any, other: Any) -> None:
    rules = ANY_SITE.changed(match_on=["json"])
    recorded, request = key(json.dumps({"v": one}).encode()), key(json.dumps({"v": other}, indent=1).encode())
    without = _kinds(json.loads(json.dumps(_lasting(one)))) == _kinds(json.loads(json.dumps(_lasting(other))))
    assert fit(recorded, request, rules) is without
    assert fit(recorded, key(json.dumps({"v": one}, indent=2).encode()), rules)


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lasting(inner) for name, inner in value.items() if not ANY_SITE.volatile.has(name)}
    return [_lasting(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, br"])
def test_compressed_bodies_are_compared_decoded(coding: str) -> None:
    plain = b'{"a": 1, "b": "x"}'
    packed = encode_body(plain, coding.split(", "))
    headers = (*JSON, ("content-encoding", coding))
    assert key(packed, headers=headers).kind == "JSON"
    assert fit(key(b'{"b":"x","a":1.0}'), key(packed, headers=headers))
    assert fit(key(packed, headers=headers), key(plain))
    assert not fit(key(packed, headers=headers), key(b'{"a": 2, "b": "x"}'))


def test_a_damaged_coding_of_a_request_is_compared_as_bytes() -> None:
    cut = encode_body(b"x" * 99, ["gzip"])[:-5]
    headers = (*JSON, ("content-encoding", "gzip"))
    assert key(cut, headers=headers).body == cut
    assert fit(key(cut, headers=headers), key(cut, headers=headers))


def test_without_repeats_the_nearest_is_one_that_is_left() -> None:
    interactions = tuple(
        Interaction(request=Request(method="POST", uri=API, headers=JSON, body=body), response=Response())
        for body in (b'{"q":"A"}', b'{"q":"B","r":1}')
    )
    candidates = collect([Cassette(interactions=interactions)])
    request = Request(method="POST", uri=API, headers=JSON, body=b'{"q":"Z"}')
    nearest = []
    for played in ((0, 0), (1, 0), (1, 1)):
        found = find(request, candidates, played=played, repeat=False)
        assert isinstance(found, Mismatch)
        nearest.append((found.nearest, found.played))
    assert nearest == [(0, False), (1, False), (0, True)]


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("http://a", "/"),
        ("http://a?x=1", "/?x=1"),
        ("http://a/b?x=1", "/b?x=1"),
        ("http://a/b", "/b"),
        ("http://a/b?", "/b"),
    ],
)
def test_the_target_of_a_request_always_has_a_path(uri: str, target: str) -> None:
    assert RequestKey.from_request(Request(method="GET", uri=uri)).target == target


@pytest.mark.parametrize("host", ["example.com", "www.example.com"])
@pytest.mark.parametrize("order", [1, -1])
def test_the_host_that_was_named_comes_before_its_sibling_with_www(host: str, order: int, tmp_path: Path) -> None:
    tape = "".join(
        f"- request: {{method: GET, uri: 'https://{name}/', headers: {{}}, body: null}}\n"
        f"  response: {{status: {{code: 200, message: OK}}, headers: {{}}, body: {{string: {name}}}}}\n"
        for name in ("example.com", "www.example.com")[::order]
    )
    (tmp_path / "a.yaml").write_text(f"interactions:\n{tape}")
    request = Question("GET", f"http://{host}/")
    served = over_a_socket(tmp_path / "a.yaml", [request] * 3)
    assert [each.body.decode() for each in served] == [host] * 3
