"""
Keys that a mark inside them shows, as data: password hashes, Azure's keys, Mailchimp's, and what else has no prefix.

Where a mark is, the pattern looks closer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.text.findings import Secret, unless_placeholder


class MarkedKey(NamedTuple):
    """One kind of key: *sign* lies at most *back* characters after its beginning."""

    kind: str
    sign: bytes
    back: int
    shape: LazyPattern[str]
    source: str


_BEFORE: Final = r"(?<![A-Za-z0-9+/_-])"
_HASHES: Final = "https://passlib.readthedocs.io/en/stable/modular_crypt_format.html"
_AZURE: Final = "https://learn.microsoft.com/purview/sit-defn-azure-storage-account-key"


def _mark(kind: str, sign: str, back: int, shape: str, source: str) -> MarkedKey:
    return MarkedKey(kind, sign.lower().encode(), back, LazyPattern(shape, re.ASCII), source)


MARKS: Final = (
    _mark("Azure storage", "+ASt", 76, rf"{_BEFORE}[A-Za-z0-9+/]{{76}}\+ASt[A-Za-z0-9+/]{{6}}==", _AZURE),
    _mark("Azure Cosmos DB", "ACDb", 76, rf"{_BEFORE}[A-Za-z0-9+/]{{76}}ACDb[A-Za-z0-9+/]{{6}}==", _AZURE),
    _mark("Azure functions", "AzFu", 44, rf"{_BEFORE}[A-Za-z0-9_-]{{44}}AzFu[A-Za-z0-9_=-]{{5,8}}", _AZURE),
    _mark("Azure search", "AzSe", 42, rf"{_BEFORE}[A-Za-z0-9]{{42}}AzSe[A-Za-z0-9]{{6}}", _AZURE),
    _mark("Azure AI", "JQQJ99", 52, rf"{_BEFORE}[A-Za-z0-9]{{52}}JQQJ99[A-Za-z0-9]{{11,26}}", _AZURE),
    _mark("Azure DevOps", "AZDO", 76, rf"{_BEFORE}[A-Za-z0-9]{{76}}AZDO[A-Za-z0-9]{{4}}", _AZURE),
    _mark("Microsoft Entra", "8Q~", 3, rf"{_BEFORE}[A-Za-z0-9_~.-]{{3}}8Q~[A-Za-z0-9_~.-]{{31,34}}", _AZURE),
    _mark(
        "Terraform Cloud",
        ".atlasv1.",
        14,
        rf"{_BEFORE}[A-Za-z0-9]{{14}}\.atlasv1\.[A-Za-z0-9_-]{{40,80}}",
        "https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens",
    ),
    _mark(
        "Mailchimp",
        "-us",
        32,
        rf"{_BEFORE}[0-9a-f]{{32}}-us[0-9]{{1,2}}(?![A-Za-z0-9_-])",
        "https://mailchimp.com/developer/marketing/docs/fundamentals/",
    ),
    _mark(
        "Cloudflare origin CA",
        "v1.0-",
        0,
        r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}",
        "https://developers.cloudflare.com/fundamentals/api/get-started/ca-keys/",
    ),
    _mark(
        "Braintree",
        "access_token$",
        0,
        r"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}",
        "https://developer.paypal.com/braintree/docs/guides/extend/oauth/access-tokens/",
    ),
    _mark("bcrypt", "$2", 0, r"\$2[abxy]?\$[0-9]{2}\$[A-Za-z0-9./]{53}", _HASHES),
    _mark(
        "Argon2", "$argon2", 0, r"\$argon2(?:id|i|d)\$(?:v=[0-9]+\$)?[mtp=0-9,]{5,60}\$[A-Za-z0-9+/$]{30,200}", _HASHES
    ),
    _mark("crypt SHA-512", "$6$", 0, r"\$6\$(?:rounds=[0-9]{1,9}\$)?[A-Za-z0-9./]{1,16}\$[A-Za-z0-9./]{86}", _HASHES),
    _mark("crypt SHA-256", "$5$", 0, r"\$5\$(?:rounds=[0-9]{1,9}\$)?[A-Za-z0-9./]{1,16}\$[A-Za-z0-9./]{43}", _HASHES),
    _mark("crypt MD5", "$1$", 0, r"\$1\$[A-Za-z0-9./]{1,8}\$[A-Za-z0-9./]{22}", _HASHES),
    _mark("PHPass", "$P$", 0, r"\$P\$[A-Za-z0-9./]{31}", _HASHES),
    _mark("WordPress bcrypt", "$wp$", 0, r"\$wp\$2[abxy]\$[0-9]{2}\$[A-Za-z0-9./]{53}", _HASHES),
    _mark("Django", "pbkdf2_sha256$", 0, r"pbkdf2_sha256\$[0-9]{4,9}\$[A-Za-z0-9]{8,64}\$[A-Za-z0-9+/]{43}=", _HASHES),
)
"""The signs are literal parts of the patterns, in lower case."""
SIGNS: Final = tuple(mark.sign for mark in MARKS)


def marked_keys(text: str, signs: Mapping[bytes, list[int]]) -> Iterator[Secret]:
    """Yield each key of `MARKS` in *text*, where its *signs* are."""
    for mark in MARKS:
        for at in signs.get(mark.sign, ()):
            yield from _marked(mark, text, at)


def _marked(mark: MarkedKey, text: str, at: int) -> Iterator[Secret]:
    found = mark.shape.match(text, at - mark.back) if at >= mark.back else None
    if found is not None:
        reason = f"has the shape of a key: {mark.kind} ({mark.source})"
        yield from unless_placeholder(*found.span(), "keys", found[0], reason)
