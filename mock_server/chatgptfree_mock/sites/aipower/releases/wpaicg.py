"""
The traits of generation 1 (WPAICG, 1.8.79 to 2.2), and the releases in which they changed.

Data only.  A release is written as what it changed in the one before; what is not named is as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from chatgptfree_mock.sites.aipower.releases.traits import trait


@dataclass(frozen=True, slots=True, kw_only=True)
class WpaicgTraits:
    """What a release of generation 1 does on the wire; the defaults are 1.8.79."""

    nonce_refusal: Literal["json", "forbidden"] = trait(
        "json",
        {
            "json": 'A refused nonce gets 200 and JSON, {"status":"error","msg":"Nonce verification failed"}.',
            "forbidden": 'A refused nonce gets 403 and the HTML text "The link you followed has expired.".',
        },
        topic="nonce",
    )
    fields_from: Literal["request", "post"] = trait(
        "request",
        {
            "request": "Fields are read from the query as well as from the body, so a GET is answered like a POST.",
            "post": "Fields are read from the body of a POST only; in the query they count as missing.",
        },
        topic="request",
    )
    message: Literal["slashed", "one-line", "raw"] = trait(
        "slashed",
        {
            "slashed": "The model sees the message on one line, without tags, with a backslash before every quote.",
            "one-line": "The model sees the message on one line and without tags.",
            "raw": "The model sees the message as it was sent, lines and tags and all; blanks alone are a message.",
        },
        topic="request",
    )
    history: Literal["one-line", "lines"] = trait(
        "one-line",
        {
            "one-line": "Runs of blanks in the history become one; a bot that keeps a log mangles all but ASCII in it.",
            "lines": "The history is read with its blanks and with letters of all scripts.",
        },
        topic="request",
    )
    stream_tail: bool = trait(
        True,
        {
            True: "A stream ends with a bare JSON object that repeats the answer, without `data:`, also after [DONE].",
            False: "A stream ends where the model's API ended it, with [DONE] if that was sent.",
        },
        topic="stream",
    )
    stream_counted: bool = trait(
        True,
        {
            True: "Streamed answers count against the token limit.",
            False: "Streamed answers are not counted, so a token limit never bites while streaming.",
        },
        topic="limit",
    )
    openrouter: Literal["verbatim", "data-lines"] = trait(
        "verbatim",
        {
            "verbatim": "OpenRouter's stream is passed on as it comes, with its comment lines.",
            "data-lines": "Of OpenRouter's stream only `data:` lines are sent; a line that a read cuts loses its rest, "
            "and an error of its API is an empty stream.",
        },
        topic="stream",
    )
    image_check: bool = trait(
        False,
        {
            True: "An image of a wrong type is refused with 200 and a plain text.",
            False: "The type of an image is not looked at.",
        },
        topic="request",
    )
    audio_check: bool = trait(
        False,
        {
            True: 'An audio file over 10,000,000 bytes or of a wrong kind gets "Invalid file type or file too large.".',
            False: "An audio file is refused by its format, and only over 25 MB by its size.",
        },
        topic="request",
    )
    vector_error_escaped: bool = trait(
        False,
        {
            True: "The words of a failing vector database are escaped for HTML.",
            False: "The words of a failing vector database are sent as they are.",
        },
        topic="stream",
    )
    assistants: bool = trait(
        False,
        {
            True: "OpenAI assistants stream named events (thread_id, thread.message.delta, assistant_error, done).",
            False: "There are no OpenAI assistants.",
        },
        topic="stream",
    )
    leads: bool = trait(
        False,
        {
            True: "The action wpaicg_submit_lead exists.",
            False: "The action wpaicg_submit_lead is unknown (400, `0`).",
        },
        topic="request",
    )
    widget_shortcode: bool = trait(
        False,
        {
            True: "[wpaicg_chatgpt_widget id=N] puts a widget on a page.",
            False: "A widget stands on a page only if it is bound to it or to the whole site.",
        },
        topic="page",
    )
    front_end: Literal["event-source", "fetch"] = trait(
        "event-source",
        {
            "event-source": "The page asks for a stream with EventSource, a GET with all fields in the query.",
            "fetch": "The page asks for a stream with fetch, an urlencoded POST.",
        },
        topic="page",
    )
    history_sent: Literal["last-10", "with-message", "before-message"] = trait(
        "last-10",
        {
            "last-10": "The page sends its last 10 entries of history, the message being the last of them.",
            "with-message": "The page sends the history that data-memory-limit allows, the message last.",
            "before-message": "The page sends the history that data-memory-limit allows, without the message.",
        },
        topic="page",
    )
    chat_id_buffered: bool = trait(
        True,
        {
            True: "The page sends chat_id with every message.",
            False: "The page sends chat_id only when it streams.",
        },
        topic="page",
    )
    default_model: str = trait("gpt-3.5-turbo", "The model of a fresh site is {}.", topic="model")


_T79 = WpaicgTraits()
_T80 = replace(_T79, front_end="fetch", history_sent="with-message")
_T85 = replace(_T80, stream_tail=False, stream_counted=False)
_T86 = replace(_T85, stream_counted=True)
_T87 = replace(_T86, leads=True)
_T88 = replace(_T87, openrouter="data-lines")
_T89 = replace(_T88, widget_shortcode=True)
_T90 = replace(_T89, image_check=True)
_T91 = replace(
    _T90, nonce_refusal="forbidden", fields_from="post", message="one-line", history="lines", audio_check=True
)
_T95 = replace(_T91, assistants=True)
_T96 = replace(_T95, message="raw")
_T190 = replace(_T96, default_model="gpt-4o-mini")
_T194 = replace(_T190, history_sent="before-message", chat_id_buffered=False)
_T1916 = replace(_T194, vector_error_escaped=True)

RELEASES: tuple[tuple[str, str, WpaicgTraits], ...] = (
    ("1.8.79", "2024-09-22", _T79),
    ("1.8.80", "2024-09-24", _T80),
    ("1.8.81", "2024-09-30", _T80),
    ("1.8.82", "2024-10-17", _T80),
    ("1.8.83", "2024-10-18", _T80),
    ("1.8.84", "2024-10-18", _T80),
    ("1.8.85", "2024-10-19", _T85),
    ("1.8.86", "2024-10-20", _T86),
    ("1.8.87", "2024-10-21", _T87),
    ("1.8.88", "2024-10-23", _T88),
    ("1.8.89", "2024-10-24", _T89),
    ("1.8.90", "2024-10-26", _T90),
    ("1.8.91", "2024-10-29", _T91),
    ("1.8.92", "2024-10-30", _T91),
    ("1.8.93", "2024-11-07", _T91),
    ("1.8.94", "2024-11-19", _T91),
    ("1.8.95", "2024-11-26", _T95),
    ("1.8.96", "2024-12-12", _T96),
    ("1.8.97", "2025-01-17", _T96),
    ("1.8.98", "2025-01-19", _T96),
    ("1.8.99", "2025-01-23", _T96),
    ("1.9.0", "2025-01-31", _T190),
    ("1.9.1", "2025-02-01", _T190),
    ("1.9.2", "2025-02-03", _T190),
    ("1.9.3", "2025-02-03", _T190),
    ("1.9.4", "2025-02-09", _T194),
    ("1.9.5", "2025-02-10", _T194),
    ("1.9.6", "2025-02-11", _T194),
    ("1.9.7", "2025-02-13", _T194),
    ("1.9.8", "2025-02-14", _T194),
    ("1.9.9", "2025-02-28", _T194),
    ("1.9.11", "2025-03-02", _T194),
    ("1.9.12", "2025-04-07", _T194),
    ("1.9.13", "2025-04-10", _T194),
    ("1.9.14", "2025-04-15", _T194),
    ("1.9.16", "2025-05-02", _T1916),
    ("1.9.17", "2025-05-03", _T1916),
    ("1.9.18", "2025-05-03", _T1916),
    ("2.2", "2025-07-08", _T1916),
)
"""Name, day of publication, traits; oldest first."""
