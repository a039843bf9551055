"""Where in a response a fault acts."""

from __future__ import annotations

import re
from typing import Final, Literal

from msgspec import Struct

from chatgptfree_mock.errors import DeliveryError
from chatgptfree_mock.replay.words import duration, milliseconds, number

PlaceUnit = Literal["bytes", "chunk", "event", "percent", "ms", "head", "random"]
_COUNTED = re.compile(r"(?:(chunk|event):)?(\d+)")


class FaultPlace(Struct, frozen=True):
    """
    Where in a response a fault acts.

    *number*: bytes, chunks or events sent before it, a percentage of the body's bytes, or milliseconds since the
    request, as *unit* has it; without meaning for `head` and `random`.
    """

    unit: PlaceUnit
    number: float = 0

    @classmethod
    def parse(cls, text: str) -> FaultPlace:
        """
        Read what follows the ``@``.

        Raises:
            DeliveryError: it is not a place.
        """
        if text == "head":
            return cls("head")
        if text == "random":
            return cls("random")
        if re.fullmatch(r"\d+(\.\d+)?%", text):
            if float(text[:-1]) > 100:
                raise DeliveryError(f"fault: `@{text}` is after the end of the body; write at most `@100%`")
            return cls("percent", float(text[:-1]))
        if match := _COUNTED.fullmatch(text):
            unit: PlaceUnit = "chunk" if match[1] == "chunk" else "event" if match[1] == "event" else "bytes"
            return cls(unit, int(match[2]))
        if re.fullmatch(r"[\d.]+(ms|s|m)", text):
            return cls("ms", milliseconds(text, what="fault"))
        raise DeliveryError(f"fault: `@{text}` is not a place; write {_place_list()}")

    def __str__(self) -> str:
        match self.unit:
            case "bytes":
                return f"@{number(self.number)}"
            case "percent":
                return f"@{number(self.number)}%"
            case "ms":
                return f"@{duration(self.number)}"
            case "chunk" | "event":
                return f"@{self.unit}:{number(self.number)}"
            case "head" | "random":
                return f"@{self.unit}"


HALF = FaultPlace("percent", 50)
FAULT_PLACES: Final = {
    "@120": "after so many bytes of the body",
    "@chunk:3": "after so many chunks",
    "@event:2": "after so many events",
    "@50%": "after so much of the body",
    "@300ms": "so long after the request",
    "@head": "before the first byte of the response",
    "@random": "at a place drawn from the seed of the delivery",
}
"""The syntax of each place, and its meaning."""


def _place_list() -> str:
    *others, last = (f"`{place}`" for place in FAULT_PLACES)
    return f"{', '.join(others)} or {last}"
