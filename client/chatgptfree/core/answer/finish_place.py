"""Where an object of an answer has the reason why the model stopped, for every API."""

from __future__ import annotations

import re
from typing import Any, Final

from chatgptfree.core.answer.finish_reason import Stop, is_reason, meaning

FINISHES: Final = (
    "finish_reason",
    "finishReason",
    "stop_reason",
    "stopReason",
    "done_reason",
    "doneReason",
    "completionReason",
    "completion_reason",
    "stop_type",
    "finish_details",
    "finishDetails",
    "finished_reason",
    "finish_status",
    "termination_reason",
    "end_reason",
    "incomplete_details",
    "incompleteDetails",
)
"""Keys under which APIs give the reason why the model stopped."""
ENDS: Final = ("end", "done", "message_stop", "response.completed", "response.incomplete", "response.done")
"""Types of objects that are an end mark."""
_NOT_WHOLE: Final = (Stop.BROKEN, Stop.THROTTLED, Stop.CUT, Stop.FILTERED)
_NOT_DONE: Final = (*_NOT_WHOLE, Stop.TOOL)
_OF_THE_ANSWER: Final = re.compile(r"^(?:answer|chat|completion|message|reply|response|stream)[\W_]+", re.IGNORECASE)
_LONGEST: Final = 40
_STATE: Final = re.compile(r"(?:response|thread\.run)\.(\w+)|(incomplete|truncated)")


def finish_of(value: object) -> str | None:
    """Return why the model stopped, as the object *value* has it; None if it has not, or gives no reason."""
    if not isinstance(value, dict):
        return None
    return next((reason for key in FINISHES if (reason := stop_word(value.get(key)))), None)


def finish_of_status(kind: object, value: dict[str, Any]) -> str | None:
    """
    Return why the model stopped, from an event about the state of its answer; None unless that leaves the answer cut.

    Args:
        kind: type or name of the event.  Two kinds are about the whole answer: `response.incomplete` of the Responses
            API, which AIPKit passes on as a status (for OpenRouter from 2.3.93 on), and `thread.run.incomplete` of the
            assistants API; those of a single step, item or tool have a segment more.  A bare `incomplete` or
            `truncated` counts as well.
        value: the object of the event, which may have the state as `status`, and `incomplete_details`.
    """
    found = _STATE.fullmatch(kind) if isinstance(kind, str) else None
    if found is None:
        return None
    words = value.get("status") if kind in ENDS else None
    reasons = [finish_of(value), stop_word(found[1] or found[2]), stop_word(words)]
    return next((reason for reason in reasons if reason and meaning(reason) in _NOT_DONE), None)


def ends_answer(*names: object) -> bool:
    """
    Return whether one of *names*, of an event, a type or a state, is a word for the end of an answer.

    Such are the words for a finish that leaves the answer whole, alone or after the answer's name: `[END]`,
    `completed`, `message_end`.
    """
    words = (_OF_THE_ANSWER.sub("", name) for name in names if isinstance(name, str) and len(name) <= _LONGEST)
    return any(is_reason(word) and meaning(word) is Stop.WHOLE for word in words)


def stop_word(value: object) -> str | None:
    """Return the stop reason that *value* is or contains; None if it contains none."""
    if isinstance(value, list):  # one for each choice
        value = next(iter(value), None)
    # SGLang's own API: {"type": "length", "length": 16}; the Responses API's incomplete_details: {"reason": …}.
    if isinstance(value, dict):
        value = value.get("type", value.get("reason"))
    if isinstance(value, int) and not isinstance(value, bool) and value:
        return str(value)
    return value if isinstance(value, str) and is_reason(value) else None


def finish_of_choice(choice: dict[str, Any]) -> str | None:
    """
    Return why a choice is over.

    OpenRouter adds the word of the model's own API as `native_finish_reason`; it counts where its own word hides that
    the answer is not whole.  vLLM's `stop_reason`, the text at which it stopped, counts only without any other word.
    """
    places = (choice, choice.get("delta"), choice.get("message"))
    finish = next((reason for place in places if (reason := finish_of(place))), None)
    native = stop_word(choice.get("native_finish_reason"))
    if finish is None or native is None:
        return finish or native
    return native if meaning(finish) is Stop.WHOLE and meaning(native) in _NOT_WHOLE else finish
