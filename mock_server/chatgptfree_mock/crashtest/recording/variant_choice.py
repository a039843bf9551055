"""Select the variants of a recording that run, and the exchange of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from chatgptfree_mock.crashtest.recording.plan import PAGE, STALL, RecordingPlan
from chatgptfree_mock.crashtest.recording.played_recording import PlayedRecording
from chatgptfree_mock.crashtest.recording.replay import Disturbance, Replay
from chatgptfree_mock.crashtest.recording.required_tokens import RequiredTokens
from chatgptfree_mock.crashtest.recording.tls_variants import FAMILY as TLS
from chatgptfree_mock.crashtest.recording.tls_variants import forbidden, tls_fault_of, tls_variants
from chatgptfree_mock.crashtest.recording.token_play import TokenVariant
from chatgptfree_mock.crashtest.recording.token_variants import FAMILY, NOT_BROUGHT, token_variant, token_variants
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.tape.encoded_body import accepts
from chatgptfree_mock.variants.catalogue import RULES, Catalogue, Variant, variants_of
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer
from chatgptfree_mock.variants.rule import VariantKind
from chatgptfree_mock.variants.wire_bytes import render

_WIRE_FAMILIES: Final = ("events", "json")
_RULES: Final = {rule.name: rule for rule in RULES}
_PAGE_SHORT: Final = frozenset(
    {
        *("chunks/bytes", "framing/close", "coding/gzip", "cut/chunked-half", "cut/before-the-head"),
        *("cut/before-the-head/once", "status/503-empty", "status/500", "status/429/once"),
    }
)
"""The variants of a page that run by default."""


class PlannedVariant(Struct, frozen=True, kw_only=True):
    """One variant to run: the replaced exchange (*disturbance*) and the *variant*."""

    variant: Variant
    disturbance: Disturbance

    @property
    def forbidden(self) -> str:
        """Return why a client must not print even the whole answer; empty if it may."""
        return forbidden(self.disturbance.tls)

    @property
    def is_stall(self) -> bool:
        """Return whether the answer stops while the connection stays open."""
        return self.variant.name == STALL


class Choice(Struct, frozen=True, kw_only=True):
    """
    The variants *planned* for the run, the names *left_out* with the reasons, and those *not_offered* for their coding.

    *remarks*: lines for the report.
    """

    planned: tuple[PlannedVariant, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    not_offered: tuple[Variant, ...] = ()
    remarks: tuple[str, ...] = ()


def chosen_variants(plan: RecordingPlan, recording: PlayedRecording) -> tuple[Catalogue, tuple[Variant, ...]]:
    """
    Return the variants of the answer, and of the page that it needs, and those of them that *plan* asks for.

    The variants are those that match the plan's patterns, if it has any.

    Raises:
        SettingsError: a pattern of the plan matches no variant, or no variant is left.
    """
    for glob in plan.globs if not plan.intercept else ():
        if f"{glob}/".startswith(TLS):
            raise SettingsError(f"`{glob}`: only a client that is intercepted is served by TLS; add --intercept")
    for glob in plan.globs if recording.page is None else ():
        if f"{glob}/".startswith(PAGE):
            raise SettingsError(
                f"`{glob}`: the request for the answer repeats no value of a page, so no page is varied"
            )
    catalogue = catalogue_of(recording, intercepted=bool(plan.intercept))
    variants = catalogue.select(plan.globs, everything=plan.everything, grades=plan.grades, partly=True)
    if not variants:
        raise SettingsError("nothing to do: no variant of this recording has one of these grades")
    return catalogue.named(plan.globs), variants


def catalogue_of(recording: PlayedRecording, *, intercepted: bool = False) -> Catalogue:
    """Return all variants of a recording: of answer, page, tokens, and, where clients are *intercepted*, of its TLS."""
    found = variants_of(recording.recorded)
    pages, left_out = _of_page(recording)
    tls = tls_variants(recording.recorded) if intercepted else ()
    tokens, not_applicable = token_variants(
        recording.tokens, recording.recorded, _text_of_refusal(recording), recording.never_given
    )
    return Catalogue(
        variants=(*found.variants, *stalls(recording.recorded), *tls, *pages, *tokens),
        left_out=(*found.left_out, *left_out, *not_applicable),
    )


def _text_of_refusal(recording: PlayedRecording) -> str:
    """Return the text of the site's refusal of its first token; empty if it has none."""
    required_tokens = {} if recording.tokens is None else recording.tokens.required_tokens
    first = next(((index, each) for index, found in required_tokens.items() for each in found), None)
    return "" if first is None else recording.refusal(*first).response.body.decode("utf-8", "replace")


def _refusals(recording: PlayedRecording, required: RequiredTokens) -> tuple[str, ...]:
    """Return a line for each token whose refusal was not recorded."""
    found = [(each.token.name, recording.refusal(index, each).origin) for index in required for each in required[index]]
    return tuple(dict.fromkeys(f"a wrong `{name}` is refused {whose}" for name, whose in found if whose))


def _of_page(recording: PlayedRecording) -> tuple[tuple[Variant, ...], tuple[tuple[str, str], ...]]:
    """Return the variants of the page, and those left out; few of them are in the short list."""
    if recording.page is None:
        return (), ()
    found = variants_of(RecordedAnswer(recording.exchanges[recording.page].interaction.response))
    variants = (replace(each, name=PAGE + each.name, short=each.name in _PAGE_SHORT) for each in found.variants)
    return tuple(variants), tuple((PAGE + name, reason) for name, reason in found.left_out)


def choose(
    variants: Sequence[Variant], recording: PlayedRecording, reference: str, replay: Replay, catalogue: Catalogue
) -> Choice:
    """
    Return the *variants* that run with a client that printed *reference* and made the requests of *replay*.

    For a client that prints the raw body, variants that rewrite the body are left out.  Tokens are required only of a
    client that sends them.
    """
    left_out = list(catalogue.left_out)
    required = {} if recording.tokens is None else recording.tokens.brought_by(replay.known)
    if not required:
        idle = [variant for variant in variants if variant.name.startswith(FAMILY)]
        left_out += [(variant.name, NOT_BROUGHT) for variant in idle]
        variants = [variant for variant in variants if variant not in idle]
    if prints_the_wire(reference, recording.recorded):
        rewriting = [variant for variant in variants if _rewrites_the_text(variant)]
        left_out += [(variant.name, "the client prints the lines of the body as they come") for variant in rewriting]
        variants = [variant for variant in variants if not _rewrites_the_text(variant)]
    planned = [_planned(variant, recording, required) for variant in variants]
    offered = [each for each in planned if _is_offered(each, replay)]
    refuses = any(each.variant.name.startswith(FAMILY) for each in offered)
    return Choice(
        planned=tuple(offered),
        left_out=tuple(left_out),
        not_offered=tuple(each.variant for each in planned if not _is_offered(each, replay)),
        remarks=(
            *_unread(recording.recorded),
            *(_refusals(recording, required) if refuses else ()),
            *recording.never_given,
        ),
    )


def _is_offered(planned: PlannedVariant, replay: Replay) -> bool:
    """Return whether the request for what is varied allows the codings of the variant."""
    return accepts(replay.accepted_codings(planned.disturbance.index), planned.variant.codings)


def _unread(recorded: RecordedAnswer) -> Iterator[str]:
    """Yield a line if the body is of a kind whose contents no variant changes."""
    media_type = recorded.response.header("Content-Type").partition(";")[0].strip().lower()
    if recorded.kind == "text" and not recorded.events and not media_type.startswith("text/"):
        named = media_type or "of no media type"
        yield (
            f"the answer is {named}, whose contents are not read: its bytes are sent in other chunks, framings and "
            "codings and cut off, and errors are sent in its place, but no variant damages what is in it"
        )


def _planned(variant: Variant, recording: PlayedRecording, required: RequiredTokens) -> PlannedVariant:
    index, rule = recording.answer, None
    if variant.name.startswith(PAGE) and recording.page is not None:
        index, rule = recording.page, _RULES[variant.name.removeprefix(PAGE)]
    disturbance = Disturbance(
        index=index,
        answer=variant.answer,
        sent=variant.sent,
        once=variant.once,
        rule=rule,
        tls=tls_fault_of(variant.name),
        tokens=_tokens(variant, recording, required),
    )
    return PlannedVariant(variant=variant, disturbance=disturbance)


def _tokens(variant: Variant, recording: PlayedRecording, required: RequiredTokens) -> TokenVariant | None:
    if recording.tokens is None or not variant.name.startswith(FAMILY):
        return None
    return token_variant(variant.name, recording.tokens, required)


def _rewrites_the_text(variant: Variant) -> bool:
    return any(part.startswith(_WIRE_FAMILIES) for part in variant.name.split("+"))


def prints_the_wire(reference: str, recorded: RecordedAnswer) -> bool:
    """Return whether *reference* holds the body's own lines, or the JSON of its events or lines."""
    printed = {line.strip() for line in reference.splitlines()}
    if recorded.kind == "JSON":
        return recorded.body.decode("utf-8", "replace").strip() in reference
    own = [
        line for line in recorded.body.decode("utf-8", "replace").splitlines() if line.startswith(("data:", "event:"))
    ]
    payloads = [event.data.decode("utf-8", "replace") for event in recorded.events if event.data[:1] in (b"{", b"[")]
    return any(line.strip() in printed for line in (*own, *payloads))


def stalls(recorded: RecordedAnswer) -> tuple[Variant, ...]:
    """Return the variant that stalls, if the body has a middle at which it can stop."""
    if len(recorded.body) < 2:
        return ()
    answer = recorded.answer(fault="stall@50%")
    return (
        Variant(
            name=STALL,
            kind=VariantKind.BREAKAGE,
            grade=1,
            source="RFC 9112 section 9.6: only a time-out of the client's own ends it",
            answer=answer,
            sent=render(answer),
            short=True,
        ),
    )
