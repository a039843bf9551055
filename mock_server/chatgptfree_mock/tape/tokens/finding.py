"""
Find the tokens of a recorded session by looking up what each request sends in the responses before it.

Every response is decoded once and cut into runs of letters and digits once; a value is only searched for where its
longest run is.  So the work grows with the size of the recording.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from chatgptfree_mock.tape.model import Cassette, Response, header_of
from chatgptfree_mock.tape.redaction.placeholders import is_placeholder
from chatgptfree_mock.tape.redaction.values import looks_mixed, looks_random
from chatgptfree_mock.tape.tokens.decodings import views
from chatgptfree_mock.tape.tokens.leaves import Leaf, leaves
from chatgptfree_mock.tape.tokens.record import Return, Shape, Source, Token, TokenClass

_INSIDE: Final = 16
"""Characters from which on a value may be a part of a text, between delimiters."""
_SHORTEST: Final = 3
_NEAR: Final = 24 * 3600.0
"""Seconds from the time of recording within which a number is a time."""
_RUN: Final = re.compile(r"[A-Za-z0-9]{3,}")
_NAMED: Final = re.compile(
    r"nonce|csrf|xsrf|token|sid|sess|session|state|key|ticket|verifier|signature|challenge|viewstate", re.IGNORECASE
)
_OF_A_THING: Final = re.compile(
    r"(?:^|[_.-])(?:post|page|bot|form|user|author|product|item|category|model|assistant|widget|blog|site)[_-]?(?:id|uuid)$"
    r"|(?:post|page|bot|form|user|author|product|item|category|model|assistant|widget|blog|site)I[dD]$",
    re.IGNORECASE,
)
"""Names of ids that are the same for every visitor."""
_OPENS: Final = "\"'`>=:,;([{?&|\n"
_CLOSES: Final = "\"'`<&,;)]}#|\n"
_ALPHABETS: Final = (
    ("digits", re.compile(r"[0-9]+")),
    ("hex", re.compile(r"[0-9a-f]+")),
    ("letters-digits", re.compile(r"[A-Za-z0-9]+")),
    ("base64url", re.compile(r"[A-Za-z0-9_-]+")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundToken:
    """A token, and in words why it counts as one."""

    token: Token
    why: str


@dataclass(slots=True, kw_only=True)
class _Sent:
    """One value under one name: where it was sent, and where it came from."""

    leaf: Leaf
    back: list[Return] = field(default_factory=list)
    source: Source | None = None
    beside_its_name: bool = False


def find_tokens(cassette: Cassette) -> tuple[FoundToken, ...]:
    """
    Return the values of *cassette* that come back, in the order in which requests first bring them.

    The values of one name at one place, such as a nonce that was renewed, are entries of their own.
    """
    sent: dict[tuple[str, str], _Sent] = {}
    for number, interaction in enumerate(cassette.interactions):
        for leaf in leaves(interaction.request):
            if len(leaf.value) >= _SHORTEST and not leaf.value.isspace():
                each = sent.setdefault((leaf.name, leaf.value), _Sent(leaf=leaf))
                each.back.append(Return(interaction=number, place=leaf.place))
    _look_up(cassette, list(sent.values()))
    times = list(_times(cassette))
    found = (_classified(each, times) for each in sent.values())
    return tuple(each for each in found if each is not None)


def _look_up(cassette: Cassette, sent: Sequence[_Sent]) -> None:
    """Set where each value comes from: the first response before its first request that holds it."""
    waiting: dict[str, list[_Sent]] = {}
    for each in sent:
        runs = _RUN.findall(each.leaf.value)
        if runs:
            waiting.setdefault(max(runs, key=len), []).append(each)
    for number, interaction in enumerate(cassette.interactions):
        for part, text in _parts(interaction.response):
            for chain, view in views(text):
                for anchor in waiting.keys() & set(_RUN.findall(view)):
                    for each in waiting[anchor]:
                        if each.source is None and number < each.back[0].interaction:
                            at = _place(view, each.leaf.value)
                            if at >= 0:
                                each.source = Source(interaction=number, part=part, decodings=list(chain))
                                each.beside_its_name = _is_beside(view, at, each.leaf.name)


def _parts(response: Response) -> Iterator[tuple[str, str]]:
    for name, value in response.headers:
        lower = name.lower()
        if lower == "set-cookie":
            yield f"header:{lower}", value.partition(";")[0]
        elif lower in ("location", "link", "refresh") or lower.startswith("x-"):
            yield f"header:{lower}", value
    if b"\0" not in response.body[:1024]:
        yield "body", response.body.decode(errors="replace")


def _place(text: str, value: str) -> int:
    """Return where *value* is a leaf of *text*, or a part between delimiters if it is long; -1 if nowhere."""
    at = text.find(value)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(value) : at + len(value) + 1]
        if len(value) >= _INSIDE:
            if not (_is_word(before) or _is_word(after)):
                return at
        elif _opens(text, at) and (not after or after in _CLOSES):
            return at
        at = text.find(value, at + 1)
    return -1


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _opens(text: str, at: int) -> bool:
    before = text[max(0, at - 8) : at].rstrip(" ")
    return not before or before[-1] in _OPENS


def _is_beside(text: str, at: int, name: str) -> bool:
    """Return whether *name*, in whatever spelling, is shortly before *at*."""
    wanted = _squeezed(name)
    return len(wanted) >= 2 and wanted in _squeezed(text[max(0, at - 2 * len(name) - 24) : at])


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _times(cassette: Cassette) -> Iterator[float]:
    """Yield the Unix seconds at which something was recorded."""
    told = str(cassette.recording.get("recorded_at", ""))
    try:
        when = datetime.fromisoformat(told)
        yield (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except ValueError:
        pass
    for interaction in cassette.interactions:
        date = header_of(interaction.response.headers, "date")
        try:
            yield parsedate_to_datetime(date).timestamp()
        except ValueError:
            continue


def _is_time(value: str, times: Iterable[float]) -> bool:
    if not (value.isascii() and value.isdecimal()) or len(value) not in (10, 13):
        return False
    seconds = int(value) / (1000 if len(value) == 13 else 1)
    return any(abs(seconds - each) <= _NEAR for each in times)


def _classified(sent: _Sent, times: Sequence[float]) -> FoundToken | None:
    """Return what a value is, or None if it does not count."""
    name, value = sent.leaf.name, sent.leaf.value
    random = is_placeholder(value) or looks_random(value) or looks_mixed(value)
    named = bool(_NAMED.search(name)) or sent.leaf.place.startswith("cookie:")
    if _is_time(value, times):
        return _found(sent, TokenClass.CLOCK, "a time near that of recording")
    if sent.source is None:
        invented = random and not _OF_A_THING.search(name) and sent.leaf.place.partition(":")[0] != "path"
        return _found(sent, TokenClass.CLIENT, "sent before it was ever received") if invented else None
    if _OF_A_THING.search(name):
        return _found(sent, TokenClass.CONSTANT, "the id of a thing") if sent.beside_its_name or random else None
    if named and len(value) >= 4 and any(map(str.isdigit, value)):
        return _found(sent, TokenClass.TOKEN, "received before, and named so")
    if random:
        return _found(sent, TokenClass.TOKEN, "received before, and random")
    numbered = value.isdecimal() and name.lower().endswith("id") and sent.beside_its_name
    return _found(sent, TokenClass.CONSTANT, "received before, under the same name") if numbered else None


def _found(sent: _Sent, kind: TokenClass, why: str) -> FoundToken:
    shape = _shape(sent.leaf.value)
    name = sent.leaf.name or sent.leaf.place
    return FoundToken(token=Token(name=name, kind=kind, shape=shape, source=sent.source, back=sent.back), why=why)


def _shape(value: str) -> Shape:
    for alphabet, pattern in _ALPHABETS:
        if pattern.fullmatch(value):
            return Shape(alphabet=alphabet, length=len(value))  # type: ignore[arg-type]  # the names are those of Shape
    return Shape(alphabet="any", length=len(value))
