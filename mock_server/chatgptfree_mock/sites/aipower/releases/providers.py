"""
The traits of a release of generation 2 that differ by provider.

Which release has which value is written in the files of `table/`.  Sources are the recordings of 2.3.70, 2.3.71, 2.4.5,
2.4.67 and 2.4.71 (`x_openrouter_*`, `x_azure_*`, `x_stream_up_*`) and the published plugin of the releases in which a
value changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from chatgptfree_mock.sites.aipower.releases.traits import trait

PluginApi = Literal["chat-completions", "responses", "completions", "google", "interactions", "claude"]
"""The APIs that generation 2 can speak to: all but that of OpenAI's assistants."""


class Suffix(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
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

    api: PluginApi = trait("chat-completions", "The model is asked through the API {}.", topic="providers")
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
    empty_reads: bool = trait(
        False,
        {
            True: "Every read that brings no text is an empty delta.",
            False: "A read that brings no text is not a delta.",
        },
        topic="providers",
    )
    needs_end_mark: bool = trait(
        False,
        {
            True: "A stream without its end mark is an error, after the text that came.",
            False: "A stream without its end mark ends as any other.",
        },
        topic="providers",
    )
    coded_errors: bool = trait(
        False,
        {
            True: "An error has words of the plugin's own, by its code; inside a stream it carries more keys.",
            False: "An error has the words of the API; inside a stream it carries no more keys.",
        },
        topic="providers",
    )
    takes_images: bool = trait(
        True,
        {True: "Images are sent to the model.", False: "A message with an image is refused."},
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
