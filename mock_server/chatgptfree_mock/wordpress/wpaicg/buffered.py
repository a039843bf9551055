"""What the plugin makes of an answer that came in one piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from chatgptfree_mock.wordpress import php
from chatgptfree_mock.wordpress.model import Upstream
from chatgptfree_mock.wordpress.wpaicg import relay


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The fields of the JSON answer; *message* says that something went wrong also when nothing did."""

    status: Literal["success", "error"] = "success"
    message: str = "Something went wrong"
    data: str | None = ""
    tokens: int = 0


def read(upstream: Upstream, *, google: bool, keyed: bool) -> Outcome:
    """Read one answer of the model's API; *keyed* says whether the site has an API key to ask with."""
    if google and not keyed:
        return Outcome()
    if upstream.failure is not None:
        return Outcome(status="error", message=str(upstream.failure))
    value = relay.decoded(upstream.body)
    error = relay.error_in(value)
    if error is not None and google:
        return Outcome(data=f"Response from Google: {error}")
    if error is not None:
        return Outcome(status="error", message=php.esc_html(php.trim(error)))
    if google:
        return Outcome(data=_google_text(value), tokens=_count(value, "usageMetadata", "totalTokenCount"))
    return Outcome(data=relay.choice_text(value), tokens=_count(value, "usage", "total_tokens"))


def _google_text(value: Any) -> str:
    try:
        return str(value["candidates"][0]["content"]["parts"][0]["text"])
    except (KeyError, IndexError, TypeError):
        return ""


def _count(value: Any, *path: str) -> int:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, int) else 0
