"""
Find the tokens of a recorded session: look up each value that a request sends in the responses before it.

A value is classified by its source, by its randomness and by its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.tape.check_sums import is_iban
from chatgptfree_mock.tape.model import Cassette, header_of
from chatgptfree_mock.tape.placeholders import is_placeholder
from chatgptfree_mock.tape.times import time_of
from chatgptfree_mock.tape.tokens.leaves import Leaf, leaves
from chatgptfree_mock.tape.tokens.limits import lives_of, refusal_of
from chatgptfree_mock.tape.tokens.lookup import INSIDE, SourceMatch, Wanted, look_up
from chatgptfree_mock.tape.tokens.overlap import not_minted
from chatgptfree_mock.tape.tokens.randomness import LEAST, is_random, is_unspeakable
from chatgptfree_mock.tape.tokens.record import Return, Token, TokenClass, ValueShape
from chatgptfree_mock.tape.tokens.token_names import NameKind, is_id, is_time, kind_of_name, words_of

_SHORTEST: Final = 3
_NEAR: Final = 24 * 3600.0
"""Seconds from the time of recording within which a number is a time."""
_EVER: Final = (1e9, 4e9)
"""Unix seconds that count as a time if the name means one and the recording has no date: from 2001 to 2096."""
_TIME: Final = re.compile(r"[0-9]{10}(?:[0-9]{3}|\.[0-9]{1,6})?")
_NAMED: Final = frozenset({NameKind.SURE, NameKind.SESSION, NameKind.TOKEN})
_NAMED_SO: Final = "received before, and named so"
_LITERALS: Final = frozenset({"true", "false", "null", "none", "undefined", "yes", "no", "on", "off", "new", "default"})
_NUMBER: Final = re.compile(r"[+(]{0,2}[0-9][0-9 ().,/-]*")
"""Digits with what people write between them, as in phone numbers: they are drawn for no visit."""
_ALPHABETS: Final = (
    ("digits", re.compile(r"[0-9]+")),
    ("hex", re.compile(r"[0-9a-f]+")),
    ("letters-digits", re.compile(r"[A-Za-z0-9]+")),
    ("base64url", re.compile(r"[A-Za-z0-9_-]+")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundToken:
    """A token, its recorded *value*, and the reason in words why it counts as one."""

    token: Token
    value: str = field(repr=False)
    why: str


@dataclass(slots=True, kw_only=True)
class _Sent:
    """One value under one name: where it was sent, and where it was given out before."""

    leaf: Leaf
    back: list[Return] = field(default_factory=list)
    found: SourceMatch | None = None

    @property
    def is_random(self) -> bool:
        """Return whether the value looks random, or is a placeholder for a redacted value that did."""
        value = self.leaf.value
        if is_random(value) or value.isdecimal():
            return is_random(value)
        return len(value) >= LEAST and "@" not in value and is_placeholder(value)


def find_tokens(cassette: Cassette) -> tuple[FoundToken, ...]:
    """
    Return the tokens of *cassette*, in the order in which requests first send them.

    Each value has an entry of its own, also where one name has several, such as a nonce that is renewed.
    """
    sent: dict[tuple[str, str], _Sent] = {}
    first: dict[str, int] = {}
    for number, interaction in enumerate(cassette.interactions):
        for leaf in leaves(interaction.request):
            if _may_count(leaf):
                each = sent.setdefault((leaf.name, leaf.value), _Sent(leaf=leaf))
                each.back.append(Return(interaction=number, place=leaf.place))
                first.setdefault(leaf.value, number)
    _look_up(cassette, list(sent.values()), first)
    sent = {key: each for key, each in sent.items() if not _is_other_reading(each, sent)}
    times = list(_times(cassette))
    named: dict[str, list[_Sent]] = {}
    for each in sent.values():
        named.setdefault(each.leaf.name, []).append(each)
    found = [(each, token) for each in sent.values() if (token := _classified(each, times)) is not None]
    kinds = _kinds(token for _, token in found)
    found = [(each, _of_kind(kinds, token)) for each, token in found]
    names = {token.value: token.token.name for _, token in found if token.token.kind is TokenClass.TOKEN}
    why = not_minted(cassette.interactions, names)
    found = [(each, _constant(token, why[token.value]) if token.value in why else token) for each, token in found]
    return tuple(_limited(token, each, named[each.leaf.name], cassette) for each, token in found)


def _constant(found: FoundToken, why: str) -> FoundToken:
    """Return a token as a constant if it is one."""
    if found.token.kind is not TokenClass.TOKEN:
        return found
    token = replace(found.token, kind=TokenClass.CONSTANT)
    return FoundToken(token=token, value=found.value, why=f"{found.why}; {why}")


def _kinds(found: Iterable[FoundToken]) -> dict[str, TokenClass]:
    """
    Return the class of each value that is a constant under one name and a token under another.

    What is random is the id of a thing if a name means one; a token's name counts more.
    """
    kinds: dict[str, set[tuple[TokenClass, str]]] = {}
    for each in found:
        if each.token.kind in (TokenClass.TOKEN, TokenClass.CONSTANT):
            kinds.setdefault(each.value, set()).add((each.token.kind, each.why))
    return {
        value: TokenClass.TOKEN if (TokenClass.TOKEN, _NAMED_SO) in of_value else TokenClass.CONSTANT
        for value, of_value in kinds.items()
        if len({kind for kind, _ in of_value}) > 1
    }


def _of_kind(kinds: Mapping[str, TokenClass], found: FoundToken) -> FoundToken:
    """Return *found* with the class that its value has under other names."""
    kind = kinds.get(found.value, found.token.kind)
    if kind is found.token.kind or found.token.kind not in (TokenClass.TOKEN, TokenClass.CONSTANT):
        return found
    why = f"{found.why}; a {kind} under another name"
    return FoundToken(token=replace(found.token, kind=kind), value=found.value, why=why)


def _is_other_reading(each: _Sent, sent: Mapping[tuple[str, str], _Sent]) -> bool:
    """Return whether a cookie is what no response gave out, because another reading of it was; or merely another."""
    name, as_sent = each.leaf.name, each.leaf.sent
    if as_sent:
        return each.found is None or sent[name, as_sent].found is not None
    others = (other for other in sent.values() if (other.leaf.name, other.leaf.sent) == (name, each.leaf.value))
    return each.found is None and any(other.found is not None for other in others)


def _limited(found: FoundToken, sent: _Sent, named: Sequence[_Sent], cassette: Cassette) -> FoundToken:
    """Return *found* with its life and its refusal, where the recording shows them; *named*: all values of its name."""
    token = found.token
    if token.kind is not TokenClass.TOKEN or token.source is None:
        return found
    interactions = cassette.interactions
    others = [back for each in named if each is not sent for back in each.back]
    lives = lives_of(interactions, token.source, token.name, sent.leaf.value)
    refused = next(filter(None, (refusal_of(interactions, back, others) for back in token.back)), None)
    limited = replace(token, lives=lives, refused=refused)
    return FoundToken(token=limited, value=found.value, why=found.why)


def _may_count(leaf: Leaf) -> bool:
    value = leaf.value
    if len(value) < _SHORTEST:
        return value.isdecimal() and value != "0" and kind_of_name(leaf.name) is NameKind.THING
    return not value.isspace()


def _look_up(cassette: Cassette, sent: Sequence[_Sent], first: dict[str, int]) -> None:
    """
    Set where each value was given out, before its first request.

    A value that was sent under another name before is the client's own; a word or a number may be both.
    """
    wanted: dict[int, Wanted] = {}
    for at, each in enumerate(sent):
        alone = each.is_random or kind_of_name(each.leaf.name) in _NAMED
        own = first[each.leaf.value] if alone else each.back[0].interaction
        wanted[at] = Wanted(name=each.leaf.name, value=each.leaf.value, before=own)
    found = look_up(cassette.interactions, wanted.values())
    for at, each in enumerate(sent):
        each.found = found.get(wanted[at])


def _times(cassette: Cassette) -> Iterator[float]:
    """Yield the Unix seconds at which something was recorded."""
    if when := time_of(cassette.recording.get("recorded_at")):
        yield when.timestamp()
    for interaction in cassette.interactions:
        date = header_of(interaction.response.headers, "date")
        try:
            yield parsedate_to_datetime(date).timestamp()
        except ValueError:
            continue


def _is_clock(leaf: Leaf, times: Sequence[float]) -> bool:
    if not (leaf.value.isascii() and _TIME.fullmatch(leaf.value)):
        return False
    seconds = float(leaf.value) / (1000 if len(leaf.value) == 13 and leaf.value.isdecimal() else 1)
    if not times:
        return is_time(leaf.name) and _EVER[0] <= seconds <= _EVER[1]
    return any(abs(seconds - each) <= _NEAR for each in times)


def _classified(sent: _Sent, times: Sequence[float]) -> FoundToken | None:
    """Return the token that a value is; None if it is not one."""
    kind = kind_of_name(sent.leaf.name)
    if _is_clock(sent.leaf, times) and not (kind is NameKind.SURE and sent.found):
        return _found(sent, TokenClass.CLOCK, "a time near that of recording")
    if kind is NameKind.TYPED and not _is_untyped(sent):
        return None
    if sent.found is None:
        return _of_client(sent, kind)
    return _of_site(sent, sent.found, kind)


def _is_untyped(sent: _Sent) -> bool:
    """Return whether nobody typed the value, though its name ends like that of a text: `signed_stream_name`."""
    several = len(words_of(sent.leaf.name)) > 1
    return several and sent.found is not None and sent.is_random and len(sent.leaf.value) >= INSIDE


def _of_client(sent: _Sent, kind: NameKind) -> FoundToken | None:
    if kind in (NameKind.THING, NameKind.MEASURE) or sent.leaf.place.startswith("path:"):
        return None
    named = kind in (NameKind.SURE, NameKind.SESSION) and _has_digit(sent.leaf.value) and len(sent.leaf.value) >= 4
    counts = sent.is_random or named
    return _found(sent, TokenClass.CLIENT, "sent before it was ever received") if counts else None


def _of_site(sent: _Sent, found: SourceMatch, kind: NameKind) -> FoundToken | None:
    value = sent.leaf.value
    if kind is NameKind.THING:
        counts = sent.is_random or (found.beside_its_name and _has_digit(value))
        return _found(sent, TokenClass.CONSTANT, "the id of a thing") if counts else None
    if _is_named(value, kind):
        return _found(sent, TokenClass.TOKEN, _NAMED_SO)
    if value.isdecimal() and is_id(sent.leaf.name) and found.beside_its_name:
        return _found(sent, TokenClass.CONSTANT, "received before, under the same name")
    if not sent.is_random or is_iban(value):
        return None
    if _NUMBER.fullmatch(value) and (kind is NameKind.MEASURE or not is_placeholder(value)):
        numbers_a_thing = value.isdecimal() and kind is not NameKind.MEASURE
        return _found(sent, TokenClass.CONSTANT, "a number that was received before") if numbers_a_thing else None
    return _found(sent, TokenClass.TOKEN, "received before, and random")


def _is_named(value: str, kind: NameKind) -> bool:
    """Return whether a *value* under a name of this *kind* is a token, be it random or not."""
    if kind is NameKind.SURE:
        return value.lower() not in _LITERALS
    if kind in (NameKind.SESSION, NameKind.TOKEN):
        return len(value) >= 4 and " " not in value and (_has_digit(value) or is_unspeakable(value))
    return False


def _has_digit(value: str) -> bool:
    return any(map(str.isdigit, value))


def _found(sent: _Sent, kind: TokenClass, why: str) -> FoundToken:
    name = sent.leaf.name or sent.leaf.place
    source = sent.found.source if sent.found else None
    token = Token(name=name, kind=kind, shape=_shape(sent.leaf.value), source=source, back=sent.back)
    return FoundToken(token=token, value=sent.leaf.value, why=why)


def _shape(value: str) -> ValueShape:
    for alphabet, pattern in _ALPHABETS:
        if pattern.fullmatch(value):
            return ValueShape(alphabet=alphabet, length=len(value))  # type: ignore[arg-type]  # the names are those of ValueShape
    return ValueShape(alphabet="any", length=len(value))
