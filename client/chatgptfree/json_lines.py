"""What ``--json`` prints: one object a line, which a terminal and any program can read."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from chatgptfree.errors import ChatError, ChatTimeoutError
from chatgptfree.messages import Reply, ReplyWarning

if TYPE_CHECKING:
    from chatgptfree.blocking import ReplyStream
    from chatgptfree.core.page.chat_page import ChatPage

_NOT_IN_JSON: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that JSON need not escape, but that a terminal acts on or some programs take for a line end."""


def print_stream(stream: ReplyStream) -> None:
    """Print each delta of *stream* as it arrives, then the reply."""
    with stream:
        for delta in stream:
            print_line({"delta": delta.text})
    print_line({"reply": _reply_object(stream.reply)})


@contextmanager
def errors_as_json() -> Iterator[None]:
    """Print an error of the site as an object as well."""
    try:
        yield
    except ChatError as error:
        print_line({"error": _error_object(error)})
        raise


def print_line(value: object) -> None:
    """Print *value* as one line."""
    # `json` escapes only the control characters of ASCII; all others occur within strings and may be escaped as well.
    written = _NOT_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
    sys.stdout.write(written + "\n")
    sys.stdout.flush()


def _reply_object(reply: Reply) -> dict[str, Any]:
    return {**asdict(reply), "warnings": _warning_objects(reply.warnings)}


def _warning_objects(warnings: Iterable[ReplyWarning]) -> list[dict[str, str]]:
    return [{"code": warning.code, "detail": warning.raw_detail} for warning in warnings]


def _error_object(error: ChatError) -> dict[str, Any]:
    fields = {
        "kind": error.kind,
        "message": error.raw_message,
        "retryable": error.retryable,
        "retry_after": error.retry_after,
    }
    fields |= {"status": error.status, "url": error.url, "excerpt": error.raw_excerpt, "partial": error.partial}
    fields["warnings"] = _warning_objects(error.warnings)
    if isinstance(error, ChatTimeoutError):
        fields["phase"] = error.phase
    return fields


def page_object(page: ChatPage) -> dict[str, Any]:
    """Return the object of ``inspect --json``."""
    chats = [
        {**asdict(chat_.bot), "nonce": chat_.nonce, "post_id": chat_.post_id, "ajax_url": chat_.ajax_url}
        for chat_ in page.chats
    ]
    return {
        "url": page.url,
        "generation": page.chats[0].generation,
        "release": page.release,
        "bots": chats,
        "missing": list(page.missing),
        "warnings": _warning_objects(page.warnings),
    }
