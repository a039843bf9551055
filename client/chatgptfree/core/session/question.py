"""
A user's question in one form: the message to send and the turns before it.

Generations differ in where earlier turns go (a field, the server's memory, or nowhere), so a question can also be
written as one text.  Nothing that the user wrote is dropped or reworded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast, get_args

from msgspec import Struct, structs

from chatgptfree.errors import RefusedError
from chatgptfree.messages import Message, Role

Ask: TypeAlias = str | Sequence[Message | Mapping[str, Any]]
"""
What can be asked: one message, or turns as `Message` or ``{"role": …, "content": …}``, whose content is a text or a
list of parts with text.
"""

_TEXTS: Final = ("text", "input_text", "output_text")
"""The types of text parts in the chat completions and responses APIs."""
_NOT_TEXT: Final = frozenset(
    {"image", "images", "image_url", "input_audio", "audio", "video", "file", "files", "media"}
    | {"attachments", "experimental_attachments"}
)
"""Keys that hold pictures and files in other APIs (Ollama, the Vercel AI SDK, gpt4free)."""
_LONE: Final = re.compile("[\ud800-\udfff]")

_SPEAKERS: Final[dict[Role, str]] = {"system": "System", "user": "User", "assistant": "Assistant"}


class Question(Struct, frozen=True, kw_only=True):
    """The *message* to be answered, and the turns before it."""

    message: str
    role: Role = "user"
    earlier: tuple[Message, ...] = ()

    @classmethod
    def of(cls, ask: Ask) -> Question:
        """
        Check and convert the *message* argument of a call.

        Raises:
            RefusedError: the message is empty, which every generation of the site refuses, or has something that
                can't be sent: a picture, a lone surrogate.
            TypeError, ValueError: it is not a message.
        """
        turns = (Message(role="user", content=ask),) if isinstance(ask, str) else _turns(ask)
        for turn in turns:
            _check_characters(turn.content)
        # Sites remove NULs before they check whether the message is empty.
        if not turns or not turns[-1].content.replace("\0", "").strip():
            raise RefusedError("the message is empty; nothing was sent")
        return cls(message=turns[-1].content, role=turns[-1].role, earlier=turns[:-1])

    def after(self, history: Sequence[Message]) -> Question:
        """Return this question with *history* before it."""
        return structs.replace(self, earlier=(*history, *self.earlier))

    def as_one_text(self) -> str:
        """Write all turns as one message, for a site that takes only one."""
        if not self.earlier:
            return self.message
        before = [f"{_SPEAKERS[turn.role]}: {turn.content}" for turn in self.earlier]
        return "\n".join((*before, f"{_SPEAKERS[self.role]}: {self.message}", "Assistant:"))


def _turns(ask: object) -> tuple[Message, ...]:
    if not isinstance(ask, Iterable) or isinstance(ask, Mapping | bytes | bytearray):
        raise TypeError(f"a message is a text or a list of turns, not {ask!r}")
    return tuple(_message(turn) for turn in ask)


def _message(turn: object) -> Message:
    if isinstance(turn, Mapping):
        check_only_text(turn)
        role, content = turn.get("role"), turn.get("content")
    elif isinstance(turn, Message):
        role, content = turn.role, turn.content
    else:
        raise TypeError(f'a turn is a Message or {{"role", "content"}}, not {turn!r}')
    if role not in get_args(Role):
        raise ValueError(f"a turn's role is one of {', '.join(get_args(Role))}, not {role!r}")
    return Message(role=cast(Role, role), content=text_of_content(content))


def check_only_text(given: Mapping[str, Any]) -> None:
    """
    Check that *given*, a turn, a part or the arguments of a call, has no picture or file under a key of its own.

    Raises:
        RefusedError: it has one, which the model would not receive.
    """
    if found := next((key for key in given if key in _NOT_TEXT and given[key]), None):
        raise RefusedError(f"the site can only be asked with text, not with {found!r}")


def text_of_content(content: object) -> str:
    """
    Return the text of a turn's *content*, which may be parts such as ``{"type": "text", "text": …}``.

    Raises:
        RefusedError: a part is not a text: pictures and other things never reach the model through this client.
        TypeError: it is neither a text nor a list.
    """
    if isinstance(content, str):
        return content
    if not isinstance(content, list | tuple | Mapping):
        raise TypeError(f"a turn's content is a text or a list of parts, not {content!r}")
    return "".join(map(_part, [content] if isinstance(content, Mapping) else content))


def _part(part: object) -> str:
    if isinstance(part, Mapping) and part.get("type", "text") in _TEXTS:
        check_only_text(part)
        text = next((part[key] for key in ("text", "value", "content") if key in part), None)
        if isinstance(text, str | Mapping):
            return text if isinstance(text, str) else _part(text)
    elif isinstance(part, str):
        return part
    kind = part.get("type") if isinstance(part, Mapping) else type(part).__name__
    raise RefusedError(f"the site can only be asked with text, not with a part of the type {kind!r}")


def _check_characters(text: str) -> None:
    if found := _LONE.search(text):
        raise RefusedError(
            f"the message can't be sent: character {found.start() + 1} is half a character, U+{ord(found[0]):04X}"
            " (a lone surrogate)"
        )
