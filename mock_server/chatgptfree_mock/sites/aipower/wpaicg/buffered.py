"""Convert a buffered answer of the model's API to the plugin's JSON."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

from msgspec import Struct

from chatgptfree_mock.sites.aipower.releases import wpaicg_sentences as sentences
from chatgptfree_mock.sites.aipower.wpaicg import relay
from chatgptfree_mock.sites.model_api.upstream import ModelResponse
from chatgptfree_mock.sites.wordpress import php
from chatgptfree_mock.tape.json_value import json_or_none


class BufferedOutcome(Struct, frozen=True, kw_only=True, gc=False):
    """The fields of the JSON answer; *message* may report a failure even if there was none."""

    status: Literal["success", "error"] = "success"
    message: str = sentences.SOMETHING_WRONG
    data: str | None = ""
    tokens: int = 0

    def json(self, greeting: str, log: int | str | bool) -> str:
        """Return the JSON answer; *greeting* is the instruction sent to the model, *log* the row of the log."""
        row = "false" if log is False else php.json_encode(log)
        return f'{_all_but_log(self, greeting)},"log":{row}}}'


# Answers of one bot to one reply differ only in the row of the log.
@lru_cache(maxsize=16)
def _all_but_log(outcome: BufferedOutcome, greeting: str) -> str:
    head = {"status": outcome.status, "msg": outcome.message, "greeting_message": greeting}
    data = {"data": outcome.data} if outcome.status == "success" else {}
    return php.json_encode({**head, **data}).removesuffix("}")


def read(upstream: ModelResponse, *, google: bool, keyed: bool) -> BufferedOutcome:
    """Read one answer of the model's API; *keyed*: whether the site has an API key."""
    if google and not keyed:
        return BufferedOutcome()
    if upstream.failure is not None:
        return BufferedOutcome(status="error", message=php.esc_html(str(upstream.failure)))
    value = json_or_none(upstream.body)
    error = relay.error_in(value)
    if error is not None and google:
        return BufferedOutcome(data=sentences.GOOGLE_ERROR.format(words=error))
    if error is not None:
        return BufferedOutcome(status="error", message=php.esc_html(php.trim(error)))
    if google:
        return BufferedOutcome(data=_google_text(value), tokens=_count(value, "usageMetadata", "totalTokenCount"))
    return BufferedOutcome(data=relay.choice_text(value), tokens=_count(value, "usage", "total_tokens"))


def _google_text(value: Any) -> str:
    try:
        return str(value["candidates"][0]["content"]["parts"][0]["text"])
    except (KeyError, IndexError, TypeError):
        return ""


def _count(value: Any, *path: str) -> int:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, int) else 0
