"""Whether the model's API had finished, which AIPKit shows differently for each provider and release."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.answers import AnswerResult, head_of, result_of
from tests.support.many_cases import for_each
from tests.support.playbook import START, URL, Answers, Sends, Stage, data, delivers, learns, opened, received
from tests.support.raw_site import CACHED, aipkit_config, aipkit_element, document, response
from tests.support.recordings import recording, recording_paths

from chatgptfree import UpstreamError, decode_events
from chatgptfree.core.answer.answer_reader import AnswerReader
from chatgptfree.core.answer.model_end import Proof, proof
from chatgptfree.core.answer.outcome import End
from chatgptfree.core.session.commands import Delivered, Ended, Read, Refresh
from chatgptfree.messages import Delta, Limits

AJAX = f"{URL}wp-admin/admin-ajax.php"
START_EVENT = 'event: message_start\ndata: {"message_id":"aipkit-msg-1.2"}\n\n'
TEXT = 'data: {"delta":"Hello"}\n\n'
ID = 'event: openai_response_id\ndata: {"id":"resp_x"}\n\n'
FINISHED = 'event: done\ndata: {"finished":true}\n\n'


def status(kind: str, **more: object) -> str:
    return f"event: status\ndata: {json.dumps({'type': kind, **more})}\n\n"


AT_WORK = status("response.created", status="in_progress") + status("response.in_progress", status="in_progress")
CLAUDE = status("message_start", model="claude")

# provider, release, a whole answer's events before `done` as recorded or by the plugin's source, and a cut one's
RECORDED = [
    *(("OpenAI", release, TEXT + ID, TEXT) for release in ("2.3", "2.3.13", "2.3.41", "2.3.43")),
    *(
        ("OpenAI", release, AT_WORK + TEXT + ID, status("response.in_progress") + TEXT)
        for release in ("2.3.70", "2.3.93", "2.4.5", "2.4.67", "2.4.71", "2.4.97")
    ),
    *(("OpenAI", release, TEXT + ID, TEXT) for release in ("2.3.70", "2.4.67")),
    *(
        ("OpenRouter", release, AT_WORK + TEXT + status("response.completed"), AT_WORK + TEXT)
        for release in ("2.3.93", "2.4.71", "2.4.97")
    ),
    *(
        ("Claude", release, CLAUDE + TEXT + status("message_stop"), CLAUDE + TEXT)
        for release in ("2.3.93", "2.4.0", "2.4.71", "2.4.97")
    ),
    ("Claude", None, CLAUDE + TEXT + status("message_stop"), CLAUDE + TEXT),
    ("OpenAI", None, AT_WORK + TEXT + ID, AT_WORK + TEXT),
]
# Where nothing on the wire distinguishes a cut answer from a whole one.
WITHOUT_A_SIGN = [
    ("OpenAI", "2.4.68", TEXT),  # Chat Completions
    ("OpenAI", "2.4.71", TEXT),
    ("OpenAI", None, TEXT),
    *(("OpenRouter", release, AT_WORK + TEXT) for release in ("2.3.71", "2.3.88", "2.3.91", None)),
    ("OpenRouter", "2.3.70", TEXT),
    ("OpenRouter", "2.4.71", TEXT),  # Chat Completions, which it still understands
    *(("xAI", release, AT_WORK + TEXT) for release in ("2.4.16", "2.4.71", "2.4.97", None)),
    *(("Azure", release, TEXT) for release in ("2.3", "2.3.70", "2.3.71", "2.4.71")),
    ("DeepSeek", "2.4.71", 'data: {"delta":""}\n\n' + TEXT),
    ("Claude", "2.3.88", TEXT),
    ("Google", "2.4.71", status("google_search_call") + TEXT),
    ("AIPufferCloud", "2.4.97", TEXT + 'data: {"delta":""}\n\n'),
]


def outcome(provider: str, release: str | None, body: str) -> AnswerResult:
    reader = AnswerReader(head_of(), Limits(), proof(provider, release))
    *texts, last = [*reader.feed((START_EVENT + body + FINISHED).encode()), *reader.finish()]
    text = "".join(piece.text for piece in texts if isinstance(piece, Delta))
    return AnswerResult(text=text, warnings=tuple(warning.code for warning in getattr(last, "warnings", ())))


@for_each(("provider", "release", "whole", "half"), RECORDED)
def test_a_cut_answer_is_distinguished_from_a_whole_one(
    provider: str, release: str | None, whole: str, half: str
) -> None:
    assert outcome(provider, release, whole) == AnswerResult(text="Hello")
    assert outcome(provider, release, half) == AnswerResult(text="Hello", warnings=("no-model-end",))


@for_each(("provider", "release", "whole"), WITHOUT_A_SIGN)
def test_an_answer_without_a_sign_of_its_end_is_not_warned_of(provider: str, release: str | None, whole: str) -> None:
    assert outcome(provider, release, whole) == AnswerResult(text="Hello")


def test_an_answer_that_openai_cut_is_at_its_end() -> None:
    note = 'event: warning\ndata: {"error":" (Incomplete: max_output_tokens)"}\n\n'
    assert outcome("OpenAI", "2.3.41", TEXT + ID + note).warnings == ("note",)


@pytest.mark.parametrize("reason", ["max_tokens", "refusal"])
def test_claude_sends_its_stop_reason(reason: str) -> None:
    ended = status("message_delta", stop_reason=reason)
    assert outcome("Claude", "2.4.71", CLAUDE + TEXT + ended).warnings == ("cut-short",)


@for_each(
    "ended",
    [
        status("response.incomplete", status="incomplete"),
        status("response.incomplete"),
        status("response.done", status="incomplete"),
        status("response.incomplete", incomplete_details={"reason": "content_filter"}),
    ],
)
@for_each("provider", ["OpenAI", "OpenRouter", "xAI", ""])
def test_a_status_of_an_incomplete_answer_is_a_warning(provider: str, ended: str) -> None:
    assert "cut-short" in outcome(provider, "2.4.71", AT_WORK + TEXT + ended + ID).warnings


RUN_TEXT = 'event: thread.message.delta\ndata: {"delta":{"content":[{"type":"text","text":{"value":"Hello"}}]}}\n\n'


@pytest.mark.parametrize(
    ("state", "more", "expected"),
    [
        ("completed", {}, AnswerResult(text="Hello")),
        ("incomplete", {"incomplete_details": {"reason": "max_completion_tokens"}}, "cut-short"),
        ("incomplete", {}, "cut-short"),
        ("requires_action", {}, "tool-call"),
        ("expired", {}, AnswerResult(text="Hello", error="upstream")),
        ("cancelled", {}, AnswerResult(text="Hello", error="upstream")),
        ("step.expired", {}, AnswerResult(text="Hello")),
    ],
)
def test_the_state_of_an_assistants_run_decides(
    state: str, more: dict[str, object], expected: AnswerResult | str
) -> None:
    """The events of the assistants API, which plugin 1.x passes on."""
    run = f"event: thread.run.{state}\ndata: {json.dumps({'object': 'thread.run', 'status': state, **more})}\n\n"
    outcome = result_of([(RUN_TEXT + run + "event: done\ndata: [DONE]\n\n").encode()])
    if isinstance(expected, str):
        assert (outcome.text, outcome.error, outcome.warnings) == ("Hello", None, (expected,))
    else:
        assert outcome == expected


@pytest.mark.parametrize("name", ["incomplete", "truncated", "response.incomplete"])
def test_an_event_named_after_a_cut_is_a_warning(name: str) -> None:
    cut = f"event: {name}\ndata: {{}}\n\n"
    assert result_of([(RUN_TEXT + cut + "data: [DONE]\n\n").encode()]) == AnswerResult(
        text="Hello",
        finish=name.removeprefix("response."),
        warnings=("cut-short",) if "." in name else ("unfamiliar-event", "cut-short"),
    )


@for_each("kind", ["response.failed", "response.cancelled", "response.error"])
@for_each("provider", ["OpenAI", "OpenRouter", "xAI", ""])
def test_a_status_of_a_failed_answer_is_an_error(provider: str, kind: str) -> None:
    reader = AnswerReader(head_of(), Limits(), proof(provider, "2.4.71"))
    *_, last = [*reader.feed((START_EVENT + AT_WORK + TEXT + status(kind) + FINISHED).encode()), *reader.finish()]
    assert isinstance(last, UpstreamError)
    assert last.partial == "Hello"


@pytest.mark.parametrize(
    "beside",
    [
        status("response.web_search_call.failed", status="failed"),
        status("response.output_item.done", status="incomplete"),
        status("response.function_call_arguments.done"),
        status("response.queued", status="queued"),
        status("google_search_call", status="failed"),
    ],
)
def test_the_status_of_a_part_does_not_end_the_answer(beside: str) -> None:
    assert outcome("OpenAI", "2.4.71", AT_WORK + beside + TEXT + ID) == AnswerResult(text="Hello")


def shape_of(name: str) -> list[tuple[str, list[str]]]:
    """Return names and keys of the events of a recording, each once; what is in them differs from call to call."""
    path = next(path for path in recording_paths() if path.as_posix().endswith(f"/{name}.yaml"))
    body = recording(path).interactions[0].response.body
    shapes = [(event.event, sorted(json.loads(event.data))) for event in decode_events([body])]
    return [shape for number, shape in enumerate(shapes) if shape not in shapes[:number]]


@pytest.mark.parametrize(
    ("whole", "cut"),
    [
        ("2.3.71/x_openrouter_ok", "2.3.70/x_stream_up_half"),
        ("2.3.70/x_openrouter_ok", "2.3.70/x_openrouter_half"),
        ("2.3.70/x_azure_ok", "2.3.70/x_azure_half"),
        ("2.3.71/x_azure_ok", "2.3.71/x_azure_half"),
    ],
)
def test_recordings_of_a_whole_and_of_a_cut_answer_have_the_same_events(whole: str, cut: str) -> None:
    """Some cut answers look like whole ones, and a warning about every whole answer would be worthless."""
    assert shape_of(whole) == shape_of(cut)


@pytest.mark.parametrize("provider", ["", "Mistral"])
def test_without_a_known_provider_the_warning_adds_that_the_answer_may_be_whole(provider: str) -> None:
    reader = AnswerReader(head_of(), Limits(), proof(provider, "2.3.71"))
    *_, end = [*reader.feed((START_EVENT + AT_WORK + TEXT + FINISHED).encode()), *reader.finish()]
    assert isinstance(end, End)
    (warning,) = end.warnings
    assert warning.code == "no-model-end"
    assert "or whole if the bot's provider, which is not known" in warning.detail


@given(provider=st.text(max_size=12), release=st.none() | st.text(max_size=12) | st.from_regex(r"\A[0-9.]{1,9}\Z"))
def test_any_provider_and_release_has_a_rule(provider: str, release: str | None) -> None:
    assert proof(provider, release) in Proof


@pytest.mark.parametrize(
    ("provider", "release", "body", "warnings"),
    [
        ("OpenAI", "2.3.41", TEXT, {"no-model-end"}),
        ("OpenAI", "2.3.41", TEXT + ID, set()),
        ("openai", "2.3", TEXT, {"no-model-end"}),
        ("xAI", "2.4.71", AT_WORK + TEXT, set()),
        ("OpenRouter", "2.3.88", AT_WORK + TEXT, set()),
        ("OpenRouter", "2.4.71", AT_WORK + TEXT, {"no-model-end"}),
        ("Claude", "2.3.93", CLAUDE + TEXT, {"no-model-end"}),
    ],
)
def test_the_page_names_provider_and_release(provider: str, release: str, body: str, warnings: set[str]) -> None:
    asset = f"/wp-content/plugins/gpt3-ai-content-generator/dist/js/public-main.bundle.js?ver={release}"
    page = response(document(aipkit_element(aipkit_config(provider=provider)), f'<script src="{asset}"></script>'))
    Stage().play(
        "Hello",
        [
            (START, Refresh(seen=0)),
            (learns(page), Sends("POST", AJAX, action="aipkit_cache_sse_message")),
            (received(CACHED), Sends("GET", AJAX, action="aipkit_frontend_chat_stream")),
            (opened(), Read()),
            (data(START_EVENT + body + FINISHED), delivers("Hello")),
            (Delivered(), Read(patience=1.0)),
            (Ended(), Answers("Hello", warnings)),
        ],
    )
