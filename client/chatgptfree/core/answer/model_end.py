"""
How AIPKit shows that the model's API has finished, by the provider behind a bot and the plugin's release.

AIPKit ends an answer with `done` also where the model's API broke off cleanly in mid-sentence.  What then is missing
differs: OpenAI's answers end with an event `openai_response_id`, OpenRouter's and Claude's with a `status`, and
those of other providers with nothing.  Recorded: `stream_ok` beside `x_stream_up_half` on 2.3.70, 2.4.5 and
2.4.67, `x_openrouter_ok` beside `x_openrouter_half` on 2.3.70 and 2.3.71.
"""

from __future__ import annotations

import enum
from typing import Final


class Proof(enum.IntEnum):
    """When an answer that ended lacks what shows that the model had finished; the strictest first."""

    ALWAYS = enum.auto()
    """Whenever no sign of the model's end came."""
    AFTER_STATUS = enum.auto()
    """When a status said that the model was at work, and no sign of its end came."""
    NEVER = enum.auto()
    """There is no such sign, so that an answer that was cut there looks like a whole one."""


_SINCE_ANY: Final = (0,)
# provider -> (since release, what holds from there on), the newest first.
_RULES: Final[dict[str, tuple[tuple[tuple[int, ...], Proof], ...]]] = {
    # The Responses API only; from 2.4.68 on a site may choose Chat Completions, which has no statuses and no id.
    "openai": (((2, 4, 68), Proof.AFTER_STATUS), (_SINCE_ANY, Proof.ALWAYS)),
    # Chat Completions up to 2.3.70; then the Responses API, whose end becomes a status with 2.3.93.
    "openrouter": (((2, 3, 93), Proof.AFTER_STATUS), (_SINCE_ANY, Proof.NEVER)),
    # The Responses API from 2.4.16 on, but neither its id nor its end is passed on.
    "xai": ((_SINCE_ANY, Proof.NEVER),),
}
_ELSE: Final = ((_SINCE_ANY, Proof.AFTER_STATUS),)
"""Claude shows its end by a status, from 2.3.93 on; Azure, DeepSeek, Google and Cloud have no such status at all."""

_AT_WORK: Final = ("response.", "message_start", "content_block_start")
_ENDS: Final = frozenset(
    {"response.completed", "response.done", "response.incomplete", "message_delta", "message_stop"}
)


def proof(provider: str, release: str | None) -> Proof:
    """
    Return when an answer lacks the model's end.

    Args:
        provider: as a bot's `data-config` names it, in any case.
        release: of the plugin, such as ``2.3.93``; None if the page does not name it, which gets the mildest rule.
    """
    rules = _RULES.get(provider.strip().casefold(), _ELSE)
    numbers = _numbers(release)
    if numbers is None:
        return max(rule for _, rule in rules)
    return next(rule for since, rule in rules if numbers >= since)


class ModelEnd:
    """Follows the statuses and ids of one answer."""

    def __init__(self, proof: Proof) -> None:
        self._proof = proof
        self._at_work = False
        self._ended = False

    def take_status(self, kind: str) -> None:
        """Take in a status of the type *kind*."""
        if kind in _ENDS:
            self.take_end()
        elif kind.startswith(_AT_WORK):
            self._at_work = True

    def take_end(self) -> None:
        """Take in what only a finished answer has: the id of OpenAI's response, or all text in one piece."""
        self._ended = True

    @property
    def is_missing(self) -> bool:
        """Return whether an answer that has ended lacks the model's own end."""
        wanted = self._proof is Proof.ALWAYS or (self._proof is Proof.AFTER_STATUS and self._at_work)
        return wanted and not self._ended


def _numbers(release: str | None) -> tuple[int, ...] | None:
    parts = (release or "").split(".")
    return tuple(map(int, parts)) if all(part.isascii() and part.isdecimal() for part in parts) else None
