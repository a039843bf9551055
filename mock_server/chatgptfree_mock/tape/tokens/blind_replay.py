"""Recordings whose tokens are neither minted nor demanded on replay, because they have no block `x-tokens`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chatgptfree_mock.tape.files import is_har
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.token_block import TokenClass


def token_names(cassette: Cassette) -> tuple[str, ...]:
    """Return the names of the values of class `token` that are found in *cassette*."""
    found = (each.token for each in find_tokens(cassette))
    return tuple(dict.fromkeys(each.name for each in found if each.kind is TokenClass.TOKEN))


def blind_replays(cassettes: Iterable[Cassette]) -> Iterator[str]:
    """Yield a sentence with advice for each of *cassettes* that has tokens and no block for them."""
    for cassette in cassettes:
        names = () if cassette.tokens else token_names(cassette)
        if names:
            file = cassette.path or "a recording"
            what = "`chatgptfree-mock import`" if is_har(file) else f"`chatgptfree-mock tokens --write {file}`"
            listed = ", ".join(f"`{name}`" for name in names[:5]) + (" and others" if len(names) > 5 else "")
            yield f"{file}: replays blindly: {listed} may be anything, as it has no x-tokens; {what} makes them"
