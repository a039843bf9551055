"""The result of one variant: the judgement of a run of the client, and what was sent to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.crashtest.printed_text import common_length
from chatgptfree_mock.crashtest.recording.client_run import ClientRun
from chatgptfree_mock.crashtest.recording.plan import RecordingPlan
from chatgptfree_mock.crashtest.recording.played_recording import PlayedRecording
from chatgptfree_mock.crashtest.recording.position import all_differences
from chatgptfree_mock.crashtest.recording.replay import Replay
from chatgptfree_mock.crashtest.recording.results import VariantResult
from chatgptfree_mock.crashtest.recording.variant_choice import PlannedVariant
from chatgptfree_mock.crashtest.recording.verdict import VariantJudgement, VariantVerdict, judge_variant
from chatgptfree_mock.crashtest.results import CaseExchange
from chatgptfree_mock.variants.catalogue import Variant
from chatgptfree_mock.variants.wire_bytes import WireBytes

_KEPT: Final = 4000
_CHUNKS_KEPT: Final = 200
_REMARKS: Final = 5


def judge(planned: PlannedVariant, found: ClientRun, reference: str, plan: RecordingPlan) -> VariantJudgement:
    """Return the judgement of the run *found*, in which the client was sent the *planned* variant."""
    variant = planned.variant
    return judge_variant(
        variant.kind,
        reference,
        found.attempt,
        error=variant.error,
        undetectable=variant.undetectable,
        forbidden=planned.forbidden,
        masks=plan.masks,
    )


def result_of(
    planned: PlannedVariant,
    found: ClientRun,
    judgement: VariantJudgement,
    plan: RecordingPlan,
    exchanges: Iterable[CaseExchange] = (),
) -> VariantResult:
    """Return the result of the run *found* with its *judgement*; *exchanges*: what was sent, if it is to be shown."""
    variant, seen = planned.variant, found.attempt.seen
    reason = f"{judgement.reason} (after {found.waited:.1f} s)" if planned.is_stall else judgement.reason
    if judgement.verdict.counts_against and found.replay.tokens is not None and found.replay.tokens.refused:
        reason += f"; refused: {found.replay.tokens.refused[0]}"
    return replace(
        _result(variant, plan, judgement.verdict, reason),
        note=judgement.note,
        printed=seen.stdout[:_KEPT],
        stderr=seen.stderr[-_KEPT:],
        status=seen.status,
        plays=found.attempt.plays,
        requests=found.attempt.requests,
        exchanges=list(exchanges),
        uncounted=planned.is_stall and plan.stall is None,
    )


def case_exchange(planned: PlannedVariant, recorded: WireBytes, *, request: str) -> CaseExchange:
    """Return what was sent of the variant, head and framing included, and where it leaves what was *recorded*."""
    sent = planned.disturbance.sent
    at = common_length(sent.body, recorded.body)
    differs = at < max(len(sent.body), len(recorded.body))
    return CaseExchange(
        request=request,
        response=f"{planned.variant.name}, head and framing included",
        chunks=list(sent.sizes[:_CHUNKS_KEPT]),
        ended=str(sent.end),
        faults=[("not as recorded", at)] if differs else [],
    )


def not_offered(variant: Variant, plan: RecordingPlan) -> VariantResult:
    """Return the result of a *variant* in a coding that the client does not accept."""
    reason = f"the client's Accept-Encoding does not allow {' and '.join(variant.codings)}"
    return _result(variant, plan, VariantVerdict.NOT_OFFERED, reason)


def _result(variant: Variant, plan: RecordingPlan, verdict: VariantVerdict, reason: str) -> VariantResult:
    """Return a result of *variant* without data of a client."""
    return VariantResult(
        variant=variant.name,
        kind=str(variant.kind),
        grade=variant.grade,
        source=variant.source,
        verdict=verdict,
        reason=reason,
        again=plan.again(variant.name),
    )


def request_remarks(replay: Replay, recording: PlayedRecording) -> list[str]:
    """Return the differences of the requests of a run from those of the recording."""
    unknown = [f"the recording has no exchange for {line}; it was answered with 404" for line in replay.unknown]
    differs = [
        f"differs from the recording: {line}"
        for line in all_differences(replay.known, recording.exchanges, recording.own_names)
    ]
    more = [f"… and {len(differs) - _REMARKS} more differences"] if len(differs) > _REMARKS else []
    refused = [] if replay.interception is None else replay.interception.proxy.refused
    return [*dict.fromkeys(unknown), *refused, *differs[:_REMARKS], *more]
