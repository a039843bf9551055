"""
What differs by provider: a table of providers and releases of generation 2.

Each row holds from its release on, until the next row of the same provider.  Sources are the recordings named
`x_<provider>_*` and the published plugin of the releases named; see `provider_traits`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal

from chatgptfree_mock.sites.aipower.releases.numbers import order
from chatgptfree_mock.sites.aipower.releases.traits import Said, describe, trait
from chatgptfree_mock.sites.model_api.settings import Provider
from chatgptfree_mock.sites.model_api.upstream import Api


@dataclass(frozen=True, slots=True, kw_only=True)
class Suffix:
    """
    What is put behind the words of an error, where the API sends at least one of *fields*.

    A field is the path of a value in the error object and the label before it, such as ``("code", "Code")``.
    """

    fields: tuple[tuple[str, str], ...]
    opening: str = " ("
    between: str = ", "
    closing: str = ")"

    def __str__(self) -> str:
        """Return it as it looks, with an ellipsis for each value."""
        return self.opening + self.between.join(f"{label}: …" for _, label in self.fields) + self.closing


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderTraits:
    """How one release speaks to one provider, and what it passes on of the answers."""

    api: Api = trait("chat-completions", "The model is asked through the API {}.", topic="providers")
    statuses: tuple[str, ...] = trait((), "These become an event `status`: {}.", topic="providers")
    statuses_count: bool = trait(
        True,
        {
            True: "After an event `status` an answer without text ends with `done`.",
            False: "An answer without text is an error, also after an event `status`.",
        },
        topic="providers",
    )
    response_id: bool = trait(
        False,
        {
            True: "The id of the answer is passed on in the event openai_response_id.",
            False: "There is no event openai_response_id.",
        },
        topic="providers",
    )
    empty_deltas: bool = trait(
        False,
        {
            True: 'A chunk with the content "" is an empty delta, and a whole answer of it ends with `done`.',
            False: "A delta is never empty.",
        },
        topic="providers",
    )
    drops_zero: bool = trait(
        False,
        {True: "A read whose whole text is 0 is dropped.", False: "A text of 0 is passed on."},
        topic="providers",
    )
    suffixes: tuple[Suffix, ...] = trait(
        (Suffix(fields=(("code", "Code"),)),), "The words of an error end with: {}.", topic="providers"
    )
    failed: Literal["bracketed", "worded"] = trait(
        "bracketed",
        {
            "bracketed": "A failed answer (`response.failed`) is told as ` (Error: …)`.",
            "worded": "A failed answer (`response.failed`) is told as any error is.",
        },
        topic="providers",
    )
    top_level_errors: bool = trait(
        True,
        {
            True: "An error event with the message beside its type is told in its own words.",
            False: 'An error event with the message beside its type is told as "An unknown API error occurred."',
        },
        topic="providers",
    )
    names_nameless: bool = trait(
        False,
        {
            True: 'An HTTP error without a message is told as "An unknown API error occurred."',
            False: "An HTTP error without a message is told by what stands behind the words.",
        },
        topic="providers",
    )
    warns_of_length: bool = trait(
        False,
        {
            True: "An answer that ends at the limit of tokens gets an event `warning`.",
            False: "An answer that ends at the limit of tokens gets no warning of the plugin's own.",
        },
        topic="providers",
    )
    errors_lost: bool = trait(
        False,
        {
            True: "An error inside a stream is not told; the stream ends as if nothing had been.",
            False: "An error inside a stream is the event error, and the last.",
        },
        topic="providers",
    )
    citations: Literal["places", "snippets"] = trait(
        "places",
        {
            "places": "A citation is the place in the text, with URL and title.",
            "snippets": "A citation is a URL with title and snippet, wherever one stands in an event.",
        },
        topic="providers",
    )


def _calls(tool: str, *steps: str) -> tuple[str, ...]:
    return tuple(f"response.{tool}_call.{step}" for step in steps)


_STARTED: Final = ("response.created", "response.in_progress", "response.queued")
_WEB: Final = _calls("web_search", "in_progress", "searching", "completed")
_FUNCTION: Final = ("response.function_call_arguments.delta", "response.function_call_arguments.done")
_OPENAI: Final = (
    *_STARTED,
    *_WEB,
    *_calls("file_search", "in_progress", "searching", "completed"),
    *_calls("image_generation", "in_progress", "generating", "completed"),
)
_ROUTER: Final = (*_OPENAI, "response.output_item.added", "response.output_item.done", "response.content_part.added")
_ROUTER_2_3_93: Final = (
    *_ROUTER,
    "response.output_text.done",
    "response.reasoning.delta",
    "response.reasoning.done",
    *_FUNCTION,
    "tool.preliminary_result",
    "tool.result",
    "response.completed",
    "response.done",
    "response.incomplete",
)
_ROUTER_2_4_69: Final = (*_ROUTER_2_3_93, "response.content_part.done", "response.output_text.annotation.added")
_CLAUDE: Final = ("message_start", "content_block_start", "message_delta", "message_stop")

_T_OPENAI = ProviderTraits(api="responses", response_id=True, top_level_errors=False)
_T_OPENAI_69 = replace(_T_OPENAI, statuses=_OPENAI)
_T_AZURE = ProviderTraits(
    empty_deltas=True,
    suffixes=(
        Suffix(fields=(("code", "Code"),)),
        Suffix(fields=(("innererror.code", "InnerCode"),), opening=" ", closing=""),
    ),
)
_T_ROUTER = ProviderTraits(empty_deltas=True)
_T_ROUTER_71 = ProviderTraits(api="responses", statuses=_ROUTER)
_T_ROUTER_93 = replace(_T_ROUTER_71, statuses=_ROUTER_2_3_93)
_T_CLAUDE = ProviderTraits(api="claude", suffixes=(Suffix(fields=(("type", "Type"),), opening=" ", closing=""),))
_T_GOOGLE = ProviderTraits(api="google", suffixes=())

TABLE: Final[Mapping[Provider, tuple[tuple[str, ProviderTraits], ...]]] = {
    "OpenAI": (
        ("2.3", _T_OPENAI),
        ("2.3.68", _T_OPENAI_69),
        ("2.4.68", replace(_T_OPENAI_69, top_level_errors=True, names_nameless=True)),
    ),
    "Azure": (
        ("2.3", _T_AZURE),
        ("2.3.93", replace(_T_AZURE, empty_deltas=False, drops_zero=True)),
    ),
    "Google": (
        ("2.3", _T_GOOGLE),
        (
            "2.4.67",
            replace(
                _T_GOOGLE, api="interactions", statuses=("google_search_call",), statuses_count=False, errors_lost=True
            ),
        ),
    ),
    "OpenRouter": (
        ("2.3", _T_ROUTER),
        ("2.3.71", _T_ROUTER_71),
        ("2.3.93", _T_ROUTER_93),
        (
            "2.4.69",
            replace(
                _T_ROUTER_93,
                statuses=_ROUTER_2_4_69,
                suffixes=(Suffix(fields=(("code", "Code"), ("type", "Type")), between="; "),),
                failed="worded",
            ),
        ),
    ),
    "Claude": (
        ("2.3.70", _T_CLAUDE),
        ("2.3.93", replace(_T_CLAUDE, statuses=_CLAUDE, warns_of_length=True)),
    ),
    "DeepSeek": (
        (
            "2.3",
            ProviderTraits(
                empty_deltas=True,
                suffixes=(
                    Suffix(fields=(("code", "Code"),)),
                    Suffix(fields=(("type", "Type"),), opening=" ", closing=""),
                ),
            ),
        ),
    ),
    "Ollama": (("2.3", ProviderTraits()),),
    "xAI": (
        (
            "2.4.16",
            ProviderTraits(
                api="responses",
                statuses=(*_STARTED, *_WEB, *_FUNCTION),
                suffixes=(Suffix(fields=(("code", "Code"), ("type", "Type"), ("param", "Param"))),),
                citations="snippets",
            ),
        ),
    ),
}
"""By provider: the release from which on, and what holds from then on; oldest first."""


@cache
def provider_traits(provider: Provider, release: str) -> ProviderTraits | None:
    """
    Return how *release* (a number, such as ``2.4.71``) speaks to *provider*, or None if it does not know it yet.

    Sources: recordings of 2.3.70, 2.3.71, 2.4.5, 2.4.67 and 2.4.71 (`x_openrouter_*`, `x_azure_*`, `x_stream_up_*`),
    and the plugin's published source for the releases in which a row begins.
    """
    holding = [traits for since, traits in TABLE[provider] if order(since) <= order(release)]
    return holding[-1] if holding else None


def first_release(provider: Provider) -> str:
    """Return the first release of generation 2 that knows *provider*."""
    return TABLE[provider][0][0]


def describe_providers(release: str) -> Iterator[Said]:
    """Yield in words how *release* speaks to each provider that it knows."""
    for provider in TABLE:
        traits = provider_traits(provider, release)
        for said in describe(traits) if traits is not None else ():
            yield replace(said, trait=f"{provider}.{said.trait}", sentence=f"{provider}: {said.sentence}")
