"""Speech and images of AIPKit's chat."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.aipkit_guest import Guest, data_of, guest
from tests.support.many_cases import for_each
from tests.support.situations_2x import visit_with

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.sites.aipower.aipkit import audio


def upload(visitor: Guest, name: str, content: bytes, kind: str = "") -> SiteReply:
    """Send a file as the page does."""
    request = visit_with({"action": "aipkit_transcribe_audio", "_ajax_nonce": visitor.nonce, "bot_id": "25865"})
    end = b"--realwp0000001--"
    head = f'Content-Disposition: form-data; name="audio_file"; filename="{name}"\r\nContent-Type: {kind}'
    part = b"--realwp0000001\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"
    return visitor.site.answer(replace(request, body=request.body.replace(end, part + end)))


def test_speech_is_returned_where_that_is_on() -> None:
    visitor = guest(bots=[{"speech": True}])
    spoken = data_of(visitor.post("aipkit_generate_speech", text="Hello"))
    assert spoken["mime_type"] == "audio/wav"
    assert base64.b64decode(spoken["audio_data_base64"]).startswith(b"RIFF")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": "Hello"}, "Voice playback is not enabled for this chatbot."),
        ({"text": " "}, "Text cannot be empty."),
        ({"text": "Hello", "bot_id": "0"}, "Bot ID is required."),
    ],
)
def test_speech_that_is_refused(fields: dict[str, str], words: str) -> None:
    reply = guest().post("aipkit_generate_speech", **fields)
    assert (reply.response.status, data_of(reply)) == (400, {"message": words})


def test_speech_is_understood_as_one_word() -> None:
    assert data_of(upload(guest(), "a.webm", b"noise")) == {"transcription": "Hello"}
    assert data_of(upload(guest(), "blob", b"noise", "audio/ogg; codecs=opus")) == {"transcription": "Hello"}
    spoken = "data:audio/webm;base64," + base64.b64encode(b"noise").decode()
    assert data_of(guest().post("aipkit_transcribe_audio", audio_data=spoken)) == {"transcription": "Hello"}


@pytest.mark.parametrize(("plugin", "status"), [("2.4.69", 400), ("2.4.71", 200), ("2.4.97", 200)])
@pytest.mark.parametrize(("name", "kind"), [("a.flac", ""), ("blob", "audio/x-m4a"), ("blob", "video/mp4")])
def test_more_audio_types_are_known_to_2_4_71(plugin: str, status: int, name: str, kind: str) -> None:
    visitor = guest(plugin, None, bots=[{"voice": True}])
    assert upload(visitor, name, b"noise", kind).response.status == status


@for_each(
    ("content", "known"),
    [
        (b"RIFF....WAVEfmt ", True),
        (b"FORM....AIFFCOMM", True),
        (b"OggS", True),
        (b"fLaC", True),
        (b"ID3", True),
        (b"....ftypM4A ", True),
        (b"RIFF....AVI fmt ", False),
        (b"noise", False),
    ],
)
@for_each("plugin", ["2.4.69", "2.4.97"])
def test_audio_is_known_by_its_content_since_2_4_71(plugin: str, content: bytes, known: bool) -> None:
    visitor = guest(plugin, None, bots=[{"voice": True}])
    reply = upload(visitor, "blob", content, "application/octet-stream")
    assert reply.response.status == (200 if known and plugin == "2.4.97" else 400)


@pytest.mark.parametrize(
    ("name", "content", "status", "words"),
    [
        ("a.webm", b"", 400, "Uploaded audio file is empty."),
        ("a.txt", b"noise", 400, "Unsupported audio MIME type."),
        ("a.webm", b"too much", 413, "Audio file too large. Max size: 5 bytes."),
    ],
)
def test_recordings_that_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, status: int, words: str
) -> None:
    monkeypatch.setattr(audio, "LARGEST_AUDIO", 5)
    reply = upload(guest(), name, content)
    assert (reply.response.status, data_of(reply)) == (status, {"message": words})


@pytest.mark.parametrize(
    ("fields", "status", "data"),
    [
        ({"audio_data": "%"}, 400, {"message": "Invalid or empty audio data received."}),
        ({"bot_id": "0"}, 400, {"message": "Bot ID is required for transcription."}),
        ({"_ajax_nonce": "0123456789"}, 403, {"message": "Security check failed (nonce)."}),
        ({"audio_data": "A" * 12}, 413, {"message": "Audio data too large after decoding. Max size: 5 bytes."}),
    ],
)
def test_spoken_fields_that_are_refused(
    monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], status: int, data: dict[str, str]
) -> None:
    monkeypatch.setattr(audio, "LARGEST_AUDIO", 5)
    reply = guest().post("aipkit_transcribe_audio", **fields)
    assert (reply.response.status, data_of(reply)) == (status, data)


def test_another_site_may_not_speak() -> None:
    reply = guest().post("aipkit_transcribe_audio", origin="foreign")
    assert data_of(reply)["code"] == "embed_not_available"


def test_an_image_is_generated_and_logged() -> None:
    visitor = guest()
    image = data_of(visitor.post("aipkit_chat_generate_image", prompt="a cat", original_user_text="/image a cat"))
    assert list(image) == ["type", "images", "prompt", "message_id"]
    history = data_of(visitor.post("aipkit_get_conversation_history"))["history"]
    assert [entry["content"] for entry in history] == ["/image a cat", '[Image generated for prompt: "a cat..."]']


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"bot_id": "0"}, "missing_bot_id"),
        ({"conversation_uuid": ""}, "missing_conv_uuid"),
        ({"session_id": ""}, "missing_session_id"),
    ],
)
def test_images_that_are_refused(fields: dict[str, Any], code: str) -> None:
    reply = guest().post("aipkit_chat_generate_image", prompt="a cat", **fields)
    assert (reply.response.status, data_of(reply)["code"]) == (400, code)
