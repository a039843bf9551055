"""The plugin's words for errors of the model's APIs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from chatgptfree_mock.sites.aipower.aipkit.model_output import items, mapping, string
from chatgptfree_mock.sites.aipower.releases import aipkit_sentences as sentences
from chatgptfree_mock.sites.aipower.releases.providers import ProviderTraits, Suffix
from chatgptfree_mock.sites.wordpress import php

_CLOUD_ERRORS: Final = {
    "gateway_refused": sentences.CLOUD_BUSY,
    "input_too_large": sentences.CLOUD_TOO_LONG,
    "provider_daily_limit": sentences.CLOUD_DAY_LIMIT,
    "site_limit": sentences.CLOUD_SITE_LIMIT,
    "credits": sentences.CLOUD_NO_CREDITS,
}
"""The plugin's sentence by error code; the code for used-up credits is not known, so the mock has its own."""
_CLOUD_KEYS: Final = {
    "code": "provider_error_code",
    "stop_batch": "stop_batch",
    "request_id": "cloud_request_id",
    "request_state": "cloud_request_state",
    "operation_id": "cloud_operation_id",
}
"""The members of such an error that the plugin passes on, by the mock's names for them."""


def error_message(payload: dict[str, Any], traits: ProviderTraits) -> str:
    """Return the message of an error inside a stream: that of its object `error`, or else the one beside its type."""
    error = payload.get("error")
    if error and isinstance(error, str):
        return error
    if not error and traits.top_level_errors:
        first = items(payload.get("messages"))[:1]
        message = first[0].get("message") if first else payload.get("message")
        return worded({**payload, "message": message}, (_ERROR_CODE,)) or sentences.UNKNOWN_ERROR
    return worded(mapping(error), traits.suffixes) or sentences.UNKNOWN_ERROR


def coded_words(error: dict[str, Any]) -> str:
    """Return the plugin's sentence for an error of its cloud, chosen by the error's code."""
    date = string(error.get("credits_refresh"))
    if date and error.get("code") == "credits":
        return sentences.CLOUD_LATER_CREDITS.format(date=date)
    return _CLOUD_ERRORS.get(string(error.get("code")), sentences.CLOUD_FAILED)


def coded_error(error: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the plugin's sentence for an error of its cloud, and the details that it passes on."""
    status = error.get("status")
    known = {name: error[key] for key, name in _CLOUD_KEYS.items() if error.get(key) not in (None, "")}
    return coded_words(error), {"status": status if isinstance(status, int) else 503, **known}


def worded(error: dict[str, Any], suffixes: Iterable[Suffix]) -> str:
    """Return the message of an error object, with the suffix that the plugin appends for this provider."""
    return php.trim(string(error.get("message")) + "".join(_suffix(error, suffix) for suffix in suffixes))


def _suffix(error: dict[str, Any], suffix: Suffix) -> str:
    found = ((label, _value(error, path)) for path, label in suffix.fields)
    output = suffix.between.join(f"{label}: {value}" for label, value in found if value)
    return suffix.opening + output + suffix.closing if output else ""


def _value(error: dict[str, Any], path: str) -> str | int | None:
    value: object = error
    for name in path.split("."):
        value = mapping(value).get(name)
    return value if isinstance(value, str | int) else None


_ERROR_CODE: Final = Suffix(fields=(("errorCode", "Code"),))
