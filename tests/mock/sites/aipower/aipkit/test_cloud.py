"""The provider AIPufferCloud, and errors of PHP's own; both are read from the published plugin, not recorded."""

from __future__ import annotations

import base64
import html
import json
from typing import Any

import pytest
from tests.support.aipkit_guest import Guest, data_of, guest, named
from tests.support.many_cases import for_each

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.releases import aipkit_sentences as sentences
from chatgptfree_mock.tape.model import End

IMAGE = [{"mime_type": "image/png", "base64_data": base64.b64encode(b"image").decode()}]


def cloud(model: dict[str, Any], plugin: str = "2.4.97", **settings: Any) -> Guest:
    return guest(
        plugin, None, bots=[{"provider": "AIPufferCloud"}], model={"reply": ["Hel", "lo"], **model}, **settings
    )


def test_the_cloud_exists_since_2_4_84() -> None:
    assert named(cloud({}, "2.4.84").ask(), "done") == [{"finished": True}]
    with pytest.raises(SettingsError, match=r"2\.4\.81 has no provider AIPufferCloud, which came with 2\.4\.84"):
        cloud({}, "2.4.81")


def test_a_read_without_text_is_an_empty_delta() -> None:
    events = cloud({}).ask()
    deltas = [data["delta"] for name, data in events if not name]
    assert "".join(deltas) == "Hello"
    assert "" in deltas
    assert {name for name, _ in events} == {"message_start", "", "done"}


def test_a_stream_without_its_end_mark_is_an_error_after_the_text() -> None:
    site = cloud({"no_end_mark": True})
    events = site.ask()
    assert events[-1] == ("error", {"error": f"Connection Error: {sentences.CLOUD_INTERRUPTED}"})
    assert "".join(data["delta"] for name, data in events if not name) == "Hello"
    history = data_of(site.post("aipkit_get_conversation_history"))["history"]
    assert [entry["content"] for entry in history] == ["Hello", "Hello"]


def test_an_empty_answer_is_a_good_end() -> None:
    assert cloud({"empty": True}).ask()[-1] == ("done", {"finished": True})


@pytest.mark.parametrize(
    ("code", "words", "more"),
    [
        ("gateway_refused", sentences.CLOUD_BUSY, {"provider_error_code": "gateway_refused"}),
        ("input_too_large", sentences.CLOUD_TOO_LONG, {"provider_error_code": "input_too_large"}),
        ("something", sentences.CLOUD_FAILED, {"provider_error_code": "something"}),
        (None, sentences.CLOUD_FAILED, {}),
    ],
)
def test_an_error_has_words_by_its_code_and_more_keys(code: str | None, words: str, more: dict[str, str]) -> None:
    events = cloud({"error_midway": {"after": 1, "code": code}}).ask()
    assert events[-1] == ("error", {"error": words, "status": 503, **more})


def test_an_http_error_has_words_by_its_code_and_no_more_keys() -> None:
    events = cloud({"http_error": {"status": 402, "code": "site_limit"}}).ask()
    assert events[-1] == ("error", {"error": f"API Error: {sentences.CLOUD_SITE_LIMIT}"})


KNOWN: dict[str, Any] = {
    "status": 402,
    "stop_batch": True,
    "request_id": "req-1",
    "request_state": "released",
    "operation_id": "op-1",
}


def test_details_of_a_cloud_error_are_passed_on_inside_a_stream() -> None:
    events = cloud({"error_midway": {"after": 1, "code": "site_limit", "cloud": KNOWN}}).ask()
    passed_on = {
        "error": sentences.CLOUD_SITE_LIMIT,
        "status": 402,
        "provider_error_code": "site_limit",
        "stop_batch": True,
        "cloud_request_id": "req-1",
        "cloud_request_state": "released",
        "cloud_operation_id": "op-1",
    }
    assert events[-1] == ("error", passed_on)
    assert list(events[-1][1]) == list(passed_on)


def test_nothing_but_words_is_passed_on_of_an_http_error() -> None:
    events = cloud({"http_error": {"status": 402, "code": "site_limit", "cloud": KNOWN}}).ask()
    assert events[-1] == ("error", {"error": f"API Error: {sentences.CLOUD_SITE_LIMIT}"})


def test_details_of_the_cloud_are_not_sent_by_others() -> None:
    events = guest("2.4.97", None, model={"error_midway": {"message": "Busy.", "cloud": KNOWN}}).ask()
    assert events[-1] == ("error", {"error": "Busy."})


@pytest.mark.parametrize(
    ("code", "date", "words"),
    [
        ("credits", None, "AI Puffer Cloud credits have run out. Open Usage to add credits."),
        ("credits", "1 March", "AI Puffer Cloud credits have run out. Free credits refresh on 1 March."),
        ("site_limit", "1 March", sentences.CLOUD_SITE_LIMIT),
    ],
)
def test_credits_that_have_run_out(code: str, date: str | None, words: str) -> None:
    known = {"code": code, "cloud": {"credits_refresh": date}}
    assert cloud({"error_midway": known}).ask()[-1][1]["error"] == words
    assert cloud({"http_error": known}).ask()[-1][1] == {"error": f"API Error: {words}"}


def test_web_search_is_refused() -> None:
    site = cloud({"web_search": True})
    reply = site.stream()
    assert sentences.CLOUD_NO_IMAGES.encode() in reply.response.body
    assert reply.response.body.endswith(b'event: done\ndata: {"finished":true}\n\n')
    assert reply.upstream == ()
    assert site.site.warnings() == ()


def test_a_model_that_takes_images_gets_them() -> None:
    site = guest("2.4.97", None, bots=[{"provider": "AIPufferCloud", "cloud_images": True}])
    key = data_of(site.post("aipkit_cache_sse_message", message="Hi", image_inputs=json.dumps(IMAGE)))["cache_key"]
    assert len(site.stream(key=key).upstream) == 1


def test_the_page_names_the_cloud_for_speech_as_well() -> None:
    config = config_of({"provider": "AIPufferCloud"})
    assert [config[name] for name in ("provider", "ttsProvider", "sttProvider")] == ["AIPufferCloud"] * 3
    assert [config_of({})[name] for name in ("ttsProvider", "sttProvider")] == ["Google", "OpenAI"]


@pytest.mark.parametrize(
    ("chosen", "written"),
    [
        ([], [""]),
        (["popup_width"], ["popup_width"]),
        (["container_max_height", "container_max_width"], ["container_max_width", "container_max_height"]),
    ],
)
def test_sizes_that_a_bot_overrides_are_on_its_page_in_order(chosen: list[str], written: list[str]) -> None:
    assert config_of({"theme_dimensions": chosen})["themeDimensionOverrides"] == written


@pytest.mark.parametrize(
    ("bot", "written"),
    [
        ({}, {"maxInputBytes": 4194304}),
        ({"stt_limits": {"maxInputBytes": 1000}}, {"maxInputBytes": 1000}),
        (
            {"provider": "AIPufferCloud", "stt_limits": {"maxInputBytes": 1000, "maxSeconds": 60}},
            {"maxSeconds": 60, "maxInputBytes": 1000},
        ),
        (
            {"provider": "AIPufferCloud", "stt_limits": {"maxSeconds": 60}},
            {"maxSeconds": 60, "maxInputBytes": 4194304},
        ),
    ],
)
def test_limits_of_speech_are_those_of_the_cloud_and_then_the_sites(
    bot: dict[str, Any], written: dict[str, int]
) -> None:
    assert list(config_of(bot)["sttLimits"].items()) == list(written.items())


@pytest.mark.parametrize(
    ("plugin", "popup"),
    [("2.3.43", False), ("2.3.69", True), ("2.3.76", True), ("2.3.77", False), ("2.4.36", False), ("2.4.43", True)],
)
def test_a_fresh_bot_is_where_the_release_puts_it(plugin: str, popup: bool) -> None:
    site = guest(plugin, None, bots=[{"place": "fresh"}]).site
    page = site.answer(SiteRequest(method="GET", path="/chat/")).response.body.decode()
    assert ("aipkit_popup_wrapper" in page) is popup
    assert ("popupEnabled&quot;:true" in page) is popup


def test_a_fresh_bot_of_1x_is_a_shortcode() -> None:
    site = guest("1.8.93", None, bots=[{"place": "fresh"}]).site
    page = site.answer(SiteRequest(method="GET", path="/chat/")).response.body.decode()
    assert "wpaicg-chat-shortcode" in page


@pytest.mark.parametrize(
    ("plugin", "bot", "sidebar", "stylesheet"),
    [
        ("2.4.97", {}, False, False),
        ("2.4.97", {"sidebar": True}, True, True),
        ("2.4.97", {"sidebar": True, "place": "popup"}, False, False),
        ("2.4.77", {"sidebar": True}, True, False),
        ("2.4.6", {}, True, False),
        ("2.4.6", {"sidebar": False}, False, False),
    ],
)
def test_a_sidebar_has_its_own_stylesheet_since_2_4_79(
    plugin: str, bot: dict[str, Any], sidebar: bool, stylesheet: bool
) -> None:
    site = guest(plugin, None, bots=[bot]).site
    page = site.answer(SiteRequest(method="GET", path="/chat/")).response.body.decode()
    assert f"&quot;enableSidebar&quot;:{'true' if sidebar else 'false'}" in page
    link = f"/wp-content/plugins/gpt3-ai-content-generator/dist/css/public-chat-sidebar.bundle.css?ver={plugin}"
    assert (link in page) is stylesheet
    assert site.answer(SiteRequest(method="GET", path=link.partition("?")[0])).response.status == 200


@pytest.mark.parametrize(("plugin", "inert"), [("2.3.93", False), ("2.4.97", True)])
def test_the_hint_of_a_popup_is_hidden_in_every_way(plugin: str, inert: bool) -> None:
    site = guest(plugin, None, bots=[{"place": "popup"}]).site
    page = site.answer(SiteRequest(method="GET", path="/chat/")).response.body.decode()
    hint = page.split('<div class="aipkit_popup_hint"')[1].partition(">")[0]
    assert ' data-bot-id="25865" aria-hidden="true"' in hint
    assert hint.endswith(" inert hidden" if inert else '"true" hidden')


def config_of(bot: dict[str, Any]) -> dict[str, Any]:
    """Return the config on the page of a bot, on the newest release."""
    page = guest("2.4.97", bots=[bot]).site.answer(SiteRequest(method="GET", path="/chat/")).response.body.decode()
    config: dict[str, Any] = json.loads(html.unescape(page.split("data-config='")[1].split("'")[0]))
    return config


def test_an_image_is_refused() -> None:
    site = cloud({})
    key = data_of(site.post("aipkit_cache_sse_message", message="Hi", image_inputs=json.dumps(IMAGE)))["cache_key"]
    reply = site.stream(key=key)
    assert sentences.CLOUD_NO_IMAGES.encode() in reply.response.body
    assert reply.response.body.endswith(b'event: done\ndata: {"finished":true}\n\n')
    assert reply.upstream == ()


def test_without_a_key_it_is_not_asked() -> None:
    events = cloud({}, api_key=False).ask()
    assert [data["error"] for data in named(events, "error")] == ["API key missing for AIPufferCloud."]


@pytest.mark.parametrize(
    ("plugin", "after", "names"),
    [
        ("2.4.79", 1, ["message_start", ""]),
        ("2.4.79", 0, ["message_start"]),
        ("2.4.81", 1, ["message_start", "", "error", "done"]),
        ("2.4.97", 0, ["message_start", "error", "done"]),
    ],
)
def test_a_php_error_breaks_the_stream_or_is_reported(plugin: str, after: int, names: list[str]) -> None:
    site = guest(plugin, php_error_after=after, model={"reply": ["Hel", "lo"]})
    reply = site.stream()
    assert reply.response.end is End.COMPLETE
    events = guest(plugin, php_error_after=after, model={"reply": ["Hel", "lo"]}).ask()
    assert [name for name, _ in events if name != "status"] == names
    for data in named(events, "error"):
        start, _, reference = data["error"].partition("Reference: ")
        assert start == sentences.PHP_ERROR.partition("Reference: ")[0]
        assert reference


def test_a_fresh_bot_has_another_prompt_since_2_4_89() -> None:
    prompts = [guest(plugin).stream().upstream[-1][0]["content"] for plugin in ("2.4.84", "2.4.89")]
    assert prompts[0].startswith("You are a helpful AI Assistant. Please be friendly.")
    assert prompts[1].startswith("You are a helpful AI assistant for this website.")
    assert all("November" in prompt for prompt in prompts)


@pytest.mark.parametrize(
    ("plugin", "bot", "action", "status", "words"),
    [
        ("2.4.97", {}, "aipkit_chat_generate_image", 403, sentences.NO_IMAGES),
        ("2.4.97", {"images": True}, "aipkit_chat_generate_image", 200, ""),
        ("2.4.81", {}, "aipkit_chat_generate_image", 200, ""),
        ("2.4.97", {}, "aipkit_transcribe_audio", 403, sentences.NO_VOICE),
        ("2.4.97", {"voice": True}, "aipkit_transcribe_audio", 400, sentences.INVALID_AUDIO),
        ("2.4.81", {}, "aipkit_transcribe_audio", 400, sentences.INVALID_AUDIO),
    ],
)
def test_media_are_for_bots_that_have_them(
    plugin: str, bot: dict[str, Any], action: str, status: int, words: str
) -> None:
    reply = guest(plugin, None, bots=[bot]).post(action, prompt="A cat")
    assert reply.response.status == status
    assert data_of(reply).get("message", "") == words


@for_each(
    ("plugin", "settings", "place"),
    [
        ("2.4.97", {"bots": [{"memory_limit": 3}]}, "bots[0].memory_limit"),
        ("1.8.79", {"bots": [{"memory_limit": 3}]}, "bots[0].memory_limit"),
        ("1.8.80", {"bots": [{"memory_limit": 3}]}, None),
        ("1.8.93", {"bots": [{}, {"speech": True}]}, "bots[1].speech"),
        ("1.8.93", {"bots": [{"provider": "Claude"}]}, "bots[0].provider"),
        ("1.8.93", {"bots": [{"provider": "Azure"}]}, None),
        ("1.8.93", {"old_shortcode": True}, "old_shortcode"),
        ("1.8.93", {"php_error_after": 1}, "php_error_after"),
        ("2.4.97", {"embeddings": {"only": "No."}}, "embeddings"),
        ("2.4.97", {"object_cache": True}, "object_cache"),
        ("2.4.71", {"object_cache": True}, None),
        ("2.4.1", {"bots": [{"stream": False}]}, "bots[0].stream"),
        ("2.4.97", {"bots": [{}, {"announce_stream": False}]}, "bots[1].announce_stream"),
        ("2.4.0", {"bots": [{"stream": False}]}, None),
        ("2.4.97", {"bots": [{"cloud_state": "released"}]}, "bots[0].cloud_state"),
        ("2.4.97", {"bots": [{"provider": "AIPufferCloud", "cloud_images": True}]}, None),
        ("2.4.94", {"bots": [{"theme_dimensions": ["popup_width"]}]}, "bots[0].theme_dimensions"),
        ("2.4.96", {"bots": [{"theme_dimensions": ["popup_width"]}]}, None),
        ("1.8.93", {"bots": [{"theme_dimensions": ["popup_width"]}]}, "bots[0].theme_dimensions"),
        ("2.4.97", {"bots": [{"stt_limits": {"maxInputBytes": 1}}]}, None),
        ("2.4.97", {"bots": [{"stt_limits": {"maxSeconds": 1}}]}, "bots[0].stt_limits"),
        ("2.4.97", {"bots": [{"provider": "AIPufferCloud", "stt_limits": {"maxSeconds": 1}}]}, None),
        ("2.4.81", {"bots": [{"stt_limits": {"maxInputBytes": 1}}]}, "bots[0].stt_limits"),
        ("1.8.93", {"bots": [{"stt_limits": {"maxInputBytes": 1}}]}, "bots[0].stt_limits"),
        ("2.4.97", {"bots": [{"place": "fresh", "sidebar": True}]}, "bots[0].sidebar"),
        ("2.4.97", {"bots": [{"conversation_state": True}]}, None),
        ("2.4.67", {"bots": [{"provider": "Google", "conversation_state": True}]}, None),
        ("2.3.93", {"bots": [{"provider": "Google", "conversation_state": True}]}, "bots[0].conversation_state"),
        ("2.4.97", {"bots": [{"provider": "xAI", "conversation_state": True}]}, "bots[0].conversation_state"),
        ("2.4.97", {"bots": [{"sidebar": True}]}, None),
        ("2.4.97", {"bots": [{"place": "popup", "sidebar": True}]}, "bots[0].sidebar"),
        ("1.8.93", {"bots": [{"sidebar": True}]}, "bots[0].sidebar"),
        ("2.4.81", {"bots": [{"images": True}]}, "bots[0].images"),
        ("1.8.93", {"php_curl": False}, "php_curl"),
        ("1.8.93", {"missing_classes": True}, "missing_classes"),
        ("1.8.93", {"broken_tables": ["throttle"]}, "broken_tables"),
        ("2.3", {"php_curl": False, "missing_classes": True, "broken_tables": ["cached-messages"]}, None),
        ("1.8.93", {"bots": [{"stream": False}]}, None),
        ("2.4.97", {"bots": [{"memory": 3, "speech": True}]}, None),
    ],
)
def test_a_setting_that_a_release_has_no_use_for_is_a_warning(
    plugin: str, settings: dict[str, Any], place: str | None
) -> None:
    warnings = guest(plugin, None, **settings).site.warnings()
    if place is None:
        assert warnings == ()
    else:
        (warning,) = warnings
        assert warning.startswith(f"`{place}` has no effect on {plugin}: ")
