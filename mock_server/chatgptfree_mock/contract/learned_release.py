"""A release file that a pack derived from a recording, and the exchanges by which it was checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from chatgptfree_mock.tape.model import Response

AnswerJudge = Callable[[Response, Response], Sequence[str]]
"""Returns the differences between a recorded and an imitated response, in words; empty if they are alike."""


class CheckedExchange(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded exchange, and what the learned release answers to the same request."""

    name: str
    """The exchange's number in the recording, its method, and its action or path."""
    recorded: Response
    """The recorded response; a page is reduced to the part that the site's software writes."""
    replied: Response | None
    """The imitation's response, in the same form; None if the imitation cannot be asked."""
    situation: str
    """The assumption about the recorded site, such as `the quota is used up`; empty for none."""
    alike: bool
    original_names: tuple[Response, Response] | None = None
    """Both responses with renamed parts under their original names, compared too; None without renamed parts."""
    lacks: str = ""
    """The differences that the release file cannot express and the comparison does not show, in words; may be empty."""


class LearnedRelease(msgspec.Struct, frozen=True, kw_only=True):
    """A release file, and the exchanges by which it was checked."""

    base: str
    """The release that the file is based on."""
    text: str
    """The file, in YAML."""
    exchanges: tuple[CheckedExchange, ...]
    unused: tuple[str, ...] = ()
    """The recorded exchanges that were not used, in words."""

    @property
    def alike(self) -> int:
        """Return the number of exchanges that the release answers as recorded."""
        return sum(each.alike for each in self.exchanges)
