"""
Why a model stopped writing, in the words of whatever API is behind the site.

One table for all of them: chat sites pass the word on as it came, so any of them may arrive.  Case and separators
do not matter, nor do the prefixes of enumerations (`FinishReason.MAX_TOKENS`, `REASON_MAX_LEN`), and `end_of_turn` is
`end_turn`.  A word that is not in the table is judged by its stem (`user_cancelled`, `context_length_exceeded`), and is
unknown without one.
"""

from __future__ import annotations

import enum
import re
from typing import Final


class Stop(enum.Enum):
    """What a finish reason means for the answer."""

    WHOLE = enum.auto()
    CUT = enum.auto()
    """A limit of length, time or cost ended it, or the API does not name what did."""
    FILTERED = enum.auto()
    """A filter, a guardrail or the model itself withholds the rest."""
    BROKEN = enum.auto()
    """The answer was cancelled, or the API failed while it wrote."""
    THROTTLED = enum.auto()
    """The API broke off because of too many requests."""
    TOOL = enum.auto()
    """The model waits for the result of a tool, so that the answer is still to come."""
    UNKNOWN = enum.auto()


SOURCES: Final[tuple[tuple[str, dict[Stop, str]], ...]] = (
    (
        "OpenAI, Azure, Groq, Together and Perplexity, chat completions: finish_reason",
        {
            Stop.WHOLE: "stop eos",
            Stop.CUT: "length",
            Stop.FILTERED: "content_filter",
            Stop.TOOL: "tool_calls function_call",
        },
    ),
    (
        "OpenAI, responses: status and incomplete_details.reason; assistants: the status of a run",
        {
            Stop.WHOLE: "completed",
            Stop.CUT: "max_output_tokens incomplete max_completion_tokens max_prompt_tokens",
            Stop.FILTERED: "content_filter",
            Stop.BROKEN: "failed cancelled cancelling expired",
            Stop.TOOL: "requires_action",
        },
    ),
    (
        "Anthropic, messages: stop_reason",
        {
            Stop.WHOLE: "end_turn stop_sequence",
            Stop.CUT: "max_tokens model_context_window_exceeded pause_turn",
            Stop.FILTERED: "refusal",
            Stop.TOOL: "tool_use",
        },
    ),
    (
        "Google, Gemini and Vertex AI: finishReason",
        {
            Stop.WHOLE: "STOP",
            Stop.CUT: "MAX_TOKENS OTHER",
            Stop.FILTERED: "SAFETY RECITATION LANGUAGE BLOCKLIST PROHIBITED_CONTENT SPII MODEL_ARMOR "
            "IMAGE_SAFETY IMAGE_PROHIBITED_CONTENT IMAGE_RECITATION",
            Stop.BROKEN: "MALFORMED_FUNCTION_CALL UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS MALFORMED_RESPONSE "
            "MISSING_THOUGHT_SIGNATURE IMAGE_OTHER NO_IMAGE",
        },
    ),
    (
        "Mistral: finish_reason",
        {
            Stop.WHOLE: "stop",
            Stop.CUT: "length model_length",
            Stop.BROKEN: "error",
            Stop.TOOL: "tool_calls",
        },
    ),
    (
        "vLLM, SGLang and LMDeploy: finish_reason",
        {
            Stop.WHOLE: "stop matched_stop",
            Stop.CUT: "length repetition",
            Stop.BROKEN: "abort error",
            Stop.TOOL: "tool_calls",
        },
    ),
    (
        "xAI: finish_reason, over gRPC REASON_…",
        {
            Stop.WHOLE: "stop REASON_STOP",
            Stop.CUT: "length REASON_MAX_LEN REASON_MAX_CONTEXT REASON_TIME_LIMIT",
            Stop.FILTERED: "content_filter",
            Stop.TOOL: "tool_calls REASON_TOOL_CALLS",
        },
    ),
    (
        "DeepSeek: finish_reason",
        {
            Stop.WHOLE: "stop",
            Stop.CUT: "length",
            Stop.FILTERED: "content_filter",
            Stop.BROKEN: "insufficient_system_resource",
        },
    ),
    ("OpenRouter: finish_reason", {Stop.BROKEN: "error"}),
    (
        "Ollama and llama.cpp: done_reason, stop_type",
        {Stop.WHOLE: "stop load unload eos word", Stop.CUT: "length limit"},
    ),
    (
        "Amazon Bedrock, Converse: stopReason; Titan: completionReason",
        {
            Stop.WHOLE: "end_turn stop_sequence FINISH FINISHED endoftext",
            Stop.CUT: "max_tokens LENGTH model_context_window_exceeded",
            Stop.FILTERED: "guardrail_intervened content_filtered",
            Stop.BROKEN: "malformed_model_output malformed_tool_use",
            Stop.TOOL: "tool_use",
        },
    ),
    (
        "Cohere, chat, version 1 and 2: finish_reason",
        {
            Stop.WHOLE: "COMPLETE STOP_SEQUENCE",
            Stop.CUT: "MAX_TOKENS ERROR_LIMIT",
            Stop.FILTERED: "ERROR_TOXIC",
            Stop.BROKEN: "ERROR USER_CANCEL TIMEOUT",
            Stop.TOOL: "TOOL_CALL",
        },
    ),
    (
        "IBM watsonx: stop_reason, finish_reason",
        {
            Stop.WHOLE: "eos_token stop_sequence",
            Stop.CUT: "max_tokens token_limit time_limit",
            Stop.BROKEN: "cancelled error",
        },
    ),
    (
        "Hugging Face TGI and TensorRT-LLM: finish_reason",
        {
            Stop.WHOLE: "eos_token stop_sequence end_id stop_words stop_word",
            Stop.CUT: "length",
            Stop.BROKEN: "cancelled timeout timed_out",
        },
    ),
    (
        "Zhipu, Baidu, Tencent and MiniMax: finish_reason",
        {
            Stop.WHOLE: "stop normal",
            Stop.CUT: "length max_output model_context_window_exceeded",
            Stop.FILTERED: "sensitive content_filter",
            Stop.BROKEN: "network_error",
        },
    ),
    (
        "Servers of open models that name the token at which it stopped: Llama 3, Gemma, ChatML, Mistral, Phi",
        {
            Stop.WHOLE: "<|eot_id|> eot <|eom_id|> <|end_of_text|> <end_of_turn> <|im_end|> <|end|> <eos> </s> "
            "end_of_sequence end_of_message end_of_stream stop_token stop_string"
        },
    ),
    (
        "The Vercel AI SDK and other relays, which rename what they get",
        {
            Stop.WHOLE: "stop stopped done success end",
            Stop.CUT: "length other unknown max_length partial unfinished cut_off cutoff",
            Stop.FILTERED: "content-filter safety filtered blocked",
            Stop.BROKEN: "error aborted abort canceled interrupted failure disconnected network-error server_error",
            Stop.TOOL: "tool-calls tool_calls",
        },
    ),
)
"""Which API writes which words for a reason, and what each means."""

_SEPARATORS: Final = re.compile(r"[\W_]+")
_PREFIX: Final = re.compile("^(?:.*(?:finish|stop|done))?reason(?=.)")
"""The name of an enumeration, also with what it belongs to: `Candidate.FinishReason.STOP`."""
_END_OF: Final = re.compile("^endof(?:the)?")
_NOT_YET: Final = frozenset({"", "null", "none", "notfinished", "unspecified", "inprogress", "queued"})
"""Values that mean no reason: watsonx and DashScope write `"null"`, Gemini's enumeration has `…_UNSPECIFIED`."""


def _bare(reason: str) -> str:
    return _END_OF.sub("end", _PREFIX.sub("", _SEPARATORS.sub("", reason.casefold())))


_MEANINGS: Final = {
    _bare(word): stop for _, meanings in SOURCES for stop, words in meanings.items() for word in words.split()
}


# For words of APIs and relays that are not in the table, the first that fits; no stem makes an answer whole.
_STEMS: Final = (
    (Stop.THROTTLED, re.compile("ratelimit|throttl|toomanyrequests|resourceexhausted")),
    (
        Stop.BROKEN,
        re.compile(
            "cancel|abort|error|fail|exception|interrupt|timed?out|timeout|disconnect|kill|preempt|overload|crash"
            "|terminat|unavailable|connection|gateway|malformed|busy|byuser|userstop|evict|outofmemory"
        ),
    ),
    (
        Stop.FILTERED,
        re.compile(
            "filter|safety|moderat|flagged|policy|guardrail|blocked|prohibit|toxic|refus|unsafe|harmful|selfharm|jailbreak"
            "|copyright|profan|denylist|hatespeech|violence|sexual"
        ),
    ),
    (
        Stop.CUT,
        re.compile(
            "length|limit|exceed|truncat|budget|quota|max\\w*token|maxlen|^max|outof|exhaust|pause|suspend|halt"
        ),
    ),
    (Stop.TOOL, re.compile("tool|function")),
)


def is_reason(value: object) -> bool:
    """Return whether *value*, from the place of a finish reason, means that the model stopped."""
    return isinstance(value, str) and _bare(value) not in _NOT_YET


def meaning(reason: str) -> Stop:
    """Return what *reason* means; `Stop.UNKNOWN` for a word that no known API has and that has no known stem."""
    word = _bare(reason)
    by_stem = (stop for stop, stem in _STEMS if stem.search(word))
    return _MEANINGS.get(word) or next(by_stem, Stop.UNKNOWN)
