"""
Which recorded answer goes with this request; and if none does, which is nearest and what differs.

A matcher is a plain function with a name that returns None for a match or the reason why not.  What changes with every
visit is a variable and never compared: host and port, nonces, session and conversation ids, cache keys, the page's URL.
Nothing is remembered here: who plays a cassette counts what was played and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from chatgptfree_mock.tape.forms import form_of
from chatgptfree_mock.tape.model import Cassette, Interaction, Request

VOLATILE: Final = frozenset(
    {
        "_wpnonce",
        "_ajax_nonce",
        "nonce",
        "session_id",
        "conversation_uuid",
        "cache_key",
        "wpaicg_chat_client_id",
        "user_client_message_id",
        "previous_openai_response_id",
        "_ts",
        "_",
        "url",
        "post_id",
    }
)
"""Fields whose values belong to one visit."""

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The parts of a request that can be compared."""

    method: str
    path: str
    query: Fields = ()
    form: Fields = ()
    body: bytes = b""

    @classmethod
    def from_request(cls, request: Request) -> Asked:
        """Take a request apart; query and form are decoded, whatever the form is encoded as."""
        parts = urlsplit(request.uri)
        return cls(
            method=request.method.upper(),
            path=unquote(parts.path) or "/",
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            form=form_of(request),
            body=request.body or b"",
        )

    def field(self, name: str) -> str | None:
        """Return what was sent as *name*, in the form or else in the query."""
        return next((value for key, value in (*self.form, *self.query) if key == name), None)


class Matcher(Protocol):
    """Compares one thing; `same_path` is shown as `path`."""

    __name__: str

    def __call__(self, asked: Asked, taped: Asked, /) -> str | None:
        """Return None for a match, or why not."""
        ...


def same_method(asked: Asked, taped: Asked, /) -> str | None:
    """Compare the methods."""
    return _differ(taped.method, asked.method)


def same_path(asked: Asked, taped: Asked, /) -> str | None:
    """Compare the paths; a slash at the end does not matter."""
    return None if asked.path.rstrip("/") == taped.path.rstrip("/") else _differ(taped.path, asked.path)


def same_action(asked: Asked, taped: Asked, /) -> str | None:
    """Compare the WordPress action."""
    return _differ(taped.field("action"), asked.field("action"))


def same_message(asked: Asked, taped: Asked, /) -> str | None:
    """Compare what the visitor said."""
    return _differ(taped.field("message"), asked.field("message"))


def same_query(asked: Asked, taped: Asked, /) -> str | None:
    """Compare the query, but for what belongs to one visit; the order does not matter."""
    return _differ_fields(taped.query, asked.query)


def same_bot(asked: Asked, taped: Asked, /) -> str | None:
    """Compare the bot that was asked."""
    return _differ(taped.field("bot_id"), asked.field("bot_id"))


def same_form(asked: Asked, taped: Asked, /) -> str | None:
    """Compare the form, but for what belongs to one visit."""
    return _differ_fields(taped.form, asked.form)


def same_body(asked: Asked, taped: Asked, /) -> str | None:
    """Compare the bodies byte for byte."""
    return None if asked.body == taped.body else f"recorded {len(taped.body)} bytes   got {len(asked.body)} bytes"


DEFAULT: Final[tuple[Matcher, ...]] = (same_method, same_path, same_action, same_message, same_query)
"""What must fit."""
PREFERRED: Final[tuple[Matcher, ...]] = (same_bot, same_form, same_body)
"""What decides between several that fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taped:
    """One interaction of a cassette, ready to be compared."""

    file: str
    number: int
    """From 1."""
    interaction: Interaction
    asked: Asked

    def __str__(self) -> str:
        """Name it as reports do."""
        return f"{self.file} #{self.number}"


def collect(cassettes: Iterable[Cassette]) -> tuple[Taped, ...]:
    """Make the interactions of *cassettes* ready to be compared, in order."""
    return tuple(
        Taped(
            file=cassette.path or "cassette",
            number=number,
            interaction=interaction,
            asked=Asked.from_request(interaction.request),
        )
        for cassette in cassettes
        for number, interaction in enumerate(cassette.interactions, 1)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How one matcher judged."""

    name: str
    reason: str | None = None
    """None: it matched."""
    value: str = ""
    """What was asked for, where a word says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """No recording fits: what was asked, the nearest there is, and which of its parts differ."""

    asked: Asked
    nearest: Taped | None
    parts: tuple[Part, ...]
    considered: int

    def __str__(self) -> str:
        """Render the report that people read."""
        lines = [f"no recorded answer for {self.asked.method} {self.asked.path}"]
        if self.nearest is None:
            return lines[0] + "\nnothing is recorded"
        matched = sum(part.reason is None for part in self.parts)
        lines.append(f"nearest: {self.nearest} ({matched} of {len(self.parts)} matched)")
        width = max(len(part.name) for part in self.parts)
        for part in self.parts:
            told = f"ok      {part.value}" if part.reason is None else f"differs {part.reason}"
            lines.append(f"  {part.name:<{width}} {told}".rstrip())
        return "\n".join(lines)

    def as_data(self) -> dict[str, object]:
        """Return the same as plain data, for JSON."""
        return {
            "asked": f"{self.asked.method} {self.asked.path}",
            "nearest": None if self.nearest is None else str(self.nearest),
            "considered": self.considered,
            "parts": [{"name": part.name, "differs": part.reason, "value": part.value} for part in self.parts],
        }


def find(
    request: Request,
    tape: Sequence[Taped],
    *,
    played: Sequence[int] = (),
    must: tuple[Matcher, ...] = DEFAULT,
    prefer: tuple[Matcher, ...] = PREFERRED,
) -> int | Mismatch:
    """
    Return the index in *tape* of the interaction that answers *request*, or why there is none.

    Of several that fit, the one wins that was played least (*played* counts per index), then the one that fits *prefer*
    best, then the first; so a conversation that repeats a request gets its answers in turn.
    """
    asked = Asked.from_request(request)
    fitting = [index for index, taped in enumerate(tape) if not any(matcher(asked, taped.asked) for matcher in must)]
    if not fitting:
        return _mismatch(asked, tape, must)

    def rank(index: int) -> tuple[int, int]:
        misses = sum(matcher(asked, tape[index].asked) is not None for matcher in prefer)
        return (played[index] if index < len(played) else 0), misses

    return min(fitting, key=rank)


def _mismatch(asked: Asked, tape: Sequence[Taped], must: tuple[Matcher, ...]) -> Mismatch:
    def distance(taped: Taped) -> tuple[int, list[bool]]:
        missed = [matcher(asked, taped.asked) is not None for matcher in must]
        return sum(missed), missed

    nearest = min(tape, key=distance, default=None)
    parts = () if nearest is None else tuple(_part(matcher, asked, nearest.asked) for matcher in must)
    return Mismatch(asked=asked, nearest=nearest, parts=parts, considered=len(tape))


def _part(matcher: Matcher, asked: Asked, taped: Asked) -> Part:
    name = matcher.__name__.removeprefix("same_")
    reason = matcher(asked, taped)
    return Part(name=name, reason=reason, value=_short(asked.field(name) or "") if reason is None else "")


def _differ(taped: str | None, asked: str | None) -> str | None:
    return None if taped == asked else f"recorded {_told(taped)}   got {_told(asked)}"


def _differ_fields(taped: Fields, asked: Fields) -> str | None:
    def lasting(fields: Fields) -> dict[str, list[str]]:
        kept: dict[str, list[str]] = {}
        for name, value in fields:
            if name not in VOLATILE:
                kept.setdefault(name, []).append(value)
        return kept

    then, now = lasting(taped), lasting(asked)
    for name in dict.fromkeys([*then, *now]):
        if then.get(name) != now.get(name):
            old, new = (", ".join(found) if found is not None else None for found in (then.get(name), now.get(name)))
            return f"{name}: {_differ(old, new)}"
    return None


def _told(value: str | None) -> str:
    return "nothing" if value is None else repr(_short(value))


def _short(value: str, limit: int = 72) -> str:
    return value if len(value) <= limit else f"{value[:limit]}…"
