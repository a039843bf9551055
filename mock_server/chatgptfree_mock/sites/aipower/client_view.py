"""The reference client's result for a recorded answer, in a few words; imported only when needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from chatgptfree_mock.sites.aipower.request_kind import ANSWERS
from chatgptfree_mock.tape.model import End, Interaction
from chatgptfree_mock.tape.request_key import RequestKey

if TYPE_CHECKING:
    from chatgptfree.core.answer.answer_reader import AnswerReader
    from chatgptfree.core.protocol.http import ResponseHead


_NONCE_REQUEST: Final = "aipkit_get_frontend_chat_nonce"


def what_a_client_makes(interaction: Interaction, recorded: Sequence[Interaction] = ()) -> str:
    """
    Return what comes out: text, a page's chats, a nonce or an error; empty if no client would ask this.

    *recorded*: all of the same recording, which shows whether the site gives a nonce that its page lacks on request.
    """
    from chatgptfree.core.answer.answer_reader import AnswerReader
    from chatgptfree.core.generations import aipkit
    from chatgptfree.core.protocol.http import ResponseHead
    from chatgptfree.messages import Limits

    response = interaction.response
    head = ResponseHead(status=response.status, url=interaction.request.uri, headers=response.headers)
    match RequestKey.from_request(interaction.request).field("action"):
        case action if action in ANSWERS:
            return _read(AnswerReader(head, Limits()), interaction)
        case "aipkit_cache_sse_message":
            return _value("a cache key", aipkit.cache_reply(head, response.body))
        case action if action == _NONCE_REQUEST:
            return _value("a nonce", aipkit.nonce_reply(head, response.body))
        case None if interaction.request.method.upper() == "GET":
            return _page(head, response.body, recorded)
        case _:
            return ""


def _read(reader: AnswerReader, interaction: Interaction) -> str:
    from chatgptfree.core.answer.outcome import End as Whole
    from chatgptfree.errors import ChatError
    from chatgptfree.messages import Delta

    response = interaction.response
    outcomes = reader.feed(response.body)
    if not outcomes or isinstance(outcomes[-1], Delta):
        whole = response.end is End.COMPLETE
        outcomes += reader.finish() if whole else reader.broken(f"the recording ends as {response.end}")
    text = "delivers text" if any(isinstance(each, Delta) for each in outcomes) else ""
    last = outcomes[-1]
    if isinstance(last, ChatError):
        return f"{text}, then raises {last.kind}" if text else f"raises {last.kind}"
    warnings = [warning.code for warning in last.warnings] if isinstance(last, Whole) else []
    return f"{text} and warns of {', '.join(warnings)}" if warnings else text


def _value(what: str, answer: object) -> str:
    from chatgptfree.errors import ChatError

    return f"raises {answer.kind}" if isinstance(answer, ChatError) else f"gets {what}"


def _page(head: ResponseHead, body: bytes, recorded: Sequence[Interaction]) -> str:
    from chatgptfree.core.page.chat_page import no_nonce
    from chatgptfree.core.page.page_reader import parse_page
    from chatgptfree.errors import ChatError

    try:
        page = parse_page(head, body)
        missing, on_request = page.missing, ""
        if not any(chat.nonce for chat in page.chats):
            if not any(map(_gives_nonce, recorded)):
                raise no_nonce(page)
            lines = page.with_nonce("0" * 10).missing
            missing, on_request = tuple(line for line in missing if line in lines), ", and gets a nonce on request"
    except ChatError as exc:
        return f"raises {exc.kind}"
    kinds = dict.fromkeys(f"{chat.generation} {chat.bot.kind}" for chat in page.chats)
    misses = f" and misses {', '.join(missing)}" if missing else ""
    return f"finds {' and '.join(kinds)}{misses}{on_request}"


def _gives_nonce(interaction: Interaction) -> bool:
    """Return whether a nonce was asked for, and the site gave one."""
    asks_for_nonce = RequestKey.from_request(interaction.request).field("action") == _NONCE_REQUEST
    return asks_for_nonce and what_a_client_makes(interaction).startswith("gets")
