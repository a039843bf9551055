"""The form of the secondary actions' answers: data, or a message with or without a code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.sites.aipower.releases import aipkit_sentences as sentences
from chatgptfree_mock.sites.wordpress.call import AjaxCall


def succeed(call: AjaxCall, data: Mapping[str, Any]) -> SiteReply:
    """Answer with *data*."""
    return SiteReply(response=call.core.success(data), why=("done",))


def refuse_nonce(call: AjaxCall, words: str = sentences.BAD_NONCE, *, code: str = "nonce_failure") -> SiteReply:
    """Answer that the nonce is not accepted; a site with recordings then replays no recorded answer."""
    return replace(refuse(call, 403, words, code=code), refused="nonce")


def refuse(
    call: AjaxCall, status: int, words: str, *, code: str = "", more: Mapping[str, Any] | None = None
) -> SiteReply:
    """Answer with an error: its message, its *code* if there is one, and *more* keys."""
    data = {"message": words, **({"code": code} if code else {}), **(more or {})}
    return SiteReply(response=call.core.error(data, status=status), why=(code or words,))
