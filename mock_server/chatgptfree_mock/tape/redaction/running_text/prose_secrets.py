"""
Secrets that prose and comments name in words of their own: "your password is …", `// key = …`, "using API key …".

A word of the language may follow any of these names, so that a value counts only if it does not look like one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.names.secret_names import Name, is_password
from chatgptfree_mock.tape.redaction.names.secret_values import (
    Notation,
    is_code,
    is_secret_value,
    is_slug,
    is_token,
    looks_mixed,
    looks_random,
)
from chatgptfree_mock.tape.redaction.names.tables import FOREIGN_KEYS, FOREIGN_PASSWORDS
from chatgptfree_mock.tape.redaction.text.findings import Secret, secret_at

_JOINT: Final = (
    r"[*_]{0,3}(?:(?:[ ]?[:|]|[ ](?:is|lautet|ist|was|est|es|\xc3[\xa9\xa8]):?|(?=\t))"
    r"[*_]{0,3}(?:[ \t]{1,3}|:?\r?\n[ \t\r\n]{0,12})"
    r"|[ ]?\xef\xbc\x9a[ ]?|[ ]\(|(?P<dash>(?:[ ]|\xc2\xa0){1,2}(?:\xe2\x80[\x93\x94]|\xe2\x86\x92|[=-]>|[:-])"
    r"(?:[ ]|\xc2\xa0){1,2}|[ ](?=[\"'])))[`'*_\"]{0,3}"
)
"""\xef\xbc\x9a is the colon of Chinese and Japanese."""


def _longest_first(word: str) -> tuple[int, str]:
    return -len(word), word


_OTHER_WORDS: Final = tuple(
    form.encode().decode("latin-1")
    for word in sorted((FOREIGN_PASSWORDS | FOREIGN_KEYS) - {"mot de passe", "contraseña"}, key=_longest_first)
    for form in dict.fromkeys(
        (word, word.capitalize(), word.replace("api", "API"), word.capitalize().replace("api", "API"))
    )
)
_WHOSE: Final = r"(?:[ ](?:is[ ]generated[ ])?(?:for|f\xc3\xbcr|pour|para)[ ][^\s:]{1,60})?"
"""`Password for bob: …`"""
_SENTENCE: Final = LazyPattern(
    r"(?P<word>passw(?:ord|ort|d)|passcode|passphrase|kennwort|wachtwoord|contrase\xc3\xb1a|mot de passe|senha"
    rf"|{'|'.join(_OTHER_WORDS)}"
    r"|token|secret|key|code)"
    rf"{_WHOSE}{_JOINT}(?P<value>[A-Za-z0-9!@#$^*_+./=~%?:-]{{4,400}})",
    re.IGNORECASE,
)
"""Tried at the places of `WORDS` only; non-ASCII text is UTF-8, one character a byte."""
WORDS: Final = (
    *(
        b"pass",
        b"kennwort",
        b"wachtwoord",
        b"contrase",
        b"mot de passe",
        b"senha",
        b"token",
        b"secret",
        b"key",
        b"code",
    ),
    *(word.encode("latin-1").lower() for word in _OTHER_WORDS),
)
_LEAD: Final = LazyPattern(
    r"(?:(?:api|secret|access|private|license|product|signing|recovery|activation|account)[ _-]?"
    r"|(?:verification|security|confirmation|login|one-time|sms|otp|2fa)[ -])\Z",
    re.IGNORECASE,
)
"""The words that make a key or a code a secret."""
_TOKEN_WORDS: Final = (b"key", b"token", b"pass")
_TOKEN_NAME: Final = Name("keys", False)
_MEASURE: Final = LazyPattern(r"[0-9]+[-.x/:][a-zA-Z]+|[0-9.,/:x-]+|[A-Za-z]+-?[0-9]{1,2}")
"""`8-character`, `3.5`, `16/32`, `SHA-256`"""
_COMMENT: Final = LazyPattern(r"(?:^|[\s;{}(>])(?://|#|/\*+|--|;|<!--|\*)[ \t]{0,4}\Z", re.MULTILINE)
"""What begins a comment, up to its first word."""
_COMMENTED: Final = LazyPattern(r"key[ ]?[:=][ ]?[\"'`]?(?P<value>[A-Za-z0-9_+/=.~-]{16,400})", re.IGNORECASE)
"""A key in a comment, such as `// key = …`; there the word names neither a column nor a field nor a variable."""
_CALLED: Final = LazyPattern(
    r"(?P<word>key|token|password)[ ][\"'`]?(?P<value>[A-Za-z0-9_+/=.~-]{16,400})(?![\w(])", re.IGNORECASE
)
"""A token directly after what it is called: `Using API key …`."""
_CODE: Final = LazyPattern(r"[0-9]{4,10}")


def secrets_in_prose(text: str, signs: Mapping[bytes, list[int]]) -> Iterator[Secret]:
    """Yield the secrets in the prose and the comments of *text*, at the places of its *signs*."""
    for sign in WORDS:
        for at in signs.get(sign, ()):
            if sentence := _SENTENCE.match(text, at):
                yield from _in_sentence(sentence, text)
            elif sign in _TOKEN_WORDS:
                yield from _without_joint(text, at)


def _without_joint(text: str, at: int) -> Iterator[Secret]:
    """Yield the token at *at* after `key =` in a comment, or after the word that it is called."""
    found = _COMMENTED.match(text, at)
    if found is None or not _COMMENT.search(text[max(0, at - 8) : at]):
        found = _CALLED.match(text, at)
        if found is None or (found["word"].lower() == "key" and not _LEAD.search(text[max(0, at - 16) : at])):
            return
    value = found["value"].rstrip(".=-") if not found["value"].endswith("==") else found["value"]
    if (
        is_token(value)
        and looks_random(value)
        and not is_slug(value)
        and is_secret_value(_TOKEN_NAME, "token", value, Notation.CODE)
    ):
        start = found.start("value")
        yield secret_at(start, start + len(value), "keys", value, "is what the text calls a key or a token")


def _in_sentence(found: re.Match[str], text: str) -> Iterator[Secret]:
    start, word = found.start(), found["word"]
    lead = _LEAD.search(text[max(0, start - 16) : start])
    if word.lower() in ("key", "code") and lead is None:
        return
    name = (lead[0] if lead else "") + word
    value = found["value"].rstrip(".,:!?*_`")
    if "://" in value or value.startswith(("/", "$", "-", "--")) or is_code(value):
        return
    if found["dash"] and not is_token(value):
        return
    code = word.lower() == "code" and _CODE.fullmatch(value) is not None
    chosen = len(value) >= 6 and any(map(str.isdigit, value)) and (is_password(name) or looks_mixed(value))
    if not (code or ((chosen or looks_random(value)) and not _MEASURE.fullmatch(value))):
        return
    if is_secret_value(Name("keys", True), name, value, Notation.CODE):
        start = found.start("value")
        yield secret_at(start, start + len(value), "keys", value, f"is what the text calls a {name.lower()}")
