"""The plugin's actions of admin-ajax.php, which a release may rename."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.releases.release_file import Generation
from chatgptfree_mock.suggestion import nearest_or_all

ACTIONS: Final[Mapping[Generation, tuple[str, ...]]] = {
    "wpaicg": (
        "wpaicg_chat_shortcode_message",
        "wpaicg_chatbox_message",
        "wpaicg_submit_feedback",
        "wpaicg_submit_lead",
        "wpaicg_google_speech",
        "wpaicg_openai_speech",
        "wpaicg_text_to_speech",
        "wpaicg_speech_error_log",
        "wpaicg_search_data",
    ),
    "aipkit": (
        "aipkit_cache_sse_message",
        "aipkit_frontend_chat_stream",
        "aipkit_frontend_chat_message",
        "aipkit_get_frontend_chat_nonce",
        "aipkit_get_conversations_list",
        "aipkit_get_conversation_history",
        "aipkit_store_feedback",
        "aipkit_delete_single_conversation",
        "aipkit_generate_speech",
        "aipkit_transcribe_audio",
        "aipkit_chat_generate_image",
        "aipkit_speech_request_status",
        "aipkit_handle_form_submission",
    ),
}
"""The actions of all releases of a generation, those of the chat first."""


def check(changes: Mapping[str, str], generation: Generation, *, place: str) -> None:
    """
    Check that *changes*, new names by the old ones, can act.

    Raises:
        SettingsError: there is no such action, or the new name is empty or another action's.
    """
    known = ACTIONS[generation]
    taken = set(known) - set(changes)
    for old, new in changes.items():
        if old not in known:
            hint = nearest_or_all(old, known)
            raise SettingsError(f"unknown action `{old}` - at `{place}`{hint}")
        if not new.strip() or new in taken:
            problem = "a name is missing" if not new.strip() else f"there is an action `{new}` already"
            raise SettingsError(f"{problem} - at `{place}.{old}`")
        taken.add(new)
