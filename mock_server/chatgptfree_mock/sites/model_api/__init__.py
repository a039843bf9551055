"""
The model's API behind the plugin, as the responses that the plugin's curl gets.

A `ModelRequest` has the plugin's request and the settings of the API; `ask` returns the `ModelResponse`: status,
headers, and the reads in which the body arrives.  WPAICG passes those bytes on; AIPKit parses them and writes its own
events.  Nothing here waits, and the same request always gives the same bytes.
"""

from chatgptfree_mock.sites.model_api.assistant import thread_id
from chatgptfree_mock.sites.model_api.dialect import tokens
from chatgptfree_mock.sites.model_api.responses import response_id
from chatgptfree_mock.sites.model_api.transport import through_sockets
from chatgptfree_mock.sites.model_api.upstream import Api, Failure, ModelRequest, ModelResponse
from chatgptfree_mock.sites.model_api.wire import ask, body_of, deltas_of

__all__ = [
    "Api",
    "Failure",
    "ModelRequest",
    "ModelResponse",
    "ask",
    "body_of",
    "deltas_of",
    "response_id",
    "thread_id",
    "through_sockets",
    "tokens",
]
