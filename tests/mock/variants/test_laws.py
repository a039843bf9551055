"""The laws of variants: an equivalent means the same to every correct reader, a breakage never does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import Phase, given, settings
from tests.support import variant_answers as answers
from tests.support.variant_readers import (
    Meaning,
    UnreadableAnswerError,
    read_with_other_parts,
    read_with_our_parts,
)

from chatgptfree_mock.tape.model import Response
from chatgptfree_mock.variants.catalogue import Variant, variants_of
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer
from chatgptfree_mock.variants.rule import VariantKind
from chatgptfree_mock.variants.wire_bytes import WireBytes, render

READERS = (read_with_our_parts, read_with_other_parts)
RECORDED = {
    "openai": answers.of_openai("Hel", "lo \u2028 é👋", " a/b"),
    "anthropic": answers.of_anthropic("Hel", "lo 日", "!"),
    "WPAICG, stream": answers.shipped("1.8.93", "msg_ok_s"),
    "WPAICG, JSON": answers.shipped("1.8.93", "msg_ok_b"),
    "AIPKit, stream": answers.shipped("2.3.93", "stream_ok"),
    "AIPKit, JSON": answers.shipped("2.3.93", "msg_ok"),
    "empty stream": answers.stream(b""),
    "one event": answers.stream(b'data: {"text": "Hello"}\n\n'),
    "CRLF and comments": answers.stream(b': hi\r\n\r\ndata: {"t": "a\\u00e9"}\r\n\r\nevent: done\r\ndata: {}\r\n\r\n'),
    "CR": answers.stream(b'data: {"t": "a"}\r\rdata: {"t": "b"}\r\rdata: [DONE]\r\r'),
    "several data lines": answers.stream(b'data: {"t":\ndata: "a"}\n\ndata:  two spaces\n\ndata: [DONE]\n\n'),
    "JSON lines": answers.of_ollama("Hel", "lo \u2028 é👋", " a/b"),
    "JSON lines with CRLF and blank lines": answers.json_lines(b'{"t": "a"}\r\n\r\n {"t": "b"}\r\n{"done": true}\r\n'),
    "JSON lines without an end mark": answers.json_lines(b'{"t": "a"}\n{"t": "b"}\n{"t": "c"}'),
    "doubled key": answers.json_body(b'{"a": 1, "a": {"b": [1.10, 1e5]}, "c": "\\ud83d\\udc4b"}'),
}


def check(response: Response) -> None:
    """Hold each variant of *response* to the laws."""
    answer = RecordedAnswer(response)
    found = variants_of(answer)
    for read in READERS:
        truth = read(render(answer.answer()))
        for variant in found.variants:
            meaning = meaning_of(variant, read)
            if variant.kind is VariantKind.EQUIVALENT:
                assert meaning == truth, variant.name
            elif not variant.undetectable:
                assert meaning != truth or variant.once, variant.name


def meaning_of(variant: Variant, read: Callable[[WireBytes], Meaning]) -> Meaning | None:
    try:
        return read(variant.sent)
    except UnreadableAnswerError:
        return None


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_answers_keep_the_laws(name: str) -> None:
    check(RECORDED[name])


def test_a_named_mark_may_be_an_event_without_data() -> None:
    answer = RecordedAnswer(answers.stream(b'data: {"t": "a"}\r\n\r\nevent: end\r\n\r\n'), "event: end")
    truth = read_with_our_parts(render(answer.answer()))
    for variant in variants_of(answer).variants:
        if variant.kind is VariantKind.EQUIVALENT:
            assert meaning_of(variant, read_with_our_parts) == truth, variant.name


@settings(max_examples=6, deadline=None, phases=(Phase.generate,))
@given(response=answers.STREAMS)
def test_any_stream_keeps_the_laws(response: Response) -> None:
    check(response)


@settings(max_examples=6, deadline=None, phases=(Phase.generate,))
@given(response=answers.JSON_LINES)
def test_any_json_lines_keep_the_laws(response: Response) -> None:
    check(response)


@settings(max_examples=12, deadline=None, phases=(Phase.generate,))
@given(response=answers.BODIES)
def test_any_json_keeps_the_laws(response: Response) -> None:
    check(response)
