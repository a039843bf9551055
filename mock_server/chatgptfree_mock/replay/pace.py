"""Pace: the time of each chunk of a response, and the words for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from chatgptfree_mock.errors import DeliveryError
from chatgptfree_mock.replay.words import duration, milliseconds, nearest, number

PACE_WORDS = {
    "recorded": "as recorded, or as the settings of the model have it",
    "instant": "everything at once",
    "xN": "N times as fast as recorded, such as `x4` or `x0.5`",
    "every:20ms": "one chunk after each such time",
}
"""The syntax of each word, and its meaning."""


@dataclass(frozen=True, slots=True)
class Pace:
    """
    A word for the pace and its number.

    *name*: `recorded`, `instant`, `x` or `every`.  *number*: the factor of `x`, or the milliseconds between chunks of
    `every`; without meaning for the others.  *asked*: whether it was given in words.
    """

    name: str = "recorded"
    number: float = 1.0
    asked: bool = field(default=False, repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> Pace:
        """
        Read ``recorded``, ``instant``, ``x4`` or ``every:20ms``.

        Raises:
            DeliveryError: the word does not exist, or its number is wrong.
        """
        word = text.strip()
        if word in ("recorded", "instant"):
            return cls(word, asked=True)
        if re.fullmatch(r"x\d+(\.\d+)?", word):
            if not float(word[1:]):
                raise DeliveryError("pace: `x0` would never begin; the factor must be above 0")
            return cls("x", float(word[1:]), asked=True)
        if word.startswith("every:"):
            return cls("every", milliseconds(word.removeprefix("every:"), what="pace"), asked=True)
        raise DeliveryError(f"pace: {nearest(text, PACE_WORDS)}")

    def __str__(self) -> str:
        match self.name:
            case "x":
                return f"x{number(self.number)}"
            case "every":
                return f"every:{duration(self.number)}"
            case _:
                return self.name

    @property
    def follows_recording(self) -> bool:
        """Return whether the recorded times matter."""
        return self.name in ("recorded", "x")

    def send_times(self, recorded: Sequence[float]) -> list[float]:
        """Return when each chunk is sent, given when it was *recorded*; all in milliseconds since the request."""
        match self.name:
            case "instant":
                return [0.0] * len(recorded)
            case "x":
                return [ms / self.number for ms in recorded]
            case "every":
                return [(index + 1) * self.number for index in range(len(recorded))]
            case _:
                return list(recorded)
