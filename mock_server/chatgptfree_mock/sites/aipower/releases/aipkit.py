"""
The traits of generation 2 (AIPKit, 2.3 to 2.4.97), and the releases in which they changed.

Data only.  A release is written as what it changed in the one before; what is not named is as it was.  Between 2.3.43
and 2.3.69 only a changelog tells what came when: what 2.3.69 was found to do differently is dated 2.3.68 there.  After
2.4.71 nothing was recorded: those rows are read from the published source of 2.4.79, .81, .94, .96 and .97, and where a
change lies between two of them, its release is the one that the changelog names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from chatgptfree_mock.sites.aipower.releases.traits import trait


@dataclass(frozen=True, slots=True, kw_only=True)
class AipkitTraits:
    """What a release of generation 2 does on the wire; the defaults are 2.3."""

    message_action: bool = trait(
        True,
        {
            True: "aipkit_frontend_chat_message answers in one piece, whatever streamEnabled says.",
            False: "aipkit_frontend_chat_message is gone (400, `0`); there is only the cache call and the stream.",
        },
        topic="request",
    )
    nonce_endpoint: bool = trait(
        False,
        {
            True: "aipkit_get_frontend_chat_nonce gives out a fresh nonce.",
            False: "aipkit_get_frontend_chat_nonce is unknown (400, `0`); a fresh nonce stands on the page only.",
        },
        topic="nonce",
    )
    message_nonce: bool = trait(
        False,
        {
            True: 'A bad nonce in aipkit_frontend_chat_message gets 403 "Security check failed. Please refresh …".',
            False: "aipkit_frontend_chat_message checks no nonce.",
        },
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
            "raw": "The cache call keeps the message as it was sent; blanks alone are a message.",
            "cleaned": "The cache call takes tags out of the message and trims it; blanks alone are refused as empty.",
        },
        topic="request",
    )
    posted_message: Literal["stripped", "raw"] = trait(
        "stripped",
        {
            "stripped": "aipkit_frontend_chat_message takes tags out of the message, with all that follows a lone `<`.",
            "raw": "aipkit_frontend_chat_message passes the message on as it was sent, trimmed.",
        },
        topic="request",
    )
    failures: Literal["fatal", "json"] = trait(
        "fatal",
        {
            "fatal": "In aipkit_frontend_chat_message a failure of the model's API is a PHP fatal: 500, an HTML page.",
            "json": "In aipkit_frontend_chat_message a failure of the model's API is JSON with the API's own status.",
        },
        topic="errors",
    )
    origin: Literal["ignored", "refused", "compared"] = trait(
        "ignored",
        {
            "ignored": "The Origin header is not looked at.",
            "refused": "Any Origin with a bot_id is refused with 403, the site's own too, and no stream with a bot_id "
            "is answered at all.",
            "compared": "An Origin of another scheme or host is refused with 403 if there is a bot_id.",
        },
        topic="request",
    )
    duplicates: bool = trait(
        False,
        {
            True: "The same bot can stand on a page twice, under one id.",
            False: "Of two shortcodes for the same bot only the first renders.",
        },
        topic="page",
    )
    front_end_bot_id: bool = trait(
        False,
        {True: "The page sends bot_id in the cache call.", False: "The page sends no bot_id in the cache call."},
        topic="page",
    )
    front_end_refresh: bool = trait(
        False,
        {
            True: "The page refreshes a refused nonce and tries once more; it sends _ts with the stream.",
            False: "The page shows a refused nonce as an error.",
        },
        topic="page",
    )
    old_shortcode: Literal["empty", "printed"] = trait(
        "empty",
        {
            "empty": "The old shortcode [wpaicg_chatgpt] leaves an empty place.",
            "printed": "The old shortcode [wpaicg_chatgpt] is printed as text.",
        },
        topic="page",
    )
    image_check: Literal["loose", "first", "all"] = trait(
        "loose",
        {
            "loose": "Of the images in the cache call only the first counts, if it is one; nothing is refused.",
            "first": "Of the images in the cache call only the first is looked at, and refused if it is not one "
            "(invalid_image_payload, …); a list must hold it.",
            "all": "All images in the cache call are looked at, and at most 4 are taken (too_many_images, …).",
        },
        topic="request",
    )
    preamble: bool = trait(
        False,
        {
            True: "A stream begins with a comment of 4096 blanks, and its Cache-Control says no-transform.",
            False: "A stream begins with its first event.",
        },
        topic="stream",
    )
    citations: bool = trait(
        False,
        {
            True: "Sources are told: in events `citations` (JSON lists), again in `done`, and in the JSON answer.",
            False: "Sources of an answer are not told.",
        },
        topic="stream",
    )
    quota_words: str = trait(
        "You have reached your token limit for this period.",
        'A used-up quota is told as "{}" unless the site has words of its own.',
        topic="limit",
    )
    quota_notice: bool = trait(
        False,
        {
            True: "The error of a used-up quota carries a quota_notice with buttons.",
            False: "The error of a used-up quota is a text.",
        },
        topic="limit",
    )
    stop_button: bool = trait(
        False,
        {
            True: "The page has a button that stops an answer by closing the stream.",
            False: "An answer can't be stopped on the page.",
        },
        topic="page",
    )
    banned_words: Literal["part", "word", "letters"] = trait(
        "part",
        {
            "part": "A banned word is found inside of other words too.",
            "word": "A banned word is found as a whole word of ASCII letters.",
            "letters": "A banned word is found as a whole word of the letters of any script.",
        },
        topic="limit",
    )
    none_feedback: bool = trait(
        False,
        {
            True: "The feedback `none` takes a feedback back.",
            False: "The feedback `none` is refused (invalid_feedback_data).",
        },
        topic="request",
    )
    key_reuse: bool = trait(
        False,
        {
            True: "With a persistent object cache a key of a cached message works more than once.",
            False: "A key of a cached message works once.",
        },
        topic="request",
    )
    google_file: bool = trait(
        False,
        {
            True: "A cache call with active_google_file_context_token makes the stream fail on a free site.",
            False: "active_google_file_context_token is not read.",
        },
        topic="request",
    )
    pending_form: bool = trait(
        False,
        {True: "The history of a conversation comes with pending_form.", False: "The history comes alone."},
        topic="request",
    )
    file_fields: bool = trait(
        False,
        {
            True: "A field that names an uploaded file or its index makes the stream fail on a free site.",
            False: "Fields that name an uploaded file or its index are ignored on a free site.",
        },
        topic="request",
    )
    content_writer: Literal["run", "refused"] = trait(
        "run",
        {
            "run": "A message with the stream_context content_writer is carried out for guests too.",
            "refused": "A message with the stream_context content_writer is refused to guests.",
        },
        topic="request",
    )
    throttle: int = trait(0, "One address may ask {} times a minute (0: as often as it likes).", topic="limit")
    ban_before_quota: bool = trait(
        False,
        {
            True: "A banned address is told before a used-up quota is.",
            False: "A used-up quota is told before a banned address is.",
        },
        topic="limit",
    )
    speech_status: bool = trait(
        False,
        {
            True: "The action aipkit_speech_request_status exists.",
            False: "The action aipkit_speech_request_status is unknown (400, `0`).",
        },
        topic="request",
    )
    media_checks: bool = trait(
        False,
        {
            True: "Speech and images want a published bot, and count for the throttle; speech wants some quota left.",
            False: "Speech and images are made for any bot.",
        },
        topic="request",
    )
    stream_error_logged: Literal["curl", "api"] = trait(
        "curl",
        {
            "curl": "After an error inside a stream the history holds curl's words about the refused write.",
            "api": "After an error inside a stream the history holds the words of the error.",
        },
        topic="errors",
    )
    form_resume: bool = trait(
        False,
        {
            True: "A cache call with resume_after_form_submission needs a form_resume_token, or the stream fails.",
            False: "resume_after_form_submission is not read.",
        },
        topic="request",
    )


_T23 = AipkitTraits()
_T2318 = replace(_T23, failures="json")
_T2319 = replace(_T2318, key_reuse=True)
_T2320 = replace(
    _T2319,
    message_nonce=True,
    stream_nonce_words="Security check failed. Please refresh the page and try again.",
    cached_message="cleaned",
)
_T2324 = replace(_T2320, duplicates=True)
_T2326 = replace(_T2324, cached_message="raw", posted_message="raw")
_T2331 = replace(_T2326, origin="refused", front_end_bot_id=True)
_T2332 = replace(_T2331, origin="compared")
_T2335 = replace(_T2332, banned_words="word")
_T2341 = replace(_T2335, nonce_endpoint=True, front_end_refresh=True)
_T2368 = replace(_T2341, old_shortcode="printed")
_T2371 = replace(_T2368, image_check="first")
_T2393 = replace(_T2371, preamble=True, citations=True)
_T2394 = replace(_T2393, quota_words="You have reached your quota for this period.")
_T241 = replace(_T2394, message_action=False)
_T245 = replace(_T241, quota_notice=True)
_T246 = replace(_T245, stop_button=True)
_T2421 = replace(_T246, image_check="all")
_T2426 = replace(_T2421, form_resume=True)
_T2463 = replace(_T2426, none_feedback=True)
_T2467 = replace(_T2463, google_file=True)
_T2477 = replace(_T2467, pending_form=True)
_T2484 = replace(
    _T2477,
    banned_words="letters",
    key_reuse=False,
    file_fields=True,
    content_writer="refused",
    throttle=60,
    ban_before_quota=True,
    speech_status=True,
    media_checks=True,
    stream_error_logged="api",
)

RELEASES: tuple[tuple[str, str, AipkitTraits], ...] = (
    ("2.3", "2025-07-09", _T23),
    ("2.3.6", "2025-07-10", _T23),
    ("2.3.13", "2025-07-13", _T23),
    ("2.3.14", "2025-07-14", _T23),
    ("2.3.18", "2025-07-19", _T2318),
    ("2.3.19", "2025-07-20", _T2319),
    ("2.3.20", "2025-07-22", _T2320),
    ("2.3.21", "2025-07-22", _T2320),
    ("2.3.22", "2025-07-22", _T2320),
    ("2.3.24", "2025-07-23", _T2324),
    ("2.3.26", "2025-07-25", _T2326),
    ("2.3.30", "2025-08-04", _T2326),
    ("2.3.31", "2025-08-05", _T2331),
    ("2.3.32", "2025-08-06", _T2332),
    ("2.3.35", "2025-08-13", _T2335),
    ("2.3.40", "2025-08-31", _T2335),
    ("2.3.41", "2025-09-10", _T2341),
    ("2.3.43", "2025-09-20", _T2341),
    ("2.3.68", "", _T2368),
    ("2.3.69", "2026-02-06", _T2368),
    ("2.3.70", "2026-02-06", _T2368),
    ("2.3.71", "2026-02-07", _T2371),
    ("2.3.72", "2026-02-08", _T2371),
    ("2.3.73", "2026-02-11", _T2371),
    ("2.3.77", "2026-02-21", _T2371),
    ("2.3.80", "2026-03-07", _T2371),
    ("2.3.85", "2026-03-19", _T2371),
    ("2.3.88", "2026-03-27", _T2371),
    ("2.3.92", "2026-04-02", _T2371),
    ("2.3.93", "2026-04-03", _T2393),
    ("2.3.94", "2026-04-09", _T2394),
    ("2.4.0", "2026-04-10", _T2394),
    ("2.4.1", "2026-04-11", _T241),
    ("2.4.5", "2026-04-22", _T245),
    ("2.4.6", "2026-04-22", _T246),
    ("2.4.8", "2026-04-22", _T246),
    ("2.4.9", "2026-04-27", _T246),
    ("2.4.13", "2026-04-30", _T246),
    ("2.4.16", "2026-05-02", _T246),
    ("2.4.21", "2026-05-12", _T2421),
    ("2.4.26", "2026-05-21", _T2426),
    ("2.4.36", "2026-06-01", _T2426),
    ("2.4.43", "2026-06-30", _T2426),
    ("2.4.63", "2026-08-12", _T2463),
    ("2.4.65", "2026-08-15", _T2463),
    ("2.4.67", "2026-08-18", _T2467),
    ("2.4.68", "2026-08-20", _T2467),
    ("2.4.69", "2026-08-21", _T2467),
    ("2.4.71", "2026-08-21", _T2467),
    ("2.4.77", "", _T2477),
    ("2.4.79", "", _T2477),
    ("2.4.81", "", _T2477),
    ("2.4.84", "", _T2484),
    ("2.4.94", "", _T2484),
    ("2.4.96", "", _T2484),
    ("2.4.97", "", _T2484),
)
"""Name, day of publication (as far as it is known), traits; oldest first."""
