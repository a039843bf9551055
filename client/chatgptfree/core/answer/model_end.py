"""
How AIPKit shows that the model's API has finished, by the provider behind a bot and the plugin's release.

AIPKit ends an answer with `done` even where the model's API broke off cleanly in the middle of a sentence.  What is
missing then differs by provider: OpenAI's answers end with an event `openai_response_id`, OpenRouter's and Claude's
with a `status`, and those of other providers with nothing.  Recorded: `stream_ok` and `x_stream_up_half` on 2.3.70,
2.4.5 and 2.4.67, `x_openrouter_ok` and `x_openrouter_half` on 2.3.70 and 2.3.71.

The bytes alone do not decide: OpenRouter's whole answer on 2.3.71 (`2.3.71/x_openrouter_ok`) has the same events as an
answer of OpenAI's that was cut (`2.3.70/x_stream_up_half`).  So both get the warning if the provider is not known.
"""

from __future__ import annotations

import enum
from typing import Final

from chatgptfree.core.page.release_number import order


class Proof(enum.IntEnum):
    """When an answer that ended lacks the proof that the model had finished; the strictest rule first."""

    ALWAYS = enum.auto()
    """Whenever no sign of the model's end came."""
    AFTER_STATUS = enum.auto()
    """When a status showed that the model was at work, and no sign of its end came."""
    UNKNOWN = enum.auto()
    """When a status showed that the model was at work, but the provider is not known: the answer may be whole."""
    NEVER = enum.auto()
    """The release never sends such a sign, so a cut answer looks like a whole one."""


_ANY_RELEASE: Final = (0,)
# provider -> (since release, the rule from there on), the newest first.
_RULES: Final[dict[str, tuple[tuple[tuple[int, ...], Proof], ...]]] = {
    # The Responses API only; from 2.4.68 on a site may choose Chat Completions, which has no statuses and no id.
    "openai": (((2, 4, 68), Proof.AFTER_STATUS), (_ANY_RELEASE, Proof.ALWAYS)),
    # Chat Completions up to 2.3.70; then the Responses API, whose end becomes a status with 2.3.93.
    "openrouter": (((2, 3, 93), Proof.AFTER_STATUS), (_ANY_RELEASE, Proof.NEVER)),
    # The Responses API from 2.4.16 on, but neither its id nor its end is passed on.
    "xai": ((_ANY_RELEASE, Proof.NEVER),),
    # Claude's end is a status from 2.3.93 on; the others send no status that shows that the model is at work.
    **dict.fromkeys(("claude", "azure", "deepseek", "google", "aipuffercloud"), ((_ANY_RELEASE, Proof.AFTER_STATUS),)),
}
_OTHER_PROVIDER: Final = ((_ANY_RELEASE, Proof.UNKNOWN),)

_AT_WORK: Final = ("response.", "message_start", "content_block_start")
_ENDS: Final = frozenset(
    {"response.completed", "response.done", "response.incomplete", "message_delta", "message_stop"}
)


def proof(provider: str, release: str | None) -> Proof:
    """
    Return when an answer lacks the model's end.

    Args:
        provider: as a bot's `data-config` names it, in any case; empty if it names none.
        release: of the plugin, such as ``2.3.93``; None if the page does not name it, which gets the mildest rule.
    """
    rules = _RULES.get(provider.strip().casefold(), _OTHER_PROVIDER)
    numbers = order(release)
    if numbers is None:
        return max(rule for _, rule in rules)
    return next(rule for since, rule in rules if numbers >= since)


class ModelEnd:
    """Follow the statuses and ids of one answer, and judge them by *proof*."""

    def __init__(self, proof: Proof) -> None:
        self._proof = proof
        self._at_work = False
        self._ended = False

    def take_status(self, kind: str) -> None:
        """Read a status event of the type *kind*, such as ``response.created``."""
        if kind in _ENDS:
            self.take_end()
        elif kind.startswith(_AT_WORK):
            self._at_work = True

    def take_end(self) -> None:
        """Store that there is proof: the id of OpenAI's response, or an answer as one JSON object."""
        self._ended = True

    @property
    def doubt(self) -> str:
        """Why an answer that has ended may be cut, as a sentence; empty without such a reason."""
        if self._ended or self._proof is Proof.NEVER or not (self._at_work or self._proof is Proof.ALWAYS):
            return ""
        if self._proof is Proof.UNKNOWN:
            return (
                "the site ended the answer without any sign that the model's API had finished; the answer may be cut,"
                " or whole if the bot's provider, which is not known, is one whose answers never show it"
            )
        return "the site ended the answer without any sign that the model's API had finished; the answer may be cut"
