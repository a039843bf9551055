"""Fields, addresses, files, history: what WPAICG makes of a request."""

from __future__ import annotations

import json

import pytest
from tests.support.chat_site import HOST, ChatSite, json_of, kind, text_of
from tests.support.many_cases import for_each

GIF = b"GIF89a" + b"\x21\xf9\x04" + b"frame"


@pytest.mark.parametrize(
    ("header", "value", "address"),
    [
        pytest.param("X-Forwarded-For", "203.0.113.9, 10.0.0.1", "203.0.113.9", id="the first of those forwarded for"),
        pytest.param("X-Forwarded-For", ", 203.0.113.9", "203.0.113.9", id="the first that is there"),
        pytest.param("Client-IP", "::1", "127.0.0.1", id="the loopback of IPv6 by its older name"),
        pytest.param("Client-IP", "203.0.113.9, 10.0.0.1", "203.0.113.9, 10.0.0.1", id="the client's, unread"),
        pytest.param("X-Cluster-Client-IP", "203.0.113.9", "203.0.113.9", id="the cluster's client's"),
        pytest.param("Forwarded", "for=203.0.113.9", "for=203.0.113.9", id="the standard header, unread"),
        pytest.param("X-Real-IP", "203.0.113.9", "198.51.100.7", id="no other header"),
    ],
)
def test_the_address_is_taken_from_headers(header: str, value: str, address: str) -> None:
    chat = ChatSite("1.8.93", bots=[{"stream": False}], banned={"ips": [address]})
    assert json_of(chat.post((header, value), remote="198.51.100.7"))["status"] == "error"


@pytest.mark.parametrize("message", ["forbidden!", "un-forbidden", "a\nforbidden"], ids=repr)
def test_banned_words_are_whole_words_between_blanks(message: str) -> None:
    chat = ChatSite("1.9.18", bots=[{"stream": False}], banned={"words": ["forbidden"]})
    assert json_of(chat.post(message=message))["status"] == "success"
    assert json_of(chat.post(message="is FORBIDDEN here"))["status"] == "error"


@pytest.mark.parametrize(
    ("referer", "more"),
    [
        pytest.param(f"{HOST}/chat/", f'</p><p><a href="{HOST}/chat/">Please try again.</a>', id="a page of the site"),
        pytest.param(f"{HOST}/?a=1&b=2", '/?a=1&#038;b=2">', id="a query is escaped"),
        pytest.param(f"{HOST}/?a='$|^`{{}}\\b", '/?a=b">', id="signs that no redirect holds are gone"),
        pytest.param(f"{HOST}/chät/?a[]= 1", '/ch%C3%A4t/?a%5B%5D=%201">', id="what is left is coded"),
        pytest.param("https://elsewhere.example/", None, id="another site"),
        pytest.param(f"{HOST}/wp-admin/admin-ajax.php", None, id="the very address asked for"),
        pytest.param("", None, id="none"),
        pytest.param("http://[", None, id="no address at all"),
    ],
)
def test_the_page_of_a_refused_nonce_links_back(referer: str, more: str | None) -> None:
    reply = ChatSite("1.8.91").post(("Referer", referer), _wpnonce="0123456789")
    body = text_of(reply)
    assert body.startswith("The link you followed has expired.")
    assert (more in body) if more else body == "The link you followed has expired."


def test_banned_words_are_compared_as_php_compares_bytes() -> None:
    chat = ChatSite("1.9.18", bots=[{"stream": False}], banned={"words": [" Ärger "]})
    assert json_of(chat.post(message="so ein ÄRGER"))["status"] == "error"
    assert json_of(chat.post(message="so ein ärger"))["status"] == "success"


def test_a_field_may_name_the_page_instead_of_the_header() -> None:
    reply = ChatSite("1.8.91").post(_wpnonce="0", _wp_http_referer="/chat/")
    assert '<a href="/chat/">' in text_of(reply)


def test_fields_in_the_query_count_until_1_8_90() -> None:
    for release, status in (("1.8.90", "success"), ("1.8.91", "error")):
        chat = ChatSite(release, bots=[{"stream": False}])
        query = "&".join(f"{name}={value}" for name, value in chat.fields().items())
        assert json_of(chat.send(b"", method="GET", query=query))["status"] == status


def test_the_action_may_be_in_the_query_on_every_release() -> None:
    chat = ChatSite("1.9.18", bots=[{"stream": False}])
    body = "&".join(f"{name}={value}" for name, value in chat.fields(action=None).items())
    form = ("Content-Type", "application/x-www-form-urlencoded")
    reply = chat.send(body.encode(), form, query="action=wpaicg_chat_shortcode_message")
    assert json_of(reply)["status"] == "success"


@pytest.mark.parametrize(
    ("release", "seen"),
    [
        ("1.8.90", 'it\\\'s \\"1\\" &lt;2'),
        ("1.8.95", 'it\'s "1" &lt;2'),
        ("1.8.96", 'it\'s "1"\n<2'),
    ],
)
def test_releases_clean_the_message_differently(release: str, seen: str) -> None:
    reply = ChatSite(release).post(message=' it\'s "1"\n<2 ')
    assert [message["content"] for message in reply.upstream[0]][1:] == [seen]


def test_blanks_alone_are_a_message_since_1_8_96() -> None:
    assert json_of(ChatSite("1.8.95").post(message="  "))["msg"] == "It appears that nothing was inputted."
    reply = ChatSite("1.8.96").post(message="  ")
    assert reply.upstream[0][-1] == {"role": "assistant", "content": "Human:"}


@for_each(
    ("history", "turns"),
    [
        pytest.param(
            [{"id": "", "text": "Human: Hi"}, {"id": 7, "text": "AI: Hello"}],
            [("user", "Hi"), ("assistant", "Hello")],
            id="turns have their roles",
        ),
        pytest.param(["Human: Hi", "Hello"], [("user", "Hi"), ("assistant", "Hello")], id="bare strings"),
        pytest.param([{"text": "AI: one\ntwo"}], [("assistant", "onentwo")], id="a line break becomes the letter n"),
        pytest.param([{"text": 'AI: say "x"'}], [], id="one quote loses the whole history"),
        pytest.param({"0": {"text": "Human: a"}}, [("user", "a")], id="an object is an array as well"),
        pytest.param([{"text": "AI: an AI: too"}], [("assistant", "an too")], id="the name goes wherever it stands"),
        pytest.param(
            [{"text": "AI: "}, {"text": "AI: 0"}, {"text": ""}], [("assistant", "AI:")], id="turns without words"
        ),
        pytest.param([{"text": "AI: é"}], [("assistant", "u00e9")], id="escaped letters lose their backslash"),
        pytest.param([{"text": 7}, 7, None, {"id": 1}], [], id="entries without text"),
        pytest.param("AI: x", [], id="no list"),
    ],
)
def test_history_is_read_without_its_backslashes(history: object, turns: list[tuple[str, str]]) -> None:
    reply = ChatSite("1.9.18").post(wpaicg_chat_history=json.dumps(history))
    past = reply.upstream[0][1:-1]
    assert [(turn["role"], turn["content"]) for turn in past] == turns


@pytest.mark.parametrize(("release", "expected"), [("1.8.90", "two blanks"), ("1.8.91", "two  blanks")])
def test_blanks_in_the_history_are_kept_since_1_8_91(release: str, expected: str) -> None:
    reply = ChatSite(release).post(wpaicg_chat_history='["Human: two  blanks"]')
    assert reply.upstream[0][1]["content"] == expected


@pytest.mark.parametrize(("release", "expected"), [("1.8.90", "cafu00e9 / ok"), ("1.8.91", "café / ok")])
def test_a_bot_with_a_log_mangles_the_history_until_1_8_90(release: str, expected: str) -> None:
    chat = ChatSite(release, bots=[{"stream": False}, {"id": 5, "stream": False}])
    history = '[{"id":"","text":"Human: café / ok"}]'
    assert chat.post(bot_id="5", wpaicg_chat_history=history).upstream[0][1]["content"] == expected
    assert chat.post(wpaicg_chat_history=history).upstream[0][1]["content"] == "café / ok"


@pytest.mark.parametrize("junk", ["", "[", "null", "7", '"x"', "[" * 100_000], ids=lambda junk: junk[:5] or "empty")
def test_history_that_is_none_is_dropped(junk: str) -> None:
    assert len(ChatSite("1.9.18").post(wpaicg_chat_history=junk).upstream[0]) == 2


def test_the_page_gives_the_context() -> None:
    chat = ChatSite("1.8.93", bots=[{"stream": False}])
    assert json_of(chat.post(post_id="261"))["greeting_message"].endswith('Current context: "Chat"')
    assert json_of(chat.post(post_id="6"))["greeting_message"].endswith('Current context: "ChatGPT Free"')
    # The stray `<` of the widget since 1.9.16 makes the post id unreadable.
    for unknown in ("<261", "999", None):
        assert json_of(chat.post(post_id=unknown))["greeting_message"].endswith("provided text. Tone: Friendly")


@pytest.mark.parametrize(
    ("release", "name", "content", "words"),
    [
        ("1.8.90", "v.ogg", b"x", "Accepted audio and video formats: MP3, MP4, MPEG, M4A, WAV, and WEBM."),
        ("1.8.91", "v.ogg", b"x", "Accepted audio and video formats: MP3, MP4, MPEG, M4A, WAV, and WEBM."),
        ("1.8.91", "v.mpg", b"x", "Invalid file type or file too large."),
        ("1.8.91", "v.wav", bytes(10_000_001), "Invalid file type or file too large."),
        ("1.8.90", "v.wav", bytes(26 * 1024 * 1024), "Maximum audio file size: 25MB."),
        ("1.8.90", "v.wav", b"", "Failed to read the audio file."),
    ],
    ids=["format", "let in but not heard", "format since", "size since", "size before", "nothing in it"],
)
def test_voice_messages_are_refused(release: str, name: str, content: bytes, words: str) -> None:
    reply = ChatSite(release).upload({"audio": (name, "audio/wav", content)}, message=None)
    assert json_of(reply) == {"status": "error", "msg": words}
    assert kind(reply) == "application/json; charset=UTF-8"


def test_a_voice_message_is_heard() -> None:
    chat = ChatSite("1.9.18", model={"transcript": "What time is it?"})
    reply = chat.upload({"audio": ("v.wav", "audio/wav", b"RIFF")}, message=None)
    assert reply.upstream[0][-1]["content"] == "What time is it?"


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ({"http_error": {"status": 401, "message": "No"}}, "No"),
        ({"refused": True}, "cURL error 52: Empty reply from server"),
    ],
    ids=["an error", "no answer"],
)
def test_a_voice_message_may_not_be_heard(model: dict[str, object], words: str) -> None:
    reply = ChatSite("1.9.18", model=model).upload({"audio": ("v.wav", "audio/wav", b"RIFF")}, message=None)
    assert json_of(reply) == {"status": "error", "msg": words}


@pytest.mark.parametrize(
    ("name", "type_", "content", "good"),
    [
        ("a.png", "image/png", b"\x89PNG\r\n\x1a\n....", True),
        ("a.gif", "image/gif", GIF, True),
        ("a.gif", "image/gif", GIF + GIF, True),
        ("a.jpg", "text/plain", b"\x89PNG\r\n\x1a\n....", True),
        ("a.webp", "image/webp", b"RIFF\x04\0\0\0WEBP", True),
        ("a.webp", "image/webp", b"RIFF\x04\0\0\0WAVE", False),
        ("a.txt", "image/png", b"\x89PNG\r\n\x1a\n....", False),
        ("a.svg", "image/svg+xml", b"<svg/>", False),
        ("a.png", "image/png", b"<?php", False),
    ],
    ids=[
        "PNG",
        "still GIF",
        "GIF that moves, whatever the settings",
        "PNG of another name and type",
        "WebP",
        "sound in the name of WebP",
        "PNG named as a text",
        "SVG",
        "no PNG at all",
    ],
)
def test_pictures_are_looked_at_since_1_8_90(name: str, type_: str, content: bytes, good: bool) -> None:
    refused = ChatSite("1.8.90").upload({"image": (name, type_, content)})
    assert kind(refused).startswith("text/event-stream" if good else "text/html")
    if not good:
        words = "File type is not allowed. Only PNG, JPEG, WEBP, and non-animated GIF are supported."
        assert (refused.response.status, text_of(refused)) == (200, words)
    assert kind(ChatSite("1.8.89").upload({"image": (name, type_, content)})).startswith("text/event-stream")


def test_a_picture_refused_after_a_ban_is_reported_behind_the_event() -> None:
    chat = ChatSite("1.9.18", banned={"ips": ["127.0.0.1"]})
    reply = chat.upload({"image": ("a.svg", "image/svg+xml", b"<svg/>")})
    event, _, rest = text_of(reply).partition("\n\n")
    assert "ipBanned" in event
    assert rest.startswith("File type is not allowed.")
