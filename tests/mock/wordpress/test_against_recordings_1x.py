"""
Every recorded exchange of generation 1, asked of the imitation in the same situation.

The recorded request goes in (not the recorded answer), and the reply must be the recorded one, byte for byte.  These
are all the differences that are allowed:

what differs                     why
-------------------------------  -------------------------------------------------------------------------------------
`_wpnonce` in the request        a good nonce depends on salt and time; a refused one is sent as it was recorded
`Date`                           the time of the recording
the number of `log`              a row of a database that had other rows; whether it is false, a number or digits counts
the end of `hangup_s`            the recording client hung up; what it had got must be the beginning of the answer
chunks                           when the bytes came and where nginx cut them is not the site's doing
calls of `up_refused_s`          the stand-in for the model's API counted none because it refused them
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from random import Random

import pytest
from tests.support.recordings import recording, recording_id, recording_paths
from tests.support.situations_1x import settings_of, situation

from chatgptfree_mock.tape.model import Interaction, Response
from chatgptfree_mock.visit import Visit
from chatgptfree_mock.wordpress.call import Answered
from chatgptfree_mock.wordpress.nonces import NonceMint
from chatgptfree_mock.wordpress.settings import site_from
from chatgptfree_mock.wordpress.site import Site

NOW = 1_731_000_000.0
"""When the stand-in for the model's API said that it was."""
CUT_BY_THE_API = {"msg_ok_s", "up_split_s", "up_half_s", "up_errmid_s", "openrouter_ok_s", "banned_word_s", "widget_s"}
"""Streams slow enough that nginx passed every read on by itself, or several together."""
PATHS = [p for p in recording_paths() if p.parent.name.startswith("1.") and not p.stem.startswith("x_")]


def visit_of(interaction: Interaction, nonce: str | None) -> Visit:
    """Turn a recorded request into a visit; *nonce* replaces the one that was good then."""
    request = interaction.request
    headers = {name.lower(): value for name, value in request.headers}
    path, _, query = request.uri.removeprefix("https://chatgptfree.ai").partition("?")
    body = request.body or b""
    if nonce is not None:
        recorded = re.search(rb"_wpnonce(?:=|\"\r\n\r\n)([0-9a-f]{10})", query.encode() + body)
        old = recorded[1] if recorded else b"none"
        query, body = query.replace(old.decode(), nonce), body.replace(old, nonce.encode())
    return Visit(
        method=request.method,
        path=path,
        query=query,
        headers=request.headers,
        body=body,
        base_url=f"http://{headers['host']}",
    )


def ask(path: Path) -> Answered:
    """Ask the imitation what a recording asked the real site."""
    release, case = path.parent.name, path.stem
    found = situation(release, case)
    site = Site(site_from(settings_of(release, case)), now=lambda: NOW, random=Random(1))
    mint = NonceMint(salt=site.settings.nonce_salt.encode())
    nonces = {
        "good": mint.issue("wpaicg-chatbox", now=NOW),
        "expired": mint.issue("wpaicg-chatbox", now=NOW, ticks_ago=3),
        "as recorded": None,
    }
    visit = visit_of(recording(path).interactions[0], nonces[found.nonce])
    if found.asked_before:
        site.answer(visit)
    return site.answer(visit)


def headers_that_count(response: Response) -> list[tuple[str, str]]:
    return [header for header in response.headers if header[0] != "Date"]


def without_numbers(body: bytes) -> bytes:
    """Mask the row of the log and the number of the call; their types stay."""
    body = re.sub(rb'"log":("?)\d+("?)\}$', rb'"log":\1N\2}', body)
    return re.sub(rb"chatcmpl-ARfake\d{22}", b"chatcmpl-N", body)


def events(body: bytes) -> Iterator[bytes]:
    return (event for event in body.split(b"\n\n") if event)


@pytest.mark.parametrize("path", [pytest.param(path, id=recording_id(path)) for path in PATHS])
def test_the_imitation_answers_as_the_real_site_did(path: Path) -> None:
    recorded = recording(path).interactions[0].response
    answered = ask(path).response
    assert (answered.status, answered.reason) == (recorded.status, recorded.reason)
    assert headers_that_count(answered) == headers_that_count(recorded)
    ours, theirs = without_numbers(answered.body), without_numbers(recorded.body)
    if path.stem == "hangup_s":
        ours = ours[: len(theirs)]
    assert list(events(ours)) == list(events(theirs))
    assert ours == theirs


@pytest.mark.parametrize(
    "path",
    [pytest.param(p, id=recording_id(p)) for p in PATHS if recording(p).recording.get("upstream_messages")],
)
def test_the_model_is_asked_what_the_real_plugin_asked_it(path: Path) -> None:
    told = recording(path).recording
    calls = ask(path).upstream
    assert len(calls) == told["upstream_calls"]
    assert [dict(message) for message in calls[0]] == told["upstream_messages"]


@pytest.mark.parametrize("path", [pytest.param(p, id=recording_id(p)) for p in PATHS if "refused" not in p.stem])
def test_the_model_is_asked_as_often(path: Path) -> None:
    assert len(ask(path).upstream) == recording(path).recording["upstream_calls"]


@pytest.mark.parametrize("path", [pytest.param(p, id=recording_id(p)) for p in PATHS if p.stem in CUT_BY_THE_API])
def test_the_cuts_are_those_of_the_reads(path: Path) -> None:
    recorded = recording(path).interactions[0].response
    assert cuts(recorded) <= cuts(ask(path).response)


def cuts(response: Response) -> set[int]:
    """Return after how many bytes the answer was cut."""
    return set(accumulate(size for _, size in response.chunks))


def test_there_are_195_recordings_of_generation_1() -> None:
    assert len(PATHS) == 195
