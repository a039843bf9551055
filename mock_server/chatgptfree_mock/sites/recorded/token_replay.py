"""
Replay with tokens: the tokens that each recorded interaction requires of a request, and those that it gives out.

A request is matched as if it had the recorded values, so a client that returns the values it got is answered as in a
replay without tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.replay.insertion import Insertion
from chatgptfree_mock.replay.token_check import Given, problem
from chatgptfree_mock.sites.recorded.token_change import TokenChange, with_found
from chatgptfree_mock.sites.recorded.token_memory import TokenMemory, TokenToMint
from chatgptfree_mock.sites.recorded.token_request import TokenRequest, token_request
from chatgptfree_mock.tape.matching import Candidate
from chatgptfree_mock.tape.model import Cassette, Request, Response
from chatgptfree_mock.tape.tokens.token_block import TokenClass, TokenRefusal, ValueShape
from chatgptfree_mock.tape.tokens.token_plan import RequiredToken, TokenPlan, plan_tokens, refusal_of
from chatgptfree_mock.tape.volatile import Volatile

_PATH: Final = "path:"
_NOTHING: Final = Volatile(names=())
_OR_BLIND: Final = '`--tokens off` (in Python, `tokens="off"`) replays without it'
_COMPARED: Final = (TokenClass.TOKEN, TokenClass.CONSTANT)
_COOKIE: Final = "cookie:"
_MAY_LACK: Final = (_COOKIE, "header:")
_MILLISECONDS: Final = 13
"""Digits of a time in milliseconds."""
_Family = tuple[str, str, str]
"""Method and path of a request, and the place in it of values of one kind."""


class RefusedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that was refused."""

    name: str
    value: str
    """The value in the request; empty if there is none."""
    why: str
    """The reason in words, for the journal."""
    refusal: TokenRefusal
    declared: bool
    """Whether the block `x-tokens` declares that refusal."""
    interaction: int | None
    """The index of the recorded response that is sent; None: the status of `refusal` is."""


class GivenOut(msgspec.Struct, frozen=True, kw_only=True):
    """The values that one response gives out."""

    insertion: Insertion
    minted: tuple[TokenToMint, ...]
    """The tokens, in an order that a seed repeats."""
    times: frozenset[str]
    """Recorded times; the present one is given out."""
    changed: frozenset[str]
    """The tokens that the option `tokens` changes."""
    identifies: bool
    """Whether a token is set as a cookie."""


class TokenReplay:
    """
    The tokens of *cassettes*; *candidates* are all their interactions, in order.

    Raises:
        CassetteError: a block `x-tokens` cannot act.
    """

    def __init__(self, cassettes: Sequence[Cassette], candidates: Sequence[Candidate], memory: TokenMemory) -> None:
        self._memory = memory
        self._plans: dict[int, TokenPlan] = {}
        """The plan of each candidate whose cassette has tokens, by its index."""
        self._first: dict[int, int] = {}
        """The index of the first candidate of the same cassette, by the index of each."""
        self._required_tokens: dict[int, tuple[RequiredToken, ...]] = {}
        self._strict: dict[int, tuple[RequiredToken, ...]] = {}
        """The required tokens whose values are compared."""
        self._refuses: dict[int, tuple[RequiredToken, ...]] = {}
        self._shapes: dict[str, ValueShape] = {}
        self._families: dict[tuple[int, int, str], _Family] = {}
        """By the first candidate of a cassette, the interaction and the place of a required token."""
        self._accepted: dict[_Family, set[str]] = {}
        self._cookies: dict[tuple[str, str], set[str]] = {}
        """The places of cookies that requests of one method and path require, by these."""
        self._lacking: dict[int, frozenset[str]] = {}
        """The places of cookies that another request of the same address requires, by the index of each candidate."""
        self._lenient: set[int] = set()
        """The candidates whose tokens were found and not declared: a cookie or header may be missing."""
        self.changed: frozenset[str] = frozenset()
        """The recorded values that the option `tokens` changes."""
        self.acted = False
        """Whether a changed value was required so far, or left out of a response."""
        start = 0
        for given in cassettes:
            cassette = given if memory.change is None else with_found(given)
            if cassette.tokens:
                self._add(plan_tokens(cassette, or_else=_OR_BLIND), start, candidates)
            if not given.tokens:
                self._lenient |= set(range(start, start + len(cassette.interactions)))
            start += len(cassette.interactions)
        for index, each in enumerate(candidates):
            own = {required.place for required in self._strict.get(index, ())}
            self._lacking[index] = frozenset(self._cookies.get((each.key.method, each.key.path), set()) - own)
        if memory.change is not None:
            self._change(memory.change, candidates)

    def _change(self, change: TokenChange, candidates: Sequence[Candidate]) -> None:
        """
        Prepare for *change*.

        Raises:
            SettingsError: it has no effect on these recordings.
        """
        required_tokens = [each for found in self._required_tokens.values() for each in found]
        own = [each for each in required_tokens if change.concerns(each.token)]
        in_paths = set() if change.rule.in_paths else {each.value for each in own if each.place.startswith(_PATH)}
        self.changed = frozenset(each.value for each in own) - in_paths
        insertions = (self.insertion(index, each.interaction.response) for index, each in enumerate(candidates))
        change.check([each for each in required_tokens if each.value not in in_paths], filter(None, insertions))

    def _add(self, plan: TokenPlan, start: int, candidates: Sequence[Candidate]) -> None:
        self._required_tokens |= {
            start + index: required_tokens for index, required_tokens in plan.required_tokens.items()
        }
        self._refuses |= {start + index: required_tokens for index, required_tokens in plan.refusals.items()}
        for index in range(start, start + plan.interactions):
            self._first[index], self._plans[index] = start, plan
        for number, required_tokens in plan.required_tokens.items():
            self._strict[start + number] = tuple(each for each in required_tokens if each.token.kind in _COMPARED)
            key = candidates[start + number].key
            path = _without(key.path, _with_tokens(required_tokens).segments)
            for required in required_tokens:
                if required.token.kind is TokenClass.TOKEN and required.place.startswith(_COOKIE):
                    self._cookies.setdefault((key.method, key.path), set()).add(required.place)
                family = key.method, path, required.place
                self._families[start, required.interaction, required.place] = family
                self._shapes.setdefault(required.value, required.token.shape)
                if required.token.kind is TokenClass.TOKEN:
                    self._accepted.setdefault(family, set()).add(required.value)

    def loosened(self, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """Return *candidates* that match with any tokens, so that a wrong token is refused, not unknown."""
        return tuple(
            _loosened(candidate, self._required_tokens[index]) if index in self._required_tokens else candidate
            for index, candidate in enumerate(candidates)
        )

    def required_names(self, index: int | None = None) -> frozenset[str]:
        """Return the fields, JSON paths and headers of request *index*, or of any, whose values have to be right."""
        indexes = self._strict if index is None else (index,)
        return frozenset(_with_tokens([each for index in indexes for each in self._strict.get(index, ())]).names)

    def read(self, request: Request, address: str) -> TokenRequest:
        """Return *request* with its sender, identified by cookies or *address*, and its values."""
        return token_request(request, address, self._memory)

    def misfits(self, index: int, request: TokenRequest) -> int:
        """
        Return the number of tokens of *request* that differ from those of the recorded request *index*.

        For a recorded refusal each right token counts as a difference, so that it is played for a wrong one only.  So
        does a cookie of this visitor that the recorded request lacks, if another one of the same address has it.
        """
        wrong = sum(request.recorded(each) != each.value for each in self._strict.get(index, ()))
        wrong += sum(request.has_given(place) for place in self._lacking[index])
        return wrong + sum(request.recorded(each) == each.value for each in self._refuses.get(index, ()))

    def refused(self, index: int, request: TokenRequest) -> RefusedToken | None:
        """
        Return the first token that request *index* requires and that is wrong in *request*; None if all are right.

        A recorded refusal requires nothing itself: it refuses what is wrong for the requests that were accepted.
        """
        for required in (*self._strict.get(index, ()), *self._refuses.get(index, ())):
            why = self._problem(index, required, request)
            if why is not None:
                return self._refusal(index, required, request, why)
        expired = self._changed_token(index) if self.changed else None
        self.acted = self.acted or expired is not None
        if expired is not None and self._refuses_all():
            return self._refusal(index, expired, request, "it has expired, by the option `tokens`")
        return None

    def _changed_token(self, index: int) -> RequiredToken | None:
        """Return a changed token that request *index* requires, preferably one with a recorded refusal."""
        changed = [each for each in self._strict.get(index, ()) if each.value in self.changed]
        return min(changed, key=lambda each: refusal_of(each.token).interaction is None, default=None)

    def _refuses_all(self) -> bool:
        """Return whether the option `tokens` refuses the present request although its tokens are right."""
        refuses = "none" if self._memory.change is None else self._memory.change.rule.refuses
        return refuses == "all" or (refuses == "first" and self._memory.expire_once())

    def _refusal(self, index: int, required: RequiredToken, request: TokenRequest, why: str) -> RefusedToken:
        self.acted = self.acted or required.value in self.changed
        refusal = refusal_of(required.token)
        return RefusedToken(
            name=required.token.name,
            value=request.value(required) or "",
            why=f"token `{required.token.name}` refused ({required.place}): {why}",
            refusal=refusal,
            declared=required.token.refused is not None,
            interaction=None if refusal.interaction is None else self._index(index, refusal.interaction),
        )

    def _index(self, index: int, number: int) -> int:
        """Return the candidate that is interaction *number* of the cassette of candidate *index*."""
        return self._first[index] + self._plans[index].index_of[number]

    def _problem(self, index: int, required: RequiredToken, request: TokenRequest) -> str | None:
        value, lives = request.value(required), self._plans[index].lives
        if value is None and index in self._lenient and required.place.startswith(_MAY_LACK):
            return None
        given = request.given.get(value or "")
        return problem(
            required,
            value,
            given,
            sender=request.sender,
            accepted=self._accepted.get(self._families[self._first[index], required.interaction, required.place], ()),
            life=lives.get(required.value if given is None else given.recorded),
            now=self._memory.now(),
            since=self._memory.life if required.value in self.changed else 0,
        )

    def insertion(self, index: int, response: Response) -> Insertion | None:
        """Return the places where *response*, that of interaction *index*, gives values out; None if it does not."""
        plan = self._plans.get(index)
        if plan is None or not plan.written:
            return None
        insertion = Insertion(response, plan.written, kept=plan.constants)
        return insertion if insertion.values else None

    def given_out(self, index: int, response: Response) -> GivenOut | None:
        """Return the values that *response*, that of interaction *index*, gives out; None if there are none."""
        insertion, plan = self.insertion(index, response), self._plans.get(index)
        if insertion is None or plan is None:
            return None
        tokens = frozenset([each for each in insertion.values if plan.written[each] is TokenClass.TOKEN])
        return GivenOut(
            insertion=insertion,
            minted=tuple(
                TokenToMint(
                    recorded=value,
                    shape=self._shapes[value],
                    lives=plan.lives.get(value),
                    changed=value in self.changed,
                )
                for value in sorted(tokens)
            ),
            times=insertion.values - tokens,
            changed=tokens & self.changed,
            identifies=bool(insertion.cookies & tokens),
        )

    def filled(self, values: GivenOut, request: TokenRequest) -> Response:
        """Return a response with the *values* for *request*; its first cookie identifies the sender from now on."""
        insertion, sender, changed, change = values.insertion, request.sender, values.changed, self._memory.change
        self.acted = self.acted or bool(changed and change is not None and change.mints_nothing)
        if values.identifies and not sender.jar:
            sender = self._memory.new_jar(sender.address)
        new = {value: self._time(value) for value in values.times}
        new |= {each.recorded: self._memory.current(each, sender) for each in values.minted}
        for recorded, value in insertion.derived_values(new).items() if insertion.derived else ():
            if value:
                life_number = self._memory.life if changed else 0
                given = Given(recorded=recorded, sender=sender, at=self._memory.now(), life=life_number)
                self._memory.give(value, given)
        return self._spelled(insertion.response(new), (new[value] for value in changed))

    def _spelled(self, response: Response, values: Iterable[str]) -> Response:
        change = self._memory.change
        return response if change is None else change.spelled(response, values)

    def warnings(self) -> tuple[str, ...]:
        """Return a warning if the option `tokens` has had no effect so far."""
        change = self._memory.change
        if change is None or self.acted:
            return ()
        return (f"tokens={change.mode} has had no effect: no request came that has to bring such a token",)

    def _time(self, recorded: str) -> str:
        now = self._memory.now()
        return str(int(now * 1000 if len(recorded) >= _MILLISECONDS else now))


def token_replay(
    cassettes: Sequence[Cassette], candidates: Sequence[Candidate], memory: TokenMemory
) -> TokenReplay | None:
    """Return the tokens of *cassettes*; None if they have none and *memory* has no change; see `TokenReplay`."""
    declared = any(each.tokens for each in cassettes)
    return TokenReplay(cassettes, candidates, memory) if declared or memory.change is not None else None


def _with_tokens(required_tokens: Sequence[RequiredToken], volatile: Volatile = _NOTHING) -> Volatile:
    """Return *volatile* with what is required, which is compared as a token instead."""
    return volatile.with_places([each.place for each in required_tokens])


def _without(path: str, segments: frozenset[int]) -> str:
    return "/".join("*" if number in segments else each for number, each in enumerate(path.split("/")))


def _loosened(candidate: Candidate, required_tokens: Sequence[RequiredToken]) -> Candidate:
    volatile = _with_tokens(required_tokens, candidate.rules.volatile)
    return replace(candidate, rules=replace(candidate.rules, volatile=volatile))
