"""What changed on the wire, found in recordings of real sites: each sentence is one that the site's history knows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.support.recordings import recording, recording_paths

from chatgptfree_mock.diff import pairing
from chatgptfree_mock.diff.findings import ComparedPair, Diff
from chatgptfree_mock.sites.aipower.client_view import what_a_client_makes
from chatgptfree_mock.sites.aipower.page_marks import PAGE_MARKS
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response

compare = partial(pairing.compare, marks=PAGE_MARKS)

NO_CACHE = "no-cache, no-store, must-revalidate, max-age=0"


@cache
def side(release: str) -> tuple[Cassette, ...]:
    paths = [path for path in recording_paths() if path.parent.name == release]
    return tuple(replace(recording(path), path=path.name) for path in paths)


@cache
def compared(before: str, after: str) -> Diff:
    return compare(side(before), side(after), judge=what_a_client_makes)


def case(found: Diff, name: str) -> ComparedPair:
    return next(pair for pair in found.pairs if pair.name == f"{name}.yaml #1")


def findings_of(found: Diff, name: str) -> set[tuple[str, str]]:
    return {(finding.topic, finding.sentence) for finding in case(found, name).differences}


def test_a_recording_does_not_differ_from_itself() -> None:
    for release in ("1.8.79", "1.9.18", "2.3", "2.4.71"):
        found = compared(release, release)
        assert not found.differs
        assert len(found.pairs) == sum(len(cassette.interactions) for cassette in side(release))
        assert all(pair.findings == () for pair in found.pairs)


def interactions(cassettes: Sequence[Cassette], *names: str) -> tuple[Interaction, ...]:
    return tuple(each.interactions[0] for name in names for each in cassettes if each.path == f"{name}.yaml")


NEWS = [
    pytest.param(
        *("1.8.84", "1.8.91", "nonce_bad_noreferer_s"),
        {
            ("status", "200 → 403"),
            ("content type", "application/json; charset=UTF-8 → text/html; charset=UTF-8"),
            ("body", "JSON → text"),
            ("body", 'text "The link you followed has expired."'),
        },
        id="a refused nonce becomes a page",
    ),
    pytest.param(
        *("1.8.84", "1.8.91", "msg_ok_s"),
        {("end mark", "after the last event: a bare JSON object → nothing")},
        id="the JSON at the end of streams is gone",
    ),
    pytest.param(
        *("1.8.84", "1.8.91", "post_query_emptybody_b"),
        {
            ("json", "keys gone: greeting_message, data, log"),
            ("json", 'status: "success" → "error"'),
            ("json", 'msg: "Something went wrong" → "It appears that nothing was inputted."'),
            ("client", "the reference client delivers text → raises refused"),
        },
        id="fields in the query are no longer read",
    ),
    pytest.param(
        *("1.8.84", "1.8.91", "openrouter_429rate_s"),
        {
            ("body", "an event stream → an empty event stream"),
            ("client", "the reference client raises upstream → raises protocol"),
        },
        id="OpenRouter's errors are dropped",
    ),
    pytest.param(
        *("2.3.41", "2.3.93", "stream_nonce_bad"),
        {
            ("headers", f"Cache-Control: {NO_CACHE} → {NO_CACHE}, no-transform"),
            ("events", "new: (comment)"),
            ("events", "padding: none → a comment of 4096 bytes"),
        },
        id="a preamble comes first",
    ),
    pytest.param("2.3.41", "2.3.93", "msg_up_cite", {("json", "keys new: data.citations")}, id="answers name sources"),
    pytest.param(
        *("2.4.0", "2.4.71", "msg_ok"),
        {
            ("status", "200 → 400"),
            ("content type", "application/json; charset=UTF-8 → text/html; charset=UTF-8"),
            ("body", "JSON → text"),
            ("body", 'text "0"'),
            ("client", "the reference client delivers text → raises protocol"),
        },
        id="the action for one answer is gone",
    ),
]


@pytest.mark.parametrize(("before", "after", "name", "expected"), NEWS)
def test_changes_are_listed_in_words(before: str, after: str, name: str, expected: set[tuple[str, str]]) -> None:
    assert findings_of(compared(before, after), name) == expected


def test_new_events_are_listed_with_their_data() -> None:
    findings = findings_of(compared("2.3.41", "2.3.93"), "stream_up_cite")
    assert ("events", "new: (comment), event status, event citations") in findings
    assert ("event data", "event status holds type, status, response_id") in findings
    assert ("event data", "event done: keys new: citations") in findings
    assert any(sentence.startswith("event citations holds a list of type, url") for _, sentence in findings)


def test_releases_that_answer_alike_have_no_differences() -> None:
    found = compared("1.8.91", "1.9.18")
    alike = {pair.name.partition(".")[0] for pair in found.pairs if not pair.differences}
    assert {"msg_ok_s", "msg_ok_b", "nonce_bad_s", "up_401_s", "limit_second_s", "banned_word_s"} <= alike


def test_what_only_one_side_asked_is_listed_and_not_compared() -> None:
    whole, some = side("2.3"), side("2.3")[:5]
    found = compare(whole, some)
    assert not found.differs
    assert len(found.only_before) == len(whole) - len(some)
    assert found.only_after == ()


def test_recordings_without_a_common_request_differ() -> None:
    chat, options = (case for case in side("1.8.93") if case.path in ("msg_ok_s.yaml", "action_missing_s.yaml"))
    found = compare([chat], [options])
    assert found.pairs == ()
    assert found.differs


def test_dots_in_a_path_name_no_folder_of_the_site() -> None:
    folder = side("1.8.93")
    tape = replace(folder[0], path="tape.yaml", interactions=interactions(folder, "x_admin_ajax_dotdot", "x_wpcron"))
    assert tape.interactions[0].request.uri.endswith("/wp-admin/../wp-admin/admin-ajax.php?action=x")
    found = compare(folder, [tape])
    assert found.only_after == ()
    assert [pair.before for pair in found.pairs] == ["x_admin_ajax_dotdot.yaml #1", "x_wpcron.yaml #1"]
    assert not found.differs


def test_a_path_that_only_begins_like_the_folder_of_the_site_is_whole() -> None:
    asked = ["/blog/wp-admin/admin-ajax.php?action=x", "/blogs/"]
    tapes = [
        Cassette(
            interactions=tuple(
                Interaction(request=Request(method="GET", uri=f"http://{host}{each}"), response=Response(status=200))
                for each in asked
            ),
            path=host,
        )
        for host in ("a.example", "b.example")
    ]
    assert [pair.request for pair in compare(tapes[:1], tapes[1:]).pairs] == [
        "GET /wp-admin/admin-ajax.php x",
        "GET /blogs",
    ]


@pytest.mark.parametrize("release", ["1.8.93", "2.3.93", "2.4.71"])
@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_a_tape_of_the_same_release_does_not_differ_from_a_folder(release: str, data: st.DataObject) -> None:
    folder = side(release)
    everything = [interaction for cassette in folder for interaction in cassette.interactions]
    chosen = data.draw(st.lists(st.sampled_from(range(len(everything))), min_size=1, max_size=12, unique=True))
    tape = Cassette(interactions=tuple(everything[index] for index in chosen), path="tape.yaml")
    found = compare(folder, [tape])
    assert found.only_after == ()
    assert not found.differs, [pair.name for pair in found.pairs if pair.differences]
