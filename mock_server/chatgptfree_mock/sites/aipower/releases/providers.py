"""
The traits of an AIPKit release that differ by provider.

Which release has which value is written in the files of `table/`.  Sources are the recordings of 2.3.70, 2.3.71, 2.4.5,
2.4.67 and 2.4.71 (`x_openrouter_*`, `x_azure_*`, `x_stream_up_*`) and the published plugin of the releases in which a
value changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from chatgptfree_mock.sites.aipower.releases.traits import switch, trait

PluginApi = Literal["chat-completions", "responses", "completions", "google", "interactions", "claude"]
"""The APIs that AIPKit can call: all but OpenAI's assistants."""


class Suffix(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is appended to an error message if the API sends at least one of *fields*."""

    fields: tuple[tuple[str, str], ...]
    """Pairs: the path of a value in the error object, and the label before it, such as ``("code", "Code")``."""
    opening: str = " ("
    """The text before the first field."""
    between: str = ", "
    """The text between two fields."""
    closing: str = ")"
    """The text after the last field."""

    def __str__(self) -> str:
        """Return an example of the text, with an ellipsis for each value."""
        return self.opening + self.between.join(f"{label}: …" for _, label in self.fields) + self.closing


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderTraits:
    """How one release calls one provider, and what it passes on from the answers."""

    api: PluginApi = trait("chat-completions", "The model is called through the API {}.", topic="providers")
    other_apis: tuple[PluginApi, ...] = trait(
        (), "Answers are also read in the form of these APIs, if the site chooses them: {}.", topic="providers"
    )
    statuses: tuple[str, ...] = trait((), "These events of the API become an event `status`: {}.", topic="providers")
    statuses_count: bool = switch(
        on="After an event `status` an answer without text ends with `done`.",
        off="An answer without text is an error, also after an event `status`.",
        topic="providers",
        default=True,
    )
    item_statuses: bool = switch(
        on="A `status` about an item has the item's type, status, name and call_id as well.",
        off="A `status` about an item has its id and place only.",
        topic="providers",
    )
    response_id: bool = switch(
        on="The id of the answer is passed on in the event openai_response_id.",
        off="There is no event openai_response_id.",
        topic="providers",
    )
    empty_deltas: bool = switch(
        on='A chunk with the content "" is an empty delta; an answer of only such chunks ends with `done`.',
        off="A delta is never empty.",
        topic="providers",
    )
    drops_zero: bool = switch(
        on="In Chat Completions a read whose whole text is 0 is dropped.",
        off="A text of 0 is passed on.",
        topic="providers",
    )
    suffixes: tuple[Suffix, ...] = trait(
        (Suffix(fields=(("code", "Code"),)),), "An error message ends with: {}.", topic="providers"
    )
    failed: Literal["bracketed", "worded"] = trait(
        "bracketed",
        {
            "bracketed": "A failed answer (`response.failed`) is reported as ` (Error: …)`.",
            "worded": "A failed answer (`response.failed`) is reported like any error.",
        },
        topic="providers",
    )
    top_level_errors: bool = switch(
        on="The message of an error event is passed on if it is at the top level, beside the type.",
        off='An error event with its message at the top level becomes "An unknown API error occurred."',
        topic="providers",
        default=True,
    )
    names_nameless: bool = switch(
        on='An HTTP error without a message becomes "An unknown API error occurred."',
        off="An HTTP error without a message consists of the appended fields alone.",
        topic="providers",
    )
    warns_of_length: bool = switch(
        on="An answer cut off at the token limit gets an event `warning`.",
        off="An answer cut off at the token limit gets no warning from the plugin.",
        topic="providers",
    )
    search_errors: bool = switch(
        on='A failed web search is the event error, "Claude web search failed: " and the API\'s code.',
        off="A failed web search is not reported.",
        topic="providers",
    )
    errors_lost: bool = switch(
        on="An error inside a stream is not reported; the stream ends normally.",
        off="An error inside a stream is an event `error`, the last one.",
        topic="providers",
    )
    empty_reads: bool = switch(
        on="Every read without text is an empty delta.", off="A read without text is not a delta.", topic="providers"
    )
    needs_end_mark: bool = switch(
        on="A stream without its end mark is an error, after the text that came.",
        off="A stream without its end mark ends like any other.",
        topic="providers",
    )
    coded_errors: bool = switch(
        on="An error has the plugin's own message, chosen by code; inside a stream it has more keys.",
        off="An error has the API's message; inside a stream it has no additional keys.",
        topic="providers",
    )
    takes_images: bool = switch(
        on="Images are sent to the model.", off="A message with an image is refused.", topic="providers", default=True
    )
    refuses_search: bool = switch(
        on="A message to a bot with web search is refused.",
        off="A message to a bot with web search is sent to the model.",
        topic="providers",
    )
    read_timeout: int = trait(120, "A model that does not answer is given up after {} seconds.", topic="providers")
    citations: Literal["places", "snippets"] = trait(
        "places",
        {
            "places": "A citation is a position in the text, with URL and title.",
            "snippets": "A citation is a URL with title and snippet, anywhere in an event.",
        },
        topic="providers",
    )

    @property
    def keeps_conversations(self) -> bool:
        """Return whether the model's API can store a conversation, so that earlier messages are not sent again."""
        return self.api == "interactions" or (self.api == "responses" and self.response_id)
