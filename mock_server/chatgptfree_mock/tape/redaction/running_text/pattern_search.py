"""
Find secrets by their form: keys, e-mail and IP addresses, phone, card and bank numbers.

Each kind has a cheap sign (see `byte_search`); only where it shows, a pattern looks closer.  So the time is linear in
any input, and text without secrets costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from chatgptfree_mock.tape.redaction.names import secret_names
from chatgptfree_mock.tape.redaction.patterns import announced_keys, marked_keys, private_keys
from chatgptfree_mock.tape.redaction.patterns.at_signs import at_signs
from chatgptfree_mock.tape.redaction.patterns.grouped_numbers import grouped_numbers
from chatgptfree_mock.tape.redaction.patterns.ip_addresses import ip_addresses
from chatgptfree_mock.tape.redaction.patterns.keys_in_runs import keys_in_runs, long_runs
from chatgptfree_mock.tape.redaction.patterns.measurements import without_measurements
from chatgptfree_mock.tape.redaction.running_text import commands, default_values, prose_secrets
from chatgptfree_mock.tape.redaction.text.findings import Secret
from chatgptfree_mock.tape.redaction.text.literals import Literals

SHORTEST: Final = 6
"""The fewest characters of a secret by form; only an e-mail address may have fewer."""
_SHORT: Final = 200
SPACED: Final = (b" :", b"\t:", b"\n:", b"\r:")
"""A colon after blanks, as between a name and its value."""
INSERT: Final = b"insert into"
"""The words of every SQL statement that `bodies.tables` reads."""
Signs = Mapping[bytes, list[int]]
"""The places of each literal in a text; those that are not in it are left out."""
_SIGNS: Final = Literals(
    located=(
        INSERT,
        *announced_keys.SIGNS,
        *marked_keys.SIGNS,
        *secret_names.SIGNS,
        *private_keys.SIGNS,
        *prose_secrets.WORDS,
        *commands.COMMANDS,
        *default_values.SIGNS,
    ),
    present=(*commands.ASSIGNED, *SPACED),
)


def signs_in(text: str) -> Signs:
    """Return where in *text* the literals are that all kinds of secrets are found by: one pass for all of them."""
    return _SIGNS.find(text.encode("latin-1").lower())


def pattern_secrets(text: str, signs: Signs | None = None) -> Iterable[Secret]:
    """
    Return the secrets by form, in no order; they may overlap.

    *signs*: those in the text, if they are known already; see `signs_in`.
    """
    if len(text) < SHORTEST and "@" not in text:
        return ()
    return _in_short(text) if len(text) < _SHORT else _pattern_secrets(text, signs_in(text) if signs is None else signs)


@lru_cache(8192)
def _in_short(text: str) -> tuple[Secret, ...]:
    """Cache the results for short texts that repeat, such as the headers of one site in all cassettes of a folder."""
    return tuple(_pattern_secrets(text, signs_in(text)))


def _pattern_secrets(text: str, signs: Signs) -> Iterator[Secret]:
    searched = without_measurements(text)
    data = searched.encode("latin-1")
    yield from keys_in_runs(searched, long_runs(data))
    yield from ip_addresses(searched, data)
    yield from grouped_numbers(searched, data)
    yield from at_signs(searched, data)
    if signs:
        yield from marked_keys.marked_keys(text, signs)
        yield from announced_keys.webhooks(text, signs)
        yield from prose_secrets.secrets_in_prose(text, signs)
        yield from commands.command_secrets(text, signs)
        yield from default_values.default_values(text, signs)
        yield from announced_keys.credentials(text, signs)
        yield from private_keys.private_keys(text, signs)
