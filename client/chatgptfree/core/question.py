"""
What a user asks, brought into one shape: the words to send now and the turns before them.

Generations differ in where earlier turns go (a field, the server's memory, or nowhere), so a question can
also be told as one text.  Nothing that the user wrote is dropped or reworded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, cast, get_args

from chatgptfree.errors import RefusedError
from chatgptfree.messages import Message, Role

Ask: TypeAlias = str | Sequence[Message | Mapping[str, str]]
"""What can be asked: one message, or turns as `Message` or ``{"role": …, "content": …}``."""

_SPEAKERS: Final[dict[Role, str]] = {"system": "System", "user": "User", "assistant": "Assistant"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The *message* to be answered, and the turns before it."""

    message: str
    role: Role = "user"
    earlier: tuple[Message, ...] = ()

    @classmethod
    def of(cls, ask: Ask) -> Question:
        """
        Read what a user passed in.

        Raises:
            RefusedError: there is nothing in it; every generation of the site refuses that.
            TypeError, ValueError: it is no message.
        """
        turns = (Message(role="user", content=ask),) if isinstance(ask, str) else _turns(ask)
        # A site cleans NULs away before it looks whether anything was asked.
        if not turns or not turns[-1].content.replace("\0", "").strip():
            raise RefusedError("nothing was asked: the message is empty")
        return cls(message=turns[-1].content, role=turns[-1].role, earlier=turns[:-1])

    def after(self, history: Sequence[Message]) -> Question:
        """Return this question with *history* before it."""
        return replace(self, earlier=(*history, *self.earlier))

    def as_one_text(self) -> str:
        """Tell all turns in one message, for a site that takes only one."""
        if not self.earlier:
            return self.message
        told = [f"{_SPEAKERS[turn.role]}: {turn.content}" for turn in self.earlier]
        return "\n".join((*told, f"{_SPEAKERS[self.role]}: {self.message}", "Assistant:"))


def _turns(ask: object) -> tuple[Message, ...]:
    if not isinstance(ask, Iterable) or isinstance(ask, Mapping | bytes | bytearray):
        raise TypeError(f"a message is a text or a list of turns, not {ask!r}")
    return tuple(_message(turn) for turn in ask)


def _message(turn: object) -> Message:
    if isinstance(turn, Message):
        return turn
    if not isinstance(turn, Mapping):
        raise TypeError(f'a turn is a Message or {{"role", "content"}}, not {turn!r}')
    role, content = turn.get("role"), turn.get("content")
    if role not in get_args(Role):
        raise ValueError(f"a turn's role is one of {', '.join(get_args(Role))}, not {role!r}")
    if not isinstance(content, str):
        raise TypeError(f"a turn's content is a string, not {content!r}")
    return Message(role=cast(Role, role), content=content)
