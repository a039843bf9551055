"""Advice for each verdict: where most clients have such a fault, for the reader of a report."""

from __future__ import annotations

from typing import Final

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
        "has none. The end missing: never take the end of the connection for the end of the answer. Wait for the end "
        "mark of the stream, for the last chunk or for the announced length, and exit with an error where it does not "
        "come. Keep the rest of a read that ends inside a line or a character for the next one."
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
        "Bound the retries, wait longer before each (`Retry-After` says how long), and ask no more once a part of the "
        "answer is out."
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
