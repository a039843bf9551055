"""
The traits of WPAICG (1.8.79 to 2.2).

Which release has which value is written in the files of `table/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chatgptfree_mock.sites.aipower.releases.traits import switch, trait


@dataclass(frozen=True, slots=True, kw_only=True)
class WpaicgTraits:
    """What a release of WPAICG does on the wire; the defaults are 1.8.79."""

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
            "slashed": "The model gets the message on one line, without tags, with a backslash before every quote.",
            "one-line": "The model gets the message on one line and without tags.",
            "raw": "The model gets the message as it was sent; white space alone is accepted as a message.",
        },
        topic="request",
    )
    history: Literal["one-line", "lines"] = trait(
        "one-line",
        {
            "one-line": "Runs of white space in the history become one space; a bot with a log garbles non-ASCII text.",
            "lines": "The history keeps its white space and letters of all scripts.",
        },
        topic="request",
    )
    stream_tail: bool = switch(
        on="A stream ends with a bare JSON object that repeats the answer, without `data:`, also after [DONE].",
        off="A stream ends where the model's API ends it, with [DONE] if the API sends it.",
        topic="stream",
        default=True,
    )
    stream_counted: bool = switch(
        on="Streamed answers count against the token limit.",
        off="Streamed answers are not counted, so a token limit never applies to streaming.",
        topic="limit",
        default=True,
    )
    openrouter: Literal["verbatim", "data-lines"] = trait(
        "verbatim",
        {
            "verbatim": "OpenRouter's stream is passed on unchanged, with its comment lines.",
            "data-lines": "Only the `data:` lines of OpenRouter's stream are sent; a line split between two reads "
            "loses its rest, and an error from its API is an empty stream.",
        },
        topic="stream",
    )
    image_check: bool = switch(
        on="An image of a wrong type is refused with 200 and a plain text.",
        off="The type of an image is not checked.",
        topic="request",
    )
    audio_check: bool = switch(
        on='An audio file over 10,000,000 bytes or of a wrong kind gets "Invalid file type or file too large.".',
        off="An audio file is refused by its format, and only over 25 MB by its size.",
        topic="request",
    )
    vector_error_escaped: bool = switch(
        on="The error message of a vector database is HTML-escaped.",
        off="The error message of a vector database is sent unchanged.",
        topic="stream",
    )
    assistants: bool = switch(
        on="OpenAI assistants stream named events (thread_id, thread.message.delta, assistant_error, done).",
        off="There are no OpenAI assistants.",
        topic="stream",
    )
    leads: bool = switch(
        on="The action wpaicg_submit_lead exists.",
        off="The action wpaicg_submit_lead is unknown (400, `0`).",
        topic="request",
    )
    widget_shortcode: bool = switch(
        on="[wpaicg_chatgpt_widget id=N] puts a widget on a page.",
        off="A page has a widget only if one is assigned to that page or to the whole site.",
        topic="page",
    )
    front_end: Literal["event-source", "fetch"] = trait(
        "event-source",
        {
            "event-source": "The page requests a stream with EventSource: a GET with all fields in the query.",
            "fetch": "The page requests a stream with fetch: a urlencoded POST.",
        },
        topic="page",
    )
    history_sent: Literal["last-10", "with-message", "before-message"] = trait(
        "last-10",
        {
            "last-10": "The page sends its last 10 history entries, of which the message is the last.",
            "with-message": "The page sends the history that data-memory-limit allows, the message last.",
            "before-message": "The page sends the history that data-memory-limit allows, without the message.",
        },
        topic="page",
    )
    chat_id_buffered: bool = switch(
        on="The page sends chat_id with every message.",
        off="The page sends chat_id only when it streams.",
        topic="page",
        default=True,
    )
    default_model: str = trait("gpt-3.5-turbo", "The model of a new site is {}.", topic="model")

    client_id_first: bool = switch(
        on="The page sends wpaicg_chat_client_id before wpaicg_chat_history.",
        off="The page sends wpaicg_chat_history before wpaicg_chat_client_id.",
        topic="page",
        default=True,
    )
    stray_post_id: bool = switch(
        on='The widget has data-post-id="<42".', off="The widget's data-post-id is a plain number.", topic="page"
    )
    sidebar: bool = switch(
        on="The shortcode's content is in a div.wpaicg-chat-content-wrapper.",
        off="The shortcode's content is in the chat element itself.",
        topic="page",
    )
    inner_script: bool = switch(
        on="The chat element contains a script.", off="The chat element contains no script.", topic="page"
    )
    named_textarea: bool = switch(
        on="The shortcode's textarea has a name.", off="The shortcode's textarea has no name.", topic="page"
    )
    avatar_in_greeting: bool = switch(
        on="The greeting begins with the bot's name, in strong.wpaicg-chat-avatar.",
        off="The greeting is the text alone.",
        topic="page",
        default=True,
    )
    marked: bool = switch(on="The page loads marked.js.", off="The page does not load marked.js.", topic="page")
    katex: bool = switch(
        on='wpaicgParams ends with "katex_enabled":"0".', off="wpaicgParams has no katex_enabled.", topic="page"
    )
