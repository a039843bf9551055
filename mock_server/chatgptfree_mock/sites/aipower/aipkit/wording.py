"""How the small actions word their answers: data, or a message with or without a code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from chatgptfree_mock.sites.wordpress.call import Answered, Call

BAD_NONCE: Final = "Security check failed (nonce)."


def succeed(call: Call, data: Mapping[str, Any]) -> Answered:
    """Answer with *data*."""
    return Answered(response=call.core.success(data), why=("done",))


def refuse_nonce(call: Call, words: str = BAD_NONCE, *, code: str = "nonce_failure") -> Answered:
    """Answer that the nonce is not accepted; a site that replays recordings then plays none."""
    return replace(refuse(call, 403, words, code=code), nonce_refused=True)


def refuse(call: Call, status: int, words: str, *, code: str = "") -> Answered:
    """Answer that it can't be done."""
    data = {"message": words, "code": code} if code else {"message": words}
    return Answered(response=call.core.error(data, status=status), why=(code or words,))
