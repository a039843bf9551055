"""
What is a secret by its looks, wherever it is: keys, e-mail and IP addresses, phone, card and bank numbers.

Each kind has a cheap sign (see `byte_search`); only where it shows, a pattern looks closer.  So the time is linear in
any input, and text without secrets costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from chatgptfree_mock.tape.redaction.announced_keys import credentials, webhooks
from chatgptfree_mock.tape.redaction.at_signs import at_signs
from chatgptfree_mock.tape.redaction.byte_search import Joined
from chatgptfree_mock.tape.redaction.findings import Secret
from chatgptfree_mock.tape.redaction.grouped_numbers import grouped_numbers
from chatgptfree_mock.tape.redaction.ip_addresses import ip_addresses
from chatgptfree_mock.tape.redaction.long_runs import keys_in_runs, long_runs
from chatgptfree_mock.tape.redaction.marks import marked_keys
from chatgptfree_mock.tape.redaction.private_keys import private_keys
from chatgptfree_mock.tape.redaction.spoken import spoken_secrets

SHORTEST: Final = 6
"""Only an e-mail address is shorter."""
_SHORT: Final = 200


def shapes(text: str) -> Iterable[Secret]:
    """Return what is a secret by its looks, in no order; overlaps are possible."""
    if len(text) < SHORTEST and "@" not in text:
        return ()
    return _in_short(text) if len(text) < _SHORT else _shapes(text)


@lru_cache(8192)
def _in_short(text: str) -> tuple[Secret, ...]:
    """Look once at what is met again and again, such as the headers of one site in all of a folder's cassettes."""
    return tuple(_shapes(text))


def _shapes(text: str) -> Iterator[Secret]:
    data = text.encode("latin-1")
    small = data.lower()
    runs = long_runs(data)
    joined = Joined(data, runs)
    yield from keys_in_runs(text, runs)
    yield from marked_keys(text, data, joined)
    yield from webhooks(text, data, joined)
    yield from ip_addresses(text, data)
    yield from grouped_numbers(text, data)
    yield from spoken_secrets(text, data, small)
    yield from credentials(text, small)
    yield from at_signs(text, data)
    yield from private_keys(text, data)
