"""
Private keys in text: PEM (RFC 7468), OpenSSH, PGP (RFC 9580), SSH2 (RFC 4716), PuTTY; also if cut off.

So are texts that Ansible's vault has encrypted: a head and lines of hex, which a password opens.  Its format is in
https://docs.ansible.com/ansible/latest/vault_guide/vault_using_encrypted_content.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.placeholders import is_placeholder
from chatgptfree_mock.tape.redaction.text.findings import Secret, Span

_BEGIN: Final = LazyPattern(
    r"-{4,5} ?BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}) ?-{4,5}|PuTTY-User-Key-File-[0-9]:"
    r"|\$ANSIBLE_VAULT;[0-9][^\s\\\"'<>]{0,60}"
)
_END: Final = LazyPattern(r"-{4,5} ?END |\$ANSIBLE_VAULT;|PuTTY-User-Key-File-[0-9]:|-{4,5} ?BEGIN |\0")
_LINE: Final = LazyPattern(r"(?<!\\)[A-Za-z0-9+/=]{16,}|(?<=\\[nr])[A-Za-z0-9+/=]+|(?<=\n)[A-Za-z0-9+/=]+(?=[\r\n\\])")
_LONGEST: Final = 20000
_BACK: Final = 60
_AHEAD: Final = 40
"""How far around a sign a first line reaches."""
SIGNS: Final = (b"private key", b"key-file", b"$ansible_vault;")
_VAULT_LINE: Final = LazyPattern(r"(?:\r?\n|\\r|\\n)[ \t]*([0-9A-Za-z]{8,120})(?![^\s\\\"'<])")
"""One of these is in the first line of each."""


def private_keys(text: str, signs: Mapping[bytes, list[int]]) -> Iterator[Secret]:
    """Yield each private key in *text*, where its *signs* are; its spans are the lines of base64, and no more."""
    position = 0
    for at in sorted(at for sign in SIGNS for at in signs.get(sign, ())):
        begin = _BEGIN.search(text, max(position, at - _BACK), at + _AHEAD)
        if begin is None:
            continue
        end = _END.search(text, begin.end(), begin.end() + _LONGEST)
        position = end.start() if end else min(len(text), begin.end() + _LONGEST)
        if begin[0].startswith("$"):
            lines = list(_vault_lines(text, begin.end(), position))
        else:
            lines = [line.span() for line in _LINE.finditer(text, begin.end(), position)]
        lines = [span for span in lines if not is_placeholder(text[span[0] : span[1]])]
        if lines:
            value = "".join(text[start:stop] for start, stop in lines)
            what = "is encrypted by Ansible's vault" if begin[0].startswith("$") else "is a private key"
            yield Secret(tuple(lines), "keys", value, what)
        position = max(position, begin.end())


def _vault_lines(text: str, start: int, end: int) -> Iterator[Span]:
    while line := _VAULT_LINE.match(text, start, end):
        yield line.span(1)
        start = line.end()
