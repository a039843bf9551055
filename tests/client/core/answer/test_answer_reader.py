"""What else a site may send for an answer: each thing is text, a warning or an error, as far as it can be proven."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.answers import HTML, JSON, AnswerResult, head_of, read, result_of
from tests.support.many_cases import for_each

from chatgptfree.core.answer import error_object, finish_place, text_parts
from chatgptfree.core.answer.answer_reader import AnswerReader
from chatgptfree.core.answer.outcome import End
from chatgptfree.errors import ChatError
from chatgptfree.messages import Limits


def delta(text: object, **choice: object) -> str:
    chunk = {
        "id": "c",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": {"content": text}, **choice}],
    }
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


STOP = delta("", finish_reason="stop")
DONE = "data: [DONE]\n\n"
END = STOP + DONE
HELLO = delta("Hel") + delta("lo") + END
GOOD = AnswerResult(text="Hello", finish="stop")
HELLO_WITH_JUNK = AnswerResult(text="Hello", finish="stop", warnings=("junk",))
WORD = 'event: message\ndata: {"choices":[{"delta":{"content":"%s"}}]}\n\n'
WORDS_END = 'data: {"choices":[{"finish_reason":"stop"}]}\n\n'
NOTICE = "<br />\n<b>Warning</b>:  Undefined array key 1 in <b>/srv/wp.php</b> on line <b>7</b><br />\n"
SUCCESS = '{"status":"success","msg":"Something went wrong","data":"Hello","log":false}'

STREAMS: list[tuple[str, str, AnswerResult]] = [
    ("the plain case", HELLO, GOOD),
    (
        "no end mark but a finish",
        delta("Hello") + STOP,
        AnswerResult(text="Hello", finish="stop", warnings=("no-end-mark",)),
    ),
    ("an end mark but no finish", delta("Hello") + DONE, AnswerResult(text="Hello")),
    ("neither", delta("Hello"), AnswerResult(text="Hello", error="interrupted")),
    ("nothing at all", "", AnswerResult(error="protocol")),
    ("only comments", ": ping\n\n: ping\n\n", AnswerResult(error="protocol")),
    ("only the role", delta(""), AnswerResult(error="interrupted")),
    ("an end and no text", END, AnswerResult(error="protocol")),
    ("an end mark without space", delta("Hello") + "data:[DONE]\n\n", AnswerResult(text="Hello")),
    ("an end mark with blanks", delta("Hello") + "data:  [DONE] \n\n", AnswerResult(text="Hello")),
    ("an end mark without line end", delta("Hello") + "data: [DONE]", AnswerResult(text="Hello")),
    (
        "a last event without line end",
        delta("Hel") + delta("lo", finish_reason="stop").strip(),
        AnswerResult(text="Hello", finish="stop", warnings=("no-end-mark",)),
    ),
    (
        "text behind AIPKit's end",
        'data: {"delta":"Hello"}\n\nevent: done\ndata: {"finished":true}\n\ndata: {"delta":"more"}\n\n',
        AnswerResult(text="Hello", warnings=("after-end",)),
    ),
    (
        "an error behind AIPKit's end",
        (
            'data: {"delta":"Hello"}\n\nevent: done\ndata: {"finished":true}\n\n'
            'event: error\ndata: {"error":"It broke."}\n\n'
        ),
        AnswerResult(text="Hello", error="upstream"),
    ),
    (
        "an empty event below a comment",
        ": ping\nevent: status\n\n" + HELLO,
        AnswerResult(text="Hello", finish="stop", warnings=("empty-event",)),
    ),
    (
        "half an event at the end",
        delta("Hello") + 'data: {"choices":[{"del',
        AnswerResult(text="Hello", error="interrupted"),
    ),
    (
        "text behind the end mark",
        HELLO + delta("more"),
        AnswerResult(text="Hello", finish="stop", warnings=("after-end",)),
    ),
    ("text in the event with the finish", delta("Hel") + delta("lo", finish_reason="stop") + DONE, GOOD),
    (
        "finish length",
        delta("Hello") + delta("", finish_reason="length") + DONE,
        AnswerResult(text="Hello", finish="length", warnings=("cut-short",)),
    ),
    (
        "finish by filter",
        delta("He") + delta("", finish_reason="content_filter") + DONE,
        AnswerResult(text="He", finish="content_filter", warnings=("cut-short",)),
    ),
    (
        "a finish reason in the details",
        delta("Hello") + delta("", finish_details={"type": "max_tokens"}) + DONE,
        AnswerResult(text="Hello", finish="max_tokens", warnings=("cut-short",)),
    ),
    (
        "nothing but details of the finish",
        delta("Hello") + delta("", finish_details={"type": "stop"}),
        AnswerResult(text="Hello", finish="stop", warnings=("no-end-mark",)),
    ),
    ("nothing let through", delta("", finish_reason="content_filter") + DONE, AnswerResult(error="refused")),
    (
        "no choices first and last",
        'data: {"choices":[],"prompt_filter_results":[]}\n\n'
        + delta("Hello")
        + STOP
        + 'data: {"choices":[],"usage":{"total_tokens":3}}\n\n'
        + DONE,
        GOOD,
    ),
    (
        "null delta, null choices, no choices",
        'data: {"choices":[{"index":0,"delta":null}]}\n\n'
        'data: {"id":"c","choices":null}\n\ndata: {"id":"c","object":"x"}\n\n' + HELLO,
        GOOD,
    ),
    (
        "an end without delta",
        delta("Hello") + 'data: {"id":"c","choices":[{"index":0,"finish_reason":"stop"}]}\n\n' + DONE,
        GOOD,
    ),
    ("legacy text", 'data: {"choices":[{"text":"Hello","index":0}]}\n\n' + END, GOOD),
    ("a message in place of a delta", 'data: {"choices":[{"index":0,"message":{"content":"Hello"}}]}\n\n' + END, GOOD),
    ("parts", delta([{"type": "text", "text": "Hel"}, {"type": "text", "text": {"value": "lo"}}]) + END, GOOD),
    ("written twice", f"data: {json.dumps(delta('Hello')[6:-2])}\n\n" + END, GOOD),
    ("in a list", f"data: [{delta('Hello')[6:-2]}]\n\n" + END, GOOD),
    ("over two lines", 'data: {"choices":[{"index":0,\ndata: "delta":{"content":"Hello"}}]}\n\n' + END, GOOD),
    (
        "a second choice",
        'data: {"choices":[{"index":1,"delta":{"content":"x"}},{"index":0,"delta":{"content":"Hello"}}]}\n\n' + END,
        AnswerResult(text="Hello", finish="stop", warnings=("more-choices",)),
    ),
    (
        "blanks and markup",
        delta("  \n") + delta("a<b>&amp;\0\u2028 ") + END,
        AnswerResult(text="  \na<b>&amp;\0\u2028 ", finish="stop"),
    ),
    (
        "a character in two halves",
        'data: {"choices":[{"index":0,"delta":{"content":"\\ud83d"}}]}\n\n'
        'data: {"choices":[{"index":0,"delta":{"content":"\\udc4b"}}]}\n\n' + END,
        AnswerResult(text="👋", finish="stop"),
    ),
    (
        "half a character",
        'data: {"choices":[{"index":0,"delta":{"content":"a\\ud83d"}}]}\n\n' + delta("b") + END,
        AnswerResult(text="a\ufffdb", finish="stop", warnings=("lone-surrogate",)),
    ),
    (
        "half a character at the end",
        'data: {"choices":[{"index":0,"delta":{"content":"a\\ud83d"}}]}\n\n' + END,
        AnswerResult(text="a\ufffd", finish="stop", warnings=("lone-surrogate",)),
    ),
    (
        "raw control characters",
        'data: {"choices":[{"index":0,"delta":{"content":"a\tb\0c"}}]}\n\n' + END,
        AnswerResult(text="a\tb\0c", finish="stop"),
    ),
    (
        "an event that can't be read",
        delta("Hel") + 'data: {"choices":[{"index":0,"del\n\n' + delta("lo") + END,
        AnswerResult(text="Hello", error="protocol"),
    ),
    (
        "a word that is no JSON",
        delta("Hel") + "data: ping\n\n" + delta("lo") + END,
        AnswerResult(text="Hello", finish="stop", warnings=("bad-event",)),
    ),
    (
        "an event of another shape",
        'data: {"content":"Hello"}\n\n' + DONE,
        AnswerResult(text="Hello", warnings=("odd-event",)),
    ),
    ("named events of no answer", 'event: status\ndata: {"type":"x"}\n\nevent: ping\ndata: {}\n\n' + HELLO, GOOD),
    ("text under a name", delta("Hello").replace("data:", "event: message\ndata:", 1) + END, GOOD),
    # errors
    (
        "an error after text",
        delta("Hel") + 'data: {"error":{"message":"Overloaded","type":"server_error"}}\n\n' + END,
        AnswerResult(text="Hel", error="upstream"),
    ),
    ("an error that is a string", 'data: {"error":"Overloaded"}\n\n' + DONE, AnswerResult(error="upstream")),
    (
        "an error beside text",
        'data: {"choices":[{"index":0,"delta":{"content":"Hel"}}],"error":{"message":"x"}}\n\n',
        AnswerResult(text="Hel", error="upstream"),
    ),
    *(
        (
            f"an empty error {error} beside text",
            f'data: {{"delta":"Hello","error":{error}}}\n\n' + DONE,
            AnswerResult(text="Hello"),
        )
        for error in ('""', "0", "[]", "{}")
    ),
    ("an empty error alone", 'data: {"error":""}\n\n' + DONE, AnswerResult(error="upstream")),
    *(
        (
            f"text that is refused, with {mark}",
            f'data: {{"delta":"No.",{mark}}}\n\n' + DONE,
            AnswerResult(text="No.", error="refused"),
        )
        for mark in (
            '"ipBanned":true',
            '"tokenLimitReached":1',
            '"quota_notice":{"type":"quota_notice","message":"No."}',
        )
    ),
    ("no quota notice", 'data: {"delta":"Hello","quota_notice":null}\n\n' + DONE, AnswerResult(text="Hello")),
    ("no error", 'data: {"choices":[{"index":0,"delta":{"content":"Hello"}}],"error":null}\n\n' + END, GOOD),
    *(
        (f"the flag {flag}", f'data: {{"msg":"No.","{flag}":true}}\n\n' + HELLO, AnswerResult(error=kind))
        for flag, kind in (
            ("tokenLimitReached", "refused"),
            ("messageFlagged", "refused"),
            ("ipBanned", "refused"),
            ("modflag", "refused"),
            ("pineconeError", "upstream"),
            ("someNewFlag", "refused"),
        )
    ),
    (
        "a flag after text",
        delta("Hel") + 'data: {"msg":"No.","modflag":true}\n\n',
        AnswerResult(text="Hel", error="refused"),
    ),
    (
        "the mark [LIMITED]",
        WORD % "No" + WORD % " more" + "event: message\ndata: [LIMITED]\n\n",
        AnswerResult(error="upstream"),
    ),
    ("words of an error, twice", (WORD % "It" + WORD % ' "broke"' + WORDS_END) * 2, AnswerResult(error="upstream")),
    (
        "text, then words of an error, all twice",
        (delta("Hel") + WORD % "It" + WORDS_END) * 2,
        AnswerResult(text="Hel", error="upstream"),
    ),
    ("words of an error, cut off", WORD % "It" + WORD % " broke", AnswerResult(error="upstream")),
    ("words of an error, cut off within one", WORD % "It" + (WORD % " broke")[:-9], AnswerResult(error="upstream")),
    ("a word over several lines", WORD % "It" + WORD % " bro\n\nke:\n: it" + WORDS_END, AnswerResult(error="upstream")),
    ("words that are none", WORD % "Hel" + WORD % "lo" + DONE, AnswerResult(text="Hello", warnings=("suspect-error",))),
    (
        "words before a real answer",
        WORD % "Hel" + delta("lo") + END,
        AnswerResult(text="Hello", finish="stop", warnings=("suspect-error",)),
    ),
    (
        "a suspect end",
        'data: {"choices":[{"delta":{"content":"It broke"}}]}\n\n' + WORDS_END,
        AnswerResult(text="It broke", finish="stop", warnings=("suspect-error", "no-end-mark")),
    ),
    # what surrounds the events
    (
        "notices between events",
        delta("Hel") + NOTICE + delta("lo") + END,
        AnswerResult(text="Hello", finish="stop", warnings=("junk",)),
    ),
    ("notices before the stream", NOTICE + HELLO, AnswerResult(text="Hello", finish="stop", warnings=("junk",))),
    ("a copy behind the stream", HELLO + SUCCESS, GOOD),
    (
        "a copy behind half an event",
        delta("Hello") + 'data: {"id":"chatc' + SUCCESS,
        AnswerResult(text="Hello", error="interrupted"),
    ),
    (
        "a copy with more text",
        HELLO + SUCCESS.replace("Hello", "Hello world"),
        AnswerResult(text="Hello", finish="stop", warnings=("copy-differs",)),
    ),
    (
        "a whole message behind a piece",
        delta("Hel") + 'data: {"choices":[{"index":0,"message":{"content":"Hello"}}]}\n\n' + END,
        AnswerResult(text="Hello", finish="stop", warnings=("copy",)),
    ),
    (
        "messages that have all text so far",
        "".join(f'data: {{"choices":[{{"message":{{"content":"{text}"}}}}]}}\n\n' for text in ("Hel", "Hell", "Hello"))
        + END,
        AnswerResult(text="Hello", finish="stop", warnings=("copy",)),
    ),
    (
        "another message behind a piece",
        delta("Hel") + 'data: {"choices":[{"index":0,"message":{"content":"lo"}}]}\n\n' + END,
        AnswerResult(text="Hello", finish="stop", warnings=("whole-after-text",)),
    ),
    (
        "words beside the end",
        delta("Hel") + "event: done\ndata: lo\n\n",
        AnswerResult(text="Hel", warnings=("bad-event",)),
    ),
    (
        "an error behind the stream",
        HELLO + '{"status":"error","msg":"Broken"}',
        AnswerResult(text="Hello", error="upstream"),
    ),
    (
        "an error object behind the end mark",
        HELLO + 'data: {"error":"Broken"}\n\n',
        AnswerResult(text="Hello", error="upstream"),
    ),
    ("JSON behind comments", ": ping\n\n: ping\n\n" + SUCCESS, AnswerResult(text="Hello")),
    (
        "an error page behind a comment",
        ":\n\n<html><title>502 Bad Gateway</title><p>no</p></html>",
        AnswerResult(error="upstream"),
    ),
    (
        "raw JSON before the words of it",
        '{\n "error": {"message": "Broken"}\n}' + WORD % "Broken" + WORDS_END,
        AnswerResult(error="upstream"),
    ),
    *(
        (
            f"a piece of the answer in a line spoilt by {junk!a}",
            delta("Hel") + junk + delta("lo") + delta("!") + END,
            AnswerResult(text="Hel!", error="protocol"),
        )
        for junk in (" ", "\ufeff", "\0", "<b>Notice</b>: x")
    ),
    ("all fields in capitals", HELLO.replace("data", "DATA"), AnswerResult(error="protocol")),
    ("another object between the events", delta("Hel") + '{"a":1}\n' + delta("lo") + END, HELLO_WITH_JUNK),
    (
        "the whole message behind its pieces",
        delta("Hel")
        + delta("lo")
        + 'data: {"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}\n\n'
        + DONE,
        AnswerResult(text="Hello", finish="stop", warnings=("copy",)),
    ),
    (
        "all of it twice",
        delta("Hello " * 6) * 2 + END,
        AnswerResult(text="Hello " * 12, finish="stop", warnings=("doubled",)),
    ),
    (
        "text beside an empty delta",
        'data: {"choices":[{"delta":{"content":""},"text":"Hello"}]}\n\n' + END,
        AnswerResult(text="Hello", finish="stop", warnings=("odd-event",)),
    ),
    (
        "pieces of text beside empty deltas",
        "".join(f'data: {{"choices":[{{"delta":{{}},"text":"{text}"}}]}}\n\n' for text in ("Hel", "lo")) + END,
        AnswerResult(text="Hello", finish="stop", warnings=("odd-event",)),
    ),
    (
        "a whole message beside an empty delta",
        'data: {"choices":[{"delta":{"content":""},"message":{"content":"Hello"},"finish_reason":"stop"}]}\n\n' + DONE,
        AnswerResult(text="Hello", finish="stop", warnings=("odd-event",)),
    ),
    ("an index that is a text", HELLO.replace('"index": 0', '"index": "0"').replace('"index":0', '"index":"0"'), GOOD),
    (
        "a keep-alive of an empty text",
        delta("Hel") + 'data: ""\n\n' + delta("lo") + END,
        replace(GOOD, warnings=("empty-event",)),
    ),
    ("a quoted end mark", delta("Hello") + 'data: "[DONE]"\n\n', AnswerResult(text="Hello")),
    ("a text alone", delta("Hel") + 'data: "lo"\n\n' + END, AnswerResult(text="Hel", error="protocol")),
    *(
        (
            f"choices that are {choices}",
            HELLO.replace(DONE, f'data: {{"choices":{choices}}}\n\n') + DONE,
            AnswerResult(text="Hello", finish="stop", warnings=("odd-event",)),
        )
        for choices in ('{"0":{"delta":{"content":"x"}}}', '"x"', '["x"]', '[{"delta":{"audio":{"transcript":"x"}}}]')
    ),
    (
        "a model that reasons",
        'data: {"choices":[{"delta":{"role":"assistant","content":null,"reasoning_content":"hm"}}]}\n\n' + HELLO,
        GOOD,
    ),
    *(
        (
            f"an API that fails with {case}",
            delta("Hel") + f'data: {{"choices":[{{"index":0,"delta":{{"content":"lo"}},{case}}}]}}\n\n' + DONE,
            AnswerResult(text="Hello", error="upstream"),
        )
        for case in (
            '"error":{"message":"Provider died"}',
            '"error":"x","finish_reason":null',
            '"finish_reason":"error"',
            '"finish_reason":"insufficient_system_resource"',
        )
    ),
    (
        "an error under an unknown name",
        delta("Hel") + 'event: Oops\ndata: {"error":"x"}\n\n' + END,
        AnswerResult(text="Hel", error="upstream"),
    ),
    *(
        (
            f"{data} under an unknown name",
            delta("Hel") + f"event: token\ndata: {data}\n\n" + delta("lo") + END,
            AnswerResult(text="Hello", finish="stop", warnings=("odd-event", "unfamiliar-event")),
        )
        for data in ("lost", '{"content":"lost"}')
    ),
    (
        "an error without data",
        delta("Hello") + "event: error\n\n" + DONE,
        AnswerResult(text="Hello", warnings=("empty-event",)),
    ),
    # AIPKit
    ("text in the end", 'data: {"delta":"Hel"}\n\nevent: done\ndata: {"delta":"lo"}\n\n', AnswerResult(text="Hello")),
    (
        "an error in the end",
        'data: {"delta":"Hel"}\n\nevent: done\ndata: {"finished":false,"error":"x"}\n\n',
        AnswerResult(text="Hel", error="upstream"),
    ),
    (
        "an end that the model's API knows nothing of",
        (
            'event: status\ndata: {"type":"response.in_progress","status":"in_progress"}\n\n'
            'data: {"delta":"Hello"}\n\nevent: done\ndata: {"finished":true}\n\n'
        ),
        AnswerResult(text="Hello", warnings=("no-model-end",)),
    ),
    (
        "the model's end in a status",
        (
            'event: status\ndata: {"type":"message_start"}\n\ndata: {"delta":"Hello"}\n\n'
            'event: status\ndata: {"type":"message_delta","stop_reason":"max_tokens"}\n\nevent: done\ndata: {}\n\n'
        ),
        AnswerResult(text="Hello", finish="max_tokens", warnings=("cut-short",)),
    ),
    (
        "a refusal of the model after text",
        'data: {"delta":"Hello"}\n\nevent: warning\ndata: {"error":" (Refusal: no)"}\n\nevent: done\ndata: {}\n\n',
        AnswerResult(text="Hello", warnings=("refusal",)),
    ),
    (
        "AIPKit",
        (
            'event: message_start\ndata: {"message_id":"m"}\n\ndata: {"delta":"Hel"}\n\ndata: {"delta":"lo"}\n\n'
            'event: done\ndata: {"finished":true}\n\n'
        ),
        AnswerResult(text="Hello"),
    ),
    ("AIPKit without done", 'data: {"delta":"Hello"}\n\n', AnswerResult(text="Hello", error="interrupted")),
    ("done with empty data", 'data: {"delta":"Hello"}\n\nevent: done\ndata: \n\n', AnswerResult(text="Hello")),
    ("finished without a name", 'data: {"delta":"Hello"}\n\ndata: {"finished":true}\n\n', AnswerResult(text="Hello")),
    (
        "an end by type",
        'data: {"type":"live","data":"Hello"}\n\ndata: {"type":"end","data":"{}"}\n\n',
        AnswerResult(text="Hello"),
    ),
    ("text and end in one", 'data: {"delta":"Hello","finished":true}\n\n', AnswerResult(text="Hello")),
    (
        "an error, then done",
        'data: {"delta":"He"}\n\nevent: error\ndata: {"error":"x"}\n\nevent: done\ndata: {}\n\n',
        AnswerResult(text="He", error="upstream"),
    ),
    (
        "a check that failed",
        'event: error\nid: err-1\ndata: {"error":"Nein."}\n\nevent: done\ndata: {}\n\n',
        AnswerResult(error="refused"),
    ),
    (
        "the API fails",
        'event: message_start\ndata: {"message_id":"m"}\n\nevent: error\ndata: {"error":"Nein."}\n\n',
        AnswerResult(error="upstream"),
    ),
    ("an error that is no JSON", "event: error\ndata: broken\n\n", AnswerResult(error="refused")),
    (
        "a quota",
        'event: error\ndata: {"error":"x","quota_notice":{"type":"quota_notice","message":"x"}}\n\n',
        AnswerResult(error="refused"),
    ),
    (
        "text in a warning",
        (
            'data: {"delta":"Hel"}\n\nevent: warning\ndata: {"error":"lo (Incomplete: max_output_tokens)"}\n\n'
            "event: done\ndata: {}\n\n"
        ),
        AnswerResult(text="Hello", finish="length", warnings=("note",)),
    ),
    (
        "a refusal of the model",
        'event: warning\ndata: {"error":" (Refusal: I can\'t)"}\n\nevent: done\ndata: {}\n\n',
        AnswerResult(error="refused"),
    ),
    (
        "a form",
        'event: display_form_event\ndata: {"form_definition":{}}\n\nevent: done\ndata: {}\n\n',
        AnswerResult(error="refused"),
    ),
    (
        "a bad nonce",
        'event: error\ndata: {"error":"Security check failed (nonce)."}\n\nevent: done\ndata: {}\n\n',
        AnswerResult(error="nonce"),
    ),
    (
        "an end under the name of the model's API",
        (
            'event: content_block_delta\ndata: {"delta":{"type":"text_delta","text":"Hello"}}\n\n'
            'event: message_stop\ndata: {"type":"message_stop"}\n\n'
        ),
        AnswerResult(text="Hello"),
    ),
    # assistants
    (
        "an assistant",
        (
            "event: thread_id\ndata: thread_1\n\nevent: thread.message.delta\ndata: "
            '{"id":"m","object":"thread.message.delta","delta":{"content":[{"index":0,"type":"text","text":{"value":"Hello"}}]}}\n\n'
            "event: done\ndata: [DONE]\n\n"
        ),
        AnswerResult(text="Hello"),
    ),
    (
        "an assistant's error",
        'event: assistant_error\ndata: {"status":"error","msg":"x"}\n\nevent: done\ndata: \n\n',
        AnswerResult(error="upstream"),
    ),
    (
        "an assistant's failed run",
        (
            'event: thread.run.failed\ndata: {"status":"failed","last_error":{"message":"x"}}\n\n'
            "event: done\ndata: [DONE]\n\n"
        ),
        AnswerResult(error="upstream"),
    ),
]

BODIES: list[tuple[str, str, AnswerResult]] = [
    ("success", SUCCESS, AnswerResult(text="Hello")),
    ("success with blanks around", f"\ufeff \r\n{SUCCESS}\n", AnswerResult(text="Hello")),
    ("success of an assistant", '{"status":"success","data":"Hello","thread_id":"t"}', AnswerResult(text="Hello")),
    ("AIPKit's success", '{"success":true,"data":{"reply":"Hello","message_id":"m"}}', AnswerResult(text="Hello")),
    ("text untouched", '{"status":"success","data":" &amp;<br>\\u00e9\\n"}', AnswerResult(text=" &amp;<br>é\n")),
    (
        "half a character",
        '{"status":"success","data":"a\\ud83d"}',
        AnswerResult(text="a\ufffd", warnings=("lone-surrogate",)),
    ),
    ("data with parts", '{"status":"success","data":[{"type":"text","text":"Hello"}]}', AnswerResult(text="Hello")),
    ("data with a response", '{"status":"success","data":{"response":"Hello"}}', AnswerResult(text="Hello")),
    ("a number", '{"status":"success","data":42}', AnswerResult(text="42")),
    ("null", '{"status":"success","data":null}', AnswerResult(error="protocol")),
    ("empty", '{"status":"success","data":""}', AnswerResult(error="protocol")),
    ("an empty error", '{"status":"success","data":"Hello","error":""}', AnswerResult(text="Hello")),
    ("no quota notice", '{"success":true,"data":{"reply":"Hello","quota_notice":null}}', AnswerResult(text="Hello")),
    ("no data", '{"status":"success","msg":"Something went wrong"}', AnswerResult(error="protocol")),
    ("a whole completion", '{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}', GOOD),
    ("another shape", '{"reply":"Hello"}', AnswerResult(text="Hello", warnings=("odd-shape",))),
    ("no known shape", '{"foo":1}', AnswerResult(error="protocol")),
    ("written twice", json.dumps(SUCCESS), AnswerResult(text="Hello")),
    ("in a list", f"[{SUCCESS}]", AnswerResult(text="Hello")),
    ("notices before", NOTICE + SUCCESS, AnswerResult(text="Hello", warnings=("junk",))),
    ("notices glued before", "Notice: Array {0}" + SUCCESS, AnswerResult(text="Hello", warnings=("junk",))),
    ("a cache's comment behind", SUCCESS + "\n<!-- cached -->", AnswerResult(text="Hello", warnings=("junk",))),
    ("an error behind", SUCCESS + '{"status":"error","msg":"x"}', AnswerResult(error="upstream")),
    ("cut off", SUCCESS[:-20], AnswerResult(error="interrupted")),
    ("cut off within an escape", '{"status":"success","data":"Hello \\u00', AnswerResult(error="interrupted")),
    ("cut off within a word", '{"status":"success","data":"Hello","log":fal', AnswerResult(error="interrupted")),
    ("twice the same", SUCCESS * 2, AnswerResult(text="Hello", warnings=("junk",))),
    ("two answers", SUCCESS + SUCCESS.replace("Hello", "Bye"), AnswerResult(error="protocol")),
    ("a line of JSON a piece", '{"choices":[{"delta":{"content":"Hel"}}]}\n' * 2, AnswerResult(error="protocol")),
    (
        "a list of pieces",
        '[{"choices":[{"delta":{"content":"a"}}]},{"choices":[{"delta":{"content":"b"}}]}]',
        AnswerResult(error="protocol"),
    ),
    ("a limit in plain text", "Too many requests. Please wait.", AnswerResult(error="rate_limited")),
    ("a sentence of the plugin on a page", "<body><p>Security check failed.</p></body>", AnswerResult(error="nonce")),
    ("no number", '{"status":"success","data":NaN}', AnswerResult(error="protocol")),
    (
        "a note of AIPKit",
        '{"success":true,"data":{"reply":"Hello (Incomplete: max_output_tokens)","message_id":"m"}}',
        AnswerResult(text="Hello (Incomplete: max_output_tokens)", warnings=("note",)),
    ),
    ("an event stream all the same", HELLO, GOOD),
    ("the API's error", '{"status":"error","msg":"Overloaded","log":1}', AnswerResult(error="upstream")),
    ("an error object", '{"error":{"message":"x"}}', AnswerResult(error="upstream")),
    ("a refused nonce", '{"status":"error","msg":"Nonce verification failed"}', AnswerResult(error="nonce")),
    ("WordPress' refusal of a nonce", "The link you followed has expired.", AnswerResult(error="nonce")),
    ("a plugin's refusal of a nonce", '{"success":false,"data":"Invalid nonce"}', AnswerResult(error="nonce")),
    ("REST's refusal of a nonce", '{"status":"error","msg":"Cookie check failed"}', AnswerResult(error="nonce")),
    ("an expired nonce", '{"success":false,"data":{"message":"Expired nonce."}}', AnswerResult(error="nonce")),
    ("a nonce that is invalid", "Nonce is invalid", AnswerResult(error="nonce")),
    ("a nonce in the words", '{"status":"error","msg":"What is a nonce?","log":1}', AnswerResult(error="upstream")),
    ("a limit", '{"msg":"x","tokenLimitReached":true}', AnswerResult(error="refused")),
    (
        "AIPKit's refusal",
        '{"success":false,"data":{"message":"x","code":"cors_denied"}}',
        AnswerResult(error="refused"),
    ),
    ("WordPress' -1", "-1", AnswerResult(error="nonce")),
    ("WordPress' 0", "0", AnswerResult(error="protocol")),
    ("a consent gate", "Du musst das Kästchen anklicken!", AnswerResult(error="challenge")),
    ("a Turnstile gate", '{"success":false,"data":{"code":"ts_required"}}', AnswerResult(error="challenge")),
    ("a challenge", "<!DOCTYPE html><html><title>Just a moment...</title></html>", AnswerResult(error="challenge")),
    (
        "a page",
        '<html><title>Shop</title><script>var x={"reply":"Hello"}\ndata: {}\n</script></html>',
        AnswerResult(error="protocol"),
    ),
    ("a gateway's page", "<html><h1>502 Bad Gateway</h1></html>", AnswerResult(error="upstream")),
    ("plain words", "Hello", AnswerResult(error="protocol")),
    ("a string", '"Hello"', AnswerResult(error="protocol")),
    ("nothing", "", AnswerResult(error="protocol")),
    ("blanks", " \n", AnswerResult(error="protocol")),
    ("deep nesting", "[" * 50_000, AnswerResult(error="protocol")),
    ("a deep object", '{"a":' * 50_000, AnswerResult(error="protocol")),
]


def ways(body: bytes) -> list[list[bytes]]:
    return [[body], body.splitlines(keepends=True), [body[n : n + 1] for n in range(len(body))]]


@for_each(("body", "expected"), [pytest.param(b, e, id=n) for n, b, e in STREAMS])
@for_each("content_type", ["text/event-stream; charset=utf-8", JSON])
def test_stream(body: str, expected: AnswerResult, content_type: str) -> None:
    for pieces in ways(body.encode()):
        assert result_of(pieces, head_of(content_type)) == expected


@pytest.mark.parametrize(
    ("body", "content_type", "status", "words"),
    [
        ("data: Error: upstream exploded\n\n" + DONE, "text/event-stream", 200, "Error: upstream exploded"),
        ('data: "Error: upstream exploded"\n\n', "text/event-stream", 200, "Error: upstream exploded"),
        ("data: 42\n\n", "text/event-stream", 200, "an event could not be read: 42"),
        ('{"status":"success","data":{"a":1}}', JSON, 200, "whose data is an object with 'a'"),
        ("", HTML, 302, "(status 302)"),
        ("", HTML, 304, "(status 304)"),
    ],
)
def test_an_error_without_an_answer_describes_the_events(body: str, content_type: str, status: int, words: str) -> None:
    text, error = read([body.encode()], head_of(content_type, status))
    assert text == ""
    assert isinstance(error, ChatError)
    assert words in str(error)


def test_words_of_an_error_in_an_event_without_json_keep_their_kind() -> None:
    text, error = read([b"data: Too many requests. Please wait.\n\n" + DONE.encode()], head_of("text/event-stream"))
    assert isinstance(error, ChatError)
    assert (text, error.kind, error.retryable) == ("", "rate_limited", True)


@pytest.mark.parametrize("status", [200, 408, 429, 503, 529])
def test_every_error_has_the_wait_that_the_site_asks_for(status: int) -> None:
    body = b"<p>busy</p>" if status != 200 else b'data: {"error":{"message":"busy"}}\n\n'
    _, error = read([body], head_of("text/event-stream" if status == 200 else HTML, status, retry_after="120"))
    assert isinstance(error, ChatError)
    assert error.retry_after == 120


PLACES = (
    "%s",
    '{"error":%s}',
    '{"success":false,"data":%s}',
    '{"choices":[{"delta":{"content":%s}}]}',
    '{"choices":[{"message":%s}]}',
    '{"data":{"reply":%s}}',
)


@for_each("place", PLACES)
@for_each("value", ["[%s]", '{"a":%s}', '{"error":%s}', '[{"content":%s}]'])
@for_each("levels", [150, 300, 600, 900, 20_000])
def test_values_of_any_depth(levels: int, value: str, place: str) -> None:
    start, end = value.split("%s")
    nested = place % (start * levels + '"deep"' + end * levels)
    for body, content_type in (
        (nested, JSON),
        (f"data: {nested}\n\n", "text/event-stream"),
        (nested, "text/event-stream"),
    ):
        for status in (200, 500):
            found = result_of([body.encode()], head_of(content_type, status))
            assert found.error
            assert not found.text or levels == 150


@for_each(("body", "expected"), [pytest.param(b, e, id=n) for n, b, e in BODIES])
@for_each("content_type", [JSON, HTML, "text/event-stream"])
def test_whole_body(body: str, expected: AnswerResult, content_type: str) -> None:
    for pieces in ways(body.encode()):
        assert result_of(pieces, head_of(content_type)) == expected


@for_each(
    ("status", "body", "expected"),
    [
        pytest.param(403, "The link you followed has expired.", "nonce", id="WordPress' refusal of a nonce"),
        pytest.param(403, 'Le lien a expiré.</p><p><a href="http://x">Réessayer</a>', "nonce", id="in any language"),
        pytest.param(403, "-1", "nonce", id="the core's refusal of a nonce"),
        pytest.param(
            403, '{"code":"rest_cookie_invalid_nonce","message":"x","data":{"status":403}}', "nonce", id="REST's"
        ),
        pytest.param(403, '{"success":false,"data":{"message":"x","code":"nonce_failure"}}', "nonce", id="AIPKit's"),
        pytest.param(403, "Forbidden", "refused", id="any other 403"),
        pytest.param(
            403, '{"success":false,"data":{"message":"What is a nonce?"}}', "refused", id="words prove nothing"
        ),
        pytest.param(400, "0", "protocol", id="no such action"),
        pytest.param(404, "<h1>Not found</h1>", "protocol", id="nothing there"),
        pytest.param(429, "Slow down", "rate_limited", id="too many requests"),
        pytest.param(402, "Pay", "rate_limited", id="payment required"),
        pytest.param(429, '{"success":false,"data":{"message":"Quota"}}', "refused", id="AIPKit's quota"),
        pytest.param(
            429, '{"success":false,"data":{"message":"X API Error (HTTP 429): y"}}', "upstream", id="the API's"
        ),
        pytest.param(500, "<p>critical error</p>", "upstream", id="the site failed"),
        pytest.param(200, "<h1>Error establishing a database connection</h1>", "upstream", id="WordPress' database"),
        pytest.param(504, "", "upstream", id="a gateway waited too long"),
        pytest.param(400, '{"success":false,"data":{"message":"Blocked words"}}', "refused", id="a check of AIPKit"),
    ],
)
def test_status(status: int, body: str, expected: str) -> None:
    _, last = read([body.encode()], head_of(HTML, status))
    assert isinstance(last, ChatError)
    assert (last.kind, last.status) == (expected, status)
    assert "<" not in last.excerpt


def test_a_refusal_that_never_ends_is_not_waited_for() -> None:
    for size in (1000, 1 << 20):
        answer = AnswerReader(head_of(HTML, 500), Limits())
        outcomes = [outcome for _ in range(200) for outcome in answer.feed(b"<p>critical error</p>".ljust(size))]
        assert [getattr(outcome, "kind", None) for outcome in outcomes] == ["upstream"]
        assert answer.finish() == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(delta("Hello"), AnswerResult(text="Hello", error="interrupted"), id="in mid-stream"),
        pytest.param(HELLO, GOOD, id="behind the end mark"),
        pytest.param(
            delta("Hello") + STOP,
            AnswerResult(text="Hello", finish="stop", warnings=("no-end-mark",)),
            id="behind the finish",
        ),
        pytest.param(SUCCESS, AnswerResult(text="Hello"), id="behind a whole object"),
        pytest.param(SUCCESS[:-9], AnswerResult(error="interrupted"), id="within an object"),
        pytest.param("", AnswerResult(error="interrupted"), id="before anything"),
    ],
)
def test_broken_connection(body: str, expected: AnswerResult) -> None:
    assert result_of([body.encode()], end=lambda answer: answer.broken("reset")) == expected


def test_the_end_mark_can_be_seen() -> None:
    answer: AnswerReader = AnswerReader(head_of(), Limits())
    answer.feed(delta("Hello").encode())
    assert not answer.complete
    answer.feed(DONE.encode())
    assert answer.complete


def test_the_words_of_an_error_are_its_message_once() -> None:
    body = (WORD % "It" + WORD % ' "broke"' + WORD % " a\\b" + WORDS_END) * 2
    _, last = read([body.encode()])
    assert str(last).endswith(': It "broke" a\\b')


def test_the_metadata_at_the_end() -> None:
    body = (
        'event: message_start\ndata: {"message_id":"m.1"}\n\ndata: {"delta":"Hello"}\n\n'
        'event: citations\ndata: [{"url":"u"}]\n\nevent: openai_response_id\ndata: {"id":"resp_1"}\n\n'
        'event: google_interaction_id\ndata: {"id":"g"}\n\n'
        'event: done\ndata: {"finished":true,"citations":[{"url":"u"},{"url":"v"}]}\n\n'
    )
    _, last = read([body.encode()])
    assert last == End(
        message_id="m.1", response_id="resp_1", interaction_id="g", citations=({"url": "u"}, {"url": "v"})
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(delta("Hello") + delta("more") + END, "Hello", id="streamed"),
        pytest.param(delta("Hello") + delta("wörld") * 9, "Hello", id="counted in bytes"),
        pytest.param(json.dumps({"status": "success", "data": "Hello" * 9}), "", id="in one piece"),
        pytest.param(WORD % "It" + WORD % " broke" * 9, "", id="words that are held back"),
    ],
)
def test_a_reply_over_the_limit(body: str, text: str) -> None:
    for pieces in ways(body.encode()):
        assert result_of(pieces, limits=Limits(reply=8)) == AnswerResult(text=text, error="too_large")


def test_an_event_over_the_limit() -> None:
    body = (delta("Hello") + "data: " + "x" * 1000).encode()
    for pieces in ways(body):
        assert result_of(pieces, limits=Limits(event=200)) == AnswerResult(text="Hello", error="too_large")


PIECES = st.sampled_from([body for _, body, _ in (*STREAMS, *BODIES) if len(body) < 2000])
TEXTS = st.text(max_size=5) | st.sampled_from(['"', "\\", '","', "\\u", "👋", "\n", "\ud83d", "\udc4b"])
EVENTS = TEXTS.map(lambda text: f"data: {json.dumps({'choices': [{'index': 0, 'delta': {'content': text}}]})}\n\n")
DAMAGE = st.tuples(st.integers(0, 400), st.binary(max_size=3))


@given(bodies=st.lists(PIECES | EVENTS, max_size=6), damage=DAMAGE, places=st.lists(st.integers(0, 600), max_size=8))
def test_cuts_never_matter_whatever_comes(bodies: list[str], damage: tuple[int, bytes], places: list[int]) -> None:
    place, junk = damage
    body = "".join(bodies).encode(errors="replace")
    body = body[:place] + junk + body[place:]
    cuts = sorted({0, len(body), *(place for place in places if place < len(body))})
    expected = result_of([body])
    assert result_of(body[start:end] for start, end in pairwise(cuts)) == expected
    assert result_of(body[n : n + 1] for n in range(len(body))) == expected


@given(
    before=st.text("x\n{", max_size=60),
    bodies=st.lists(PIECES | EVENTS, max_size=4),
    limit=st.integers(1, 400),
    places=st.lists(st.integers(0, 600), max_size=8),
)
def test_where_the_limits_strike_does_not_depend_on_the_cuts(
    before: str, bodies: list[str], limit: int, places: list[int]
) -> None:
    body = (before + "".join(bodies)).encode(errors="replace")
    cuts = sorted({0, len(body), *(place for place in places if place < len(body))})
    limits = Limits(reply=limit, event=max(1, 300 - limit))
    expected = result_of([body], limits=limits)
    assert result_of((body[start:end] for start, end in pairwise(cuts)), limits=limits) == expected
    assert result_of((body[n : n + 1] for n in range(len(body))), limits=limits) == expected


BESIDE: st.SearchStrategy[dict[str, object]] = st.dictionaries(
    st.sampled_from(
        [
            *sorted(error_object.KEYS),
            *finish_place.FINISHES,
            *text_parts.SILENCERS,
            "finished",
            "usage",
            "finish_details",
            "text",
            "quota_notice",
            "ipBanned",
            "modflag",
            "tokenLimitReached",
            "messageFlagged",
            "pineconeError",
            "content",
            "candidates",
        ]
    ),
    st.sampled_from(
        [
            None,
            "",
            "x",
            0,
            1,
            True,
            False,
            [],
            {},
            {"type": "stop"},
            {"message": "m"},
            "error",
            "end",
            500,
            {"code": 5},
            "tool",
            "chat.completion",
        ]
    ),
    max_size=2,
)


@given(beside=st.lists(BESIDE, min_size=3, max_size=3), text=TEXTS, end=st.sampled_from(["", DONE, STOP]))
def test_the_fast_path_agrees_with_the_handlers(beside: list[dict[str, object]], text: str, end: str) -> None:
    """Whatever else an event has; a comment above it sends it the long way."""
    chunk, choice, place = beside
    for value in ({"choices": [{"delta": {"content": text, **place}, **choice}], **chunk}, {"delta": text, **chunk}):
        event = f"data: {json.dumps(value)}\n\n"
        assert result_of([(event * 2 + end).encode()]) == result_of([(f": long\n{event}" * 2 + end).encode()])


@given(texts=st.lists(TEXTS, min_size=1, max_size=12), size=st.integers(1, 200))
def test_text_comes_out_as_it_went_in(texts: list[str], size: int) -> None:
    body = "".join(delta(text) for text in texts).encode(errors="surrogatepass") + END.encode()
    ascii_body = "".join(f"data: {json.dumps({'choices': [{'delta': {'content': text}}]})}\n\n" for text in texts)
    expected = "".join(texts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    for sent in (body,) if body.isascii() else ((ascii_body + END).encode(),):
        text, _ = read(sent[start : start + size] for start in range(0, len(sent), size))
        assert text == expected


def test_other_bodies_take_no_longer_in_larger_pieces() -> None:
    body = b": ping\n\n" * 10_000

    def seconds(size: int) -> float:
        begun = time.process_time()
        result_of(body[start : start + size] for start in range(0, len(body), size))
        return time.process_time() - begun

    assert seconds(len(body)) < 4 * seconds(100)


def test_blank_lines_too_many_are_nothing() -> None:
    body = delta("Hel").encode() + b"\n" + delta("lo").encode() + b"\n\n\n" + END.encode() + b"\n"
    for pieces in ways(body):
        assert result_of(pieces) == GOOD


def test_bytes_of_another_charset_are_reported() -> None:
    body = '{"status":"success","data":"wörld"}'.encode("latin-1")
    for pieces in ways(body):
        assert result_of(pieces, head_of(JSON)) == AnswerResult(text="w\ufffdrld", warnings=("bad-characters",))


def test_an_event_that_can_not_be_read_is_shown() -> None:
    body = delta("Hel") + 'data: {"choices":[{"delta":{"content":"<b>lo</b>"}\n\n' + delta(" there") + END
    _, last = read([body.encode()])
    assert isinstance(last, ChatError)
    assert (str(last), last.partial) == ("an event of the answer cannot be read, so that text is missing", "Hel there")
    assert "lo" in last.excerpt
    assert "<b>" not in last.excerpt


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        ("{}", "an object with nothing in it"),
        ('{"a":1,"b":2}', "an object with 'a', 'b'"),
        (
            json.dumps(dict.fromkeys("abcdefghi", 1)),
            "an object with 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'",
        ),
    ],
)
def test_the_shape_of_an_unknown_object_is_shown(body: str, shape: str) -> None:
    _, error = read([body.encode()], head_of(JSON))
    assert isinstance(error, ChatError)
    assert error.excerpt == shape


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        (END, "the answer is empty (finish stop)"),
        (DONE, "the answer is empty"),
        ('data: {"success":true}\n\n' + DONE, "the answer is empty"),
    ],
)
def test_an_empty_answer_names_its_finish(stream: str, message: str) -> None:
    _, error = read([stream.encode()])
    assert isinstance(error, ChatError)
    assert str(error).partition(":")[0] == message


@pytest.mark.parametrize(
    "among",
    [
        'Notice: {"level": tru} ' + SUCCESS,
        'Notice: {"level": 1} and {"level": oops} ' + SUCCESS,
        'Notice: {"a": {"b": 1}} ' + SUCCESS,
        'Notice: {"more digits than Python reads": ' + "1" * 5000 + "} " + SUCCESS,
    ],
    ids=["no literal", "the second has none", "nested", "a long number"],
)
def test_objects_before_the_answer_do_not_hide_it(among: str) -> None:
    assert result_of([among.encode()], head_of(HTML)) == AnswerResult(text="Hello", warnings=("junk",))


@pytest.mark.parametrize(
    "report", ['{"msg":"Too long"}', '{"error":"Too long"}', '{"status":"error"}', '{"success":false}']
)
def test_a_report_among_notices_is_an_error(report: str) -> None:
    _, error = read([(NOTICE + report).encode()], head_of(JSON))
    assert isinstance(error, ChatError)
    assert "unknown shape" not in str(error)
    assert "no answer" not in str(error)


def test_of_a_refusal_64_kib_are_read() -> None:
    reader = AnswerReader(head_of(HTML, 500), Limits())
    assert reader.feed(b"x" * (64 * 1024 - 1)) == []
    assert isinstance(reader.feed(b"x")[-1], ChatError)


@pytest.mark.parametrize("words", ["stopped at max_output_tokens", "the maximum output token count"])
def test_a_note_about_the_longest_output_is_a_finish(words: str) -> None:
    note = f"event: warning\ndata: {json.dumps({'error': words})}\n\n"
    assert result_of([(delta("Hello") + note + DONE).encode()]) == AnswerResult(
        text="Hello", finish="length", warnings=("note",)
    )


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_document_is_not_a_stream_whatever_its_scripts_hold(size: int) -> None:
    page = f"<!doctype html><body><script>\nlet stream = `\n{HELLO}`;\n</script></body>".encode()
    assert result_of([page[at : at + size] for at in range(0, len(page), size)]) == AnswerResult(error="protocol")


@pytest.mark.parametrize(
    "mark",
    [
        "data: [END]\n\n",
        "data: DONE\n\n",
        "event: complete\ndata: {}\n\n",
        "event: message_end\ndata: {}\n\n",
        'data: {"done":true}\n\n',
        'data: {"is_end":true}\n\n',
        'data: {"event":"done"}\n\n',
        'data: {"type":"finish"}\n\n',
        'data: {"status":"completed"}\n\n',
    ],
)
def test_an_end_in_words_of_the_sites_own_is_a_warning_unless_text_follows(mark: str) -> None:
    hello = 'data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]}\n\n'
    outcome = result_of([(hello + mark).encode()])
    assert (outcome.text, outcome.error) == ("Hello", None)
    assert "no-end-mark" in outcome.warnings
    assert result_of([(hello + mark + hello).encode()]).error == "interrupted"


def test_a_second_answer_in_one_object_is_a_warning() -> None:
    choices = [{"index": index, "message": {"content": text}} for index, text in enumerate(("Hello", "Hi"))]
    assert result_of([json.dumps({"choices": choices}).encode()]) == AnswerResult(
        text="Hello", warnings=("more-choices",)
    )
