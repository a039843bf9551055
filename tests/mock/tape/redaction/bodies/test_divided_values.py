"""What a project's words, patterns or another exchange show to be secret goes from streams that cut it in pieces."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.redaction import Rules, find_all, redact

RULES = Rules.make({"words": ["Müllerhausen"], "patterns": [r"ACME-\d{6}"]})
EVENTS = "text/event-stream"
Join = Callable[[Sequence[str]], str]


def events(values: Sequence[object], *, name: str = "") -> str:
    lead = f"event: {name}\n" if name else ""
    return "".join(f"{lead}data: {json.dumps(value, ensure_ascii=False)}\n\n" for value in values)


def lines(values: Sequence[object], *, before: str = "", after: str = "\n") -> str:
    return "".join(f"{before}{json.dumps(value)}{after}" for value in values)


def gemini(piece: str) -> object:
    return {"candidates": [{"content": {"parts": [{"text": piece}], "role": "model"}}]}


DIALECTS: dict[str, tuple[str, Join]] = {
    "chat completions": (EVENTS, lambda pieces: events([{"choices": [{"delta": {"content": p}}]} for p in pieces])),
    "responses": (EVENTS, lambda pieces: events([{"type": "output", "delta": p} for p in pieces], name="output")),
    "Claude": (EVENTS, lambda pieces: events([{"delta": {"type": "text_delta", "text": p}} for p in pieces])),
    "Gemini": (EVENTS, lambda pieces: events([gemini(p) for p in pieces])),
    "Gemini's list": (
        "application/json",
        lambda pieces: "[" + "\n,\r\n".join(json.dumps(gemini(p)) for p in pieces) + "]",
    ),
    "Gemini's list in one line": ("application/json", lambda pieces: json.dumps([gemini(p) for p in pieces])),
    "Ollama": ("application/x-ndjson", lambda pieces: lines([{"model": "l", "response": p} for p in pieces])),
    "JSON Text Sequence": ("application/json-seq", lambda pieces: lines([{"text": p} for p in pieces], before="\x1e")),
    "records": ("application/json", lambda pieces: lines([{"text": p} for p in pieces], after="\x1e")),
    "strings": (EVENTS, events),
    "plain": (EVENTS, lambda pieces: "".join(f"data: {p}\n\n" for p in pieces)),
    "AI SDK": ("text/plain; charset=utf-8", lambda pieces: lines(pieces, before="0:") + 'd:{"finishReason":"stop"}\n'),
    "a key of its own": (EVENTS, lambda pieces: events([{"t": p} for p in pieces])),
    "patches": (EVENTS, lambda pieces: events([{"p": "/parts/0", "o": "append", "v": p} for p in pieces])),
}


def exchange(kind: str, body: str) -> Interaction:
    return Interaction(
        request=Request(method="GET", uri="https://a.example/"),
        response=Response(headers=(("Content-Type", kind),), body=body.encode()),
    )


def pieces_of(text: str, cuts: Sequence[int]) -> list[str]:
    places = [0, *sorted({1 + cut % (len(text) - 1) for cut in cuts}), len(text)]
    return [text[start:end] for start, end in pairwise(places)]


def check(dialect: str, secret: str, cuts: Sequence[int], *before: Interaction) -> None:
    kind, join = DIALECTS[dialect]
    pieces = ["see", " ", *pieces_of(secret, cuts), " now"]
    cassette = Cassette(interactions=(*before, exchange(kind, join(pieces))))
    clean = redact(cassette, RULES)
    assert find_all(cassette.interactions, RULES)[-1]
    assert find_all(clean.interactions, RULES)[-1] == []
    after = clean.interactions[-1].response.body.decode()
    assert after.index("see") < after.rindex(" now")
    assert not any(spelled(piece) in after for piece in pieces[2:-1] if len(piece) > 3 and piece not in "ACME-")


def spelled(piece: str) -> str:
    return json.dumps(piece, ensure_ascii=False)[1:-1]


@for_each("dialect", DIALECTS)
@for_each("secret", ["Müllerhausen", "ACME-123456"])
def test_a_projects_own_word_is_redacted_across_two_pieces(dialect: str, secret: str) -> None:
    check(dialect, secret, [5])


@given(
    st.sampled_from(sorted(DIALECTS)),
    st.sampled_from(["Müllerhausen", "ACME-123456"]),
    st.lists(st.integers(0, 30), min_size=1, max_size=6),
)
@example("AI SDK", "Müllerhausen", [0, 1, 2, 3])
def test_it_is_redacted_wherever_it_is_cut(dialect: str, secret: str, cuts: list[int]) -> None:
    check(dialect, secret, cuts)


@given(
    st.sampled_from(sorted(DIALECTS)),
    st.sampled_from(["Sommer-Wiese!2024", "ünïcödé😀pw"]),
    st.lists(st.integers(0, 30), min_size=1, max_size=6),
)
def test_what_another_exchange_proves_is_redacted_wherever_it_is_cut(
    dialect: str, secret: str, cuts: list[int]
) -> None:
    check(dialect, secret, cuts, exchange("application/json", json.dumps({"password": secret})))


@pytest.mark.parametrize(
    "body",
    [
        '[{"first": "Müller", "last": "hausen"}]',
        '[{"name": "Müller"}, {"name": "hausen"}]',
        'data: {"a": "Müller", "b": "hausen"}\n\n',
        'data: {"id": "ACME-1234", "n": "1"}\n\ndata: {"id": "ACME-1234", "n": "56"}\n\n',
    ],
)
def test_values_that_no_client_joins_stay(body: str) -> None:
    cassette = Cassette(interactions=(exchange("application/json" if body[0] == "[" else EVENTS, body),))
    assert redact(cassette, RULES).interactions == cassette.interactions
