r"""
Find the secrets in a text, be it form, multipart, JSON, HTML or an event stream, nested and escaped in any way.

One pass over the text as it stands: nothing is parsed and written anew, so what is not secret keeps its bytes.  At each
word the shapes of `secret_shapes` are tried, then whether the word names a secret (`secret_names`) and what its value
is: up to the same kind of quote that opened it (`"`, `\"`, `&quot;`, `%22` …), or up to what ends a bare one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from chatgptfree_mock.tape.secret_names import is_password, rule_for
from chatgptfree_mock.tape.secret_shapes import KINDS, SHAPES, is_secret, looks_random, plainly
from chatgptfree_mock.tape.stand_ins import is_stand_in

NameRule = Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """Where one stands in the text, by which rule it is one, and as what it is known (decoded where that matters)."""

    start: int
    end: int
    rule: str
    value: str
    spelled: tuple[str, str] = ("", "")
    """A character of the value, and how this carrier writes it: `@` and `%40`."""


_QUOTE: Final = r"\\*[\"']|&quot;|&apos;|&#0{0,3}3[49];|&#[xX]0{0,3}2[27];|(?:%5[Cc])*%2[27]|\\+u002[27]"
_BLANK: Final = r"(?:\s|\+|%20|%0[AaDd]|\\[nrt]){0,6}"
_ESCAPE: Final = (
    r"(?:\\|%5[Cc])+(?:u[0-9a-fA-F]{4}|%[0-9A-Fa-f]{2}|.)|%[0-9A-Fa-f]{2}"
    r"|&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});"
)
_TOKEN: Final = re.compile(
    rf"(?P<escape>{_ESCAPE})"
    r"|(?P<part>\bname=\"(?P<part_name>[^\"\r\n]{1,80})\"[^\r\n]{0,200}\r?\n(?:[^\r\n]{1,200}\r?\n){0,4}\r?\n)"
    rf"|(?P<tag><(?:input|meta)\b[^>]{{0,2000}}>)"
    rf"|{SHAPES}"
    rf"|(?P<named>(?P<name>[A-Za-z][A-Za-z0-9]{{0,40}}(?:[_.-]{{1,2}}[A-Za-z0-9]{{1,40}}){{0,6}})"
    rf"(?:{_QUOTE})?(?:\]|%5[Dd])?{_BLANK}(?:=>|=|:|%3[ADad]|\\+u003[aAdD]){_BLANK}(?:\[|%5[Bb])?(?P<quote>{_QUOTE})?)"
    r"|(?P<word>[A-Za-z0-9]+)",
    re.ASCII | re.DOTALL,
)
_BARE: Final = re.compile(r"[^\s&;,\"'<>(){}\[\]\\]+")
_BARE_END: Final = re.compile(r"%(?:2[026CcDd]|3[Bb]|5[Dd]|7[Dd]|0[AaDd])")
_ATTRIBUTE: Final = re.compile(r"([A-Za-z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.ASCII)
_NONCE: Final = re.compile(r"[0-9a-f]{10}")
_TEXTS: Final = re.compile(r"\"(?:content|delta|text|reply)\"\s*:\s*\"((?:[^\"\\]|\\.)*)\"")
_PAIR: Final = re.compile(r"(?:^|;)[\s+]*([\w.-]+)(?:=|%3D)([^\s;]{3,})", re.ASCII)
_COOKIE_ATTRIBUTES: Final = frozenset({"path", "expires", "domain", "max-age", "samesite", "secure", "httponly"})
_LONGEST: Final = 8192


def scan(text: str, *, names: NameRule = rule_for, bare: bool = True) -> Iterator[Secret]:
    """
    Yield the secrets in *text*, in order, without overlap.

    *names* says which names make a secret.  *bare* is off for text that may be program code (HTML, scripts), where an
    unquoted value is taken only if it looks random.
    """
    position = 0
    while found := _TOKEN.search(text, position):
        position = found.end()
        if found["named"] is not None:
            secrets, position = _named(text, found, names, bare)
            yield from secrets
            continue
        if found["part"] is not None:
            secret = _part(text, found, names)
        elif found["tag"] is not None:
            secret, position = _tag(found, names), found.start() + 5
            if secret is not None:
                position = secret.end
        elif found["word"] is not None or found["escape"] is not None:
            continue
        else:
            secret, position = _shaped(text, found)
        if secret is not None:
            yield secret
            position = max(position, secret.end)


def _first_word_end(text: str, start: int) -> int:
    word = re.compile(r"[A-Za-z0-9]+").match(text, start)
    return word.end() if word else start + 1


def _shaped(text: str, found: re.Match[str]) -> tuple[Secret | None, int]:
    kind = next(name for name in KINDS if found[name] is not None)
    start, end = found.span(kind)
    value, spelled = plainly(kind, found)
    if is_stand_in(value):
        return None, end
    if not is_secret(kind, value, text[max(0, start - 24) : start]):
        return None, _first_word_end(text, found.start())
    return Secret(start=start, end=end, rule=KINDS[kind], value=value, spelled=spelled), end


def _named(text: str, found: re.Match[str], names: NameRule, bare: bool) -> tuple[list[Secret], int]:
    rule = names(found["name"])
    onward = _first_word_end(text, found.start())
    if rule is None:
        return [], onward  # it may still begin one, such as a key in a list
    start = found.end()
    end = _quoted_end(text, start, found["quote"]) if found["quote"] else _bare_end(text, start)
    value = text[start:end]
    if rule == "cookies":
        pairs = list(_pairs(value, start))
        return pairs, end if pairs else onward
    if not _counts(rule, found["name"], value, quoted=bool(found["quote"]), bare=bare):
        return [], onward
    return [Secret(start=start, end=end, rule=rule, value=value)], end


def _pairs(text: str, offset: int) -> Iterator[Secret]:
    """Take the values out of `a=1; b=2`, as `document.cookie` and copied headers have it."""
    for pair in _PAIR.finditer(text):
        if pair[1].lower() not in _COOKIE_ATTRIBUTES and not is_stand_in(pair[2]):
            rule = rule_for(pair[1])
            start, end = (offset + edge for edge in pair.span(2))
            yield Secret(start=start, end=end, rule="challenge" if rule == "challenge" else "cookies", value=pair[2])


def _quoted_end(text: str, start: int, quote: str) -> int:
    limit = start + _LONGEST
    end = text.find(quote, start, limit)
    while len(quote) == 1 and end > 0 and (end - len(text[start:end].rstrip("\\")) - start) % 2:
        end = text.find(quote, end + 1, limit)
    return _bare_end(text, start) if end < 0 else end


def _bare_end(text: str, start: int) -> int:
    found = _BARE.match(text, start, start + _LONGEST)
    if found is None:
        return start
    cut = _BARE_END.search(found[0])
    return start + cut.start() if cut else found.end()


def _counts(rule: str, name: str, value: str, *, quoted: bool, bare: bool) -> bool:
    """Say whether a value under a secret's name is one: code, words and what stands for a secret are not."""
    if len(value) < 3 or is_stand_in(value) or value.lower() in ("null", "none", "true", "false", "undefined"):
        return False
    if rule == "nonces":
        return _NONCE.fullmatch(value) is not None or looks_random(value)
    if rule == "addresses":
        return looks_random(value) and ":" not in value and "." not in value  # addresses proper are told by their shape
    if rule in ("own", "challenge") or is_password(name):
        return quoted or bare or looks_random(value)
    if rule == "sessions":
        return looks_random(value) or ((quoted or bare) and len(value) >= 8 and " " not in value)
    return looks_random(value) or (rule == "authorization" and " " in value)


def _part(text: str, found: re.Match[str], names: NameRule) -> Secret | None:
    rule = names(found["part_name"])
    start = found.end()
    end = text.find("\n--", start)
    value = text[start : end if end >= 0 else len(text)].removesuffix("\r")
    if rule is None or not _counts(rule, found["part_name"], value, quoted=True, bare=True):
        return None
    return Secret(start=start, end=start + len(value), rule=rule, value=value)


def _tag(found: re.Match[str], names: NameRule) -> Secret | None:
    """Read `<input name="_wpnonce" value="…">` and `<meta name="csrf-token" content="…">`, whatever the order."""
    attributes = list(_ATTRIBUTE.finditer(found["tag"]))
    called = [each[2] or each[3] or each[4] or "" for each in attributes if each[1].lower() in ("name", "id")]
    rule, name = next(((rule, name) for name in called if (rule := names(name))), (None, ""))
    for each in attributes:
        if rule is not None and each[1].lower() in ("value", "content"):
            group = each.lastindex or 2
            start, end = (found.start("tag") + offset for offset in each.span(group))
            if _counts(rule, name, each[group], quoted=True, bare=True):
                return Secret(start=start, end=end, rule=rule, value=each[group])
    return None


def scan_deltas(text: str) -> Iterator[tuple[Secret, tuple[tuple[int, int], ...]]]:
    """
    Yield what shows only when the pieces of a streamed answer are joined, with its spans in *text*.

    A model tells an e-mail address as `jane`, `@`, `doe`, `.org`: no event holds it, the visitor reads it.
    """
    pieces = [found.span(1) for found in _TEXTS.finditer(text)]
    if len(pieces) < 2:
        return
    joined = "".join(text[start:end] for start, end in pieces)
    for secret in scan(joined, names=lambda _: None):
        spans = tuple(_spans(pieces, secret.start, secret.end))
        if len(spans) > 1:
            yield secret, spans


def _spans(pieces: list[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    offset = 0
    for piece_start, piece_end in pieces:
        length = piece_end - piece_start
        first, last = max(start - offset, 0), min(end - offset, length)
        if first < last:
            yield piece_start + first, piece_start + last
        offset += length
