"""A recording as a crash test plays it: its exchanges in order, the answer among them, and the message."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from urllib.parse import urlsplit

from msgspec import Struct, field

from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.crashtest.recording.answer_choice import find_answer, name_of, short_path
from chatgptfree_mock.crashtest.recording.message import MessageCandidate, MessageSearch, find_message
from chatgptfree_mock.crashtest.recording.required_page import required_page
from chatgptfree_mock.crashtest.recording.required_tokens import RecordedTokens, never_given, own_names, recorded_tokens
from chatgptfree_mock.crashtest.recording.token_refusals import ReplayRefusal, TokenRefusals
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.intercept.hosts import recorded_hosts
from chatgptfree_mock.tape.files import RecordingSource, gather
from chatgptfree_mock.tape.matching import Candidate, collect
from chatgptfree_mock.tape.tokens.token_plan import RequiredToken
from chatgptfree_mock.variants.end_mark import what_is_missing
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer


class PlayedRecording(Struct, frozen=True, kw_only=True):
    """
    A recording that is played to a client.

    *name*: the files.  *exchanges*: all of them, in order.  *answer*: the index of the one that is varied, and
    *recorded* its response.  *messages*: what may be the message.  *page*: the index of the page of which
    a later request repeats a value, None if there is none.  *tokens*: the values that responses give out and requests
    bring back, None if there are none, and *refusals* of wrong ones.  *never_given*: a line for each value that the
    recording requires and does not give out.  *left_out*: a line for each file or interaction that could not be read.
    """

    name: str
    exchanges: tuple[Candidate, ...]
    answer: int
    recorded: RecordedAnswer
    messages: MessageSearch
    page: int | None = None
    tokens: RecordedTokens | None = None
    refusals: TokenRefusals = field(default_factory=TokenRefusals)
    never_given: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def answer_name(self) -> str:
        """Return the answer's number and address."""
        return self.name_of(self.answer)

    def name_of(self, index: int) -> str:
        """Return number and address of the exchange at *index*."""
        return name_of(self.exchanges, index)

    def refusal(self, index: int, required: RequiredToken) -> ReplayRefusal:
        """Return the recorded site's refusal of the request at *index* that does not meet *required*."""
        request = self.exchanges[index].interaction.request
        parts = urlsplit(request.uri)
        return self.refusals.of(required, request, f"{parts.scheme}://{parts.netloc}", 0.0)

    @property
    def fingerprint(self) -> str:
        """Return a digest that identifies all exchanges, and which of them has the answer."""
        found = hashlib.sha256(str(self.answer).encode())
        for each in self.exchanges:
            request, response = each.interaction.request, each.interaction.response
            found.update(repr((request.method, request.uri, request.body)).encode())
            found.update(repr((response.status, response.headers, response.body)).encode())
        return found.hexdigest()

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the recorded hosts, maybe with a port, that of the answer first."""
        exchanges = [self.exchanges[self.answer], *self.exchanges]
        return recorded_hosts(each.interaction.request.uri for each in exchanges)

    @property
    def own_names(self) -> tuple[str, ...]:
        """Return the names of values that a client makes itself, and of times."""
        return own_names(self.refusals.cassettes)

    def message(self, given: str | None) -> MessageCandidate | None:
        """Return the message: the one *given* by the user, or else the most likely one; None if none was found."""
        if given is not None:
            return MessageCandidate(value=given, place="--message")
        return self.messages.found[0] if self.messages.found else None


def load_played_recording(
    sources: Sequence[RecordingSource],
    *,
    number: int | None = None,
    mark: str | None = None,
    anyway: bool = False,
    pack: str = DEFAULT_PACK,
) -> PlayedRecording:
    """
    Load one or several recordings as one: cassettes, HAR files, folders or patterns.

    *number*: which exchange has the answer, from 1; by default the only one that can.  *mark*: a text in the end mark,
    where it is not found by itself.  *anyway*: take an answer that is not whole.  *pack*: the name of the site pack
    that may know how the site refuses tokens.

    Raises:
        CassetteError: a file can't be read, or its `x-tokens` cannot act.
        SettingsError: it has no answer, or several; or the answer is not whole.
    """
    found = gather(list(sources))
    exchanges = collect(found.cassettes)
    if not exchanges:
        names = ", ".join(map(str, sources))
        raise SettingsError(f"{names}: it holds no exchange: record a session in which the client asks and is answered")
    name = ", ".join(dict.fromkeys(short_path(each.file) for each in exchanges))
    answer = find_answer(name, exchanges, number, found.notes)
    response = exchanges[answer].interaction.response
    if not anyway and (missing := what_is_missing(response, mark)):
        raise SettingsError(
            f"{name}: the answer {name_of(exchanges, answer)} is not whole: {missing} "
            "(--anyway takes it as it is; in a test: anyway=True)"
        )
    recorded = RecordedAnswer(response, mark)
    _ = recorded.mark  # raises an error if the mark does not exist
    return PlayedRecording(
        name=name,
        exchanges=exchanges,
        answer=answer,
        recorded=recorded,
        messages=find_message([each.interaction for each in exchanges[: answer + 1]]),
        page=required_page(exchanges, answer),
        tokens=recorded_tokens(found.cassettes, answer),
        refusals=TokenRefusals(cassettes=found.cassettes, pack=pack),
        never_given=never_given(found.cassettes, answer),
        left_out=found.notes,
    )
