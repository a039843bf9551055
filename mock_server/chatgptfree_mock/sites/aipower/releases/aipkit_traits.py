"""
The traits of AIPKit (2.3 to 2.4.97).

Which release has which value is written in the files of `table/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chatgptfree_mock.sites.aipower.releases.traits import switch, trait


@dataclass(frozen=True, slots=True, kw_only=True)
class AipkitTraits:
    """What a release of AIPKit does on the wire; the defaults are 2.3."""

    message_action: bool = switch(
        on="aipkit_frontend_chat_message returns a whole answer, whatever the value of streamEnabled.",
        off="aipkit_frontend_chat_message is gone (400, `0`); only the cache call and the stream are left.",
        topic="request",
        default=True,
    )
    nonce_endpoint: bool = switch(
        on="aipkit_get_frontend_chat_nonce returns a fresh nonce.",
        off="aipkit_get_frontend_chat_nonce is unknown (400, `0`); only the page has a fresh nonce.",
        topic="nonce",
    )
    message_nonce: bool = switch(
        on='A bad nonce in aipkit_frontend_chat_message gets 403 "Security check failed. Please refresh …".',
        off="aipkit_frontend_chat_message checks no nonce.",
        topic="nonce",
    )
    stream_nonce_words: str = trait(
        "Security check failed (nonce).",
        'A bad nonce in the stream is the event error, "{}"',
        topic="nonce",
    )
    cached_message: Literal["raw", "cleaned"] = trait(
        "raw",
        {
            "raw": "The cache call keeps the message as it was sent; white space alone is accepted as a message.",
            "cleaned": "The cache call strips tags and trims the message; white space alone is refused as empty.",
        },
        topic="request",
    )
    posted_message: Literal["stripped", "raw"] = trait(
        "stripped",
        {
            "stripped": "aipkit_frontend_chat_message strips tags, and everything after a lone `<`.",
            "raw": "aipkit_frontend_chat_message passes the message on as it was sent, trimmed.",
        },
        topic="request",
    )
    failures: Literal["fatal", "json"] = trait(
        "fatal",
        {
            "fatal": "In aipkit_frontend_chat_message a failure of the model's API is 500 with PHP's HTML page.",
            "json": "In aipkit_frontend_chat_message a failure of the model's API is JSON with the API's own status.",
        },
        topic="errors",
    )
    origin: Literal["ignored", "refused", "compared"] = trait(
        "ignored",
        {
            "ignored": "The Origin header is ignored.",
            "refused": "Any Origin with a bot_id is refused with 403, the site's own too, and no stream with a bot_id "
            "is answered at all.",
            "compared": "An Origin of another scheme or host is refused with 403 if there is a bot_id.",
        },
        topic="request",
    )
    duplicates: bool = switch(
        on="The same bot can be on a page twice, under one id.",
        off="Of two shortcodes for the same bot only the first renders.",
        topic="page",
    )
    front_end_bot_id: bool = switch(
        on="The page sends bot_id in the cache call.", off="The page sends no bot_id in the cache call.", topic="page"
    )
    front_end_refresh: bool = switch(
        on="The page refreshes a refused nonce and tries once more; it sends _ts with the stream.",
        off="The page shows a refused nonce as an error.",
        topic="page",
    )
    old_shortcode: Literal["empty", "printed"] = trait(
        "empty",
        {
            "empty": "The old shortcode [wpaicg_chatgpt] renders nothing.",
            "printed": "The old shortcode [wpaicg_chatgpt] is printed as text.",
        },
        topic="page",
    )
    image_check: Literal["loose", "first", "all"] = trait(
        "loose",
        {
            "loose": "Of the images in the cache call only the first is used, if it is valid; none is refused.",
            "first": "Of the images in the cache call only the first is checked, and refused if it is invalid "
            "(invalid_image_payload, …); a list must hold it.",
            "all": "All images in the cache call are checked, and at most 4 are accepted (too_many_images, …).",
        },
        topic="request",
    )
    preamble: bool = switch(
        on="A stream begins with a comment of 4096 spaces, and its Cache-Control has no-transform.",
        off="A stream begins with its first event.",
        topic="stream",
    )
    citations: bool = switch(
        on="Sources are sent in events `citations` (JSON lists), again in `done`, and in the JSON answer.",
        off="Sources of an answer are not sent.",
        topic="stream",
    )
    quota_words: str = trait(
        "You have reached your token limit for this period.",
        'The error for a used-up quota is "{}" unless the site sets its own text.',
        topic="limit",
    )
    quota_notice: bool = switch(
        on="The error for a used-up quota has a quota_notice with buttons.",
        off="The error for a used-up quota is text only.",
        topic="limit",
    )
    stop_button: bool = switch(
        on="The page has a button that stops an answer by closing the stream.",
        off="An answer can't be stopped on the page.",
        topic="page",
    )
    banned_words: Literal["part", "word", "letters"] = trait(
        "part",
        {
            "part": "A banned word is also found inside other words.",
            "word": "A banned word is found as a whole word of ASCII letters.",
            "letters": "A banned word is found as a whole word, in letters of any script.",
        },
        topic="limit",
    )
    banned_addresses: Literal["text", "address"] = trait(
        "text",
        {
            "text": "A banned address is compared letter by letter.",
            "address": "A banned address is recognised in any spelling.",
        },
        topic="limit",
    )
    none_feedback: bool = switch(
        on="The feedback `none` withdraws earlier feedback.",
        off="The feedback `none` is refused (invalid_feedback_data).",
        topic="request",
    )
    key_reuse: bool = switch(
        on="With a persistent object cache a key of a cached message works more than once.",
        off="A key of a cached message works once.",
        topic="request",
    )
    key_life: Literal["whole", "seconds"] = trait(
        "whole",
        {
            "whole": "A key of a cached message is good for 60 seconds.",
            "seconds": "A key of a cached message expires with the 60th second of the clock after it was given.",
        },
        topic="request",
    )
    google_file: bool = switch(
        on="A cache call with active_google_file_context_token makes the stream fail on a free site.",
        off="active_google_file_context_token is not read.",
        topic="request",
    )
    pending_form: bool = switch(
        on="The history of a conversation includes pending_form.",
        off="The history has no pending_form.",
        topic="request",
    )
    file_fields: bool = switch(
        on="A field that names an uploaded file or its index makes the stream fail on a free site.",
        off="Fields that name an uploaded file or its index are ignored on a free site.",
        topic="request",
    )
    content_writer: Literal["run", "refused"] = trait(
        "run",
        {
            "run": "A message with the stream_context content_writer is also answered for guests.",
            "refused": "A message with the stream_context content_writer is refused for guests and other users who may "
            "not write.",
        },
        topic="request",
    )
    throttle: int = trait(0, "AI requests that one address may send in a minute: {} (0: any number).", topic="limit")
    ban_before_quota: bool = switch(
        on="A banned address is reported before a used-up quota.",
        off="A used-up quota is reported before a banned address.",
        topic="limit",
    )
    audio_type_from: Literal["name", "content"] = trait(
        "name",
        {
            "name": "The type of a spoken message is the one that it declares or its file's ending shows.",
            "content": "A spoken message is also accepted if its content begins as that of one of the types does.",
        },
        topic="request",
    )
    audio_types: Literal["few", "many"] = trait(
        "few",
        {
            "few": "A spoken message may be WebM, WAV, MP3 or Ogg.",
            "many": "A spoken message may be AIFF, AAC, FLAC, MP4 or M4A as well as WebM, WAV, MP3 or Ogg.",
        },
        topic="request",
    )
    speech_status: bool = switch(
        on="The action aipkit_speech_request_status exists.",
        off="The action aipkit_speech_request_status is unknown (400, `0`).",
        topic="request",
    )
    media_checks: bool = switch(
        on="Speech and images need a published bot with them enabled, and count towards the throttle; speech "
        "needs quota left.",
        off="Any bot can generate images and transcribe speech.",
        topic="request",
    )
    media_failures: Literal["none", "provider"] = trait(
        "none",
        {
            "none": "A provider never fails for speech and images; what the release does then is not imitated.",
            "provider": "If a provider fails for speech or images, the answer has its status (500 if it has none), its "
            "message and its code.",
        },
        topic="errors",
    )
    stream_error_logged: Literal["curl", "api"] = trait(
        "curl",
        {
            "curl": "After an error inside a stream the history has curl's message about the refused write.",
            "api": "After an error inside a stream the history has the error's message.",
        },
        topic="errors",
    )
    form_submission: bool = switch(
        on="The action aipkit_handle_form_submission exists, and does nothing on a free site.",
        off="The action aipkit_handle_form_submission is unknown (400, `0`).",
        topic="request",
    )
    form_id_field: str = trait(
        "", "The field of aipkit_handle_form_submission that has the id of the form: {}.", topic="request"
    )
    form_data_field: str = trait(
        "", "The field of aipkit_handle_form_submission that has what was filled in, as JSON: {}.", topic="request"
    )
    form_resume: bool = switch(
        on="A cache call with resume_after_form_submission needs a form_resume_token, or the stream fails.",
        off="resume_after_form_submission is not read.",
        topic="request",
    )

    php_errors: Literal["broken", "reported"] = trait(
        "broken",
        {
            "broken": "A PHP error while an answer streams cuts the stream off.",
            "reported": "A PHP error while an answer streams is the event error with a reference, then `done`.",
        },
        topic="errors",
    )
    without_curl: Literal["none", "whole"] = trait(
        "none",
        {
            "none": "On a PHP without curl a stream ends after message_start.",
            "whole": "On a PHP without curl an answer comes in one piece, when the model has finished.",
        },
        topic="stream",
    )
    speech_token: int = trait(
        0,
        "Characters of text that is read out which count as one token: {} (0: no text that is read out counts).",
        topic="limit",
    )
    fresh_prompt: str = trait(
        "You are a helpful AI Assistant. Please be friendly. Today's date is [date].",
        'The system prompt of a new bot is "{}"',
        topic="model",
    )
    fresh_popup: bool = switch(
        on="The default bot that the plugin makes is a popup.",
        off="The default bot that the plugin makes is in the content of a page.",
        topic="page",
    )
    loads_for_old_shortcode: bool = switch(
        on="A page with only the old shortcode [wpaicg_chatgpt] loads the plugin's files.",
        off="Only a page with a chat loads the plugin's files.",
        topic="page",
    )
    markdown_it: bool = switch(
        on="The page loads markdown-it.", off="The page does not load markdown-it.", topic="page", default=True
    )
    stamped_css: bool = switch(
        on="The link to the stylesheet ends with the time of the file.",
        off="The link to the stylesheet ends with the release.",
        topic="page",
    )
    body_wrapper: bool = switch(
        on="The chat's parts are in a div.aipkit_chat_body.",
        off="The chat's parts are in the container itself.",
        topic="page",
    )
    named_input: bool = switch(
        on="The chat's textarea has an id and a name.", off="The chat's textarea has neither id nor name.", topic="page"
    )
    theme_slot: bool = switch(
        on="The container's class has an empty place for a preset of the theme.",
        off="The container's class has no place for a preset of the theme.",
        topic="page",
    )
    popup_theme: bool = switch(
        on="The popup's wrapper has a class for the theme.",
        off="The popup's wrapper has no class for the theme.",
        topic="page",
    )
    wrapper_gap: bool = switch(
        on="The opening tag of the popup's wrapper ends with a space or a style.",
        off="The opening tag of the popup's wrapper ends right after its last attribute.",
        topic="page",
    )
    inert: bool = switch(
        on="A closed popup is inert.", off="A closed popup is hidden by aria-hidden alone.", topic="page"
    )
    custom_theme: bool = switch(
        on="New bots have a custom colour theme.", off="New bots have the plain theme.", topic="page"
    )
    front_end_early_stop: bool = switch(
        on="The page's stop button also acts before the message is accepted.",
        off="The page's stop button acts once the message is accepted.",
        topic="page",
    )
    sidebar_css: bool = switch(
        on="A page with a sidebar of conversations loads public-chat-sidebar.bundle.css.",
        off="A page with a sidebar of conversations loads no stylesheet for it.",
        topic="page",
    )
    front_end_status: bool = switch(
        on="The page shows status events and citations.",
        off="The page ignores status events and citations.",
        topic="page",
    )
    front_end_interactions: bool = switch(
        on="The page sends previous_google_interaction_id where a bot's conversation is stored at Google.",
        off="The page has no google_interaction_id.",
        topic="page",
    )
