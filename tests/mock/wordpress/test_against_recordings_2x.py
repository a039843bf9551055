"""
Every recorded exchange of generation 2, asked of the imitation in the same situation.

The recorded request goes in (not the recorded answer), and the reply must be the recorded one, byte for byte.  These
are all the differences that are allowed:

what differs                       why
---------------------------------  -----------------------------------------------------------------------------------
`_ajax_nonce`, `cache_key` in the  a good nonce depends on salt and time, a good key was given out by a call before;
request                            refused ones are sent as they were recorded
`Date`                             the time of the recording
nonces and cache keys in bodies    made from a salt and at random; their length and letters count
ids of messages                    made from time and at random; their form counts
`err-…` ids                        the second in which they were sent
`resp_fake…`                       the stand-in for the model's API gave all its answers one id, ours are numbered
the end of `stream_hangup`         the recording client hung up; what it had got must be the beginning of the answer
chunks                             when the bytes came and where nginx cut them is not the site's doing
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.masking import masked
from tests.support.recordings import recording, recording_id, recording_paths
from tests.support.situations_2x import Stand, kind_of, nonce_of, stand

from chatgptfree_mock.tape.model import Request, Response
from chatgptfree_mock.visit import Visit
from chatgptfree_mock.wordpress.call import Answered

PATHS = [p for p in recording_paths() if p.parent.name.startswith("2.") and not p.stem.startswith("x_")]
PARAMETERS = [pytest.param(path, id=recording_id(path)) for path in PATHS]


def ask_as_recorded(path: Path) -> Answered:
    """Ask the imitation what a recording asked the real site."""
    request = recording(path).interactions[0].request
    standing = stand(path.parent.name, path.stem, asker=asker_of(request))
    standing.prepare()
    return standing.site.answer(visit_of(request, path.stem, standing))


def asker_of(request: Request) -> dict[str, str | None]:
    """Return who asked which bot: what came before in its situation was asked by the same."""
    text = request.uri.encode() + (request.body or b"")
    found = {name: re.search(rf'{name}(?:=|"\r\n\r\n)([\w-]+)'.encode(), text) for name in ("bot_id", "session_id")}
    return {name: match[1].decode() for name, match in found.items() if match}


def visit_of(request: Request, case: str, standing: Stand) -> Visit:
    """Turn a recorded request into a visit, with a nonce and a key that are good now if they were good then."""
    headers = {name.lower(): value for name, value in request.headers}
    target = request.uri.removeprefix("https://chatgptfree.ai").encode()
    body = request.body or b""
    nonce = nonce_of(standing.site, standing.situation, standing.now[0])
    old = re.search(rb"_ajax_nonce(?:=|\"\r\n\r\n)([0-9a-f]{10})", target + body)
    if old and nonce is not None:
        target, body = (text.replace(old[1], nonce.encode()) for text in (target, body))
    if kind_of(case) == "stream" and (key := standing.key()) is not None:
        target = re.sub(rb"aipkit_sse_\w{32}", key.encode(), target)
    path, _, query = target.decode().partition("?")
    return Visit(
        method=request.method,
        path=path,
        query=query,
        headers=request.headers,
        body=body,
        base_url=f"http://{headers['host']}",
    )


def headers_that_count(response: Response) -> list[tuple[str, str]]:
    return [header for header in response.headers if header[0] != "Date"]


def events(body: bytes) -> Iterator[bytes]:
    return (event for event in body.split(b"\n\n") if event)


@pytest.mark.parametrize("path", PARAMETERS)
def test_the_imitation_answers_as_the_real_site_did(path: Path) -> None:
    recorded = recording(path).interactions[0].response
    answered = ask_as_recorded(path).response
    assert (answered.status, answered.reason) == (recorded.status, recorded.reason)
    assert headers_that_count(answered) == headers_that_count(recorded)
    ours, theirs = masked(answered.body), masked(recorded.body)
    if path.stem == "stream_hangup":
        ours = ours[: len(theirs)]
    assert list(events(ours)) == list(events(theirs))
    assert ours == theirs


@pytest.mark.parametrize("path", [pytest.param(p, id=recording_id(p)) for p in PATHS])
def test_the_model_is_asked_as_often(path: Path) -> None:
    assert len(ask_as_recorded(path).upstream) == recording(path).recording["upstream_calls"]


@pytest.mark.parametrize(
    "path",
    [pytest.param(p, id=recording_id(p)) for p in PATHS if recording(p).recording.get("upstream_messages")],
)
def test_the_model_is_asked_what_the_real_plugin_asked_it(path: Path) -> None:
    (messages,) = ask_as_recorded(path).upstream
    assert [dict(message) for message in messages] == recording(path).recording["upstream_messages"]


def test_there_are_183_recordings_of_generation_2() -> None:
    assert len(PATHS) == 183
