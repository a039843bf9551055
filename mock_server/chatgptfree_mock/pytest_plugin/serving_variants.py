"""A test's variant: serve it, and fail the test if its client never got it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from chatgptfree_mock.crashtest.recording.variant_case import VariantCase
    from chatgptfree_mock.server.running_site import RunningSite

_EXCHANGES_NAMED = 5


def options_of(case: VariantCase, given: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the options of a site for *case*, from those that are *given*.

    As in a crash test, method, path and order decide which recorded answer is sent, unless the user sets other rules.
    """
    options = dict(given)
    if options.get("match_on") is None and options.get("on_miss") is None:
        options["on_miss"] = "same-path"
    return options if case.tokens is None else options | {"tokens": case.tokens}


def serve(case: VariantCase, site: RunningSite) -> None:
    """Make *site* send the variant of *case* in place of the recorded answer."""
    if case.tokens is None:
        from chatgptfree_mock.server.served_variant import ServedVariant

        site.mounted.variant = ServedVariant(case.variant, case.recorded, case.answer)


def check_served(case: VariantCase, site: RunningSite) -> None:
    """
    Fail a test whose client never got the variant of *case*, since it has tested nothing.

    It is skipped where the client's own headers do not allow the variant: that is the client's choice.
    """
    site.journal  # noqa: B018  # answers that are under way are counted
    served = site.mounted.variant
    if served is not None and served.not_offered:
        pytest.skip(served.not_offered)
    missing = served.never_asked if served is not None else _tokens_without_effect(case, site)
    if missing:
        pytest.fail("\n".join([missing, *_asked(site)]), pytrace=False)


def _tokens_without_effect(case: VariantCase, site: RunningSite) -> str:
    lines = (line for line in site.mounted.site.warnings() if line.startswith(f"tokens={case.tokens}"))
    return "".join(f"the variant {case.name} was never served: {line}" for line in lines)


def _asked(site: RunningSite) -> Iterator[str]:
    """Yield the first requests of the client, with the decisions on each."""
    exchanges = list(site.journal)
    if not exchanges:
        yield "no request came"
    for exchange in exchanges[:_EXCHANGES_NAMED]:
        yield f"asked: {exchange.method} {exchange.target} -> {exchange.status}"
        yield from (f"    {line}" for why in exchange.why for line in why.splitlines())
    if len(exchanges) > _EXCHANGES_NAMED:
        yield f"and {len(exchanges) - _EXCHANGES_NAMED} more requests"
