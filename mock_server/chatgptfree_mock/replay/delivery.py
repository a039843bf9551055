"""
Delivery: how the bytes of an answer are sent (cut, paced, broken), as one value.

The same words are used in Python, YAML, a marker, on the command line and in the control API; `str` writes them so that
`Delivery.from_words` reads them back.  A delivery composes with any answer, recorded or generated.

Every chunk is an HTTP chunk of its own, whatever the pace; but chunks that are due at the same time are sent in one
write, so a client that reads all available bytes of its socket gets them joined.  A pace such as ``every:5ms``
separates them for such a client as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chatgptfree_mock.errors import DeliveryError
from chatgptfree_mock.replay.chunking import Chunking
from chatgptfree_mock.replay.faults import Fault, parse_faults
from chatgptfree_mock.replay.pace import Pace
from chatgptfree_mock.replay.words import nearest

DELIVERY_KEYS: Final = ("chunks", "pace", "fault", "seed")
_AS_RECORDED, _RECORDED = Chunking(), Pace()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """
    How a response is sent.

    Attributes:
        chunks: how the bytes are cut; by default as recorded.
        pace: when the chunks are due; by default at the recorded times.
        faults: the faults that occur; by default none.
        seed: of the random parts of faults; 0 by default.
        fault_names: the names of *faults*.
    """

    chunks: Chunking = _AS_RECORDED
    pace: Pace = _RECORDED
    faults: tuple[Fault, ...] = ()
    seed: int = 0
    fault_names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # A schedule looks a dozen names up for each response, and most deliveries have no fault.
        object.__setattr__(self, "fault_names", frozenset(fault.name for fault in self.faults))

    @classmethod
    def parse(
        cls,
        chunks: str | None = None,
        pace: str | None = None,
        fault: str | Iterable[str] | None = None,
        seed: int = 0,
    ) -> Delivery:
        """
        Read the words, such as ``Delivery.parse(chunks="utf8", pace="x4", fault="reset@50%")``.

        Args:
            chunks: a word such as ``bytes``; None (default) for as recorded.
            pace: a word such as ``every:20ms``; None (default) for the recorded times.
            fault: faults, separated by commas or as a list; None (default) for none.
            seed: of the random parts of faults; 0 by default.

        Raises:
            DeliveryError: a word does not exist, and the message has the nearest that does; or a value is of a wrong
                type.
        """
        for name, word in (("chunks", chunks), ("pace", pace)):
            if not isinstance(word, str | None):
                raise DeliveryError(f"{name}: give a text, not {word!r:.60}")
        if type(seed) is not int:
            raise DeliveryError(f"seed: give a whole number, not {seed!r:.60}")
        return cls(
            chunks=Chunking() if chunks is None else Chunking.parse(chunks),
            pace=Pace() if pace is None else Pace.parse(pace),
            faults=parse_faults(fault),
            seed=seed,
        )

    @classmethod
    def from_mapping(cls, words: Mapping[str, Any]) -> Delivery:
        """
        Read *words* under their keys, such as ``{"chunks": "utf8", "fault": "reset@50%"}``.

        Raises:
            DeliveryError: a key or a word does not exist.
        """
        for key in words:
            if key not in DELIVERY_KEYS:
                raise DeliveryError(f"delivery: {nearest(key, DELIVERY_KEYS)}")
        return cls.parse(**words)

    @classmethod
    def from_words(cls, text: str) -> Delivery:
        """
        Read the line *text*, such as ``chunks=utf8 pace=x4 fault=reset@50%,drip=20ms seed=3``.

        Raises:
            DeliveryError: a key or a word does not exist.
        """
        return cls.from_mapping(cls.words_in(text))

    @classmethod
    def words_in(cls, text: str) -> dict[str, Any]:
        """
        Return the words of the line *text* under their keys.

        Raises:
            DeliveryError: a key does not exist or is given twice, or the seed is not a number.
        """
        found: dict[str, Any] = {}
        for part in text.split():
            key, equals, words = part.partition("=")
            if key not in DELIVERY_KEYS or not equals:
                raise DeliveryError(f"delivery: {nearest(part, DELIVERY_KEYS)}")
            if key in found:
                more = "; separate faults with commas, as in fault=gzip,drip=20ms" if key == "fault" else ""
                raise DeliveryError(f"delivery: `{key}` is given twice{more}")
            found[key] = words
        if "seed" in found:
            if not found["seed"].isdecimal():
                raise DeliveryError(f"seed: `{found['seed']}` is not a whole number")
            found["seed"] = int(found["seed"])
        return found

    def __repr__(self) -> str:
        return f"<Delivery {self}>"

    def __str__(self) -> str:
        parts = [f"chunks={self.chunks}"]
        if self.pace != Pace():
            parts.append(f"pace={self.pace}")
        if self.faults:
            parts.append(f"fault={','.join(map(str, self.faults))}")
        if self.seed:
            parts.append(f"seed={self.seed}")
        return " ".join(parts)

    def fault(self, name: str) -> Fault | None:
        """Return the first fault of that *name*, if there is one."""
        if name not in self.fault_names:
            return None
        return next(fault for fault in self.faults if fault.name == name)


AS_RECORDED = Delivery()
