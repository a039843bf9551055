"""
Advice for the reader of a report: the usual cause of such a failure.

A failure of a known kind has the advice for that kind, any other that for its verdict.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

_END: Final = (
    "Never take the end of the connection for the end of the answer. Wait for the end mark of the stream, for the last "
    "chunk or for the announced length, and exit with an error where it does not come."
)

ADVICE: Final = {
    "right": "Nothing to do.",
    "recovered": "Nothing to do: the client asked again, and delivered the whole answer.",
    "wrong": (
        "Look at the marked characters. Text that is changed or doubled comes from decoding each read by itself "
        "(decode the joined bytes, or use an incremental decoder), from splitting events at something other than a "
        "blank line, or from taking the wrong field of an event."
    ),
    "silent loss": (
        "Nothing printed: check the status and the content type of each response before its text is read, as a refusal "
        f"has none. The end missing: {_END} Keep the rest of a read that ends inside a line or a "
        "character for the next one."
    ),
    "disguised error": (
        "Check status, content type and the error keys of the answer before anything is printed as text, in the middle "
        "of a stream as well. Errors go to stderr, with an exit code other than 0."
    ),
    "crash": (
        "See where the traceback points. If the client gave up an answer that is legal, it expects bytes in one form "
        "only: see the source of the variant, or the title of the scenario, for what is allowed."
    ),
    "hang": (
        "Give every read a time limit, not only the connection, and stop reading at the end mark: a server may keep "
        "the connection open after it."
    ),
    "storm": (
        "Bound the retries, wait longer before each (`Retry-After` has the time), and send no further request "
        "once a part of the answer has been printed."
    ),
    "never asked": (
        "Check the command: it must use {url} and send {message}, and stderr shows why it ended before that."
    ),
    "not intercepted": (
        "Let the client read the proxy and certificate variables (`HTTPS_PROXY`, `SSL_CERT_FILE` and others), or give "
        "it {url} and leave --intercept out."
    ),
    "not applicable": "Give the command {bot} or {timeout}, if the client has such an option: then it is judged.",
    "whole": "Nothing to do: nothing of the answer was lost.",
    "undetectable": "Nothing to do: no client could notice it. A recording with an end mark would show more.",
    "unstable": (
        "Make the client print the same for the same answer: leave out times and ids, or name them with --mask; then "
        "run it again."
    ),
    "not offered": "Nothing to do: the client does not ask for this content coding.",
}
"""By the name of the verdict, of both crash tests."""

_OF_KINDS: Final = frozenset({"wrong", "silent loss", "disguised error", "crash"})
"""Verdicts that have as many causes as there are kinds of variants and scenarios."""
_ERROR: Final = (
    "Look for an error in every event and in every JSON body before its text is taken: a member `error`, an event of "
    "that name, a status that is not a success. Exit with an error even if text came before it."
)
_AGAIN: Final = (
    "Where a question is asked again, show only the answer that came whole: keep back what an attempt that broke off "
    "has brought, or take it back before the next one."
)
_STATUS: Final = (
    "Check the status and the content type of the response before its body is read as an answer, and exit with an "
    "error where they are not those of one."
)
_BORDERS: Final = (
    "A read may end anywhere: inside a character, a line or an event. Keep the rest of each read for the next one, and "
    "decode characters incrementally."
)
_CODING: Final = (
    "Decode each content coding that the request accepts, with all its members, and take one that ends early or has a "
    "wrong checksum for an answer that broke off."
)
_EVENTS: Final = (
    "Read events by the rules of the WHATWG: lines end with CR, LF or both, one blank after the colon is optional, a "
    "line that starts with a colon is a comment, several `data` lines are joined by a line feed, unknown fields are "
    "passed over, a blank line ends the event."
)
_TOKENS: Final = (
    "Read the token from the page before each use, whatever its length and letters, and send it back decoded. Where it "
    "is refused, load the page again once."
)
_JSON: Final = (
    "Parse JSON with a library: white space, escapes and the order of members mean nothing. Members that are "
    "missing, null or unknown are legal as well."
)
_HTTP: Final = (
    "Leave HTTP to a library: interim responses (1xx), header names in any letter case, chunk extensions, trailers "
    "and an answer that ends with its connection are all legal."
)
_PAGE: Final = (
    "Read the page with an HTML parser: quotes, case, order and line ends of attributes vary. Recognize a page "
    "without a chat, and one that blocks the client, and exit with an error that names it."
)
KINDS: Final = (
    ("events/error-*", _ERROR),
    ("status/200-error-object", _ERROR),
    ("stream/*error*", _ERROR),
    ("json/error-*", _ERROR),
    ("stream/limited", _ERROR),
    ("stream/throttled", _ERROR),
    ("stream/response-failed", _ERROR),
    ("cut/*", _END),
    ("json/cut*", _END),
    ("stream/no-done", _END),
    ("stream/half-an-event", _END),
    ("transport/cut-off", _END),
    ("transport/closed-without-end", _END),
    ("transport/no-last-chunk", _END),
    ("transport/reset", _END),
    ("transport/wrong-length", _END),
    ("status/*", _STATUS),
    ("ajax/*", _STATUS),
    ("chunks/*", _BORDERS),
    ("transport/cut-*", _BORDERS),
    ("transport/byte-by-byte", _BORDERS),
    ("coding/*", _CODING),
    ("transport/gzip-*", _CODING),
    ("events/*", _EVENTS),
    ("stream/byte-order-mark", _EVENTS),
    ("stream/comments", _EVENTS),
    ("stream/cr*", _EVENTS),
    ("stream/data-on-several-lines", _EVENTS),
    ("stream/ids-and-retry", _EVENTS),
    ("stream/line-*", _EVENTS),
    ("stream/named-events", _EVENTS),
    ("stream/no-space-after-colon", _EVENTS),
    ("json/*", _JSON),
    ("framing/*", _HTTP),
    ("pace/*", "Wait for the whole answer: silence, or a head that comes in parts, is not its end."),
    ("tokens/*", _TOKENS),
    ("nonce/*", _TOKENS),
    ("page/*", _PAGE),
    ("transport/*", _END),
)
"""What to do about failures of cases whose names fit a pattern; the first that fits counts."""


def advice(verdict: str, names: Iterable[str]) -> dict[str, list[str]]:
    """Return what to do about cases with one *verdict*, each text with those of their *names* that it is for."""
    found: dict[str, list[str]] = {}
    for name in names:
        of_kind = _of_kind(name) if verdict in _OF_KINDS else None
        if verdict == "wrong" and fnmatchcase(name, "cut/*/once"):
            of_kind = _AGAIN  # the client has noticed the cut, and printed a part twice
        found.setdefault(of_kind or ADVICE[verdict], []).append(name)
    return found


def _of_kind(name: str) -> str | None:
    return next((text for pattern, text in KINDS if fnmatchcase(name, pattern)), None)
