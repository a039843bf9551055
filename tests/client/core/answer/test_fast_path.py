"""Events that differ in nothing but their text are read at once; every other one is left to the slow path."""

from __future__ import annotations

import json

import pytest

from chatgptfree.core.answer.fast_path import FastPath

TEXTS = ["Hel", "lo", "", "ä\n", '"quoted"', "\\", "last"]


def event(text: str) -> bytes:
    chunk = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}}]}
    return f"data: {json.dumps(chunk, separators=(',', ':'))}\n\n".encode()


EVENTS = b"".join(map(event, TEXTS))
FOUND = [text for text in TEXTS if text]


def test_ordinary_events_are_read_to_their_end() -> None:
    assert FastPath().read_ordinary(EVENTS, 0) == (FOUND, len(EVENTS))


def test_events_like_one_before_are_read_at_once() -> None:
    path = FastPath()
    path.read_ordinary(event("first"), 0)
    assert path.read_all(EVENTS) == FOUND


def test_more_events_than_are_compared_at_once_are_read_in_groups() -> None:
    many = EVENTS * 500
    assert FastPath().read_ordinary(many, 0) == (FOUND * 500, len(many))


@pytest.mark.parametrize(
    "other",
    [
        b'event:{"delta":"none"}\n\n',
        b'retry:{"delta":"none"}\n\n',
        b': 1234{"delta":"none"}\n\n',
        b'event: {"delta":"none"}\ndata: {"delta":"text"}\n\n',
        b'data: {"delta":"text"}\nid: 1\n\n',
        b'data: {"delta":"text","error":"no"}\n\n',
        b'data: {"delta":"text"',
    ],
)
def test_it_stops_before_what_is_not_a_lone_line_of_data(other: bytes) -> None:
    assert FastPath().read_ordinary(EVENTS + other, 0) == (FOUND, len(EVENTS))
