"""Check the content of a cassette: its interactions, its tokens, its secrets and its age."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.encoded_body import breaks_off, has_true_coding
from chatgptfree_mock.tape.header_syntax import invalid_names, with_line_breaks
from chatgptfree_mock.tape.lint_finding import LintFinding
from chatgptfree_mock.tape.model import BODILESS, Cassette, Interaction
from chatgptfree_mock.tape.redaction import Found, Rules, find_all
from chatgptfree_mock.tape.redaction.text.findings import unescaped
from chatgptfree_mock.tape.repair import header_faults
from chatgptfree_mock.tape.times import time_of
from chatgptfree_mock.tape.tokens.block_faults import block_faults
from chatgptfree_mock.tape.tokens.token_plan import TokenConflictError, plan_tokens

_METHOD: Final = re.compile(r"[A-Z][A-Z0-9!#$%&'*+.^_`|~-]*")


def findings_of(
    cassette: Cassette, *, file: str, rules: Rules, now: datetime, max_age: timedelta
) -> Iterator[LintFinding]:
    """Yield what is wrong with the content of *cassette*; see `lint.check` for the other arguments."""
    for each in _findings(cassette, rules, now, max_age):
        yield replace(each, file=file)


def _findings(cassette: Cassette, rules: Rules, now: datetime, max_age: timedelta) -> Iterator[LintFinding]:
    yield from _origin(cassette, now, max_age)
    yield from _tokens(cassette)
    yield from _duplicates(cassette)
    secrets = find_all(cassette.interactions, rules)
    for number, (interaction, found) in enumerate(zip(cassette.interactions, secrets, strict=True)):
        for each in (*chain.from_iterable(find(interaction) for find in _CHECKS), *_secrets(found)):
            yield replace(each, place=f"$.interactions[{number}].{each.place}")


def _origin(cassette: Cassette, now: datetime, max_age: timedelta) -> Iterator[LintFinding]:
    def warn(check: str, problem: str, repair: str, place: str = "$.x-recording") -> LintFinding:
        return LintFinding(place=place, check=check, problem=problem, repair=repair, serious=False)

    if not cassette.recording:
        yield warn("origin", "the source of this is not recorded", "add x-recording with upstream and recorded_at", "$")
        return
    recorded_at = str(cassette.recording.get("recorded_at", ""))
    if not recorded_at:
        return
    when = time_of(recorded_at)
    if when is None:
        yield warn(
            "age", f"no date: {recorded_at[:40]!r}", "write it as 2026-11-23T00:37:29Z", "$.x-recording.recorded_at"
        )
    elif now - when > max_age:
        days = (now - when).days
        yield warn("age", f"recorded {days} days ago", "record it again: the site may have changed")


def _tokens(cassette: Cassette) -> Iterator[LintFinding]:
    """Yield the entries of `x-tokens` that cannot act, alone or beside the others, and what is wrong with the rest."""
    finding = partial(LintFinding, check="tokens")
    able: list[int] = []
    for number, entry in enumerate(cassette.tokens):
        try:
            plan_tokens(replace(cassette, tokens=(entry,)))
        except CassetteError as exc:
            yield finding(place=f"$.x-tokens[{number}]", problem=exc.problem, repair=exc.repair)
        else:
            able.append(number)
    while True:
        try:
            plan = plan_tokens(replace(cassette, tokens=tuple(cassette.tokens[number] for number in able)))
        except TokenConflictError as exc:
            number = able.pop(exc.number)
            yield finding(place=f"$.x-tokens[{number}]", problem=exc.problem, repair=exc.repair)
        else:
            break
    for fault in block_faults(plan):
        place = f"$.x-tokens[{able[fault.number]}]{fault.key}"
        yield finding(place=place, problem=fault.problem, repair=fault.repair, serious=False)


def _duplicates(cassette: Cassette) -> Iterator[LintFinding]:
    seen: dict[Interaction, int] = {}
    for number, interaction in enumerate(cassette.interactions):
        first = seen.setdefault(interaction, number)
        if first != number:
            yield LintFinding(
                place=f"$.interactions[{number}]",
                check="duplicate",
                problem=f"the same request and answer as interaction {first}",
                repair="remove one, unless the client asks as often",
                serious=False,
            )


def _reachable(interaction: Interaction) -> Iterator[LintFinding]:
    request = interaction.request

    def error(key: str, problem: str, repair: str) -> LintFinding:
        return LintFinding(place=f"request.{key}", check="unreachable", problem=problem, repair=repair)

    try:
        parts = urlsplit(request.uri)
        absolute = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        absolute = False
    if not absolute:
        yield error("uri", f"no request can have the address {request.uri[:80]!r}", "write it with scheme and host")
    if not _METHOD.fullmatch(request.method):
        yield error("method", f"no request has the method {request.method[:40]!r}", "methods are words in capitals")


def _header_syntax(interaction: Interaction) -> Iterator[LintFinding]:
    for part, headers in (("request", interaction.request.headers), ("response", interaction.response.headers)):
        error = partial(LintFinding, place=f"{part}.headers", check="headers")
        for name in invalid_names(headers):
            yield error(
                problem=f"{name[:40]!r} is not a header's name (RFC 9110 section 5.1), and is not sent",
                repair="write the name that the site sent, or remove the header",
            )
        for name in with_line_breaks(headers):
            yield error(
                problem=f"{name[:40]!r} has a line break in its value (RFC 9110 section 5.5), which is sent as a blank",
                repair="write two headers, or one line",
            )


def _forbidden_body(interaction: Interaction) -> Iterator[LintFinding]:
    """Yield a body that no client gets, as an answer of its kind has none (RFC 9110 sections 6.4.1 and 15.3.6)."""
    response, method = interaction.response, interaction.request.method
    if not (response.body or response.raw):
        return
    if method == "HEAD":
        kind = "an answer to HEAD"
    elif response.status in BODILESS or response.status < 200:
        kind = f"an answer with status {response.status}"
    else:
        return
    yield LintFinding(
        place="response.body",
        check="body",
        problem=f"{kind} has no body, but {len(response.body or response.raw or b'')} bytes are stored",
        repair="remove the body, or correct the status",
        serious=False,
    )


def _cut_coding(interaction: Interaction) -> Iterator[LintFinding]:
    """Yield a body that was recorded as a whole one, but breaks off within its coding: clients refuse it."""
    response = interaction.response
    if breaks_off(response):
        yield LintFinding(
            place="response.body",
            check="body",
            problem=f"its {', '.join(response.codings)} data breaks off or is broken: clients get a cut answer",
            repair="record it again, or write `x-stream: {end: truncated}`",
            serious=False,
        )


def _untrue_coding(interaction: Interaction) -> Iterator[LintFinding]:
    """Yield a body whose coding differs from `Content-Encoding`, or that lacks this header."""
    response, status = interaction.response, interaction.response.status
    if has_true_coding(response) or interaction.request.method == "HEAD" or status in BODILESS or status < 200:
        return
    true = ", ".join(response.codings)
    stated = [value for name, value in response.headers if name.lower() == "content-encoding"]
    problem = f"Content-Encoding is {', '.join(stated)[:40]}, but" if stated else "no Content-Encoding, but"
    fixable = len(stated) < 2 and bool(response.headers)
    yield LintFinding(
        place=f"response.headers{'.Content-Encoding' if stated else ''}",
        check="coding",
        problem=f"{problem} the body is {true}: clients that accept that get it under its true name, others decoded",
        repair="--fix makes it true" if fixable else f"write one header `Content-Encoding: {true}`",
        serious=False,
        fixable=fixable,
    )


def _headers(interaction: Interaction) -> Iterator[LintFinding]:
    response = interaction.response
    for name, problem in header_faults(response, method=interaction.request.method):
        yield LintFinding(
            place=f"response.headers.{name}",
            check="headers",
            problem=f"{name} {problem}",
            repair="--fix makes it true",
            serious=False,
            fixable=True,
        )
    streams = response.header("content-type").lower().startswith("text/event-stream")
    if streams and response.body and not response.chunks:
        yield LintFinding(
            place="response",
            check="stream",
            problem="an event stream without x-stream: it is replayed in one piece",
            repair="record it through `chatgptfree-mock record`, or choose a chunking",
            serious=False,
        )


def _secrets(secrets: list[Found]) -> Iterator[LintFinding]:
    found: dict[tuple[str, str], list[Found]] = {}
    for each in secrets:
        found.setdefault((each.part, each.secret.rule), []).append(each)
    for (part, rule), group in found.items():
        count = len(group)
        yield LintFinding(
            place=part,
            check="secrets",
            problem=f"holds what looks like {'a secret' if count == 1 else f'{count} secrets'}: {rule}",
            repair=f"--fix redacts it; if it is meant to be there, list `{rule}` in x-recording.kept",
            fixable=True,
            reasons=tuple(map(_reason, group)),
        )


def _reason(found: Found) -> str:
    value, start = unescaped(found.secret.value), found.secret.spans[0][0]
    return f"{value[: min(4, len(value) // 3)]!r}…, {len(value)} characters, at {start}: {found.secret.reason}"


_CHECKS: Final = (_reachable, _header_syntax, _headers, _forbidden_body, _cut_coding, _untrue_coding)
"""What is checked of each interaction; the places in their findings are within it."""
