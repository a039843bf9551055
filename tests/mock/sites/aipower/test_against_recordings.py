"""
Every recorded exchange, asked of the imitation in the same situation.

The recorded request goes in (not the recorded answer), and the reply must be the recorded one, byte for byte.  These
are all the differences that are allowed, beside what `tests.support.masking` masks:

what differs                       why
---------------------------------  -----------------------------------------------------------------------------------
nonces and keys in the request     a good nonce depends on salt and time, a good key was given out by a call before;
                                   refused ones are sent as they were recorded
`Date`                             the time of the recording
the end of `hangup_s` and          the recording client hung up; what it had got must be the beginning of the answer
`stream_hangup`
chunks                             when the bytes came and where nginx cut them is not the site's doing
bodies that were left out          of pages: `test_pages_as_recorded` has the elements of the chat
bodies of `LOOSE`                  files of WordPress that no client of the chat reads; status and headers count
`X-WP-Total`, coding of a page     how many pages the site had; what the web server did to a page, which is the front's
the model's words in `x_…`         another stand-in wrote its JSON in another way; what a client reads of it counts
calls of `up_refused_s`            the stand-in for the model's API counted none because it refused them
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path

import pytest
from tests.support.as_recorded import ask_as_recorded
from tests.support.many_cases import by_release, check_recordings
from tests.support.masking import masked, without_the_stand_in
from tests.support.recordings import recording, recording_paths

from chatgptfree_mock.tape.model import Response

PATHS = recording_paths()
CUT_BY_THE_API = {"msg_ok_s", "up_split_s", "up_half_s", "up_errmid_s", "openrouter_ok_s", "banned_word_s", "widget_s"}
"""Streams slow enough that nginx passed every read on by itself, or several together."""
HUNG_UP = {"hangup_s", "stream_hangup"}
LOOSE = {"x_feed", "x_sitemap", "x_wpjson", "x_wpjson_pages", "x_rest_route"}
NOT_COUNTED = {"Date", "X-WP-Total", "Vary", "Content-Encoding"}


def of(*paths: Path) -> list[object]:
    return [pytest.param(found, id=release) for release, found in by_release(paths).items()]


def headers_that_count(response: Response) -> list[tuple[str, str]]:
    return [header for header in response.headers if header[0] not in NOT_COUNTED]


def body_counts(path: Path) -> bool:
    left_out = any(change.startswith("response.body is left out") for change in recording(path).recording["changed"])
    return not left_out and path.stem not in LOOSE


def body_of(response: Response, path: Path) -> bytes:
    body = masked(response.body)
    return without_the_stand_in(body) if path.stem.startswith("x_") else body


def events(body: bytes) -> Iterator[bytes]:
    return (event for event in body.split(b"\n\n") if event)


@pytest.mark.parametrize("paths", of(*PATHS))
def test_the_imitation_answers_as_the_real_site_did(paths: list[Path]) -> None:
    check_recordings(check_answer, paths)


def check_answer(path: Path) -> None:
    (interaction,) = recording(path).interactions
    recorded, imitated = interaction.response, ask_as_recorded(path).response
    assert (imitated.status, imitated.reason) == (recorded.status, recorded.reason)
    assert headers_that_count(imitated) == headers_that_count(recorded)
    if interaction.request.method == "HEAD" or not body_counts(path):
        return
    ours, theirs = body_of(imitated, path), body_of(recorded, path)
    if path.stem in HUNG_UP:
        ours = ours[: len(theirs)]
    assert list(events(ours)) == list(events(theirs))
    assert ours == theirs


@cache
def with_messages() -> list[Path]:
    """Return the recordings that hold what the plugin sent to the model."""
    return [path for path in PATHS if recording(path).recording.get("upstream_messages")]


@cache
def counted() -> list[Path]:
    """Return the recordings that hold how often the model was asked."""
    return [path for path in PATHS if "upstream_calls" in recording(path).recording and "refused_s" not in path.stem]


def test_the_model_is_asked_what_the_real_plugin_asked_it() -> None:
    def check(path: Path) -> None:
        first, *_ = ask_as_recorded(path).upstream
        assert [dict(message) for message in first] == recording(path).recording["upstream_messages"]

    assert len(with_messages()) > 140
    check_recordings(check, with_messages())


def test_the_model_is_asked_as_often() -> None:
    def check(path: Path) -> None:
        assert len(ask_as_recorded(path).upstream) == recording(path).recording["upstream_calls"]

    check_recordings(check, counted())


@pytest.mark.parametrize("paths", of(*(path for path in PATHS if path.stem in CUT_BY_THE_API)))
def test_the_cuts_are_those_of_the_reads(paths: list[Path]) -> None:
    def check(path: Path) -> None:
        assert cuts(recording(path).interactions[0].response) <= cuts(ask_as_recorded(path).response)

    check_recordings(check, paths)


def cuts(response: Response) -> set[int]:
    """Return after how many bytes the answer was cut."""
    return set(accumulate(size for _, size in response.chunks))


def test_there_are_625_recordings() -> None:
    assert len(PATHS) == 625
    assert len(counted()) > 370
