"""Find the tokens of a recorded session: look up each value that a request sends in the responses before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.tape.model import Cassette, header_of
from chatgptfree_mock.tape.times import time_of
from chatgptfree_mock.tape.tokens.classifying import NAMED_SO, FoundToken, SentValue, classified, found_token
from chatgptfree_mock.tape.tokens.limits import lives_of, refusal_of
from chatgptfree_mock.tape.tokens.lookup import Wanted, look_up
from chatgptfree_mock.tape.tokens.overlap import encoded_in, not_minted
from chatgptfree_mock.tape.tokens.request_values import RequestValue, request_values
from chatgptfree_mock.tape.tokens.token_block import Return, TokenClass
from chatgptfree_mock.tape.tokens.token_names import NameKind, kind_of_name

_SHORTEST: Final = 3
_NAMED: Final = frozenset({NameKind.SURE, NameKind.SESSION, NameKind.TOKEN})


def find_tokens(cassette: Cassette) -> tuple[FoundToken, ...]:
    """
    Return the tokens of *cassette*, in the order in which requests first send them.

    Each value has an entry of its own, also where one name has several, such as a nonce that is renewed.
    """
    sent: dict[tuple[str, str], SentValue] = {}
    first: dict[str, int] = {}
    for number, interaction in enumerate(cassette.interactions):
        for entry in request_values(interaction.request):
            if _may_count(entry):
                each = sent.setdefault((entry.name, entry.value), SentValue(entry=entry))
                each.back.append(Return(interaction=number, place=entry.place))
                first.setdefault(entry.value, number)
    _look_up(cassette, list(sent.values()), first)
    sent = {key: each for key, each in sent.items() if not _is_other_reading(each, sent)}
    times = list(_times(cassette))
    named: dict[str, list[SentValue]] = {}
    for each in sent.values():
        named.setdefault(each.entry.name, []).append(each)
    classes = {key: token for key, each in sent.items() if (token := classified(each, times)) is not None}
    kinds = _kinds(classes.values())
    classes = {key: _of_kind(kinds, token) for key, token in classes.items()}
    names = _minted(classes.values())
    found = [
        (each, token) for key, each in sent.items() if (token := classes.get(key) or _encoding(each, names)) is not None
    ]
    names = _minted(token for _, token in found)
    why = not_minted(cassette.interactions, names)
    found = [(each, _constant(token, why[token.value]) if token.value in why else token) for each, token in found]
    return tuple(_limited(token, each, named[each.entry.name], cassette) for each, token in found)


def _minted(found: Iterable[FoundToken]) -> dict[str, str]:
    """Return the names of the tokens that are minted, by value."""
    return {each.value: each.token.name for each in found if each.token.kind is TokenClass.TOKEN}


def _encoding(sent: SentValue, names: Mapping[str, str]) -> FoundToken | None:
    """Return the token that a value is because it encodes one of those minted, and so follows from it; else None."""
    encoded = None if sent.found is None else encoded_in(sent.entry.value, names)
    if encoded is None:
        return None
    return found_token(sent, TokenClass.TOKEN, f"received before, and it encodes `{names[encoded]}` or a part of it")


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
        value: TokenClass.TOKEN if (TokenClass.TOKEN, NAMED_SO) in of_value else TokenClass.CONSTANT
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


def _is_other_reading(each: SentValue, sent: Mapping[tuple[str, str], SentValue]) -> bool:
    """Return whether a cookie is what no response gave out, because another reading of it was; or merely another."""
    name, as_sent = each.entry.name, each.entry.sent
    if as_sent:
        return each.found is None or sent[name, as_sent].found is not None
    others = (other for other in sent.values() if (other.entry.name, other.entry.sent) == (name, each.entry.value))
    return each.found is None and any(other.found is not None for other in others)


def _limited(found: FoundToken, sent: SentValue, named: Sequence[SentValue], cassette: Cassette) -> FoundToken:
    """Return *found* with its life and its refusal, where the recording shows them; *named*: all values of its name."""
    token = found.token
    if token.kind is not TokenClass.TOKEN or token.source is None:
        return found
    interactions = cassette.interactions
    others = [back for each in named if each is not sent for back in each.back]
    lives = lives_of(interactions, token.source, token.name, sent.entry.value)
    refused = next(filter(None, (refusal_of(interactions, back, others) for back in token.back)), None)
    limited = replace(token, lives=lives, refused=refused)
    return FoundToken(token=limited, value=found.value, why=found.why)


def _may_count(entry: RequestValue) -> bool:
    value = entry.value
    if len(value) < _SHORTEST:
        return value.isdecimal() and value != "0" and kind_of_name(entry.name) is NameKind.THING
    return not value.isspace()


def _look_up(cassette: Cassette, sent: Sequence[SentValue], first: dict[str, int]) -> None:
    """
    Set where each value was given out, before its first request.

    A value that was sent under another name before is the client's own; a word or a number may be both.
    """
    wanted: dict[int, Wanted] = {}
    for at, each in enumerate(sent):
        alone = each.is_random or kind_of_name(each.entry.name) in _NAMED
        own = first[each.entry.value] if alone else each.back[0].interaction
        wanted[at] = Wanted(name=each.entry.name, value=each.entry.value, before=own)
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
