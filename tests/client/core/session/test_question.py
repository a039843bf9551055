"""What can be asked: texts, and nothing that would be left out in silence."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chatgptfree import Message, RefusedError
from chatgptfree.core.session.question import Question
from chatgptfree.provider import ChatgptFree

PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}
WORDS = {"type": "text", "text": "What is this?"}

PICTURES: dict[str, list[Any]] = {
    "a part": [{"role": "user", "content": [WORDS, PICTURE]}],
    "a part alone": [{"role": "user", "content": PICTURE}],
    "the Responses API": [{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}],
    "Gemini": [{"role": "user", "content": [{"inline_data": {"data": "x"}}]}],
    "an earlier turn": [{"role": "user", "content": [PICTURE]}, {"role": "user", "content": "And this?"}],
    "in a Message": [Message(role="user", content=[WORDS, PICTURE])],  # type: ignore[arg-type]
    "a key of a part with text": [{"role": "user", "content": [{**WORDS, "image_url": "x"}]}],
    "Ollama": [{"role": "user", "content": "What is this?", "images": ["AA"]}],
    "the Vercel AI SDK": [{"role": "user", "content": "What is this?", "experimental_attachments": [{}]}],
}


@pytest.mark.parametrize("turns", PICTURES.values(), ids=PICTURES)
def test_a_picture_is_refused_wherever_it_is(turns: list[Any]) -> None:
    with pytest.raises(RefusedError, match="only be asked with text"):
        Question.of(turns)


@pytest.mark.parametrize("turns", PICTURES.values(), ids=PICTURES)
def test_the_provider_refuses_it_too(turns: list[Any]) -> None:
    with pytest.raises(RefusedError, match="only be asked with text"):
        list(ChatgptFree.create_completion("", turns, url="http://127.0.0.1:1/"))


@pytest.mark.parametrize("name", ["media", "images", "image"])
def test_the_provider_refuses_pictures_as_an_argument(name: str) -> None:
    given: dict[str, Any] = {name: ["x"]}
    with pytest.raises(RefusedError, match=f"not with '{name}'"):
        list(ChatgptFree.create_completion("", [Message(role="user", content="Hi")], stream=True, **given))


@pytest.mark.parametrize("turn", [{"role": "usr", "content": "Hi"}, Message(role="usr", content="Hi")])  # type: ignore[arg-type]
def test_a_role_that_does_not_exist_is_named(turn: Any) -> None:
    with pytest.raises(ValueError, match="a turn's role is one of system, user, assistant, not 'usr'"):
        Question.of([turn])


@pytest.mark.parametrize("empty", [None, [], ""])
def test_an_empty_place_for_pictures_holds_none(empty: object) -> None:
    turn = {"role": "user", "content": [{**WORDS, "image_url": empty}], "images": empty}
    assert Question.of([turn]).message == "What is this?"


@pytest.mark.parametrize(
    ("ask", "place"),
    [
        ("half \ud83d", "character 6 is half a character, U+D83D"),
        (
            [Message(role="assistant", content="\udc00"), Message(role="user", content="Hi")],
            "character 1 is half a character, U+DC00",
        ),
        (
            [{"role": "user", "content": [{"type": "text", "text": "a\ud83d"}]}],
            "character 2 is half a character, U+D83D",
        ),
    ],
)
def test_half_a_character_is_refused_by_its_place(ask: Any, place: str) -> None:
    with pytest.raises(RefusedError, match=re.escape(place)):
        Question.of(ask)
