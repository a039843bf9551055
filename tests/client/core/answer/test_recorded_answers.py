"""
Every recorded answer is read right, however it is cut.

What is right comes from the protocol, not from the reader: the stand-in for the model's API always says the same
words, and what the plugin makes of a failure is described release by release.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.answers import AnswerResult, result_of
from tests.support.many_cases import by_release, check_recordings
from tests.support.recordings import recording, recording_paths

from chatgptfree.core.generations.aipkit import cache_reply, nonce_reply
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import ChatError
from chatgptfree_mock.tape.model import Response

FULL = (
    "Hello there!\n\nŽluťoučký kůň 👋🏽 日本語\nHe said \"quoted\" & <b>HTML</b> back\\slash\ttab 'single' </script>"
    " €5.00\n```python\nprint(1)\n``` end."
)
BEGUN = "Hello there!\n\n"
LONGER = "Hello there!\n\nŽluťoučký"
HOLES = "Hello there!Žluťoučký kůň 👋🏽\nHe said \"quoted\" & <b>HTML</b> back\\slash 'single' </script> €5.00 end."
"""What OpenRouter's stream still holds when the plugin has dropped every line that a read cut in two."""

SECOND = "Hello there! I am a stand-in 👋 and I say: nice to meet you."
"""The answer of another stand-in for the model, in the recordings named `x_…`."""
CLIPPED = SECOND.removesuffix(".")
EMOJI = (
    "Family 👨\u200d👩\u200d👧\u200d👦, flag 🇩🇪, heart ❤\ufe0f\u200d🔥, thumbs 👍🏽, e\u0301 \ufb01, 日本語"
    "テスト漢字、中文字符 한국어, עברית العربية, 𝕏 𐍈, \u200bzero\u200dwidth, ½ ∑ €."
)

STREAMED = AnswerResult(text=FULL, finish="stop")
WHOLE = AnswerResult(text=FULL)
CUT_BY_LENGTH = AnswerResult(text=FULL, finish="length", warnings=("cut-short",))
NOTED_LENGTH = AnswerResult(text=FULL, finish="length", warnings=("note",))
REFUSED = AnswerResult(error="refused")
NONCE = AnswerResult(error="nonce")
FAILED = AnswerResult(error="upstream")
NOT_THERE = AnswerResult(error="protocol")
EMPTY = AnswerResult(error="protocol")

EXPECTED: dict[str, AnswerResult] = {
    # 1.x, answered in one piece
    **dict.fromkeys(["bot_buffered_s", "msg_ok_b", "msg_multipart_b", "postid_missing_b", "widget_b"], WHOLE),
    # 1.x, streamed
    **dict.fromkeys(
        ["bot_stream_b", "botid_unknown_s", "frontend_full_s", "history_clean_s", "limit_first_s"], STREAMED
    ),
    **dict.fromkeys(["msg_foreign_origin_s", "msg_html_s", "msg_multipart_s", "msg_newlines_s", "msg_ok_s"], STREAMED),
    **dict.fromkeys(["openrouter_ok_s", "up_burst_s", "up_slow_s", "up_split_s", "url_missing_s"], STREAMED),
    **dict.fromkeys(["widget_fresh", "widget_s"], STREAMED),
    "up_length_s": CUT_BY_LENGTH,
    # 1.x, fields in the query: read up to 1.8.90, later "nothing was inputted"
    **dict.fromkeys(["get_query_s", "get_query_es_s", "post_query_emptybody_b"], REFUSED),
    # 1.x, the site refuses; while streaming the answer follows all the same, and is not to be taken
    **dict.fromkeys(["banned_ip_s", "banned_word_b", "banned_word_s", "limit_second_b", "limit_second_s"], REFUSED),
    **dict.fromkeys(["msg_empty_b", "msg_empty_s", "msg_missing_s", "msg_zero_b"], REFUSED),
    **dict.fromkeys(
        ["nonce_bad_b", "nonce_bad_noreferer_s", "nonce_bad_s", "nonce_expired_b", "nonce_missing_b"], NONCE
    ),
    **dict.fromkeys(["action_missing_s", "action_unknown", "action_unknown_b", "old_action"], NOT_THERE),
    "options_same_origin": REFUSED,
    # 1.x, the model's API fails
    **dict.fromkeys(["apikey_none_b", "apikey_none_s", "up_401_b", "up_401_s", "up_429rate_b", "up_429rate_s"], FAILED),
    **dict.fromkeys(["up_500_s", "up_502html_s"], FAILED),
    **dict.fromkeys(["openrouter_429rate_s", "up_502html_b", "up_refused_s"], EMPTY),
    "openrouter_burst_s": AnswerResult(text=HOLES, error="protocol"),
    **dict.fromkeys(["up_abort_s", "up_half_s"], AnswerResult(text=BEGUN, error="interrupted")),
    "up_errmid_s": AnswerResult(text=BEGUN, error="upstream"),
    "hangup_s": AnswerResult(text="Hello", error="interrupted"),
    # 2.x, answered in one piece
    **dict.fromkeys(["msg_html", "msg_limit_1", "msg_ok", "msg_own_origin", "msg_up_cite"], WHOLE),
    **dict.fromkeys(["msg_banned_word", "msg_empty", "msg_limit_2"], REFUSED),
    "msg_nonce_bad": NONCE,
    "msg_session_missing": AnswerResult(error="protocol"),
    **dict.fromkeys(["msg_bot_unknown", "msg_up_401", "msg_up_429", "msg_up_502html"], FAILED),
    # 2.x, streamed; there is no finish on the wire
    **dict.fromkeys(["stream_conv_turn1", "stream_conv_turn2", "stream_html", "stream_limit_1", "stream_ok"], WHOLE),
    **dict.fromkeys(["stream_ok_cc", "stream_state_bot", "stream_state_bot_prev", "stream_up_burst"], WHOLE),
    **dict.fromkeys(["stream_up_burst_cc", "stream_up_cite", "stream_up_slow"], WHOLE),
    "stream_up_length": NOTED_LENGTH,
    **dict.fromkeys(["stream_banned_word", "stream_limit_2", "stream_moderation_flagged"], REFUSED),
    "stream_nonce_bad": NONCE,
    "stream_bot_unknown": AnswerResult(error="model"),
    **dict.fromkeys(
        ["stream_conv_missing", "stream_key_missing", "stream_session_missing"], AnswerResult(error="protocol")
    ),
    **dict.fromkeys(["stream_key_reuse", "stream_up_429", "stream_up_502html"], FAILED),
    **dict.fromkeys(["stream_up_abort", "stream_up_errmid"], AnswerResult(text=LONGER, error="upstream")),
    "stream_up_half_cc": AnswerResult(text=BEGUN, error="upstream"),
    "stream_up_empty": EMPTY,
    "stream_hangup": AnswerResult(text=BEGUN, error="interrupted"),
    # 1.x, asked in odd ways
    **dict.fromkeys(
        [
            f"x_ajax_{how}"
            for how in ("action_query_only", "both_actions", "ctype_case", "ctype_charset", "nul", "range")
        ],
        AnswerResult(text=SECOND, finish="stop"),
    ),
    **dict.fromkeys(
        [f"x_ajax_{how}" for how in ("double_slash", "dup_fields", "gzip", "http_origin_null", "long_cookie")],
        AnswerResult(text=SECOND, finish="stop"),
    ),
    **dict.fromkeys(["x_ajax_bad_utf8", "x_ajax_message_array", "x_ajax_options", "x_ajax_options_origin"], REFUSED),
    **dict.fromkeys(["x_ajax_delete", "x_ajax_get_action", "x_ajax_nonce_spaces", "x_ajax_nonce_upper"], NONCE),
    **dict.fromkeys(
        [
            f"x_ajax_{how}"
            for how in ("action_array", "action_upper", "empty_post", "get_bare", "head", "json", "patch")
        ],
        NOT_THERE,
    ),
    **dict.fromkeys(
        [f"x_ajax_{how}" for how in ("huge_cookie", "long_query", "multipart_broken", "no_ctype", "put", "text_plain")],
        NOT_THERE,
    ),
    **dict.fromkeys(["x_admin_ajax_dotdot", "x_ajax_trailing"], NOT_THERE),
    # 2.x, asked in odd ways
    **dict.fromkeys(["x_form_submit", "x_old_action", "x_msg_action", "x_msg_action_bad_nonce"], NOT_THERE),
    **dict.fromkeys(["x_stream_ok", "x_stream_prev_resp", "x_stream_vs", "x_stream_web"], AnswerResult(text=SECOND)),
    **dict.fromkeys(["x_resume_flag", "x_stream_up_ok"], AnswerResult(text=SECOND)),
    **dict.fromkeys(["x_stream_foreign", "x_json_stream_context"], REFUSED),
    **dict.fromkeys(["x_stream_bot0", "x_stream_bot_page", "x_stream_foreign_nobot"], AnswerResult(error="model")),
    **dict.fromkeys(["x_stream_no_conv", "x_stream_no_key", "x_stream_no_session"], AnswerResult(error="protocol")),
    "x_stream_head": EMPTY,
    "x_stream_bad_nonce": NONCE,
    "x_stream_unknown_key": FAILED,
    # 2.x, the model's API fails or stops
    **dict.fromkeys(["x_stream_up_401", "x_stream_up_429q", "x_stream_up_502html"], FAILED),
    "x_stream_up_abort": AnswerResult(text="Hello there! I am a stand-in ", error="upstream"),
    "x_stream_up_emoji": AnswerResult(text=EMOJI),
    "x_stream_up_empty": EMPTY,
    "x_stream_up_errmid": AnswerResult(text="Hell", error="upstream"),
    "x_stream_up_half": AnswerResult(text=CLIPPED, warnings=("no-model-end",)),
    # 2.x, other providers; only the page names it, so that the reader alone takes a half for a whole
    **dict.fromkeys(["x_azure_ok", "x_openrouter_ok"], AnswerResult(text=SECOND)),
    **dict.fromkeys(["x_azure_half", "x_openrouter_half"], AnswerResult(text=CLIPPED)),
    **dict.fromkeys(["x_azure_empty", "x_openrouter_empty"], EMPTY),
    **dict.fromkeys(["x_azure_errmid", "x_openrouter_errmid"], AnswerResult(text="Hello", error="upstream")),
}

QUERY_READ = dict.fromkeys(("get_query_s", "get_query_es_s"), STREAMED) | {"post_query_emptybody_b": WHOLE}
OLDEST = {
    **QUERY_READ,
    # Comments of OpenRouter pass, and no line is dropped; its errors are result_of word by word.
    "openrouter_burst_s": STREAMED,
    "openrouter_429rate_s": FAILED,
}
DIFFERENT: dict[str, dict[str, AnswerResult]] = {
    "1.8.79": OLDEST,
    "1.8.84": OLDEST,
    "2.3": {"msg_nonce_bad": WHOLE, "stream_up_empty": FAILED},  # no nonce is asked for; silence is an error
    "2.3.41": {"stream_up_empty": FAILED},
    "2.3.70": {"x_msg_action": AnswerResult(text=SECOND), "x_msg_action_bad_nonce": NONCE},
    "2.3.71": {
        # OpenRouter speaks the Responses API from here on, and its answers have no id.
        "x_openrouter_ok": AnswerResult(text=SECOND, warnings=("no-model-end",)),
        "x_openrouter_half": AnswerResult(text=CLIPPED, warnings=("no-model-end",)),
        "x_openrouter_errmid": AnswerResult(text="Hell", error="upstream"),
    },
    "2.4.67": {"x_resume_flag": REFUSED},
    "2.4.71": {"msg_ok": NOT_THERE},  # the action is gone
}

CACHED: dict[str, str | None] = {
    **dict.fromkeys(["cache_ok", "cache_own_origin", "cache_space", "cache_urlencoded"], None),
    **dict.fromkeys(["cache_empty", "cache_foreign_origin", "cache_image_bad"], "refused"),
    "cache_nonce_bad": "nonce",
    **dict.fromkeys(["x_cache_ok", "x_cache_blank", "x_cache_foreign_nobot", "x_cache_own_origin"], None),
    **dict.fromkeys(["x_cache_empty", "x_cache_zero", "x_cache_foreign", "x_cache_https_origin"], "refused"),
    **dict.fromkeys(["x_cache_bad_nonce", "x_cache_wpnonce"], "nonce"),
    **dict.fromkeys([f"x_img_{how}" for how in (1, 2, 4, 5, "bad", "empty", "many", "mime_mismatch")], "refused"),
    **dict.fromkeys([f"x_img_{how}" for how in ("notjson", "obj", "ok", "only", "svg")], "refused"),
}
UNCHECKED_IMAGES = [name for name in CACHED if name.startswith("x_img_") and name != "x_img_only"]
"""Images that 2.3.70 does not look at."""
NONCES: dict[str, str | None] = {
    **dict.fromkeys(["nonce_get", "nonce_ok", "x_nonce_ok"], None),
    **dict.fromkeys(["nonce_foreign_origin_bot", "x_nonce_foreign", "x_nonce_origin_null"], "refused"),
}
HELPERS = {**CACHED, **NONCES}
"""The error that a call beside the answer gets, None if it gets what it asks for."""

BESIDE = [path for path in recording_paths() if path.stem in HELPERS]
OTHERS = by_release(path for path in recording_paths() if path.stem not in HELPERS)


def is_page(path: Path) -> bool:
    """Return whether it is a page or file of WordPress, which no client of the chat reads as an answer."""
    return "admin-ajax.php" not in recording(path).interactions[0].request.uri


def ways_to_cut(response: Response) -> dict[str, list[bytes]]:
    body, place, recorded = response.body, 0, []
    for _, size in response.chunks:
        recorded.append(body[place : place + size])
        place += size
    return {
        "whole": [body],
        "lines": body.splitlines(keepends=True),
        "bytes": [body[n : n + 1] for n in range(len(body))],
        "as recorded": recorded,
    }


def test_every_recording_is_read() -> None:
    assert sum(map(len, OTHERS.values())) + len(BESIDE) == 625
    assert sum(is_page(path) for paths in OTHERS.values() for path in paths) == 32


@pytest.mark.parametrize("paths", OTHERS.values(), ids=OTHERS)
def test_recorded_answer_is_read_right_at_every_cut(paths: list[Path]) -> None:
    answers = [path for path in paths if not is_page(path)]
    assert answers
    check_recordings(check_answer, answers)


def check_answer(path: Path) -> None:
    response = recording(path).interactions[0].response
    head = ResponseHead(status=response.status, url="https://chatgptfree.ai", headers=response.headers)
    expected = DIFFERENT.get(path.parent.name, {}).get(path.stem, EXPECTED[path.stem])
    for way, pieces in ways_to_cut(response).items():
        assert (way, result_of(pieces, head)) == (way, expected)


@pytest.mark.parametrize("paths", by_release(BESIDE).values(), ids=by_release(BESIDE))
def test_recorded_replies_beside_the_answer_are_read_right(paths: list[Path]) -> None:
    check_recordings(check_reply, paths)


def check_reply(path: Path) -> None:
    response = recording(path).interactions[0].response
    head = ResponseHead(status=response.status, url="https://chatgptfree.ai", headers=response.headers)
    reply = (cache_reply if path.stem in CACHED else nonce_reply)(head, response.body)
    expected = HELPERS[path.stem]
    if path.parent.name == "2.3" and path.stem in (*NONCES, "cache_foreign_origin"):
        expected = "protocol" if path.stem in NONCES else None  # no such action yet; no check of origins yet
    if path.parent.name == "2.3.70" and path.stem in UNCHECKED_IMAGES:
        expected = None
    assert (reply.kind if isinstance(reply, ChatError) else None) == expected
    if isinstance(reply, str):
        assert reply.encode() in response.body
