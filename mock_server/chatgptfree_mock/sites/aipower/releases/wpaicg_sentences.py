"""
The sentences of WPAICG that a visitor may read: errors, refusals, confirmations.

A release file can put others in their place (`wording`).
"""

from __future__ import annotations

from typing import Final

BAD_NONCE: Final = "Nonce verification failed"
LINK_EXPIRED: Final = "The link you followed has expired."
SOMETHING_WRONG: Final = "Something went wrong"
NO_API_KEY: Final = "Unable to initialize the AI instance. Please make sure the API key is valid."
BANNED_ADDRESS: Final = "You are not allowed to access this feature."
BANNED_WORD: Final = "Your message contains prohibited words. Please modify your message and try again."
LIMIT_REACHED: Final = "You have reached your token limit."
NOTHING_SENT: Final = "It appears that nothing was inputted."
UNKNOWN_CHAT: Final = "Chat log entry not found."
INVALID_FEEDBACK: Final = "Invalid input."
FEEDBACK_SAVED: Final = "Feedback submitted successfully."
NO_LEAD: Final = "No lead data provided."
NO_CHAT_ID: Final = "Chat ID is missing."
LEAD_SAVED: Final = "Lead data submitted successfully."
WRONG_IMAGE_TYPE: Final = "File type is not allowed. Only PNG, JPEG, WEBP, and non-animated GIF are supported."
WRONG_AUDIO: Final = "Invalid file type or file too large."
WRONG_AUDIO_FORMAT: Final = "Accepted audio and video formats: MP3, MP4, MPEG, M4A, WAV, and WEBM."
LARGE_AUDIO: Final = "Maximum audio file size: 25MB."
UNREADABLE_AUDIO: Final = "Failed to read the audio file."
FLAGGED: Final = (
    "Your message has been flagged as potentially harmful or inappropriate. Please ensure that your messages are "
    "respectful and do not contain language or content that could be offensive or harmful to others. Thank you "
    "for your cooperation."
)
GOOGLE_ERROR: Final = "Response from Google: {words}"
