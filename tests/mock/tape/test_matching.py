"""Which recording answers a request; the report for a request that none fits."""

import re

import pytest
from tests.support.recordings import recording, recording_id, recording_paths

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.match_rules import CHAT as CHAT_RULES
from chatgptfree_mock.sites.aipower.match_rules import rules_for
from chatgptfree_mock.tape.match_rules import ANY_SITE
from chatgptfree_mock.tape.matchers import MATCH_WORDS
from chatgptfree_mock.tape.matching import Candidate, Mismatch, collect, find
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response

AJAX = "https://chatgptfree.ai/wp-admin/admin-ajax.php"
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


def post(body: str, uri: str = AJAX, headers: tuple[tuple[str, str], ...] = FORM) -> Request:
    return Request(method="POST", uri=uri, headers=headers, body=body.encode())


def tape(*requests: Request, path: str = "gen1/stream.yaml") -> Cassette:
    return Cassette(interactions=tuple(Interaction(request=r, response=Response()) for r in requests), path=path)


def chat(cassettes: list[Cassette]) -> tuple[Candidate, ...]:
    return collect(cassettes, rules_for)


CHAT = "action=wpaicg_chat_shortcode_message&_wpnonce=aaaaaaaaaa&post_id=4&bot_id=0"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(post(CHAT + "&message=hello"), id="the same"),
        pytest.param(post(CHAT.replace("aaaaaaaaaa", "bbbbbbbbbb") + "&message=hello"), id="another nonce"),
        pytest.param(post(CHAT + "&message=hello", "http://127.0.0.1:9/wp-admin/admin-ajax.php"), id="another host"),
        pytest.param(post("message=hello&" + CHAT), id="another order"),
        pytest.param(post(CHAT + "&message=hel%6Co&post_id=9&url=http%3A%2F%2Fx"), id="another page"),
        pytest.param(
            post(
                '--b\r\nContent-Disposition: form-data; name="action"\r\n\r\nwpaicg_chat_shortcode_message\r\n'
                '--b\r\nContent-Disposition: form-data; name="message"\r\n\r\nhello\r\n--b--\r\n',
                headers=(("content-type", 'multipart/form-data; boundary="b"'),),
            ),
            id="multipart",
        ),
        pytest.param(post('{"action": "wpaicg_chat_shortcode_message", "message": "hello"}', headers=()), id="JSON"),
    ],
)
def test_what_belongs_to_one_visit_does_not_matter(sent: Request) -> None:
    assert find(sent, chat([tape(post(CHAT + "&message=hello"))])) == 0


@pytest.mark.parametrize("name", ["message", "mess*"])
def test_what_a_user_calls_volatile_is_not_compared_whatever_the_rules_are(name: str) -> None:
    recorded = collect([tape(post(CHAT + "&message=hello"))], lambda key: rules_for(key).changed(volatile=[name]))
    assert find(post(CHAT + "&message=another"), recorded) == 0
    assert isinstance(find(post(CHAT.replace("shortcode_message", "other") + "&message=hello"), recorded), Mismatch)


def test_a_field_that_must_match_and_is_volatile_is_a_contradiction() -> None:
    with pytest.raises(SettingsError, match="`field:message` is in match_on, and volatile"):
        CHAT_RULES.changed(match_on=["method", "field:message"], volatile=["message"])
    assert CHAT_RULES.changed(match_on=["field:post_id"]).must == ("field:post_id",)


def test_a_mismatch_is_a_report() -> None:
    recorded = chat([tape(post("action=other&message=hello"), post(CHAT + "&message=hello"))])
    found = find(post(CHAT + "&message=hello!"), recorded)
    assert isinstance(found, Mismatch)
    assert str(found) == (
        "no recorded answer for POST /wp-admin/admin-ajax.php\n"
        "nearest: gen1/stream.yaml #2 (5 of 6 matched)\n"
        "  method  ok\n"
        "  host    ok\n"
        "  path    ok\n"
        "  action  ok      wpaicg_chat_shortcode_message\n"
        "  message differs recorded 'hello'   got 'hello!'\n"
        "  query   ok\n"
        "leave it out of the comparison with `volatile` (--volatile), or play it for other requests too with "
        "`on_miss: same-path` (--on-miss same-path)"
    )
    assert (found.as_data()["considered"], found.as_data()["nearest"]) == (2, "gen1/stream.yaml #2")


def test_another_path_is_nothing_to_leave_out_of_the_comparison() -> None:
    found = find(post(CHAT + "&message=hello"), chat([tape(post(CHAT + "&message=hello", uri=f"{AJAX}/other"))]))
    assert "path   differs" in str(found)
    assert "volatile" not in str(found)


def test_a_mismatch_with_nothing_recorded_names_no_nearest() -> None:
    found = find(post(CHAT + "&message=hello"), chat([]))
    assert isinstance(found, Mismatch)
    assert (found.as_data()["nearest"], found.as_data()["considered"]) == (None, 0)


def test_an_empty_recording_is_reported() -> None:
    assert str(find(post(CHAT), ())) == "no recorded answer for POST /wp-admin/admin-ajax.php\nnothing is recorded"


def test_a_missing_field_and_a_differing_query_are_named() -> None:
    recorded = chat([tape(Request(method="GET", uri=AJAX + "?action=aipkit_a&cache_key=x&bot_id=5&message=m"))])
    found = find(Request(method="GET", uri=AJAX + "?action=aipkit_a&cache_key=y&bot_id=6"), recorded)
    assert "message differs recorded 'm'   got nothing" in str(found)
    assert "query   differs bot_id: recorded '5'   got '6'" in str(found)


def test_repeated_requests_get_their_answers_in_turn_and_then_again() -> None:
    recorded = chat([tape(post(CHAT + "&message=hello"), post(CHAT + "&message=hello"))])
    played = [0, 0]
    order = []
    for _ in range(4):
        index = find(post(CHAT + "&message=hello"), recorded, played=played)
        assert isinstance(index, int)
        played[index] += 1
        order.append(index)
    assert order == [0, 1, 0, 1]


def test_of_several_that_fit_the_nearest_answers() -> None:
    other_bot = CHAT.replace("bot_id=0", "bot_id=7")
    recorded = chat([tape(post(CHAT + "&message=hello")), tape(post(other_bot + "&message=hello"))])
    assert find(post(other_bot + "&message=hello"), recorded) == 1


def test_what_must_fit_can_be_chosen() -> None:
    rules = ANY_SITE.changed(match_on=["raw_body"])
    recorded = collect([tape(post("a=1"))], lambda _: rules)
    found = find(post("a=22"), recorded)
    assert "raw_body differs recorded 'a=1'   got 'a=22'" in str(found)
    by_method = collect([tape(post("a=1"))], lambda _: ANY_SITE.changed(match_on=["method"]))
    assert find(post("a=22"), by_method) == 0


@pytest.mark.parametrize(
    ("recorded", "sent", "words"),
    [
        ("hello", "hallo", "recorded 'hello'   got 'hallo'"),
        ("hello", "hello again", "recorded 'hello'   got 'hello again'"),
        ("hello again", "hello", "recorded 'hello again'   got 'hello'"),
        ("." * 99 + "one", "." * 99 + "two", f"recorded '…{'.' * 20}one'   got '…{'.' * 20}two'"),
        ("a" * 500, "b" * 500, f"recorded '{'a' * 72}…'   got '{'b' * 72}…'"),
    ],
)
def test_two_plain_bodies_are_shown_where_they_differ(recorded: str, sent: str, words: str) -> None:
    plain = (("Content-Type", "text/plain"),)
    found = find(post(sent, headers=plain), collect([tape(post(recorded, headers=plain))], lambda _: ANY_SITE))
    assert f"body   differs {words}\n" in str(found)


@pytest.mark.parametrize("word", sorted(MATCH_WORDS.keys() - {"site", "conditions"}))
def test_every_word_names_its_difference(word: str) -> None:
    json_type = (("Content-Type", "application/json"), ("Accept", "text/html"))
    recorded = tape(Request(method="POST", uri="https://a.example:8443/a?b=1", headers=json_type, body=b'{"c": 2}'))
    sent = Request(method="PUT", uri="http://b.example/b?b=2", headers=FORM, body=b"d=3")
    used = word.replace("header:NAME", "header:Accept").replace("NAME", "d")
    found = find(sent, collect([recorded], lambda _: ANY_SITE.changed(match_on=[used])))
    assert re.search(rf"\n  {used.rpartition(':')[2]} +differs ", str(found))


@pytest.mark.parametrize("release", ["1.8.79", "1.8.93", "2.3", "2.4.71"])
def test_every_recording_answers_its_own_request(release: str) -> None:
    for path in recording_paths():
        if path.parent.name == release:
            recorded = chat([recording(path)])
            assert find(recorded[0].interaction.request, recorded) == 0, recording_id(path)


def test_a_host_that_names_none_of_several_is_what_differs_and_the_advice_helps() -> None:
    hosts = ("one.example", "www.two.example")
    recorded = [tape(Request(method="GET", uri=f"https://{host}/me"), path=host) for host in hosts]
    candidates, sites = collect(recorded), frozenset({"one.example", "two.example"})
    found = find(Request(method="GET", uri="http://127.0.0.1:81/me"), candidates, sites=sites)
    assert isinstance(found, Mismatch)
    lines = str(found).splitlines()
    assert lines[1].endswith("(one.example, two.example), and `Host: 127.0.0.1:81` names none of them")
    assert lines[2].startswith("send a header such as `Host: one.example`, or use `intercept`")
    assert f"({len(found.parts) - 1} of {len(found.parts)} matched)" in lines[3]
    assert [" ".join(line.split()) for line in lines if line.startswith("  host")] == [
        "host differs recorded 'one.example' and 'two.example' got '127.0.0.1:81'"
    ]
    assert [part.name for part in found.parts if part.reason is not None] == ["host"]
    for index, host in enumerate(("one.example", "two.example")):
        assert find(Request(method="GET", uri=f"http://{host}/me"), candidates, sites=sites) == index
