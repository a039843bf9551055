"""A lesson: the facts of a release that a pack learnt from a recording of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chatgptfree_mock.tape.model import Response

Judge = Callable[[Response, Response], Sequence[str]]
"""Returns in words what differs between a recorded and an imitated response; nothing if they are alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntExchange:
    """One recorded exchange, and what the learnt release answers to the same request."""

    name: str
    """Its number in the recording, method and action or path."""
    recorded: Response
    """Of a page, only what the site's own part of it is."""
    replied: Response | None
    """The same of the imitation; None if it cannot be asked."""
    situation: str
    """What had to be assumed of the recorded site, such as `the quota is used up`; empty for nothing."""
    alike: bool
    usual: tuple[Response, Response] | None = None
    """Both responses with the usual names of what the release renames, which are compared too; None if none is."""
    lacks: str = ""
    """What the release file cannot say of it although the responses look alike, in words; empty for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A release file, and how well a site on that release answers as recorded."""

    base: str
    """The release that the file is based on."""
    text: str
    """The file, in YAML."""
    exchanges: tuple[LearntExchange, ...]
    unused: tuple[str, ...] = ()
    """The other recorded exchanges, from which nothing was learnt, in words."""

    @property
    def alike(self) -> int:
        """Return how many exchanges the release answers as recorded."""
        return sum(each.alike for each in self.exchanges)
