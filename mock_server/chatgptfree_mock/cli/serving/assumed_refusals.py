"""Tokens of recordings whose refusal is assumed, because neither a recording nor the site's pack has one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from chatgptfree_mock.contract.pack import SitePack
from chatgptfree_mock.contract.request import as_site_request
from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.model import Cassette, Request
from chatgptfree_mock.tape.tokens.token_block import TokenClass
from chatgptfree_mock.tape.tokens.token_plan import RequiredToken, plan_tokens

_SHOWN: Final = 5


def assumed_refusals(cassettes: Sequence[Cassette], pack: SitePack[Any]) -> Iterator[str]:
    """Yield a sentence for each of *cassettes* with tokens whose refusal is assumed."""
    for cassette in cassettes:
        names = tuple(dict.fromkeys(_names(cassette, pack)))
        if names:
            more = " or another" if len(names) > _SHOWN else ""
            listed = " or ".join(f"`{name}`" for name in names[:_SHOWN]) + more
            yield (
                f"{cassette.path or 'a recording'}: a wrong {listed} is refused with status 403, which is assumed: no "
                "refusal was recorded; name a status or an interaction under `refused` in x-tokens"
            )


def _names(cassette: Cassette, pack: SitePack[Any]) -> Iterator[str]:
    try:
        found = plan_tokens(cassette).required_tokens if cassette.tokens else {}
    except CassetteError:
        return  # the replay reports that
    for index, required_tokens in found.items():
        request = cassette.interactions[index].request
        for required in required_tokens:
            unknown = required.token.kind is TokenClass.TOKEN and required.token.refused is None
            if unknown and not _is_known(cassette, pack, request, required):
                yield required.token.name


def _is_known(cassette: Cassette, pack: SitePack[Any], request: Request, required: RequiredToken) -> bool:
    site_request = as_site_request(request)
    return (
        pack.token_refusal([cassette], site_request, name=required.token.name, value=required.value, now=0.0)
        is not None
    )
