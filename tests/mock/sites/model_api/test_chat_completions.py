"""What the model's API puts on the wire in Chat Completions, against what WPAICG passed through in recordings."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.model_reply import RECORDED_DELTAS

from chatgptfree_mock.sites.model_api.settings import ApiError, MidError, Model
from chatgptfree_mock.sites.model_api.upstream import Api, Failure, ModelRequest, ModelResponse
from chatgptfree_mock.sites.model_api.wire import ask

RECORDED = Model(reply=RECORDED_DELTAS, first_ms=108, delta_ms=81)


def chunk(delta: str, finish: str = "null") -> str:
    return (
        'data: {"id":"chatcmpl-ARfake0000000000000000000001","object":"chat.completion.chunk","created":1731000000,'
        '"model":"gpt-3.5-turbo-0125","system_fingerprint":null,"choices":[{"index":0,"delta":'
        f'{delta},"logprobs":null,"finish_reason":{finish}}}]}}\n\n'
    )


def stream(**settings: object) -> ModelResponse:
    values = {field: getattr(RECORDED, field) for field in RECORDED.__struct_fields__}
    return ask(ModelRequest(settings=Model(**{**values, **settings}), model="gpt-3.5-turbo"))


def test_a_stream_has_the_recorded_sizes_and_times() -> None:
    upstream = stream()
    sizes = [281, 252, 253, 248, 251, 260, 253, 256, 257, 249, 265, 261, 259, 252, 256, 257, 255, 273, 252, 237, 14]
    assert [len(data) for _, data in upstream.reads] == sizes
    times = [ms for ms, _ in upstream.reads]
    assert times == [*range(108, 108 + 20 * 81, 81), 108 + 19 * 81]
    assert upstream.failure is None


def test_a_stream_begins_with_the_role_and_ends_with_the_reason() -> None:
    body = stream().body.decode()
    assert body.startswith(chunk('{"role":"assistant","content":"","refusal":null}') + chunk('{"content":"Hello"}'))
    assert body.endswith(chunk("{}", '"stop"') + "data: [DONE]\n\n")


def test_a_burst_is_one_read() -> None:
    assert [(ms, len(data)) for ms, data in stream(burst=True).reads] == [(108, 5141)]


def test_events_can_be_split_inside_a_character() -> None:
    reads = stream(split=[1, 6]).reads
    assert [len(data) for _, data in reads][2:4] == [126, 127]
    assert [len(data) for _, data in reads][8:10] == [206, 50]
    assert reads[8][1].endswith(b"\xf0\x9f")
    assert reads[3][0] - reads[2][0] == 300
    assert reads[4][0] - reads[3][0] == 81


def test_reads_of_a_size_ignore_the_events() -> None:
    reads = stream(read_bytes=[1229, 1160]).reads
    assert [len(data) for _, data in reads] == [1229, 1160, 1160, 1160, 432]
    assert b"".join(data for _, data in reads) == stream().body
    assert all(before[0] < after[0] for before, after in pairwise(reads))


@pytest.mark.parametrize(
    ("settings", "end"),
    [
        pytest.param({"no_end_mark": True}, chunk("{}", '"stop"'), id="no [DONE]"),
        pytest.param({"no_finish": True}, chunk('{"content":" end."}') + "data: [DONE]\n\n", id="no reason"),
        pytest.param({"finish": "length"}, chunk("{}", '"length"') + "data: [DONE]\n\n", id="cut by length"),
        pytest.param({"ends_after": 4}, chunk('{"content":"\\n\\n"}'), id="a clean end in the middle"),
        pytest.param(
            {"error_midway": MidError(after=4)},
            'data: {"error":{"message":"The server had an error while processing your request. Sorry about that!",'
            '"type":"server_error","param":null,"code":null}}\n\n',
            id="an error as an event",
        ),
        pytest.param(
            {"error_midway": MidError(after=4, message="no", plain_json=True)},
            '\n\n{"error":{"message":"no","type":"server_error","param":null,"code":null}}',
            id="an error as bare JSON",
        ),
    ],
)
def test_streams_that_end_otherwise(settings: dict[str, object], end: str) -> None:
    upstream = stream(**settings)
    assert upstream.body.decode().endswith(end)
    assert upstream.failure is None


def test_a_stream_that_breaks_is_cut_after_a_piece() -> None:
    upstream = stream(dies_after=4)
    assert upstream.body.decode().endswith(chunk('{"content":"\\n\\n"}'))
    assert upstream.failure == Failure(code=18, text="transfer closed with outstanding read data remaining")
    assert upstream.failed_ms == upstream.ended_ms == 108 + 4 * 81


def test_a_stream_that_breaks_may_leave_half_an_event() -> None:
    upstream = stream(dies_after=4, half_event=True)
    assert upstream.body.decode().endswith('\n\ndata: {"id":"chatcmpl-ARfake0000000000000000000001","object"')
    assert upstream.failed_ms == 108 + 4 * 81 + 100


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        pytest.param(True, "cURL error 52: Empty reply from server", id="closed without a word"),
        pytest.param("no-connection", "cURL error 7: Failed to connect to api.openai.com", id="nobody listens"),
        pytest.param("timeout", "cURL error 28: Operation timed out after 120001 milliseconds", id="silence"),
    ],
)
def test_no_answer_at_all(refused: object, words: str) -> None:
    upstream = stream(refused=refused)
    assert (upstream.status, upstream.body) == (0, b"")
    assert str(upstream.failure).startswith(words)


def test_an_http_error_comes_in_one_read_whether_streaming_or_not() -> None:
    for streaming in (True, False):
        error = ApiError(status=401, message="Incorrect API key", code="invalid_api_key", type="invalid_request_error")
        upstream = ask(ModelRequest(settings=Model(http_error=error), stream=streaming))
        assert (upstream.status, len(upstream.reads)) == (401, 1)
        assert json.loads(upstream.body)["error"]["code"] == "invalid_api_key"


def test_a_gateway_page_is_html() -> None:
    upstream = stream(html_error=502)
    assert (upstream.status, len(upstream.body)) == (502, 155)


def test_a_whole_answer_holds_all_the_text() -> None:
    upstream = ask(ModelRequest(settings=RECORDED, stream=False))
    answer = json.loads(upstream.body)
    assert answer["choices"][0]["message"]["content"] == "".join(RECORDED_DELTAS)
    assert answer["object"] == "chat.completion"


def test_a_whole_answer_can_break_off() -> None:
    upstream = ask(ModelRequest(settings=Model(dies_after=0), stream=False))
    assert upstream.failure is not None
    assert not upstream.body.endswith(b"}")


def test_azure_judges_the_prompt_first() -> None:
    body = ask(ModelRequest(settings=Model(), provider="Azure")).body
    first = json.loads(body.split(b"\n\n")[0].removeprefix(b"data: "))
    assert first["choices"] == []
    assert "prompt_filter_results" in first


def test_openrouter_comments_come_one_by_one() -> None:
    reads = stream(comments=True).reads
    assert [data for _, data in reads][:4] == [b": OPENROUTER PROCESSING\n\n"] * 3 + [reads[3][1]]
    assert [len(data) for _, data in reads][:3] == [25, 25, 25]


def test_half_an_emoji_is_escaped() -> None:
    body = ask(ModelRequest(settings=Model(reply=["\ud83d", "\udc4b"]))).body
    assert b'{"content":"\\ud83d"}' in body
    assert b'{"content":"\\udc4b"}' in body


def test_legacy_completions_put_the_text_in_the_choice() -> None:
    body = ask(
        ModelRequest(settings=Model(reply=["Hel", "lo"]), api="completions", model="gpt-3.5-turbo-instruct")
    ).body
    events = [json.loads(part.removeprefix(b"data: ")) for part in body.split(b"\n\n")[:-2]]
    assert [event["choices"][0]["text"] for event in events] == ["Hel", "lo", ""]
    assert body.endswith(b"data: [DONE]\n\n")


@given(
    reply=st.lists(st.text(st.characters(codec="utf-8"), max_size=9), max_size=5),
    burst=st.booleans(),
    sizes=st.none() | st.integers(1, 300) | st.lists(st.integers(1, 300), min_size=1, max_size=4),
    split=st.lists(st.integers(0, 6), max_size=3),
    api=st.sampled_from(["chat-completions", "completions", "responses", "assistant", "google", "claude"]),
)
def test_reads_change_no_byte_and_never_go_back_in_time(
    reply: list[str], burst: bool, sizes: int | list[int] | None, split: list[int], api: Api
) -> None:
    cut = ask(ModelRequest(settings=Model(reply=reply, burst=burst, read_bytes=sizes, split=split), api=api))
    assert cut.body == ask(ModelRequest(settings=Model(reply=reply), api=api)).body
    assert all(data for _, data in cut.reads)
    assert all(before <= after for (before, _), (after, _) in pairwise(cut.reads))
