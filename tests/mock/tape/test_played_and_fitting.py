"""
The law of matching: what fits decides, then the fewest misfits that are not compared (tokens), then what fits best,
then what was played least, then the order.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.tape.match_rules import MatchRules
from chatgptfree_mock.tape.matching import Mismatch, collect, find
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response

RULES = MatchRules(must=("method", "path", "field:question"), prefer=("field:bot", "field:mood"))


@dataclass(frozen=True)
class Question:
    text: str
    bot: str
    mood: str

    def request(self) -> Request:
        body = f"question={self.text}&bot={self.bot}&mood={self.mood}"
        return Request(method="POST", uri="https://a/ask", headers=(), body=body.encode())


QUESTIONS = st.builds(Question, text=st.sampled_from("xyz"), bot=st.sampled_from("12"), mood=st.sampled_from("ab"))


def expected(sent: Question, tape: list[Question], played: list[int], misfits: list[int]) -> int | None:
    """Say it the plain way: sort, and take the first."""
    order = [
        (misfits[index], (question.bot != sent.bot, question.mood != sent.mood), played[index], index)
        for index, question in enumerate(tape)
        if question.text == sent.text
    ]
    return min(order)[-1] if order else None


@given(
    tape=st.lists(QUESTIONS, max_size=8),
    questions=st.lists(QUESTIONS, max_size=20),
    misfits=st.lists(st.integers(0, 2), min_size=8, max_size=8),
)
def test_fit_comes_before_what_was_played(tape: list[Question], questions: list[Question], misfits: list[int]) -> None:
    interactions = tuple(Interaction(request=each.request(), response=Response()) for each in tape)
    candidates = collect([Cassette(interactions=interactions)], lambda _: RULES)
    played = [0] * len(tape)
    for question in questions:
        found = find(question.request(), candidates, played=played, misfits=misfits.__getitem__)
        index = None if isinstance(found, Mismatch) else found
        assert index == expected(question, tape, played, misfits)
        if index is not None:
            played[index] += 1


@given(tape=st.lists(QUESTIONS, min_size=1, max_size=6), turns=st.integers(1, 12))
def test_equal_recordings_take_turns_and_without_repeats_each_is_played_once(tape: list[Question], turns: int) -> None:
    asked = tape[0]
    equal = [index for index, question in enumerate(tape) if question == asked]
    interactions = tuple(Interaction(request=each.request(), response=Response()) for each in tape)
    candidates = collect([Cassette(interactions=interactions)], lambda _: RULES)
    played = [0] * len(tape)
    for turn in range(turns):
        found = find(asked.request(), candidates, played=played)
        assert found == equal[turn % len(equal)]
        played[found] += 1
    once = [0] * len(tape)
    fitting = sum(question.text == asked.text for question in tape)
    for _ in range(fitting):
        found = find(asked.request(), candidates, played=once, repeat=False)
        assert isinstance(found, int)
        once[found] += 1
    assert max(once) == 1
    refused = find(asked.request(), candidates, played=once, repeat=False)
    assert isinstance(refused, Mismatch)
    assert refused.played
    assert "was played already, and repeats are off" in str(refused)
